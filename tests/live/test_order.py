"""What depends on something starts when that runs, and not when the Engine accepted it. Shown by the
Engine's own times."""
import pytest

from engine_api import seconds

CHECK = {"test": ["CMD", "/demo", "--check"], "interval": "250ms", "timeout": "2s", "retries": 3,
         "startPeriod": "20s"}


def slow(delay=1, **more):
    """Healthy only after some time."""
    return {"environment": {"DEMO_DELAY": str(delay)}, "healthcheck": CHECK, **more}


def made(live, name):
    return seconds(live.service(name)["CreatedAt"])


def changed(live, name):
    return seconds(live.service(name)["UpdatedAt"])


def ran(live, name):
    """When the last of its tasks was reported running."""
    times = [seconds(t["Status"]["Timestamp"]) for t in live.tasks(name) if t["Status"]["State"] == "running"]
    assert times, f"{name} does not run"
    return max(times)


def started(live, name):
    """When the program of its task was started."""
    task = live.tasks(name)[0]
    container = live.engine.get(f"/containers/{task['Status']['ContainerStatus']['ContainerID']}/json")
    return seconds(container["State"]["StartedAt"])


@pytest.fixture(scope="module")
def ordered(shared):
    shared.manifest({
        "system": {"db": slow(1), "queue": slow(1), "api": {"dependsOn": ["db"]}},
        "core": {"worker": {}},
        "apps": {"front": {"dependsOn": "worker"}},
        "ui": {"web": {"replicas": 2}},
    })
    shared.result = shared.zpm.apply().exits(0)
    return shared


def test_order__a_task_is_waited_for_until_its_healthcheck_passes(ordered):
    assert ran(ordered, "db") - started(ordered, "db") >= 1
    assert made(ordered, "api") > ran(ordered, "db")


def test_order__a_tier_starts_when_all_of_the_one_before_runs(ordered):
    assert made(ordered, "worker") > max(ran(ordered, name) for name in ("db", "queue", "api"))
    assert made(ordered, "front") > ran(ordered, "worker")
    assert made(ordered, "web") > ran(ordered, "front")


def test_order__what_does_not_depend_on_each_other_starts_together(ordered):
    assert abs(made(ordered, "db") - made(ordered, "queue")) < 0.5


def test_order__the_plan_names_what_comes_first(live):
    live.manifest({"core": {"a": {"networks": ["n"], "volumes": ["v:/v"]}, "b": {"dependsOn": ["a"]}}},
                  networks={"n": {}}, volumes={"v": {}})
    plan = live.zpm.plan().exits(2)
    assert set(plan.change("service/a")["after"]) == {"network/n", "volume/v"}
    assert plan.change("service/b")["after"] == ["service/a"]


def test_order__an_update_waits_for_the_update_it_depends_on(live):
    services = {"b": {"dependsOn": ["a"]}, "a": slow(0)}
    content = live.manifest({"core": services})
    live.zpm.apply().exits(0)
    services["a"]["environment"] = {"DEMO_DELAY": "1"}
    services["b"]["environment"] = {"X": "1"}
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    assert ran(live, "a") - started(live, "a") >= 1
    assert changed(live, "b") > ran(live, "a")


def test_order__something_new_waits_for_what_is_unchanged_but_does_not_run_yet(live):
    services = {"a": slow(2)}
    content = live.manifest({"core": services})
    live.zpm.apply("--no-wait").exits(0)
    services["b"] = {"image": "zpm-demo/app:1.0", "dependsOn": ["a"]}
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    assert made(live, "b") > ran(live, "a")


def test_order__no_wait_ends_when_the_engine_has_accepted_all(live):
    live.manifest({"core": {"a": slow(30)}})
    result = live.zpm.apply("--no-wait").exits(0)
    assert result.seconds < 10
    assert result.json["changes"][0]["status"] == "done"
    assert live.zpm.status().exits(4).json["objects"][0]["state"] == "progressing"


def test_order__a_timeout_says_what_was_waited_for(live):
    live.manifest({"core": {"a": slow(60), "b": {"dependsOn": ["a"]}}})
    result = live.zpm.apply("--timeout", "3s").exits(4)
    assert 2.5 < result.seconds < 12
    assert result.json["result"] == "partial"
    assert "in time" in result.change("service/a")["error"]
    assert "service/a" in result.change("service/b")["because"]
