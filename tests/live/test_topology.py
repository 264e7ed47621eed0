"""Members of a replica set as the Engine runs them: images of the stand-in, or what their name says in ZPM_TEST_MONGO_IMAGE."""
import ipaddress
import json
import subprocess

import pytest

from zpm_run import inside

PORTS = (18511, 18512, 18513)
MEMBERS = [f"mongo-meta-here-{port}" for port in PORTS]
CONFIG, SHARD, ROUTER = "mongo-cfg-here-18521", "mongo-sh1-here-18531", "mongos-here-18541"
KEY = "bWVtYmVycyBrbm93IGVhY2ggb3RoZXI="
FAST = {"heartbeatIntervalMillis": 200, "electionTimeoutMillis": 2000}
ASK = """
import json, pymongo, sys
client = pymongo.MongoClient(sys.argv[1], int(sys.argv[2]), serverSelectionTimeoutMS=5000, connect=False,
                             username="__system", password=sys.argv[4], authSource="local")
print(json.dumps(client.admin.command(sys.argv[3]), default=str))
"""


class Members:
    """A set of three, config servers, a shard and a router on the Engine's own host."""

    def __init__(self, shared):
        self.shared, self.zpm, self.engine = shared, shared.zpm, shared.engine
        self.zpm.prefix = inside()
        keyfile = self.zpm.folder / "keyfile"
        keyfile.write_text(KEY)
        keyfile.chmod(0o600)
        # Docker's bridge gives the machine the first address of its network.
        subnet = self.engine.get("/networks/bridge")["IPAM"]["Config"][0]["Subnet"]
        self.address = str(ipaddress.ip_network(subnet)[1])
        self.node = self.engine.get("/nodes")[0]["Description"]["Hostname"]
        self.tag = "1.0"

    def set_of(self, name, *ports):
        return {"replicaSet": name, "settings": FAST, "members": [f"here:{port}" for port in ports]}

    def declare(self):
        self.shared.manifest(
            hosts={"here": {"address": self.address, "node": self.node, "roles": ["active"]}},
            secrets={"keyfile": {"file": "keyfile"}},
            mongo={"image": f"zpm-demo/mongo-standin:{self.tag}", "uid": 1000, "auth": {"keyFile": "keyfile"},
                   "metaDB": self.set_of("meta", *PORTS), "configServers": self.set_of("cfg", 18521),
                   "shards": {"one": self.set_of("sh1", 18531)}, "routers": {"hosts": ["here"], "port": 18541},
                   "serverInfo": {"database": "zona", "collection": "server_info"},
                   "service": {"restart": {"delay": "500ms"}}})

    def apply(self):
        self.declare()
        return self.zpm.apply().exits(0)

    def ask(self, port, command):
        """What the server at a port answers."""
        done = subprocess.run([*inside(), "/usr/bin/python3", "-c", ASK, self.address, str(port), command, KEY],
                              capture_output=True, text=True, timeout=60, check=True)
        return json.loads(done.stdout)

    def running(self, name):
        [task] = [t for t in self.shared.tasks(name) if t["Status"]["State"] == "running"]
        return task

    def primary(self):
        return next(port for port in PORTS if self.ask(port, "isMaster")["ismaster"])

    def config(self):
        return self.ask(self.primary(), "replSetGetConfig")["config"]


@pytest.fixture(scope="module")
def members(shared):
    members = Members(shared)
    try:
        members.apply()
        yield members
    finally:
        shared.zpm.destroy("--volumes").exits(0)  # the node is nobody's again


def test_topology__is_there_in_one_apply(members):
    config = members.config()
    assert [m["host"] for m in config["members"]] == [f"{members.address}:{port}" for port in PORTS]
    assert {(m["votes"], m["priority"]) for m in config["members"]} == {(1, 10)}
    assert [s["_id"] for s in members.ask(18541, "listShards")["shards"]] == ["one"]


def test_topology__twice_writes_nothing(members):
    before = members.engine.versions(members.shared.name), members.config()["version"]
    again = members.apply().json
    assert (again["engineWrites"], again["mongoWrites"], again["changes"]) == (0, 0, [])
    assert (members.engine.versions(members.shared.name), members.config()["version"]) == before


def test_members__of_one_host_run_side_by_side_with_data_of_their_own(members):
    for name in MEMBERS:
        assert len(members.shared.running(name)) == 1
        mount = members.shared.spec(name)["TaskTemplate"]["ContainerSpec"]["Mounts"][0]
        assert (mount["Source"], mount["Target"]) == (members.shared.real(name), "/data/db")
    assert set(members.engine.volumes(members.shared.name)) == {*MEMBERS, CONFIG, SHARD}


def test_members__key_file_is_their_users_alone(members):
    line = members.zpm.run("exec", MEMBERS[0], "--", "ls", "-ln", "/run/secrets/keyfile").exits(0).out.split()
    assert line[0] == "-r--------" and line[2] == "1000"


def test_image__new_rolls_through_the_set_with_the_primary_last(members):
    """At any moment a majority is there, and the one that leads hands over before it goes."""
    leader = members.primary()
    members.tag = "1.1"
    members.declare()
    before = {name: members.running(name)["ID"] for name in MEMBERS}
    members.zpm.apply().exits(0)
    tasks = {name: members.running(name) for name in MEMBERS}
    assert all(tasks[name]["ID"] != before[name] for name in MEMBERS)
    order = sorted(MEMBERS, key=lambda name: tasks[name]["CreatedAt"])
    assert order[-1] == f"mongo-meta-here-{leader}"
    # Each was up before the next one's turn came.
    for first, then in zip(order, order[1:]):
        assert tasks[first]["Status"]["Timestamp"] < tasks[then]["CreatedAt"]
    assert members.primary() != leader
    assert members.apply().json["mongoWrites"] == 0
