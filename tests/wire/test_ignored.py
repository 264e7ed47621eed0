"""What reconcile.ignoreDrift names stays as somebody else has set it, whatever zpm changes beside it."""
import copy

import pytest

from scripted_engine import Hang, on
from zpm_run import finish, platform

UPDATE = on("POST", "/services/[^/]*/update")


@pytest.fixture
def content(swarm):
    content = platform("p", {"core": {"a": {"image": "x:1", "replicas": 2, "environment": {"A": "1", "B": "2"}}}},
                       reconcile={"ignoreDrift": ["service/a:replicas", "service/*:environment.B*"]})
    swarm.zpm.manifest(content)
    swarm.zpm.apply().exits(0)
    return content


def set_by_hand(spec):
    spec["Mode"]["Replicated"]["Replicas"] = 7
    spec["TaskTemplate"]["ContainerSpec"]["Env"] = ["BB=more", "A=1", "B=by hand"]


def change(swarm, edit):
    service = swarm.state.find_service("p_a")
    spec = copy.deepcopy(service.spec)
    edit(spec)
    swarm.state.service_update(service.id, str(service.index), spec)
    del swarm.requests[:]


def test_ignored__is_in_no_plan_and_written_by_no_apply(swarm, content):
    change(swarm, set_by_hand)
    assert swarm.zpm.plan().exits(0).json["changes"] == []
    swarm.zpm.apply().exits(0)
    assert swarm.writes == []


def test_ignored__is_sent_as_it_is_when_something_else_changes(swarm, content):
    change(swarm, set_by_hand)
    content["services"]["core"]["a"].update(image="x:2", environment={"A": "3", "B": "4"})
    swarm.zpm.manifest(content)
    swarm.zpm.apply().exits(0)
    [update] = swarm.writes
    container = update.body["TaskTemplate"]["ContainerSpec"]
    assert container["Image"] == "x:2"
    assert container["Env"] == ["BB=more", "A=3", "B=by hand"]
    assert update.body["Mode"]["Replicated"]["Replicas"] == 7


def test_ignored__is_what_it_is_at_the_time_of_the_write_and_not_of_the_plan(swarm, content):
    """As an autoscaler would have it: it scales between zpm's look and its update."""
    content["services"]["core"]["a"]["image"] = "x:2"
    swarm.zpm.manifest(content)
    hang = swarm.inject(Hang(), UPDATE)
    process = swarm.zpm.start("apply", "--yes", "--no-wait", "-o", "json")
    hang.wait_hit()
    change(swarm, set_by_hand)
    hang.release()
    finish(process, 0).exits(0)
    spec = swarm.services()["p_a"]["Spec"]
    assert spec["TaskTemplate"]["ContainerSpec"]["Image"] == "x:2"
    assert spec["Mode"]["Replicated"]["Replicas"] == 7


def test_ignored__is_as_declared_when_the_service_is_made(swarm, content):
    [create] = swarm.writes
    assert create.body["Mode"]["Replicated"]["Replicas"] == 2
    assert create.body["TaskTemplate"]["ContainerSpec"]["Env"] == ["A=1", "B=2"]
