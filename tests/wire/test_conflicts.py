"""Somebody else changes a service while zpm does: read again, compare again, and try again, but not
for ever."""
import copy
import json

import pytest

from scripted_engine import Answer, Hang, on
from zpm_run import finish, platform

OUT_OF_SEQUENCE = "rpc error: code = Unknown desc = update out of sequence"
UPDATE = on("POST", "/services/[^/]*/update")


@pytest.fixture
def applied(swarm):
    """One service, and a manifest that has changed since."""
    content = platform("p", {"core": {"a": {"image": "x", "environment": {"A": "1"}}, "b": {"image": "x"}}})
    swarm.zpm.manifest(content)
    swarm.zpm.apply().exits(0)
    content["services"]["core"]["a"]["environment"] = {"A": "2"}
    swarm.zpm.manifest(content)
    del swarm.requests[:]
    return swarm


def apply_while(swarm, change):
    """Applies, and lets `change(spec)` happen between zpm's look and its update."""
    hang = swarm.inject(Hang(), UPDATE)
    process = swarm.zpm.start("apply", "--yes", "-o", "json")
    hang.wait_hit()
    service = swarm.state.find_service("p_a")
    spec = copy.deepcopy(service.spec)
    change(spec)
    swarm.state.service_update(service.id, str(service.index), spec)
    hang.release()
    return finish(process, 0)


def env(swarm):
    return swarm.services()["p_a"]["Spec"]["TaskTemplate"]["ContainerSpec"]["Env"]


def updates(swarm):
    return [request for request in swarm.requests if UPDATE(request)]


def test_conflict__is_read_again_compared_again_and_tried_again(applied):
    result = apply_while(applied, lambda spec: spec["TaskTemplate"]["ContainerSpec"]["Env"].append("X=1"))
    result.exits(0)
    first, second = updates(applied)
    assert (first.status, second.status) == (500, 200)
    assert int(second.query["version"]) > int(first.query["version"])
    # The second knows of what the other one did, and takes it back.
    assert env(applied) == ["A=2"]
    assert result.json["engineWrites"] == 1


def test_conflict__with_somebody_who_did_the_same_needs_no_second_update(applied):
    def same(spec):
        spec["TaskTemplate"]["ContainerSpec"]["Env"] = ["A=2"]
    apply_while(applied, same).exits(0)
    assert len(updates(applied)) == 1
    assert env(applied) == ["A=2"]


def test_conflict__of_one_service_does_not_disturb_the_others(applied):
    applied.inject(Answer(500, OUT_OF_SEQUENCE), UPDATE, times=3)
    applied.zpm.apply().exits(0)
    assert len(updates(applied)) == 4
    assert env(applied) == ["A=2"]


def test_conflict__without_end_is_given_up_with_a_clear_message(applied):
    applied.inject(Answer(500, OUT_OF_SEQUENCE), UPDATE, times=None)
    result = applied.zpm.apply()
    assert result.code in (1, 4), str(result)
    assert result.seconds < 30
    assert 5 <= len(updates(applied)) <= 6
    error = result.change("service/a")["error"]
    assert "out of sequence" in error
    # And in words for somebody who does not know Swarm from inside.
    assert "else" in error or "changing" in error or "changed" in error
    assert result.json["engineWrites"] == 0


def test_conflict__when_the_service_is_gone_meanwhile_says_so(applied):
    hang = applied.inject(Hang(), UPDATE)
    process = applied.zpm.start("apply", "--yes", "-o", "json")
    hang.wait_hit()
    applied.state.service_remove("p_a")
    hang.release()
    result = finish(process, 0)
    assert result.code in (1, 4)
    assert result.change("service/a")["status"] == "failed"
    applied.zpm.apply().exits(0)
    assert env(applied) == ["A=2"]


@pytest.mark.parametrize("status", [409, 500], ids=["as a conflict", "as an error"])
def test_conflict__is_known_by_its_text_whatever_the_status(applied, status):
    applied.inject(Answer(status, OUT_OF_SEQUENCE), UPDATE)
    applied.zpm.apply().exits(0)
    assert len(updates(applied)) == 2


IN_USE = "rpc error: code = InvalidArgument desc = port '81' is already in use by service 'p_b' (x) as an ingress port"
IS_IN_USE = Answer(400, json.dumps({"message": IN_USE}).encode())


def test_port__that_swarm_has_not_taken_back_yet_is_waited_for(applied):
    applied.inject(IS_IN_USE, UPDATE, times=3)
    assert applied.zpm.apply().exits(0).json["engineWrites"] == 1
    assert env(applied) == ["A=2"]


def test_port__that_stays_in_use_is_told_of_with_who_uses_it(applied):
    applied.inject(IS_IN_USE, UPDATE, times=None)
    result = applied.zpm.apply().exits(1)
    assert "in use by service 'p_b'" in result.change("service/a")["error"] and result.seconds < 30
