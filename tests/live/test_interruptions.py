"""Stopped in the middle, killed at any moment, run twice at once: the next apply converges, and the
Engine holds exactly what is declared."""
import random
import signal
import time

from engine_api import meaning, until
from zpm_run import finish

CHECK = {"test": ["CMD", "/demo", "--check"], "interval": "250ms", "timeout": "2s", "retries": 3,
         "startPeriod": "20s"}
KILLS = 30


def exactly_declared(live, content):
    """No more and no less than the manifest says, each service with the replicas it asks for."""
    declared = {name: service for tier in content["services"].values() for name, service in tier.items()}
    services = live.services()
    assert set(services) == set(declared)
    for name, service in services.items():
        spec = service["Spec"]
        env = spec["TaskTemplate"]["ContainerSpec"].get("Env", [])
        assert sorted(env) == sorted(f"{k}={v}" for k, v in declared[name].get("environment", {}).items())
        assert spec["Mode"]["Replicated"]["Replicas"] == declared[name].get("replicas", 1)
        assert len(live.running(name)) == declared[name].get("replicas", 1)
    networks = [n["Name"] for n in live.engine.get("/networks") if n["Name"].startswith(live.name + "_")]
    assert sorted(networks) == sorted(live.real(name) for name in content.get("networks", {}))
    assert set(live.engine.volumes(live.name)) >= set(content.get("volumes", {}))


def test_interrupt__stops_starting_reports_and_exits_4(live):
    slow = {"environment": {"DEMO_DELAY": "2"}, "healthcheck": CHECK}
    content = live.manifest({"system": {"a": slow}, "core": {"b": {}}, "ui": {"c": {}}})
    started = time.monotonic()
    process = live.zpm.start("apply", "--yes", "-o", "json")
    until(lambda: live.service("a"), what="the first service")
    process.send_signal(signal.SIGINT)
    result = finish(process, started).exits(4)
    assert result.json["result"] == "partial"
    # What was in flight has ended, and nothing else was begun.
    assert result.change("service/a")["status"] == "done"
    for name in ("b", "c"):
        change = result.change(f"service/{name}")
        assert (change["status"], change["because"]) == ("skipped", "interrupted")
    assert set(live.services()) == {"a"}
    live.zpm.apply().exits(0)
    exactly_declared(live, content)


def test_interrupt__twice_does_not_wait_for_what_is_in_flight(live):
    live.manifest({"core": {"a": {"environment": {"DEMO_DELAY": "300"}, "healthcheck": CHECK}, }})
    started = time.monotonic()
    process = live.zpm.start("apply", "--yes", "-o", "json")
    until(lambda: live.service("a"), what="the service")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)  # two signals at once may count as one
    process.send_signal(signal.SIGTERM)
    result = finish(process, started, timeout=20).exits(4)
    assert "interrupted" in result.change("service/a")["error"]


def generation(round_number):
    """Ten services of which every round changes some, adds one and takes one away."""
    def env(name, every):
        return {"environment": {"ROUND": str(round_number // every), "NAME": name}}
    services = {f"idle{i}": {"replicas": 0, "networks": ["n"], "volumes": ["v:/v"], **env(f"idle{i}", i)}
                for i in range(1, 7)}
    services["runs"] = {"networks": ["n"], "endpointMode": "dnsrr", **env("runs", 4)}
    services["steady"] = {}
    services[f"new{round_number % 3}"] = {"replicas": 0}
    return {"core": services, "ui": {"last": {"replicas": 0, "dependsOn": ["runs"], **env("last", 1)}}}


def test_kill__at_30_random_moments_the_next_apply_converges(live):
    seed = random.randrange(2 ** 32)
    chance = random.Random(seed)
    print("seed", seed)  # shown when the test fails
    interrupted = 0
    for number in range(KILLS):
        if number % 10 == 0:
            live.manifest({})
            live.zpm.destroy("--volumes", "--quiet").exits(0)
        content = live.manifest(generation(number), networks={"n": {}}, volumes={"v": {}},
                                reconcile={"maxDeletes": 20})
        started = time.monotonic()
        process = live.zpm.start("apply", "--yes", "-o", "json")
        # Nothing is waited for here: the moment is the test.
        time.sleep(chance.uniform(0, 0.25 if number % 2 else 1.2))
        interrupted += process.poll() is None
        process.kill()
        finish_killed(process)
        result = live.zpm.apply().exits(0)
        assert result.json["result"] == "converged"
        exactly_declared(live, content)
        assert time.monotonic() - started < 60
    assert interrupted > KILLS / 3, f"only {interrupted} of {KILLS} were killed before they ended"
    assert live.zpm.apply().exits(0).json["engineWrites"] == 0


def finish_killed(process):
    """A killed zpm leaves no child behind that would hold its output open."""
    process.communicate(timeout=10)


def test_two_applies__at_once_leave_what_is_declared(live):
    content = live.manifest(generation(1), networks={"n": {}}, volumes={"v": {}})
    for number in (1, 2):
        content["services"] = live.manifest(generation(number))["services"]
        live.zpm.manifest(content)
        started = time.monotonic()
        both = [live.zpm.start("apply", "--yes", "-o", "json") for _ in range(2)]
        for result in [finish(process, started) for process in both]:
            assert result.code in (0, 1, 4), str(result)
            errors = [c["error"] for c in result.json["changes"] if c["status"] == "failed"]
            assert bool(errors) == (result.code != 0), str(result)
            assert all("exist" in e or "conflict" in e or "sequence" in e or "else" in e for e in errors), errors
        live.zpm.apply().exits(0)
        exactly_declared(live, content)
    live.zpm.plan().exits(0)


def test_two_applies__of_different_manifests_end_with_one_of_them(live):
    other = live.other()
    other.name = live.name
    for platform, value in ((live, "1"), (other, "2")):
        platform.manifest({"core": {f"s{i}": {"replicas": 0, "environment": {"V": value}} for i in range(10)}})
    live.zpm.apply().exits(0)
    started = time.monotonic()
    both = [platform.zpm.start("apply", "--yes", "-o", "json") for platform in (live, other)]
    assert all(finish(process, started).code in (0, 1, 4) for process in both)
    live.zpm.apply().exits(0)
    specs = [meaning(service["Spec"]["TaskTemplate"]["ContainerSpec"]["Env"]) for service in live.services().values()]
    assert specs == [["V=1"]] * 10
