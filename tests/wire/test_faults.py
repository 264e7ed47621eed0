"""An Engine that is not there, not what it should be, or out of its mind: named as such, with what to
do, in bounded time, and not one write."""
import json

import pytest

from scripted_engine import Answer, CloseEarly, Garbage, Hang, on
from zpm_run import platform

READS = ["/version", "/swarm", "/networks", "/volumes", "/services"]
LISTS = ["/networks", "/volumes", "/services"]
SECONDS = 6  # engine.timeout is one


@pytest.fixture
def shop(swarm):
    """Something to write, if only the Engine were well."""
    swarm.zpm.manifest(platform("p", {"core": {"a": {"image": "x", "networks": ["n"], "volumes": ["v:/v"]}}},
                                networks={"n": {}}, volumes={"v": {}}, engine={"timeout": "1s"}))
    return swarm


def expect(swarm, *texts, command=("apply", "--yes", "-o", "json")):
    """Exit 1, one message that has each of the texts, and no write."""
    result = swarm.zpm.run(*command).exits(1)
    assert result.seconds < SECONDS, str(result)
    assert swarm.writes == []
    lines = result.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("zpm: "), str(result)
    for text in texts:
        assert text in lines[0], f"'{text}' is not in: {lines[0]}"
    assert "\x1b" not in result.err
    return lines[0]


def test_engine__whose_socket_is_missing(shop):
    shop.zpm.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    expect(shop, "unix:///nowhere/docker.sock", "no such file", "is dockerd running", "--engine")


def test_engine__that_nobody_is_behind(shop):
    shop.refuse_connections()
    expect(shop, shop.endpoint, "refused", "is dockerd running")


def test_engine__on_a_tcp_port_where_nothing_listens(shop):
    shop.zpm.env["DOCKER_HOST"] = "tcp://127.0.0.1:1"
    expect(shop, "tcp://127.0.0.1:1", "refused", "is dockerd running")


@pytest.mark.parametrize("state, texts", [
    ("inactive", ["not in Swarm mode", "docker swarm init"]), ("worker", ["worker", "manager"]),
    ("locked", ["locked", "docker swarm unlock"]), ("pending", ["joining", "try again"]),
    ("error", ["in error", "certificate has expired"])])
@pytest.mark.parametrize("command", [["apply", "--yes"], ["plan"], ["status"], ["destroy", "--yes"]],
                         ids=lambda command: command[0])
def test_engine__that_is_no_working_manager(shop, state, texts, command):
    shop.state.swarm = state
    if state == "error":
        shop.state.swarm_error = "the certificate has expired"
    expect(shop, *texts, command=command)


def test_engine__whose_swarm_has_no_leader(shop):
    shop.state.swarm_error = "The swarm does not have a leader. It's possible that too few managers are online."
    expect(shop, "does not have a leader", "managers")


def test_engine__that_is_too_old(shop):
    shop.state.api = "1.40"
    expect(shop, "too old", "1.40", "upgrade")


def test_engine__that_is_too_new(shop):
    shop.state.api, shop.state.min_api = "1.99", "1.98"
    expect(shop, "too new", "1.98", "upgrade zpm")


@pytest.mark.parametrize("path", READS)
def test_engine__answers_500(shop, path):
    shop.inject(Answer(500, "the disk is full"), on("GET", path), times=None)
    expect(shop, "500", "the disk is full")


@pytest.mark.parametrize("path", READS)
def test_engine__answers_500_with_something_to_upset_a_terminal(shop, path):
    shop.inject(Answer(500, "red \x1b[31m and\nnew line \x9b5m" + "x" * 5000), on("GET", path), times=None)
    line = expect(shop, "500", "red")
    assert len(line) < 1000 and "\x9b" not in line


@pytest.mark.parametrize("path", READS)
def test_engine__answers_what_is_no_http(shop, path):
    shop.inject(Garbage(), on("GET", path), times=None)
    expect(shop, shop.endpoint, "does not speak HTTP", "--engine")


@pytest.mark.parametrize("path", READS)
def test_engine__answers_what_is_no_json(shop, path):
    shop.inject(Answer(200, b"<html><body>It works!</body></html>"), on("GET", path), times=None)
    expect(shop, "Engine", "not" if path in LISTS else "no sense")


@pytest.mark.parametrize("path", READS)
def test_engine__closes_in_the_middle_of_an_answer(shop, path):
    shop.inject(CloseEarly(), on("GET", path), times=None)
    expect(shop, "broke off", "try again".capitalize())


@pytest.mark.parametrize("path", READS)
def test_engine__closes_without_a_word(shop, path):
    shop.inject(CloseEarly(silent=True), on("GET", path), times=None)
    expect(shop, "broke off")


@pytest.mark.parametrize("path", READS)
def test_engine__hangs(shop, path):
    shop.inject(Hang(), on("GET", path), times=None)
    expect(shop, "did not answer within 1s", "engine.timeout", "dockerd's log")


WRONG = {
    "nothing": b"", "null": b"null", "an object": b"{}", "text": b'"services"', "a number": b"42",
    "a list of numbers": b"[1, 2]", "a list of lists": b"[[], []]", "a list of nulls": b"[null]",
    "objects without names": b'[{"Wrong": 1}]',
    "names that are no text": b'[{"Name": 1, "Id": 2, "Spec": {"Name": []}}]',
    "a list that is broken off": b'[{"Name": "x", "Id": "y"', "a list and a half": b"[] [",
    "a comma too many": b"[,]", "nested without end": b"[" * 100000,
    "nested objects without end": b'{"Volumes":[' + b'{"Labels":' * 100000,
    "a list that ends too early": b'[{"Name": "x"},',
}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_engine__lists_what_is_of_another_shape(shop, path, body):
    shop.inject(Answer(200, body), on("GET", path), times=None)
    expect(shop, "list " + path.strip("/"))


@pytest.mark.parametrize("wrong", [
    {"Spec": None}, {"Spec": []}, {"Version": None}, {"Version": {"Index": "x"}}, {"ID": None}, {"ID": 7}],
    ids=json.dumps)
def test_engine__lists_a_service_of_ours_of_another_shape(shop, wrong):
    shop.zpm.apply().exits(0)
    [service] = shop.services().values()
    service["Spec"]["TaskTemplate"]["ContainerSpec"]["Env"] = ["DRIFT=1"]
    del shop.requests[:]
    shop.inject(Answer(200, json.dumps([{**service, **wrong}]).encode()), on("GET", "/services"), times=None)
    expect(shop, "list services")


@pytest.mark.parametrize("version", [b"{}", b'{"ApiVersion": "new"}', b'{"ApiVersion": 1.41}', b"[]", b"null"])
def test_engine__says_a_version_that_is_none(shop, version):
    shop.inject(Answer(200, version), on("GET", "/version"), times=None)
    expect(shop, "no Docker Engine", "--engine")


def test_engine__that_hangs_at_a_write_is_not_waited_for_for_ever(shop):
    shop.inject(Hang(), on("POST", "/services/create"), times=None)
    result = shop.zpm.apply("--timeout", "2s")
    assert result.code in (1, 4)
    assert result.seconds < SECONDS
    assert "did not answer within 1s" in result.change("service/a")["error"]


def test_engine__that_does_not_list_tasks_any_more_is_named_at_the_timeout(shop):
    shop.inject(Answer(500, "the disk is full"), on("GET", "/tasks"), times=None)
    result = shop.zpm.apply("--timeout", "2s").exits(4)
    assert result.seconds < SECONDS
    assert "the disk is full" in result.change("service/a")["error"]


def test_engine__that_does_not_list_tasks_for_a_while_is_waited_for(shop):
    shop.inject(Answer(503, "busy"), on("GET", "/tasks"), times=3)
    shop.zpm.apply().exits(0)


def test_status__says_what_is_wrong_with_the_engine(shop):
    shop.zpm.apply().exits(0)
    del shop.requests[:]
    shop.inject(Answer(500, "the disk is full"), on("GET", "/tasks"), times=None)
    expect(shop, "the disk is full", command=["status"])
