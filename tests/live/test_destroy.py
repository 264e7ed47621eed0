"""destroy removes what carries the platform's label, in reverse order, and leaves the rest."""
import time


def test_destroy__removes_the_last_tier_first_and_networks_after_services(live):
    live.manifest({"system": {"db": {"networks": ["n"], "endpointMode": "dnsrr"}}, "core": {"api": {}},
                   "ui": {"web": {}}}, networks={"n": {}})
    live.zpm.apply().exits(0)
    since = time.time()
    result = live.zpm.destroy().exits(0)
    assert result.json["result"] == "converged"
    assert result.changed == {"service/web": "delete", "service/api": "delete", "service/db": "delete",
                              "network/n": "delete"}
    removed = [e["Actor"]["Attributes"]["name"].removeprefix(live.name + "_")
               for e in live.engine.events(since, type=["service", "network"])
               if e["Action"] == "remove" and e["Actor"]["Attributes"].get("name", "").startswith(live.name + "_")]
    assert removed[:3] == ["web", "api", "db"] and removed[3] == "n"
    assert live.services() == live.engine.networks(live.name) == {}


def test_destroy__removes_what_depends_on_something_before_it(live):
    live.manifest({"core": {"a": {}, "b": {"dependsOn": ["a"]}, "c": {"dependsOn": ["b"]}}})
    live.zpm.apply().exits(0)
    since = time.time()
    live.zpm.destroy().exits(0)
    removed = [e["Actor"]["Attributes"]["name"].removeprefix(live.name + "_")
               for e in live.engine.events(since, type=["service"]) if e["Action"] == "remove"]
    assert removed == ["c", "b", "a"]


def test_destroy__has_stopped_the_tasks_when_it_ends(live):
    live.manifest({"core": {"a": {"replicas": 2}}})
    live.zpm.apply().exits(0)
    containers = {t["Status"]["ContainerStatus"]["ContainerID"] for t in live.tasks("a")}
    live.zpm.destroy().exits(0)
    assert not containers & {c["Id"] for c in live.engine.get("/containers/json")}


def test_destroy__keeps_volumes_unless_told(live):
    live.manifest({"core": {"a": {"volumes": ["data:/data"]}}}, volumes={"data": {}, "unused": {}})
    live.zpm.apply().exits(0)
    live.zpm.destroy().exits(0)
    assert set(live.engine.volumes(live.name)) == {"data", "unused"}
    live.zpm.apply().exits(0)
    result = live.zpm.destroy("--volumes").exits(0)
    assert result.changed == {"service/a": "delete", "volume/data": "delete", "volume/unused": "delete"}
    assert live.engine.volumes(live.name) == {}


def test_destroy__is_not_capped_and_takes_what_is_no_longer_declared(live):
    live.manifest({"core": {f"s{i}": {"replicas": 0} for i in range(8)}})
    live.zpm.apply().exits(0)
    live.manifest({})
    live.zpm.destroy().exits(0)
    assert live.services() == {}


def test_destroy__twice_writes_nothing_the_second_time(live):
    live.manifest({"core": {"a": {"replicas": 0}}}, networks={"n": {}}, volumes={"v": {}})
    live.zpm.apply().exits(0)
    live.zpm.destroy("--volumes").exits(0)
    again = live.zpm.destroy("--volumes").exits(0).json
    assert (again["result"], again["engineWrites"], again["changes"]) == ("converged", 0, [])


def test_destroy__leaves_what_is_foreign_and_external(live):
    theirs = live.foreign_service(live.real("theirs"))
    network = live.foreign("/networks/create", {"Name": live.name + "-net", "Driver": "overlay"}, "/networks/{Id}")
    live.manifest({"core": {"a": {"replicas": 0, "networks": ["n"]}}},
                  networks={"n": {"external": True, "name": live.name + "-net"}})
    live.zpm.apply().exits(0)
    live.zpm.destroy("--volumes").exits(0)
    assert live.engine.service(live.real("theirs"))["ID"] == theirs["ID"]
    assert live.engine.network(live.name + "-net")["Id"] == network["Id"]


def test_destroy__and_apply_again_converges(live):
    live.manifest({"core": {"a": {"networks": ["n"], "endpointMode": "dnsrr", "volumes": ["v:/v"]}}},
                  networks={"n": {}}, volumes={"v": {}})
    live.zpm.apply().exits(0)
    live.zpm.destroy("--volumes").exits(0)
    live.zpm.apply().exits(0)
    live.zpm.status().exits(0)
