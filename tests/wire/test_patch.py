"""`release.patch`: the services it names change their image and say why; the Engine is told of no other."""
import pytest

from zpm_run import platform

SERVICES = {"core": {"web": {"image": "web"}, "api": {"image": "api"}, "own": {"image": "own:1"}}}


def release(**patch):
    return platform("p", SERVICES, release={"tag": "7", **({"patch": patch} if patch else {})})


@pytest.fixture
def applied(swarm):
    swarm.zpm.manifest(release())
    swarm.zpm.apply().exits(0)
    del swarm.requests[:]
    return swarm


def image(swarm, name):
    return swarm.services()[name]["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]


def test_patch__reaches_the_engine_for_the_services_it_names(applied):
    applied.zpm.manifest(release(tag="7-p1", services=["web", "own"]))
    plan = applied.zpm.plan().exits(2)
    assert plan.changed == {"service/web": "update"}
    change = plan.change("service/web")
    assert (change["reason"], change["impact"]) == ("patch", "restart")
    assert "(patch)" in applied.zpm.run("plan").exits(0).out
    applied.zpm.apply().exits(0)
    assert [image(applied, f"p_{name}") for name in ("web", "api", "own")] == ["web:7-p1", "api:7", "own:1"]
    assert len(applied.writes) == 1
    applied.zpm.plan().exits(0)


def test_patch__undone_by_hand_is_drift(applied):
    applied.zpm.manifest(release(tag="7-p1", services="web"))
    applied.zpm.apply().exits(0)
    service = applied.state.find_service("p_web")
    service.spec["TaskTemplate"]["ContainerSpec"]["Image"] = "web:7"
    assert applied.zpm.plan().exits(2).change("service/web")["reason"] == "drift"
