"""The exact requests that zpm sends: what is read, what is created, what an update changes."""
import copy
import re

import pytest

from scripted_engine import Hang, on
from zpm_run import finish, platform

LISTS = ["GET /version", "GET /swarm", "GET /nodes", "GET /networks", "GET /volumes", "GET /secrets", "GET /configs", "GET /services"]
HASH = re.compile(r"sha256:[0-9a-f]{64}")

DECLARED = {
    "core": {"kafka": {
        "image": "kafka", "command": ["serve", "all"], "environment": {"B": "2", "A": "1"},
        "networks": ["main"], "volumes": ["data:/data", "/srv:/srv:ro"], "ports": ["8081:8080"],
        "replicas": 2, "dependsOn": ["zoo"], "resources": {"limits": {"cpus": 0.5, "memory": "64m"}},
        "healthcheck": {"test": "true", "interval": "10s"}}},
    "system": {"zoo": {"image": "zoo:3"}},
}


def declare(swarm, tiers=DECLARED, **sections):
    content = platform("shop", copy.deepcopy(tiers), networks={"main": {}}, volumes={"data": {}},
                       release={"registry": "registry.example.net/shop", "tag": "7.2"}, **sections)
    swarm.zpm.manifest(content)
    return content


def without_hash(body):
    """The body, with the hash that zpm leaves checked and taken out."""
    body = copy.deepcopy(body)
    assert HASH.fullmatch(body["Labels"].pop("zpm.spec"))
    return body


def bodies(swarm, method, path):
    return [request.body for request in swarm.requests if on(method, path)(request)]


def reads_and_writes(swarm):
    """All requests but those that look at tasks, whose number depends on time."""
    return [line for line in swarm.lines() if line != "GET /tasks"]


def test_plan__reads_with_one_list_call_for_each_kind(swarm):
    tiers = {"core": {f"s{i}": {"image": "x", "networks": ["main"]} for i in range(100)}}
    declare(swarm, tiers)
    swarm.zpm.apply().exits(0)
    del swarm.requests[:]
    swarm.zpm.plan().exits(0)
    assert swarm.lines() == LISTS
    assert swarm.connections and all(request.version == "1.41" for request in swarm.requests[1:])


def test_apply__of_a_hundred_services_writes_each_once_over_kept_connections(swarm):
    declare(swarm, {"core": {f"s{i}": {"image": "x", "replicas": 0} for i in range(100)}})
    hang = swarm.inject(Hang(), on("POST", "/services/create"), times=None)
    process = swarm.zpm.start("apply", "--yes", "--parallel", "4")
    swarm.wait_in_flight(4)
    hang.release()
    finish(process, 0).exits(0)
    assert len(swarm.writes) == 102
    assert swarm.connections <= 6
    assert swarm.most_in_flight <= 5


def test_apply__of_nothing_new_writes_nothing(swarm):
    declare(swarm)
    first = swarm.zpm.apply().exits(0).json
    assert first["engineWrites"] == len(swarm.writes) == 4
    del swarm.requests[:]
    again = swarm.zpm.apply().exits(0).json
    assert (again["result"], again["engineWrites"], again["changes"]) == ("converged", 0, [])
    assert swarm.writes == []
    assert reads_and_writes(swarm) == LISTS


def test_create__sends_networks_and_volumes_and_then_services_in_order(swarm):
    declare(swarm)
    swarm.zpm.apply("--parallel", "1").exits(0)
    assert reads_and_writes(swarm)[:len(LISTS)] == LISTS
    names = [(request.path, request.body["Name"]) for request in swarm.writes]
    assert sorted(names[:3]) == [("/networks/create", "shop_main"), ("/services/create", "shop_zoo"),
                                 ("/volumes/create", "shop_data")]
    assert names[3:] == [("/services/create", "shop_kafka")]


def test_create__of_a_service_sends_what_is_declared_and_no_defaults(swarm):
    declare(swarm)
    swarm.zpm.apply().exits(0)
    kafka = next(b for b in bodies(swarm, "POST", "/services/create") if b["Name"] == "shop_kafka")
    assert without_hash(kafka) == {
        "Name": "shop_kafka",
        "Labels": {"zpm.platform": "shop", "zpm.tier": "core"},
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": "registry.example.net/shop/kafka:7.2", "Args": ["serve", "all"], "Env": ["B=2", "A=1"],
                "Mounts": [{"Type": "volume", "Source": "shop_data", "Target": "/data", "ReadOnly": False,
                            "VolumeOptions": {"Labels": {"zpm.platform": "shop"}}},
                           {"Type": "bind", "Source": "/srv", "Target": "/srv", "ReadOnly": True}],
                "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 10 ** 10}},
            "Networks": [{"Target": "shop_main", "Aliases": ["kafka"]}],
            "Resources": {"Limits": {"NanoCPUs": 5 * 10 ** 8, "MemoryBytes": 2 ** 26}}},
        "EndpointSpec": {"Ports": [{"PublishedPort": 8081, "TargetPort": 8080, "Protocol": "tcp",
                                    "PublishMode": "ingress"}]},
        "Mode": {"Replicated": {"Replicas": 2}}}


def test_create__writes_an_object_with_defaults_whole_when_any_of_it_is_declared(swarm):
    """Left out, a member would be zero to Swarm, and not its default."""
    declare(swarm, {"core": {"a": {"image": "x", "restart": {"condition": "none"}, "update": {"parallelism": 2},
                                   "rollback": {"order": "start-first"}}}})
    swarm.zpm.apply().exits(0)
    [body] = bodies(swarm, "POST", "/services/create")
    assert body["TaskTemplate"]["RestartPolicy"] == {"Condition": "none", "Delay": 5 * 10 ** 9, "MaxAttempts": 0,
                                                     "Window": 0}
    default = {"Parallelism": 1, "Delay": 0, "FailureAction": "pause", "Monitor": 5 * 10 ** 9,
               "MaxFailureRatio": 0, "Order": "stop-first"}
    assert body["UpdateConfig"] == {**default, "Parallelism": 2}
    assert body["RollbackConfig"] == {**default, "Order": "start-first"}


def test_create__of_a_network_and_a_volume_sends_what_is_declared(swarm):
    declare(swarm)
    swarm.zpm.apply().exits(0)
    [network] = bodies(swarm, "POST", "/networks/create")
    assert without_hash(network) == {"Name": "shop_main", "Driver": "overlay", "CheckDuplicate": True,
                                     "Labels": {"zpm.platform": "shop"}}
    [volume] = bodies(swarm, "POST", "/volumes/create")
    assert {**without_hash(volume), "Driver": "local"} == {"Name": "shop_data", "Driver": "local",
                                                           "Labels": {"zpm.platform": "shop"}}


def test_update__sends_the_live_spec_with_only_what_changed(swarm):
    content = declare(swarm)
    swarm.zpm.apply().exits(0)
    live = swarm.services()["shop_kafka"]
    del swarm.requests[:]
    content["services"]["core"]["kafka"]["environment"] = {"A": "1", "C": "3", "B": "4"}
    swarm.zpm.manifest(content)
    assert swarm.zpm.apply().exits(0).json["engineWrites"] == 1
    [update] = swarm.writes
    assert str(update) == f"POST /services/{live['ID']}/update"
    assert update.query == {"version": str(live["Version"]["Index"])}
    expected = copy.deepcopy(live["Spec"])
    # The order of what stays is the live one.
    expected["TaskTemplate"]["ContainerSpec"]["Env"] = ["B=4", "A=1", "C=3"]
    assert without_hash(update.body) == without_hash(expected)
    assert update.body["Labels"]["zpm.spec"] != live["Spec"]["Labels"]["zpm.spec"]


def test_update__keeps_what_the_engine_added_by_itself(swarm):
    content = declare(swarm)
    swarm.zpm.apply().exits(0)
    service = swarm.state.find_service("shop_zoo")
    service.spec["TaskTemplate"]["ForceUpdate"] = 7
    service.spec["TaskTemplate"]["Placement"] = {"Platforms": [{"OS": "linux"}]}
    service.spec["TaskTemplate"]["ContainerSpec"]["Image"] += "@sha256:" + "a" * 64
    del swarm.requests[:]
    content["services"]["system"]["zoo"]["labels"] = {"x": "1"}
    swarm.zpm.manifest(content)
    swarm.zpm.apply().exits(0)
    [update] = swarm.writes
    assert update.body["TaskTemplate"]["ForceUpdate"] == 7
    assert update.body["TaskTemplate"]["Placement"] == {"Platforms": [{"OS": "linux"}]}
    assert update.body["TaskTemplate"]["ContainerSpec"]["Image"].endswith("@sha256:" + "a" * 64)


@pytest.mark.parametrize("name, path", [("kafka", "/services/"), ("zoo", "/services/")])
def test_delete__names_the_service_by_its_id(swarm, name, path):
    content = declare(swarm)
    swarm.zpm.apply().exits(0)
    service = swarm.services()["shop_" + name]["ID"]
    for tier in content["services"].values():
        tier.pop(name, None)
    content["services"]["core"].get("kafka", {}).pop("dependsOn", None)
    swarm.zpm.manifest(content)
    del swarm.requests[:]
    swarm.zpm.apply().exits(0)
    assert f"DELETE {path}{service}" in swarm.lines("DELETE")
    assert len(swarm.lines("DELETE")) == 1


def test_destroy__twice_sends_nothing_the_second_time(swarm):
    declare(swarm)
    swarm.zpm.apply().exits(0)
    swarm.zpm.destroy("--volumes").exits(0)
    assert (swarm.state.services, swarm.state.volumes) == ({}, {})
    assert not any(n["Name"].startswith("shop_") for n in swarm.state.networks.values())
    del swarm.requests[:]
    assert swarm.zpm.destroy("--volumes").exits(0).json["engineWrites"] == 0
    assert swarm.writes == []


def test_apply__no_wait_does_not_look_at_tasks(swarm):
    declare(swarm)
    swarm.zpm.apply("--no-wait").exits(0)
    assert "GET /tasks" not in swarm.lines()


def test_apply__looks_at_tasks_of_the_present_spec_only(swarm):
    declare(swarm)
    swarm.zpm.apply().exits(0)
    looks = [request for request in swarm.requests if request.path == "/tasks"]
    assert looks and all(look.filters.get("_up-to-date") == ["true"] for look in looks)


@pytest.mark.parametrize("manifest", [
    "apiVersion: zpm/v1\nplatform: p\nservices: {core: {a: {}}}\n",
    "apiVersion: zpm/v1\nplatform: p\nservices: {core: {a: {image: x, dependsOn: [b]}}}\n",
    "apiVersion: zpm/v1\nplatform: p\nnonsense: 1\n", "{", "", "\xff\xfe"],
    ids=["no image", "missing reference", "unknown key", "no YAML", "empty", "no text"])
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["status"], ["destroy", "--yes"], ["validate"]],
                         ids=lambda command: command[0])
def test_bad_manifest__not_even_connects(swarm, manifest, command):
    swarm.zpm.file.write_bytes(manifest.encode("latin-1"))
    swarm.zpm.run(*command).exits(3)
    assert swarm.connections == 0


def test_validate__does_not_connect(swarm):
    declare(swarm)
    swarm.zpm.run("validate").exits(0)
    assert swarm.connections == 0
