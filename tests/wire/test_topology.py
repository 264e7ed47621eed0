"""Replica sets, shards and routers as services: what the Engine is told of them, and what a plan says."""
import base64

import pytest

from zpm_run import platform

KEY = "a key that members know each other by"
PASSWORD = "what nobody shall see"


class Topology:
    """One host with a key file, and what is to run on it."""

    def __init__(self, swarm):
        self.swarm, self.zpm, self.state = swarm, swarm.zpm, swarm.state
        self.hosts = {"soar-a": {"address": "soar-a.example.net", "roles": ["active", "db"], "node": "scripted"}}
        for name, content in (("keyfile", KEY), ("password", PASSWORD)):
            (self.zpm.folder / name).write_text(content + "\n")
            (self.zpm.folder / name).chmod(0o600)
        self.mongo = {"image": "mongo:4.4", "auth": {"keyFile": "keyfile", "username": "zpm", "passwordFile": "password"},
                      "metaDB": {"replicaSet": "meta", "members": [f"soar-a:{port}" for port in (27017, 27018, 27019)]}}
        self.services = {}

    def declare(self, **sections):
        self.zpm.manifest(platform("p", self.services, hosts=self.hosts, mongo=self.mongo,
                                   secrets={"keyfile": {"file": "keyfile"}}, **sections))

    def apply(self, **sections):
        self.declare(**sections)
        return self.zpm.apply("--no-wait").exits(0)

    def spec(self, name):
        return self.state.find_service(f"p_{name}").spec

    def words(self, name):
        return self.spec(name)["TaskTemplate"]["ContainerSpec"]["Args"]

    def shard(self):
        """Config servers, a shard and a router beside metaDB."""
        self.mongo["configServers"] = {"replicaSet": "cfg", "port": 27119, "members": ["soar-a"]}
        self.mongo["shards"] = {"one": {"replicaSet": "sh1", "port": 27121, "members": ["soar-a"]}}
        self.mongo["routers"] = {"port": 27116, "hosts": ["soar-a"]}


@pytest.fixture
def topology(swarm):
    return Topology(swarm)


def test_meta_db__of_three_on_one_host_is_three_services_pinned_there(topology):
    topology.apply()
    assert sorted(s.spec["Name"] for s in topology.state.services.values()) == [
        f"p_mongo-meta-soar-a-{port}" for port in (27017, 27018, 27019)]
    secret = topology.state.secrets.list({})[0]["Spec"]["Name"]
    for port in (27017, 27018, 27019):
        spec = topology.spec(f"mongo-meta-soar-a-{port}")
        container = spec["TaskTemplate"]["ContainerSpec"]
        assert container["Args"] == ["mongod", "--replSet", "meta", "--port", str(port), "--bind_ip_all", "--dbpath",
                                     "/data/db", "--keyFile", "/run/secrets/keyfile"]
        assert container["Image"] == "mongo:4.4" and container["StopGracePeriod"] == 60 * 10 ** 9
        assert [(m["Type"], m["Source"], m["Target"]) for m in container["Mounts"]] == [
            ("volume", f"p_mongo-meta-soar-a-{port}", "/data/db")]
        assert [(s["SecretName"], s["File"]) for s in container["Secrets"]] == [
            (secret, {"Name": "keyfile", "UID": "999", "GID": "0", "Mode": 0o400})]
        assert spec["EndpointSpec"]["Ports"] == [
            {"Protocol": "tcp", "TargetPort": port, "PublishedPort": port, "PublishMode": "host"}]
        assert spec["TaskTemplate"]["Placement"]["Constraints"] == ["node.labels.zpm.host == soar-a"]
        assert spec["Mode"] == {"Replicated": {"Replicas": 1}} and spec["Labels"]["zpm.tier"] == "system"


def test_topology__twice_writes_nothing(topology):
    topology.shard()
    topology.apply()
    assert topology.apply().json["engineWrites"] == 0
    assert topology.zpm.plan().exits(0).json["changes"] == []
    # Nobody runs what the scripted Engine is told to run.
    found = {o["kind"]: o["state"] for o in topology.zpm.status().exits(4).json["objects"]}
    assert {found.pop("replica-set"), found.pop("shard")} == {"failed"} and set(found.values()) == {"converged"}


def test_topology__no_secret_is_told_but_as_a_secret(topology):
    topology.shard()
    result = topology.apply()
    told = {request.path.split("/")[-2]: str(request.body) for request in topology.swarm.writes}
    assert base64.b64encode(KEY.encode()).decode()[:40] in told.pop("secrets")
    for text in (result.out, result.err, *map(str, topology.words("mongo-meta-soar-a-27017")), *told.values()):
        for secret in (KEY, PASSWORD):
            assert secret not in text and base64.b64encode(secret.encode()).decode()[:20] not in text


def test_topology__is_the_reason_that_a_plan_gives(topology):
    topology.shard()
    topology.declare()
    plan = topology.zpm.plan().exits(2)
    for name in ("mongo-meta-soar-a-27017", "mongo-cfg-soar-a-27119", "mongo-sh1-soar-a-27121", "mongos-soar-a-27116"):
        assert plan.change(f"service/{name}")["reason"] == "topology"
    assert plan.change("volume/mongo-cfg-soar-a-27119")["reason"] == "topology"
    assert plan.change("secret/keyfile")["reason"] == "missing"
    topology.apply()
    topology.mongo["shards"]["one"]["args"] = ["--quiet"]
    topology.declare()
    plan = topology.zpm.plan().exits(2)
    assert {ref: action for ref, action in plan.changed.items() if ref.startswith("service/")} == {
        "service/mongo-sh1-soar-a-27121": "update"}
    assert plan.change("service/mongo-sh1-soar-a-27121")["reason"] == "topology"
    assert "(topology)" in topology.zpm.run("plan").exits(0).out


def test_topology__starts_config_servers_then_routers_then_what_depends_on_it(topology):
    topology.shard()
    topology.services = {"system": {"early": {"image": "x", "dependsOn": ["mongo"]}}, "core": {"late": {"image": "x"}}}
    topology.apply()
    order = [request.body["Name"] for request in topology.swarm.writes if request.path.endswith("/services/create")]
    assert order.index("p_mongo-cfg-soar-a-27119") < order.index("p_mongos-soar-a-27116") < order.index("p_early")
    assert order[-2:] == ["p_early", "p_late"]
    assert topology.words("mongos-soar-a-27116")[:3] == ["mongos", "--configdb", "cfg/soar-a.example.net:27119"]
    assert "--configsvr" in topology.words("mongo-cfg-soar-a-27119")
    assert "--shardsvr" in topology.words("mongo-sh1-soar-a-27121")


def test_topology__of_somebody_else_is_not_run(topology):
    topology.mongo = {"configServers": {"replicaSet": "cfg", "managed": False, "members": ["db.example.net:27019"]},
                      "routers": {"port": 27016, "hosts": ["soar-a"]}, "image": "mongo:4.4"}
    topology.apply()
    assert [s.spec["Name"] for s in topology.state.services.values()] == ["p_mongos-soar-a-27016"]
    assert topology.words("mongos-soar-a-27016")[1:3] == ["--configdb", "cfg/db.example.net:27019"]


def test_host__that_is_down_has_no_member_and_gets_it_back(topology):
    topology.state.add_node("soar-b")
    topology.hosts["soar-b"] = {"roles": ["passive"], "state": "up"}
    topology.mongo["metaDB"]["members"].append("soar-b:27017")
    topology.apply()
    topology.hosts["soar-b"]["state"] = "down"
    topology.apply()
    member = topology.state.find_service("p_mongo-meta-soar-b-27017")
    assert member.spec["Mode"]["Replicated"]["Replicas"] == 0
    assert all(task.gone for task in member.tasks)
    topology.hosts["soar-b"]["state"] = "up"
    topology.apply()
    assert member.spec["Mode"]["Replicated"]["Replicas"] == 1


def test_import__of_members_is_a_manifest_without_the_section_that_changes_nothing(topology):
    topology.shard()
    topology.apply()
    imported = topology.zpm.folder / "imported.yaml"
    imported.write_text(topology.zpm.run("import", "--platform", "p").exits(0).out)
    assert topology.zpm.run("plan", "--exit-code", "-o", "json", "-f", imported).exits(0).json["changes"] == []


def test_graph__shows_members_and_routers(topology):
    topology.shard()
    topology.declare()
    assert '"mongo-cfg-soar-a-27119" -> "mongos-soar-a-27116"' in topology.zpm.run("graph", "-o", "dot").exits(0).out


def test_section__removed_is_a_section_of_orphans(topology):
    topology.apply()
    topology.zpm.manifest(platform("p", {}, hosts=topology.hosts))
    plan = topology.zpm.plan().exits(2)
    assert {change["reason"] for change in plan.json["changes"]} == {"orphan"}
    assert {ref: action for ref, action in plan.changed.items() if ref.startswith("volume/")} == {}
