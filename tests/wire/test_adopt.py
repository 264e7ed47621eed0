"""What a Docker stack has made is taken over with one update, which sends its spec as it is with zpm's labels."""
import copy

import pytest

from zpm_run import platform

STACK = {"com.docker.stack.namespace": "shop"}


@pytest.fixture
def stack(swarm):
    """As `docker stack deploy` leaves it: labels everywhere, an alias, and a digest behind the tag."""
    state = swarm.state
    state.network_create({"Name": "shop_main", "Driver": "overlay", "Labels": STACK})
    state.volume_create({"Name": "shop_data", "Labels": STACK})
    state.service_create({
        "Name": "shop_web", "Labels": {**STACK, "com.docker.stack.image": "web:1"},
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": "web:1@sha256:" + "a" * 64, "Labels": STACK, "Env": ["B=2", "A=1"],
                "Mounts": [{"Type": "volume", "Source": "shop_data", "Target": "/data",
                            "VolumeOptions": {"Labels": STACK}}]},
            "Networks": [{"Target": "shop_main", "Aliases": ["web"]}]},
        "Mode": {"Replicated": {"Replicas": 2}}})
    labels = {**STACK, "com.docker.stack.image": "web:1"}
    swarm.content = platform("shop", {"core": {"web": {
        "adopt": True, "image": "web:1", "replicas": 2, "environment": {"A": "1", "B": "2"}, "networks": ["main"],
        "volumes": ["data:/data"], "labels": labels, "containerLabels": STACK}}},
        networks={"main": {"adopt": True, "labels": STACK}}, volumes={"data": {"adopt": True, "labels": STACK}})
    swarm.zpm.manifest(swarm.content)
    return swarm


def test_adopt__is_one_update_that_adds_labels_and_nothing_else(stack):
    live = copy.deepcopy(stack.services()["shop_web"])
    plan = stack.zpm.plan().exits(2)
    assert plan.changed == {"service/web": "adopt"}
    assert plan.json["summary"]["adopt"] == 1
    assert plan.change("service/web")["impact"] == "in-place"
    result = stack.zpm.apply().exits(0).json
    assert (result["result"], result["engineWrites"]) == ("converged", 1)
    [update] = stack.writes
    assert str(update) == f"POST /services/{live['ID']}/update"
    added = {key: update.body["Labels"].pop(key) for key in ("zpm.platform", "zpm.tier", "zpm.spec")}
    assert update.body == live["Spec"]
    assert (added["zpm.platform"], added["zpm.tier"]) == ("shop", "core")


def test_adopt__is_done_once(stack):
    stack.zpm.apply().exits(0)
    stack.zpm.plan().exits(0)
    del stack.content["services"]["core"]["web"]["adopt"]
    stack.zpm.manifest(stack.content)
    stack.zpm.plan().exits(0)


def test_adopt__leaves_the_network_and_the_volume_when_the_platform_goes(stack):
    stack.zpm.apply().exits(0)
    stack.zpm.destroy("--volumes").exits(0)
    assert stack.state.services == {}
    assert "shop_data" in stack.state.volumes
    assert "shop_main" in [network["Name"] for network in stack.state.networks.values()]


def test_adopt__of_a_network_that_differs_is_refused_and_nothing_is_written(stack):
    stack.content["networks"]["main"]["attachable"] = True
    stack.zpm.manifest(stack.content)
    refused = stack.zpm.apply().exits(5)
    assert "shop_main" in refused.err and "attachable" in refused.err
    assert stack.writes == []
