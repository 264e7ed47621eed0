"""A manifest made from what runs: the plan with it is empty, and importing writes nothing."""
import copy

import pytest
import yaml

from zpm_run import platform

CONTENT = platform(
    "shop",
    {"system": {"zoo": {"image": "zoo:3", "volumes": ["data:/data", "nas:/nas:ro"]}},
     "core": {"kafka": {"image": "kafka:1", "networks": ["main"], "ports": ["8081:8080"], "replicas": 2,
                        "environment": {"PRICE": "$5 ${EACH}", "ON": "yes"}, "secrets": ["key"],
                        "configs": [{"source": "motd", "target": "/etc/motd"}]}},
     "ui": {"everywhere": {"image": "web:1", "mode": "global"}}},
    networks={"main": {"attachable": True}, "old": {"name": "elsewhere"}},
    volumes={"data": {}, "nas": {"nfs": {"server": "nas", "path": "/x", "options": "rw,hard"}}},
    secrets={"key": {"environment": "KEY"}}, configs={"motd": {"content": "a: $$1\nb: 2\n"}})
CONTENT["services"]["core"]["kafka"]["environment"]["PRICE"] = "$$5 $${EACH}"
STACK = {"com.docker.stack.namespace": "old"}


@pytest.fixture
def shop(swarm):
    swarm.zpm.env["KEY"] = "very secret"
    swarm.zpm.manifest(copy.deepcopy(CONTENT))
    swarm.zpm.apply().exits(0)
    swarm.zpm.file.unlink()
    del swarm.requests[:]
    return swarm


def deploy(swarm, name="old_web", mounts=(), **more):
    """As a Docker stack or a person would, without zpm."""
    return swarm.state.service_create({
        "Name": name, "Labels": STACK, "Mode": {"Replicated": {"Replicas": 1}},
        "TaskTemplate": {"ContainerSpec": {"Image": "web:1", "Mounts": list(mounts)}, **more}})


def imported(swarm, *args):
    """As text and as data; it becomes the manifest."""
    text = swarm.zpm.run("import", *args).exits(0).out
    swarm.zpm.manifest(text)
    return text, yaml.safe_load(text)


def test_import__of_the_only_platform_plans_nothing(shop):
    text, manifest = imported(shop)
    assert shop.writes == []
    assert manifest["platform"] == "shop"
    assert {tier: set(services) for tier, services in manifest["services"].items()} == {
        "system": {"zoo"}, "core": {"kafka"}, "ui": {"everywhere"}}
    plan = shop.zpm.plan().exits(0).json
    assert plan["changes"] == [] and "refused" not in plan
    assert shop.zpm.apply().exits(0).json["engineWrites"] == 0
    assert "very secret" not in text


def test_import__says_what_was_declared_and_no_more(shop):
    _, manifest = imported(shop)
    assert manifest["volumes"] == CONTENT["volumes"]
    assert manifest["configs"] == {"motd": {"content": "a: $$1\nb: 2\n"}}
    [real] = [file["Spec"]["Name"] for file in shop.state.secrets.list({})]
    assert manifest["secrets"] == {"key": {"name": real, "external": True}}
    kafka = manifest["services"]["core"]["kafka"]
    assert kafka == {**CONTENT["services"]["core"]["kafka"], "networks": ["main"]}


def test_import__as_json_is_the_same_manifest(shop):
    _, manifest = imported(shop)
    result = shop.zpm.run("import", "-o", "json").exits(0)
    assert result.json == manifest
    assert "dependsOn" in result.err


def test_import__of_one_of_two_platforms_has_to_be_told_which(shop):
    other = platform("other", {"core": {"kafka": {"image": "kafka:2"}}})
    shop.zpm.manifest(other)
    shop.zpm.apply().exits(0)
    shop.zpm.file.unlink()
    refused = shop.zpm.run("import").exits(3)
    assert "other, shop" in refused.err and "--platform" in refused.err and refused.out == ""
    for name, image in (("shop", "kafka:1"), ("other", "kafka:2")):
        _, manifest = imported(shop, "--platform", name)
        assert manifest["services"]["core"]["kafka"]["image"] == image
        assert shop.zpm.plan().exits(0).json["changes"] == []
    # A manifest that is named says it too.
    assert yaml.safe_load(shop.zpm.run("import", "-f", "securaa.yaml").exits(0).out)["platform"] == "other"


def test_import__of_nothing_says_so(swarm):
    assert "no platform" in swarm.zpm.run("import").exits(3).err
    assert "zpm.platform=shop" in swarm.zpm.run("import", "--platform", "shop").exits(1).err
    assert "name for a platform" in swarm.zpm.run("import", "--platform", "a.b").exits(3).err


def test_import__all_plans_only_adoptions_that_restart_nothing(shop):
    shop.state.network_create({"Name": "old_net", "Driver": "overlay", "Labels": STACK})
    shop.state.volume_create({"Name": "old_data", "Labels": STACK})
    mounts = [{"Type": "volume", "Source": "old_data", "Target": "/d", "VolumeOptions": {"Labels": STACK}},
              {"Type": "volume", "Target": "/anonymous"}]
    deploy(shop, mounts=mounts, Networks=[{"Target": "old_net", "Aliases": ["web"]}])
    deploy(shop, "lone", Networks=[{"Target": "old_net"}])
    _, manifest = imported(shop, "--all", "--platform", "old")
    assert set(manifest["services"]["core"]) == {"web", "lone"}
    plan = shop.zpm.plan().exits(2)
    assert plan.changed == {"service/web": "adopt", "service/lone": "adopt"}
    assert {change["impact"] for change in plan.json["changes"]} == {"in-place"}
    shop.zpm.apply().exits(0)
    shop.zpm.plan().exits(0)


def test_import__all_leaves_other_platforms_alone(shop):
    deploy(shop)
    text, manifest = imported(shop, "--all", "--platform", "old")
    assert "# Left out: what is the platform shop's." in text.splitlines()
    assert list(manifest["services"]) == ["core"] and list(manifest["services"]["core"]) == ["web"]


def test_import__that_needs_mending_says_where(shop):
    service = shop.state.find_service("shop_zoo")
    service.spec["TaskTemplate"]["ContainerSpec"]["Labels"] = {"": "nameless"}
    result = shop.zpm.run("import").exits(1)
    assert "<import>:" in result.err and "mended by hand" in result.err
    assert "nameless" in result.out
