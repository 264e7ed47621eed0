"""What Swarm takes back is not sent again by itself: only when the manifest says something else, or on demand."""
import copy

import pytest

import zpm_run
from scripted_engine import Hang, Look, on
from zpm_run import platform

REASON = "rollback completed"


class Shop:
    def __init__(self, swarm):
        self.swarm, self.zpm = swarm, swarm.zpm
        self.service = {"image": "x:1"}
        self.declare()
        self.zpm.apply().exits(0)

    def declare(self, **fields):
        self.service.update(fields)
        self.zpm.manifest(platform("p", {"core": {"a": self.service, "b": {"image": "x", "dependsOn": ["a"]}}}))

    @property
    def live(self):
        return self.swarm.state.find_service("p_a")

    def image(self):
        return self.live.spec["TaskTemplate"]["ContainerSpec"]["Image"]

    def labels(self):
        return self.live.spec["Labels"]

    def apply_while(self, change):
        """Applies, and lets `change(service)` happen before zpm looks at the tasks of what it has updated."""
        hang = self.swarm.inject(Hang(), on("GET", "/tasks"))
        process = self.zpm.start("apply", "--yes", "-o", "json")
        hang.wait_hit()
        change(self.live)
        hang.release()
        return zpm_run.finish(process, 0)

    def writes_of(self, *args):
        del self.swarm.requests[:]
        result = self.zpm.apply(*args)
        return result, len(self.swarm.writes)


def roll_back(service):
    """As Swarm does: what was there before is there again, and nothing is known of what was tried."""
    service.spec, service.previous = service.previous, None
    service.update_status = {"State": "rollback_completed", "Message": REASON}


def pause(service):
    service.update_status = {"State": "paused", "Message": "update paused due to failure of task t"}


@pytest.fixture
def shop(swarm):
    return Shop(swarm)


@pytest.fixture
def quarantined(shop):
    shop.declare(image="x:2")
    result = shop.apply_while(roll_back).exits(4)
    assert REASON in result.change("service/a")["error"]
    assert shop.image() == "x:1"
    return shop


def test_quarantine__is_kept_with_the_service_and_moves_no_task(quarantined):
    labels = quarantined.labels()
    assert labels["zpm.quarantine"].startswith("sha256:") and REASON in labels["zpm.quarantine.reason"]
    assert len([t for t in quarantined.live.tasks if not t.gone]) == 1


def test_quarantine__next_apply_writes_nothing_and_ends_with_4(quarantined):
    result, writes = quarantined.writes_of()
    result.exits(4)
    assert writes == 0 and result.json["result"] == "partial"
    change = result.change("service/a")
    assert change["status"] == "skipped" and REASON in change["because"]
    assert quarantined.image() == "x:1"


def test_quarantine__plan_shows_what_is_held_back_and_why_and_counts_no_change(quarantined):
    plan = quarantined.zpm.plan().exits(0).json
    assert plan["changes"] == []
    held, = plan["quarantined"]
    assert (held["kind"], held["name"]) == ("service", "a") and REASON in held["because"]
    assert held["fields"] == [{"path": "image", "old": "x:1", "new": "x:2"}]
    text = quarantined.zpm.run("plan").exits(0).out
    assert "quarantined: " in text and "x:1 → x:2" in text and "--retry" in text


def test_quarantine__status_says_so(quarantined):
    status = quarantined.zpm.status().exits(4).json
    states = {o["name"]: (o["state"], o.get("why", "")) for o in status["objects"]}
    assert states["a"][0] == "quarantined" and REASON in states["a"][1]
    assert states["b"][0] == "converged"


def test_quarantine__ends_when_the_manifest_says_something_else(quarantined):
    quarantined.declare(image="x:3")
    quarantined.zpm.apply().exits(0)
    assert quarantined.image() == "x:3"
    assert not [label for label in quarantined.labels() if label.startswith("zpm.quarantine")]
    quarantined.zpm.status().exits(0)


def test_quarantine__ends_when_the_manifest_goes_back(quarantined):
    quarantined.declare(image="x:1")
    result, writes = quarantined.writes_of()
    result.exits(0)
    assert writes == 0
    quarantined.zpm.status().exits(0)


def test_quarantine__retry_sends_it_again(quarantined):
    assert quarantined.zpm.plan("--retry").exits(2).changed == {"service/a": "update"}
    quarantined.zpm.apply("--retry").exits(0)
    assert quarantined.image() == "x:2"
    assert not [label for label in quarantined.labels() if label.startswith("zpm.quarantine")]
    assert quarantined.zpm.apply().exits(0).json["engineWrites"] == 0


def test_quarantine__other_services_are_changed_all_the_same(quarantined):
    quarantined.zpm.manifest(platform("p", {"core": {
        "a": quarantined.service, "b": {"image": "x", "dependsOn": ["a"], "environment": {"X": "1"}}}}))
    result, writes = quarantined.writes_of()
    result.exits(4)
    assert writes == 1 and result.change("service/b")["status"] == "done"


def test_quarantine__waits_for_swarm_to_take_back_what_fails(shop):
    """The tasks fail before Swarm has made up its mind: only then is there something to note down."""
    shop.declare(image="x:2", update={"failureAction": "rollback"})
    ended = Look("failed", "task: non-zero exit (1)")
    shop.swarm.tasks("p_a", Look("starting", past=(ended, ended)))
    hang = shop.swarm.inject(Hang(), on("GET", "/tasks"), nth=4)
    process = shop.zpm.start("apply", "--yes", "-o", "json")
    hang.wait_hit()
    assert process.poll() is None
    roll_back(shop.live)
    shop.swarm.tasks("p_a", "running")
    hang.release()
    result = zpm_run.finish(process, 0).exits(4)
    assert "non-zero exit (1)" in result.change("service/a")["error"]
    assert "non-zero exit (1)" in shop.labels()["zpm.quarantine.reason"]


def test_quarantine__somebody_elses_change_in_between_is_kept(shop):
    shop.declare(image="x:2")
    hang = shop.swarm.inject(Hang(), on("GET", "/tasks"))
    meddled = shop.swarm.inject(Hang(), on("POST", "/services/[^/]*/update"), nth=2)
    process = shop.zpm.start("apply", "--yes", "-o", "json")
    hang.wait_hit()
    roll_back(shop.live)
    hang.release()
    meddled.wait_hit()
    spec = copy.deepcopy(shop.live.spec)
    spec["Labels"]["theirs"] = "1"
    status = shop.live.update_status
    shop.swarm.state.service_update(shop.live.id, str(shop.live.index), spec)
    shop.live.update_status = status
    meddled.release()
    zpm_run.finish(process, 0).exits(4)
    assert shop.labels()["theirs"] == "1" and REASON in shop.labels()["zpm.quarantine.reason"]


def test_paused__is_not_resumed_by_itself_and_is_with_retry(shop):
    shop.declare(image="x:2")
    shop.apply_while(pause).exits(4)
    result, writes = shop.writes_of()
    result.exits(4)
    assert writes == 0 and "failure of task t" in result.change("service/a")["because"]
    assert {o["name"]: o["state"] for o in shop.zpm.status().exits(4).json["objects"]}["a"] == "quarantined"
    result, writes = shop.writes_of("--retry")
    result.exits(0)
    assert writes == 1 and shop.image() == "x:2"
    shop.zpm.status().exits(0)
