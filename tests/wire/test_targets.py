"""`--target KIND/NAME`: that object, what it waits for, and nothing else."""
import pytest

from zpm_run import platform


@pytest.fixture
def shop(swarm):
    swarm.content = platform("shop", {
        "system": {"zoo": {"image": "x"}, "aside": {"image": "x"}},
        "core": {"kafka": {"image": "x", "dependsOn": ["zoo"], "networks": ["main"], "volumes": ["data:/data"]}},
        "ui": {"web": {"image": "x", "dependsOn": ["kafka"]}}},
        networks={"main": {}, "other": {}}, volumes={"data": {}, "more": {}})
    swarm.zpm.manifest(swarm.content)
    return swarm


def test_target__is_planned_with_what_it_waits_for(shop):
    plan = shop.zpm.plan("--target", "service/kafka").exits(2)
    assert set(plan.changed) == {"network/main", "volume/data", "service/zoo", "service/kafka"}
    assert plan.json["summary"]["create"] == 4


def test_target__is_applied_with_what_it_waits_for_and_the_rest_is_left(shop):
    shop.zpm.apply("--target", "service/kafka").exits(0)
    assert set(shop.services()) == {"shop_zoo", "shop_kafka"}
    assert set(shop.state.volumes) == {"shop_data"}
    assert len(shop.writes) == 4
    assert set(shop.zpm.apply().exits(0).changed) == {"network/other", "volume/more", "service/aside", "service/web"}


def test_target__several_are_planned_together(shop):
    plan = shop.zpm.plan("--target", "volume/more", "--target", "network/other").exits(2)
    assert set(plan.changed) == {"volume/more", "network/other"}


def test_target__leaves_orphans_and_drift_of_others_alone(shop):
    shop.zpm.apply().exits(0)
    del shop.content["services"]["ui"]["web"]
    shop.content["services"]["core"]["kafka"]["labels"] = {"a": "b"}
    shop.content["services"]["system"]["aside"]["labels"] = {"a": "b"}
    shop.zpm.manifest(shop.content)
    assert shop.zpm.plan("--target", "service/kafka").exits(2).changed == {"service/kafka": "update"}
    shop.zpm.apply("--target", "service/kafka").exits(0)
    assert "shop_web" in shop.services()


def test_target__that_is_an_orphan_is_removed(shop):
    shop.zpm.apply().exits(0)
    del shop.content["services"]["ui"]["web"]
    shop.zpm.manifest(shop.content)
    assert shop.zpm.apply("--target", "service/web").exits(0).changed == {"service/web": "delete"}


def test_target__that_is_unchanged_is_an_empty_plan(shop):
    shop.zpm.apply().exits(0)
    del shop.requests[:]
    assert shop.zpm.apply("--target", "service/kafka").exits(0).json["engineWrites"] == 0
    assert shop.writes == []


@pytest.mark.parametrize("target", ["service/nobody", "kafka", "service/", "/kafka", "nonsense/kafka",
                                    "volume/kafka", ""])
def test_target__that_is_nowhere_is_wrong_usage_and_writes_nothing(shop, target):
    result = shop.zpm.run("apply", "--yes", "--target", target).exits(3)
    assert result.err.startswith("zpm: ") and target in result.err
    assert shop.writes == []
