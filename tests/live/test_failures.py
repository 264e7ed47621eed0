"""A task that cannot run fails its step within seconds, in the Engine's own words; what depends on it
is skipped, and nothing else is."""
import pytest

from engine_api import until

CHECK = {"test": ["CMD", "/demo", "--check"], "interval": "250ms", "timeout": "2s", "retries": 2}

FAILING = {
    "imageless": ({"image": "zpm-demo/nowhere:9"}, "No such image: zpm-demo/nowhere:9"),
    "exits": ({"environment": {"DEMO_FAIL": "exit"}}, "task: non-zero exit (1)"),
    "sick": ({"healthcheck": {**CHECK, "test": ["CMD", "/bin/ls", "/nowhere"]},
              "entrypoint": ["/bin/sleep", "600"], "stopGracePeriod": "200ms"}, "unhealthy container"),
    "homeless": ({"placement": {"constraints": ["node.labels.planet == mars"]}},
                 "no suitable node (scheduling constraints not satisfied on 1 node)"),
    "hungry": ({"resources": {"reservations": {"memory": "900g"}}},
               "no suitable node (insufficient resources on 1 node)"),
    "unmountable": ({"volumes": ["/nowhere/at/all:/data"]}, "bind source path does not exist"),
    "programless": ({"entrypoint": ["/no/such/program"]}, "no such file or directory"),
}


@pytest.fixture(scope="module")
def failed(shared):
    services = {name: dict(service) for name, (service, _) in FAILING.items()}
    services |= {"fine": {}, "after-fine": {"dependsOn": ["fine"]},
                 "child": {"dependsOn": ["exits"]}, "grandchild": {"dependsOn": ["child", "fine"]}}
    shared.manifest({"core": services, "ui": {"web": {}}})
    shared.result = shared.zpm.apply("--timeout", "10m").exits(4)
    return shared


def test_failure__is_seen_long_before_the_timeout(failed):
    assert failed.result.seconds < 60
    assert failed.result.json["result"] == "partial"


@pytest.mark.parametrize("name", FAILING)
def test_failure__gives_the_engines_own_reason(failed, name):
    change = failed.result.change(f"service/{name}")
    assert change["status"] == "failed"
    assert FAILING[name][1] in change["error"]
    assert change["seconds"] < 60


def test_failure__what_does_not_depend_on_it_converges(failed):
    assert failed.result.change("service/fine")["status"] == "done"
    assert failed.result.change("service/after-fine")["status"] == "done"
    assert len(failed.running("fine")) == len(failed.running("after-fine")) == 1


def test_failure__what_depends_on_it_is_skipped_and_says_because_of_what(failed):
    for name in ("child", "grandchild"):
        change = failed.result.change(f"service/{name}")
        assert change["status"] == "skipped"
        assert "service/exits" in change["because"]
        assert failed.service(name) is None


def test_failure__the_next_tier_is_skipped_and_says_because_of_what(failed):
    change = failed.result.change("service/web")
    assert change["status"] == "skipped"
    assert any(f"service/{name}" in change["because"] for name in FAILING)
    assert failed.service("web") is None


def test_failure__is_told_on_standard_error_too(failed):
    assert "No such image" in failed.result.err


def test_failure__status_says_why_each_does_not_converge(failed):
    objects = {o["name"]: o for o in failed.zpm.status().exits(4).json["objects"]}
    assert objects["fine"]["state"] == "converged"
    assert objects["web"]["state"] == "missing"
    assert "No such image" in objects["imageless"]["why"]
    assert "no suitable node" in objects["homeless"]["why"]


def test_failure__unchanged_services_that_fail_are_reported_by_the_next_apply(failed):
    again = failed.zpm.apply("--timeout", "10m")
    assert again.code in (1, 4), str(again)  # nothing could be changed, and it has not converged
    assert again.seconds < 60
    assert again.json["engineWrites"] == 0
    assert "No such image" in again.change("service/imageless")["error"]


def test_failure__of_a_healthcheck_is_told_from_a_program_that_ends_well(live):
    """The demo program ends with 0 when it is stopped for being unhealthy: to the Engine it is complete."""
    live.manifest({"core": {"a": {"environment": {"DEMO_FAIL": "unhealthy"}, "healthcheck": CHECK}}})
    result = live.zpm.apply("--timeout", "10m").exits(4)
    assert result.seconds < 60
    error = result.change("service/a")["error"]
    assert error != "complete" and ("health" in error or "exit" in error or "ended" in error), error


def test_failure__mended_in_the_manifest_it_converges(live):
    content = live.manifest({"core": {"a": {"image": "zpm-demo/nowhere:9"}, "b": {"dependsOn": ["a"]}}})
    live.zpm.apply().exits(4)
    content["services"]["core"]["a"]["image"] = "zpm-demo/app:1.1"
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    live.zpm.status().exits(0)


def test_failed_update__is_reported_and_the_dependents_are_left_as_they_are(live):
    services = {"a": {}, "b": {"dependsOn": ["a"]}}
    content = live.manifest({"core": services})
    live.zpm.apply().exits(0)
    before = live.engine.versions(live.name)["b"]
    services["a"]["image"] = "zpm-demo/nowhere:9"
    services["b"]["environment"] = {"X": "1"}
    live.zpm.manifest(content)
    result = live.zpm.apply("--timeout", "10m").exits(4)
    assert result.seconds < 60
    assert "No such image" in result.change("service/a")["error"]
    assert result.change("service/b")["status"] == "skipped"
    assert live.engine.versions(live.name)["b"] == before


def test_failed_update__that_swarm_takes_back_is_not_sent_again_by_itself(live):
    services = {"a": {"update": {"failureAction": "rollback", "monitor": "3s"}}}
    content = live.manifest({"core": services})
    live.zpm.apply().exits(0)
    before = live.spec("a")["TaskTemplate"]
    services["a"]["image"] = "zpm-demo/nowhere:9"
    live.zpm.manifest(content)
    result = live.zpm.apply("--timeout", "10m").exits(4)
    assert result.seconds < 60
    assert "No such image" in result.change("service/a")["error"]
    assert live.spec("a")["TaskTemplate"] == before and len(live.running("a")) == 1

    noted, tasks = live.service("a")["Version"]["Index"], live.running("a")
    again = live.zpm.apply().exits(4)
    assert again.json["engineWrites"] == 0 and "No such image" in again.change("service/a")["because"]
    assert (live.service("a")["Version"]["Index"], live.running("a")) == (noted, tasks)
    states = {o["name"]: o["state"] for o in live.zpm.status().exits(4).json["objects"]}
    assert states == {"a": "quarantined"}

    services["a"]["image"] = "zpm-demo/app:1.1"
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    live.zpm.status().exits(0)


def test_failed_update__that_swarm_has_paused_goes_on_when_asked_to(live):
    services = {"a": {"replicas": 2}}
    content = live.manifest({"core": services})
    live.zpm.apply().exits(0)
    services["a"]["environment"] = {"DEMO_FAIL": "exit"}
    live.zpm.manifest(content)
    live.zpm.apply("--timeout", "10m").exits(4)
    until(lambda: live.service("a").get("UpdateStatus", {}).get("State") == "paused", what="the pause")
    again = live.zpm.apply().exits(4)
    assert again.json["engineWrites"] == 0 and "paused" in again.change("service/a")["because"]
    paused = live.service("a")["Version"]["Index"]
    live.zpm.apply("--retry", "--timeout", "1m").exits(4)
    assert live.service("a")["Version"]["Index"] > paused
