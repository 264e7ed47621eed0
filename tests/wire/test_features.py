"""`when`: what a feature leaves out is not desired, and goes where it is there."""
import pytest

from zpm_run import platform


@pytest.fixture
def shop(swarm):
    swarm.zpm.manifest(platform("p", {"core": {
        "grouping": {"image": "x", "when": "grouping", "networks": ["extra"], "volumes": ["extra:/data"]},
        "web": {"image": "x", "dependsOn": ["grouping"]},
        "plain": {"image": "x", "when": "!grouping"}}},
        networks={"extra": {"when": "grouping"}}, volumes={"extra": {"when": "grouping"}},
        vars={"GROUPING": True}, features={"grouping": "${GROUPING}"}))
    return swarm


OFF = ("--set", "GROUPING=false")


def there(swarm):
    return set(swarm.services())


def test_feature__on_brings_its_objects(shop):
    shop.zpm.apply().exits(0)
    assert there(shop) == {"p_grouping", "p_web"}
    assert "p_extra" in {network["Name"] for network in shop.state.networks.values()}


def test_feature__off_leaves_them_out_and_waits_for_none_of_them(shop):
    plan = shop.zpm.plan(*OFF).exits(2)
    assert plan.changed == {"service/web": "create", "service/plain": "create"}
    assert plan.change("service/web")["after"] == []
    shop.zpm.apply(*OFF).exits(0)
    assert there(shop) == {"p_web", "p_plain"}


def test_feature__turned_off_makes_orphans_that_are_pruned_but_no_volume(shop):
    shop.zpm.apply().exits(0)
    plan = shop.zpm.plan(*OFF).exits(2)
    assert plan.changed == {"service/grouping": "delete", "network/extra": "delete", "service/plain": "create"}
    assert plan.change("service/grouping")["reason"] == "orphan"
    shop.zpm.apply(*OFF).exits(0)
    assert there(shop) == {"p_web", "p_plain"}
    assert set(shop.state.volumes) == {"p_extra"}
    shop.zpm.plan(*OFF).exits(0)
    shop.zpm.apply().exits(0)
    assert there(shop) == {"p_grouping", "p_web"}
