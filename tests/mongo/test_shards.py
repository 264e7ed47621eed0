"""Shards behind a router: added once, and drained before they go. Judged by what the router says."""
import pytest

from servers import FAST, PATIENCE, PORT, is_real, wait_until
from terminal import Terminal
from zpm_run import finish, platform


DOCUMENTS = 40


class Cluster:
    """Config servers, two shards and a router, each a process of its own."""

    def __init__(self, swarm, servers):
        self.swarm, self.zpm, self.servers = swarm, swarm.zpm, servers
        swarm.state.add_node("a")
        self.config = servers.member("cfg", "--configsvr")
        self.shards = {name: servers.member(f"rs-{name}", "--shardsvr") for name in ("one", "two")}
        self.router = servers.add(servers.next_address(), ["--configdb", f"cfg/{self.config.name}"], router=True)

    def set_of(self, name, server):
        return {"replicaSet": name, "managed": False, "settings": FAST, "members": [{"host": server.address, "port": PORT}]}

    def declare(self, *shards):
        self.zpm.manifest(platform("p", {}, mongo={
            "configServers": self.set_of("cfg", self.config),
            "shards": {name: self.set_of(f"rs-{name}", self.shards[name]) for name in shards},
            "routers": {"managed": False, "port": PORT, "hosts": [self.router.address]}}))

    def apply(self, *shards, code=0, args=()):
        self.declare(*shards)
        return self.zpm.apply(*args).exits(code)

    def stock(self):
        """A collection in chunks, all of them on one shard, which is also the home of its database."""
        if not is_real():
            self.config.run("standin", balanceMs=1000)  # a real one is as slow
        self.router.run("enableSharding", "shop")
        self.router.run("shardCollection", "shop.goods", key={"_id": 1})
        with self.router.client as client:
            client.shop.goods.insert_many([{"_id": i} for i in range(DOCUMENTS)])
            for middle in (10, 20, 30):
                self.router.run("split", "shop.goods", middle={"_id": middle})
            home = client.config.databases.find_one({"_id": "shop"})["primary"]
        return home, next(name for name in self.shards if name != home)

    def left_on(self, name):
        with self.router.client as client:
            return len(list(client.config.chunks.find({"shard": name})))

    def documents(self):
        with self.router.client as client:
            return sorted(d["_id"] for d in client.shop.goods.find())

    def listed(self):
        return {s["_id"]: s["host"].split("/")[0] for s in self.router.run("listShards")["shards"]}


@pytest.fixture
def cluster(swarm, servers):
    cluster = Cluster(swarm, servers)
    servers.wait_ready()
    return cluster


def test_shards__are_added_once(cluster):
    result = cluster.apply("one", "two")
    assert result.changed == {"replica-set/cfg": "create", "replica-set/rs-one": "create", "replica-set/rs-two": "create",
                              "shard/one": "create", "shard/two": "create"}
    assert cluster.listed() == {"one": "rs-one", "two": "rs-two"}
    assert cluster.apply("one", "two").json["mongoWrites"] == 0


def test_shard__that_somebody_has_added_is_taken_for_what_it_is(cluster):
    cluster.apply("one")
    two = cluster.shards["two"]
    two.run("replSetInitiate", {"_id": "rs-two", "members": [{"_id": 0, "host": two.name}], "settings": FAST})
    wait_until(lambda: two.run("isMaster")["ismaster"], "a primary")
    with cluster.router.client as client:
        client.admin.command("addShard", f"rs-two/{two.name}", name="two")
    assert cluster.apply("one", "two").changed.get("shard/two") is None
    assert cluster.listed() == {"one": "rs-one", "two": "rs-two"}


def test_shard__is_drained_with_consent_alone(cluster):
    cluster.apply("one", "two")
    refused = cluster.apply("one", code=5)
    assert "--allow-data-risk" in refused.err and cluster.listed() == {"one": "rs-one", "two": "rs-two"}
    result = cluster.apply("one", args=["--allow-data-risk"])
    assert result.changed == {"shard/two": "delete"} and cluster.listed() == {"one": "rs-one"}
    assert cluster.apply("one").json["mongoWrites"] == 0


def test_shard__draining_goes_on_after_an_interruption(cluster):
    cluster.apply("one", "two")
    cluster.declare("one")
    process = cluster.zpm.start("apply", "--yes", "--allow-data-risk")
    wait_until(lambda: process.poll() is not None or any(
        s.get("draining") for s in cluster.router.run("listShards")["shards"]), "the shard to be draining")
    process.kill()
    finish(process, 0)
    cluster.apply("one", args=["--allow-data-risk"])
    assert cluster.listed() == {"one": "rs-one"}


def test_shard__with_data_is_drained_with_progress_and_none_is_lost(cluster):
    cluster.apply("one", "two")
    home, other = cluster.stock()
    cluster.declare(other)
    terminal = Terminal(cluster.zpm, "apply", "--yes", "--allow-data-risk")
    terminal.wait_for("chunks and 1 database left to move")
    assert terminal.finish(PATIENCE) == 0, terminal.shown
    assert cluster.listed() == {other: f"rs-{other}"} and cluster.documents() == list(range(DOCUMENTS))


def test_shard__whose_data_are_on_the_move_goes_on_after_a_kill(cluster):
    cluster.apply("one", "two")
    home, other = cluster.stock()
    before = cluster.left_on(home)
    cluster.declare(other)
    process = cluster.zpm.start("apply", "--yes", "--allow-data-risk")
    wait_until(lambda: cluster.left_on(home) < before, "the first chunk to be elsewhere")
    process.kill()
    finish(process, 0)
    cluster.apply(other, args=["--allow-data-risk"])
    assert cluster.listed() == {other: f"rs-{other}"} and cluster.documents() == list(range(DOCUMENTS))


def test_router__that_does_not_answer_is_told_and_nothing_is_taken_for_gone(cluster):
    cluster.apply("one", "two")
    cluster.router.stop()
    cluster.declare("one", "two")
    plan = cluster.zpm.plan().exits(0).json
    assert {t["name"] for t in plan["troubles"]} == {"one", "two"}
    assert all("refuses the connection" in t["because"] for t in plan["troubles"])
