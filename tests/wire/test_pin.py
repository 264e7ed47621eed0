"""Pinned images: what registries are asked, what services are given then, and who zpm is to them."""
import base64
import json

import pytest

from scripted_engine import Answer, Hang, on
from zpm_run import finish, platform

OLD, NEW = "sha256:" + "0123456789abcdef" * 4, "sha256:" + "fedcba9876543210" * 4
IMAGE = "registry.example.net/shop/a:1"
ASK = on("GET", "/distribution/.*")
CREATE = on("POST", "/services/create")
UPDATE = on("POST", "/services/[^/]*/update")
USER, PASSWORD = "operator", 'hunter2-"\\?~ü'


def declare(swarm, release=None, **services):
    content = platform("p", {"core": services or {"a": {"image": IMAGE}}},
                       release={"pin": True} if release is None else release)
    swarm.zpm.manifest(content)
    return content


def asked(swarm):
    return sorted(request.path for request in swarm.requests if ASK(request))


def images(swarm):
    """Of the services, as the Engine has them."""
    return {name: s["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] for name, s in swarm.services().items()}


@pytest.fixture
def pinned(swarm):
    """A service that runs what its tag stood for when it was made."""
    swarm.content = declare(swarm)
    swarm.state.registry[IMAGE] = OLD
    swarm.zpm.apply().exits(0)
    assert images(swarm) == {"p_a": f"{IMAGE}@{OLD}"}
    del swarm.requests[:]
    return swarm


# What is pinned.

def test_pin__each_image_is_asked_for_once_and_none_that_is_not_to_be_pinned(swarm):
    swarm.state.registry.update({IMAGE: OLD, "busybox:1": NEW})
    declare(swarm, a={"image": IMAGE}, b={"image": IMAGE}, c={"image": "busybox:1"}, d={"image": IMAGE, "pin": False},
            e={"image": f"busybox:2@{OLD}"})
    swarm.zpm.apply().exits(0)
    assert asked(swarm) == ["/distribution/busybox:1/json", f"/distribution/{IMAGE}/json"]
    assert images(swarm) == {"p_a": f"{IMAGE}@{OLD}", "p_b": f"{IMAGE}@{OLD}", "p_c": f"busybox:1@{NEW}",
                             "p_d": IMAGE, "p_e": f"busybox:2@{OLD}"}


def test_pin__without_it_no_registry_is_asked(swarm):
    declare(swarm, release={"tag": "1"})
    swarm.zpm.apply().exits(0)
    assert asked(swarm) == []
    assert images(swarm) == {"p_a": IMAGE}


@pytest.mark.parametrize("content", [
    {"services": {"core": {"a": {"image": IMAGE, "pin": True}}}},
    {"services": {"core": {"a": {"image": IMAGE}}}, "defaults": {"pin": True}},
    {"services": {"core": {"a": {"image": IMAGE}}}, "defaults": {"pin": True}, "release": {"pin": False}}],
    ids=["of the service", "of the defaults", "of the defaults, before the release's"])
def test_pin__may_be_said_of_services(swarm, content):
    swarm.state.registry[IMAGE] = OLD
    swarm.zpm.manifest({**platform("p"), **content})
    swarm.zpm.apply().exits(0)
    assert images(swarm) == {"p_a": f"{IMAGE}@{OLD}"}


# What a moved tag is.

def test_pin__of_an_image_that_has_not_moved_is_no_change(pinned):
    assert pinned.zpm.apply().exits(0).json["engineWrites"] == 0


def test_pin__a_moved_tag_is_one_update(pinned):
    pinned.state.registry[IMAGE] = NEW
    change = pinned.zpm.plan().exits(2).change("service/a")
    assert (change["action"], change["impact"], change["reason"]) == ("update", "restart", "manifest")
    assert change["fields"] == [{"path": "image", "old": f"{IMAGE}@{OLD}", "new": f"{IMAGE}@{NEW}"}]
    assert pinned.zpm.apply().exits(0).json["engineWrites"] == 1
    assert images(pinned) == {"p_a": f"{IMAGE}@{NEW}"}
    assert pinned.zpm.plan().exits(0).changed == {}


def test_pin__a_plan_shows_digests_shortened(pinned):
    pinned.state.registry[IMAGE] = NEW
    text = pinned.zpm.run("plan").exits(0).out
    assert f"{IMAGE}@sha256:0123456789ab → {IMAGE}@sha256:fedcba987654\n" in text


def test_pin__taken_back_leaves_the_live_digest(pinned):
    del pinned.content["release"]
    pinned.zpm.manifest(pinned.content)
    assert pinned.zpm.apply().exits(0).json["engineWrites"] == 0
    assert asked(pinned) == []


def test_pin__a_tag_that_moved_after_the_plan_was_saved_makes_it_stale(pinned):
    pinned.state.registry[IMAGE] = NEW
    pinned.zpm.run("plan", "--out", "p.json").exits(0)
    assert pinned.zpm.run("apply", "p.json", "--yes").exits(0).code == 0
    assert images(pinned) == {"p_a": f"{IMAGE}@{NEW}"}
    pinned.state.registry[IMAGE] = OLD
    pinned.zpm.run("plan", "--out", "p.json").exits(0)
    pinned.state.registry[IMAGE] = "sha256:" + "7" * 64
    del pinned.requests[:]
    assert "stale" in pinned.zpm.run("apply", "p.json", "--yes").exits(5).err
    assert pinned.writes == []


# Registries that do not answer.

def warnings(result):
    return [line for line in result.err.splitlines() if "warning" in line]


def test_pin__what_is_in_no_registry_is_kept_by_tag_and_named_once(swarm):
    declare(swarm, a={"image": "local/a:1"}, b={"image": "local/a:1"}, c={"image": "local/c:1"})
    [line] = warnings(swarm.zpm.apply().exits(0))
    assert line.count("'local/a:1'") == line.count("'local/c:1'") == 1 and "connection refused" in line
    assert set(images(swarm).values()) == {"local/a:1", "local/c:1"}
    assert len(warnings(swarm.zpm.plan().exits(0))) == len(warnings(swarm.zpm.status().exits(0))) == 1


def test_pin__while_its_registry_is_away_a_pinned_image_is_no_difference(pinned):
    pinned.state.registry.clear()
    assert pinned.zpm.apply().exits(0).json["engineWrites"] == 0
    pinned.content["services"]["core"]["a"]["environment"] = {"A": "1"}
    pinned.zpm.manifest(pinned.content)
    pinned.zpm.apply().exits(0)
    assert images(pinned) == {"p_a": f"{IMAGE}@{OLD}"}
    service = pinned.state.find_service("p_a")
    service.spec["TaskTemplate"]["ContainerSpec"]["Env"] = ["A=2"]
    assert pinned.zpm.plan().exits(2).change("service/a")["reason"] == "drift"


def test_pin__another_tag_is_sent_bare_while_its_registry_is_away(pinned):
    pinned.state.registry.clear()
    pinned.content["services"]["core"]["a"]["image"] = IMAGE[:-1] + "2"
    pinned.zpm.manifest(pinned.content)
    pinned.zpm.apply().exits(0)
    assert images(pinned) == {"p_a": IMAGE[:-1] + "2"}


@pytest.mark.parametrize("answer", [b"", b"null", b"[]", b"{}", b'{"Descriptor": {"digest": 7}}',
                                    b'{"Descriptor": {"digest": "sha256:12"}}',
                                    json.dumps({"Descriptor": {"digest": OLD + " x"}}).encode(),
                                    b"x" * (1 << 21)],
                         ids=lambda answer: answer[:40].decode() or "nothing")
def test_pin__an_answer_without_a_digest_pins_nothing(swarm, answer):
    declare(swarm)
    swarm.inject(Answer(200, answer), ASK, times=None)
    assert len(warnings(swarm.zpm.apply().exits(0))) == 1
    assert images(swarm) == {"p_a": IMAGE}


def test_pin__a_registry_that_hangs_is_not_waited_for_for_ever(swarm):
    content = declare(swarm, **{f"s{i}": {"image": f"registry.example.net/s:{i}"} for i in range(8)})
    swarm.zpm.manifest({**content, "engine": {"timeout": "1s"}})
    swarm.inject(Hang(), ASK, times=None)
    result = swarm.zpm.plan().exits(2)
    [line] = warnings(result)
    assert "did not answer within 1s" in line and line.count("'registry.example.net/s:") == 8
    assert result.seconds < 6


def test_pin__registries_are_asked_several_at_a_time_and_not_all(swarm):
    declare(swarm, **{f"s{i}": {"image": f"registry.example.net/s:{i}"} for i in range(20)})
    swarm.state.registry.update({f"registry.example.net/s:{i}": OLD for i in range(20)})
    hang = swarm.inject(Hang(), ASK, times=None)
    process = swarm.zpm.start("plan")
    swarm.wait_in_flight(8)
    hang.release()
    assert warnings(finish(process, 0).exits(0)) == []
    assert swarm.most_in_flight == 8 and len(asked(swarm)) == 20


# Who zpm is to a registry.

def log_in(swarm, **config):
    folder = swarm.zpm.folder / "docker"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))


def auth_entry():
    return {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


def header(request):
    """What X-Registry-Auth says; None where there is none."""
    text = request.headers.get("X-Registry-Auth")
    return text and json.loads(base64.urlsafe_b64decode(text))


def headers(swarm, when):
    return [header(request) for request in swarm.requests if when(request)]


LOGIN = {"username": USER, "password": PASSWORD, "serveraddress": "registry.example.net"}


@pytest.fixture
def known(swarm):
    """A registry with credentials, and one without."""
    log_in(swarm, auths={"registry.example.net": auth_entry()})
    swarm.state.registry.update({IMAGE: OLD, "other.example.net/b:1": OLD})
    swarm.content = declare(swarm, a={"image": IMAGE}, b={"image": "other.example.net/b:1"})
    return swarm


def test_auth__goes_with_the_question_and_with_what_nodes_pull(known):
    known.zpm.apply().exits(0)
    for when in (ASK, CREATE):
        told = {str(header(request)) for request in known.requests if when(request)}
        assert told == {"None", str(LOGIN)}
    others = [r for r in known.requests if not ASK(r) and not CREATE(r)]
    assert others and not any(header(request) for request in others)
    known.state.registry[IMAGE] = NEW
    known.zpm.apply().exits(0)
    assert headers(known, UPDATE) == [LOGIN]
    known.content["services"]["core"]["a"]["labels"] = {"x": "1"}
    known.zpm.manifest(known.content)
    known.zpm.apply().exits(0)
    assert headers(known, UPDATE) == [LOGIN, LOGIN]


def test_auth__goes_without_pinning_too(known):
    declare(known, release={"tag": "1"})
    known.zpm.apply().exits(0)
    assert headers(known, CREATE) == [LOGIN]
    assert asked(known) == []


def test_auth__is_nowhere_in_what_is_shown_or_kept(known):
    log_in(known, auths={"registry.example.net": auth_entry()})
    known.state.registry.clear()
    results = [known.zpm.run(*command) for command in (
        ["plan"], ["plan", "-o", "json"], ["apply", "--yes"], ["status", "-o", "json"])]
    kept = json.dumps(known.services())
    for text in [kept, *(r.out + r.err for r in results)]:
        for secret in (PASSWORD, json.dumps(PASSWORD)[1:-1], auth_entry()["auth"], USER):
            assert secret not in text
    assert headers(known, ASK).count(LOGIN) >= 3


def test_auth__of_a_helper_that_is_not_there_is_a_warning_and_no_more(known):
    log_in(known, credsStore="nowhere")
    result = known.zpm.apply().exits(0)
    lines = warnings(result)
    assert len(lines) == 2 and all("docker-credential-nowhere" in line for line in lines)
    assert headers(known, CREATE) == [None, None]
    assert len(images(known)) == 2


def test_auth__of_a_helper_is_got_once_for_each_registry(known):
    folder = known.zpm.folder / "bin"
    folder.mkdir()
    program = folder / "docker-credential-test"
    program.write_text('#!/bin/sh\necho "$@ $(cat)" >>"$LOG"\n'
                       'echo \'{"ServerURL": "x", "Username": "operator", "Secret": "open sesame"}\'\n')
    program.chmod(0o700)
    log = known.zpm.folder / "log"
    known.zpm.env.update(PATH=f"{folder}:{known.zpm.env['PATH']}", LOG=str(log))
    log_in(known, credHelpers={"registry.example.net": "test"})
    result = known.zpm.apply().exits(0)
    assert log.read_text() == "get registry.example.net\n"
    expected = {"username": "operator", "password": "open sesame", "serveraddress": "registry.example.net"}
    assert expected in headers(known, ASK) and expected in headers(known, CREATE)
    assert "sesame" not in result.out + result.err
