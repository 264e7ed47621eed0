"""Fails the n-th request of an apply, for every n and in several ways: the next apply converges with
exactly what is declared."""
import concurrent.futures

import pytest

import scripted_engine
import zpm_run
from engine_api import meaning
from scripted_engine import Answer, CloseEarly, Hang, ScriptedEngine, on

TIMEOUT = "8s"  # of the applies that run into a fault

FAULTS = {
    "refused": lambda: Answer(500, "scripted fault"),
    "carried out, the answer lost": lambda: CloseEarly(silent=True),
    "carried out, half the answer lost": lambda: CloseEarly(),
    "carried out, the answer an error": lambda: Answer(500, "scripted fault", carried_out=True),
    "not carried out, closed": lambda: CloseEarly(carried_out=False, silent=True),
}


def first():
    return zpm_run.platform("p", {
        "system": {"db": {"image": "x", "networks": ["n"], "volumes": ["v:/v"]}},
        "core": {"api": {"image": "x", "networks": ["n", "m"], "environment": {"A": "1"}},
                 "old": {"image": "x", "replicas": 0}},
    }, networks={"n": {}, "m": {}}, volumes={"v": {}})


def second():
    """One service less, one more, one changed, a network replaced with who is in it, one no longer there."""
    return zpm_run.platform("p", {
        "system": {"db": {"image": "x", "networks": ["n"], "volumes": ["v:/v", "w:/w"]}},
        "core": {"api": {"image": "x:2", "networks": ["n"], "environment": {"A": "2"}, "dependsOn": ["new"]},
                 "new": {"image": "x", "replicas": 0}},
    }, networks={"n": {"attachable": True}}, volumes={"v": {}, "w": {}})


def state(engine):
    """All there is, without what is different each time it is made."""
    names = {n["Id"]: n["Name"] for n in engine.state.networks.values()}
    services = {}
    for name, service in engine.services().items():
        spec = meaning(service["Spec"])
        for attachment in spec["TaskTemplate"].get("Networks", []):
            attachment["Target"] = names[attachment["Target"]]
        for key in ("Env", "Mounts"):
            spec["TaskTemplate"]["ContainerSpec"].get(key, []).sort(key=str)
        services[name] = spec
    assert len(services) == len(engine.state.services), "two services of one name"
    networks = sorted((n["Name"], n["Attachable"]) for n in engine.state.networks.values())
    volumes = sorted((v["Name"], str(v["Options"])) for v in engine.state.volumes.values())
    return services, networks, volumes


class Case:
    """An Engine in the state of some manifest, and a zpm that is to bring it to another."""

    def __init__(self, folder, before, after):
        folder.mkdir()
        self.engine = ScriptedEngine()
        self.engine.accept_connections()
        self.zpm = zpm_run.Zpm(folder, self.engine.endpoint)
        if before:
            self.zpm.manifest(before)
            self.zpm.apply("--no-wait").exits(0)
            del self.engine.requests[:]
        self.zpm.manifest(after)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.engine.stop()


def is_look(request):
    """How often tasks are looked at depends on time, so these requests are counted by themselves."""
    return request.path == "/tasks"


def run_into(folder, before, after, fault, number, looks):
    """The state after the fault at the n-th request, or the n-th look, and an apply without."""
    with Case(folder, before, after) as case:
        case.engine.inject(fault, lambda request: is_look(request) == looks, nth=number)
        # One at a time, so that the n-th request is the same in every run.
        result = case.zpm.apply("--parallel", "1", "--timeout", TIMEOUT)
        assert fault.hits == 1, f"request {number} never came: {case.engine.lines()}"
        assert result.code in (0, 1, 4), str(result)
        if result.code == 1:
            assert not [r for r in case.engine.writes if 200 <= r.status < 300], f"exit 1 after a write: {result}"
        case.zpm.apply().exits(0)
        case.zpm.plan().exits(0)
        return state(case.engine)


@pytest.mark.parametrize("before, after", [(None, first()), (first(), second())], ids=["from nothing", "of changes"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_torture__every_request_of_an_apply_fails_once(tmp_path, before, after, fault):
    with Case(tmp_path / "reference", before, after) as case:
        case.zpm.apply("--parallel", "1").exits(0)
        expected = state(case.engine)
        number_of = len([request for request in case.engine.requests if not is_look(request)])
    assert number_of > 10
    places = [(n, False) for n in range(1, number_of + 1)] + [(1, True), (2, True)]
    with concurrent.futures.ThreadPoolExecutor(32) as pool:  # they mostly wait
        outcomes = list(pool.map(lambda place: run_into(
            tmp_path / f"{place[0]}{place[1]}", before, after, fault(), *place), places))
    for place, outcome in zip(places, outcomes):
        assert outcome == expected, f"after a fault at {place}"


NO_LEADER = "rpc error: code = Unknown desc = The swarm does not have a leader."
CREATE = on("POST", "/services/create")
UPDATE = on("POST", "/services/[^/]*/update")


@pytest.mark.parametrize("status", [500, 503])
def test_create__that_finds_no_leader_is_tried_again_until_there_is_one(swarm, status):
    swarm.zpm.manifest(second())
    for path in ("/services/create", "/networks/create", "/volumes/create"):
        swarm.inject(Answer(status, NO_LEADER), on("POST", path), times=3)
    result = swarm.zpm.apply().exits(0)
    assert result.json["engineWrites"] == len([r for r in swarm.writes if 200 <= r.status < 300]) == 6
    assert len(swarm.services()) == 3


@pytest.mark.parametrize("fault", [CloseEarly(), Answer(503, NO_LEADER, carried_out=True)],
                         ids=["half the answer lost", "the answer an error"])
@pytest.mark.parametrize("path", ["/services/create", "/networks/create", "/volumes/create", "/secrets/create"])
def test_create__that_was_carried_out_is_seen_and_not_sent_again(swarm, path, fault):
    swarm.zpm.manifest(zpm_run.platform("p", {"core": {"a": {
        "image": "x", "networks": ["n"], "volumes": ["v:/v"], "secrets": ["s"]}}}, networks={"n": {}},
        volumes={"v": {}}, secrets={"s": {"environment": "SECRET"}}))
    swarm.zpm.env["SECRET"] = "hidden"
    swarm.inject(fault, on("POST", path))
    swarm.zpm.apply().exits(0)
    assert len([request for request in swarm.writes if request.path == path]) == 1
    assert swarm.zpm.plan().exits(0).changed == {}


def test_create__whose_answer_is_lost_is_not_seen_at_once_and_still_made_once(swarm):
    """The leader that took it is gone, and the one that has it is not asked yet."""
    swarm.zpm.manifest(zpm_run.platform("p", {"core": {"a": {"image": "x"}}}))
    swarm.inject(CloseEarly(), CREATE)
    swarm.inject(Answer(503, NO_LEADER), on("GET", "/(services|networks)"), nth=3)
    result = swarm.zpm.apply().exits(0)
    assert [r.status for r in swarm.writes if CREATE(r)] == [0, 409]
    assert result.change("service/a")["status"] == "done"
    assert list(swarm.services()) == ["p_a"]


def test_create__that_a_broken_connection_sends_twice_is_one(swarm):
    """A kept connection that ends without a word has the request sent again, on a new one."""
    swarm.zpm.manifest(zpm_run.platform("p", {"core": {"a": {"image": "x"}}}))
    swarm.inject(CloseEarly(silent=True), CREATE)
    swarm.zpm.apply().exits(0)
    assert [r.status for r in swarm.writes] == [0, 409]


def test_create__that_somebody_else_was_faster_with_is_not_taken_for_ours(swarm):
    swarm.zpm.manifest(zpm_run.platform("p", {"core": {"a": {"image": "x"}}}))
    hang = swarm.inject(Hang(), CREATE)
    swarm.inject(Answer(503, NO_LEADER), CREATE)
    process = swarm.zpm.start("apply", "--yes", "-o", "json")
    hang.wait_hit()
    swarm.state.service_create({"Name": "p_a", "TaskTemplate": {"ContainerSpec": {"Image": "theirs"}}})
    hang.release()
    result = zpm_run.finish(process, 0).exits(1)
    assert result.change("service/a")["status"] == "failed"
    assert swarm.services()["p_a"]["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] == "theirs"


def test_create__that_is_refused_as_busy_to_the_end_fails_and_the_next_apply_converges(swarm):
    swarm.zpm.manifest(zpm_run.platform("p", {"core": {"a": {"image": "x"}, "b": {"image": "x"}}}))
    swarm.inject(Answer(503, "the raft is busy"), CREATE, times=None)
    result = swarm.zpm.apply("--timeout", "1s").exits(1)
    assert result.json["result"] == "failed"
    assert "the raft is busy" in result.change("service/a")["error"]
    assert swarm.state.services == {}
    assert len(swarm.writes) >= 4


@pytest.mark.parametrize("fault, sent", [(Answer(503, NO_LEADER), 2), (CloseEarly(), 1)],
                         ids=["no leader", "half the answer lost"])
def test_update__without_an_answer_is_read_again_and_made_once(updated, fault, sent):
    updated.inject(fault, UPDATE)
    del updated.requests[:]
    updated.zpm.apply("--parallel", "1").exits(0)
    assert len([r for r in updated.writes if r.path.startswith(f"/services/{service_id(updated, 'p_a')}/")]) == sent
    assert updated.state.find_service("p_a").generation == 1


def test_update__that_finds_no_leader_to_the_end_fails(updated):
    updated.inject(Answer(503, NO_LEADER), UPDATE, times=None)
    result = updated.zpm.apply("--timeout", "1s").exits(1)
    assert "does not have a leader" in result.change("service/a")["error"]
    assert result.change("service/b")["status"] == "skipped"


def test_remove__that_finds_no_leader_is_tried_again(updated):
    updated.inject(Answer(503, NO_LEADER), on("DELETE"), times=2)
    updated.zpm.destroy().exits(0)
    assert updated.services() == {}


def service_id(swarm, name):
    return swarm.state.find_service(name).id


@pytest.fixture
def updated(swarm):
    """An update that Swarm takes its own view of."""
    content = zpm_run.platform("p", {"core": {"a": {"image": "x:1"}, "b": {"image": "x", "dependsOn": ["a"]}}})
    swarm.zpm.manifest(content)
    swarm.zpm.apply().exits(0)
    content["services"]["core"]["a"]["image"] = "x:2"
    content["services"]["core"]["b"]["image"] = "x:2"
    swarm.zpm.manifest(content)
    return swarm


def apply_while(swarm, change):
    """Applies, and lets `change(service)` happen between the update of the service and the first look at it."""
    hang = swarm.inject(Hang(), on("GET", "/tasks"))
    process = swarm.zpm.start("apply", "--yes", "-o", "json")
    hang.wait_hit()
    change(swarm.state.find_service("p_a"))
    hang.release()
    return zpm_run.finish(process, 0)


def roll_back(service):
    service.previous, service.spec = service.spec, service.previous


def test_update__that_swarm_rolled_back_fails_with_the_reason(updated):
    def change(service):
        roll_back(service)
        service.update_status = {"State": "rollback_completed", "Message": "rollback completed"}

    result = apply_while(updated, change).exits(4)
    error = result.change("service/a")["error"]
    assert "rolled back" in error and "rollback completed" in error
    assert result.change("service/b")["status"] == "skipped"


@pytest.mark.parametrize("state", ["paused", "rollback_paused"])
def test_update__that_swarm_paused_fails_with_the_reason(updated, state):
    def change(service):
        if state == "rollback_paused":
            roll_back(service)
        service.update_status = {"State": state,
                                 "Message": "update paused due to failure or early termination of task t"}

    result = apply_while(updated, change).exits(4)
    assert "early termination of task t" in result.change("service/a")["error"]
    assert result.change("service/b")["status"] == "skipped"


def test_update__that_swarm_rolled_back_long_ago_does_not_trouble_another(updated):
    service = updated.state.find_service("p_a")
    service.update_status = {"State": "rollback_completed", "Message": "rollback completed"}
    updated.zpm.apply().exits(0)
