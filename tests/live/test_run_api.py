"""The API of `zpm run` on a real Engine: what it shows is what is there, and what is asked for happens."""
import http.client
import json
import re

import pytest

from engine_api import until
from running import running


class Api:
    """Clients of the API, one token for each role."""

    def __init__(self, live):
        self.live = live
        self.tokens = {}
        entries = []
        for role in ("viewer", "operator", "admin"):
            made = live.zpm.run("token", f"{role}-name", "--role", role).exits(0)
            self.tokens[role] = made.out.strip()
            entries.append({"name": f"{role}-name", "role": role,
                            "hash": re.search(r"sha256:[0-9a-f]{64}", made.err).group()})
        path = live.zpm.folder / "tokens.yaml"
        path.write_text(json.dumps(entries))
        path.chmod(0o600)
        self.port = None

    section = {"listen": "127.0.0.1:0", "tokens": "tokens.yaml"}

    def started(self, run):
        run.await_said("api", "listens")
        line = next(line for line in run.lines if line.startswith("api "))
        self.port = int(re.search(r"port (\d+)", line).group(1))
        until(lambda: self.ask("GET", "/readyz")[0] == 200, 30, "it to be ready")
        return self

    def ask(self, method, path, role="viewer", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        kind = response.headers.get("Content-Type", "")
        return response.status, json.loads(text) if kind.startswith("application/json") else text

    def get(self, path):
        status, answer = self.ask("GET", path)
        assert status == 200, answer
        return answer

    def service(self, name):
        return next(s for s in self.get("/status")["services"] if s["name"] == name)

    def metric(self, name):
        return float(re.search(rf"^{re.escape(name)} (\S+)$", self.get("/metrics"), re.M).group(1))


def declare(live, image="1.0", names=("a", "b"), **sections):
    live.manifest({"core": {name: {"image": f"zpm-demo/app:{image}"} for name in names}},
                  reconcile={"interval": "5m", "lease": "3s"}, api=Api.section, **sections)


@pytest.fixture
def api(live):
    made = Api(live)
    yield made
    # Whatever a test did: nothing that is kept or told has a token in it.
    told = "".join(path.read_text() for path in live.zpm.folder.glob("run-*.log"))
    assert not [token for token in made.tokens.values() if token in told]


def test_api__shows_what_is_there_and_stops_and_starts_it(live, api):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        api.started(run)
        until(lambda: api.get("/status")["converged"], 30, "the status")
        assert {s["name"]: (s["state"], s["running"]) for s in api.get("/status")["services"]} == {
            "a": ("converged", 1), "b": ("converged", 1)}
        assert api.get("/plan")["changes"] == []
        assert [(r["revision"], r["outcome"]) for r in api.get("/history")] == [(1, "converged")]
        status, answer = api.ask("POST", "/service/stop", "operator", {"serviceName": "a", "reason": "a test"})
        assert status == 202 and answer["status"] == "stopping"
        until(lambda: not live.running("a"), 30, "the end of its task")
        until(lambda: api.service("a")["state"] == "held", 10, "the hold")
        assert api.service("a")["hold"]["by"] == "operator-name" and api.service("a")["hold"]["reason"] == "a test"
        assert api.ask("POST", "/service/start", "operator", {"serviceName": "a"})[0] == 202
        until(lambda: live.running("a"), 30, "a task again")
        assert api.ask("POST", "/service/stop", "operator", {"serviceName": "nobody"})[0] == 404
        assert api.ask("POST", "/service/stop", "viewer", {"serviceName": "a"})[0] == 403


def test_api__tells_of_what_is_removed_and_counts_it(live, api):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        api.started(run)
        connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=60)
        connection.request("GET", "/events", headers={"Authorization": f"Bearer {api.tokens['viewer']}",
                                                      "Last-Event-ID": "0"})
        events = connection.getresponse()
        assert events.status == 200
        first = live.service("a")["ID"]
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        lines = []
        until(lambda: lines.append(events.readline().decode()) or "service/a: removed by somebody" in lines[-1], 30,
              "the event")
        assert "event: drift\n" in lines
        until(lambda: live.service("a") and live.service("a")["ID"] != first, 10, "the repair")
        assert api.metric("zpm_drift_total") == 1 and api.metric('zpm_events_total{event="drift"}') == 1
        assert api.metric("zpm_leader") == 1 and api.metric("zpm_engine_calls_total") > 0
        connection.close()


def test_api__shows_the_mistakes_of_a_manifest_that_is_not_in_force(live, api):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        api.started(run)
        good = api.get("/status")["manifest"]["hash"]
        before = live.engine.versions(live.name)
        live.zpm.manifest("apiVersion: zpm/v1\nplatform: other: x\n")
        until(lambda: api.get("/status")["mistakes"], 10, "the mistakes")
        mistake = api.get("/status")["mistakes"][0]
        assert mistake["file"].endswith("securaa.yaml") and mistake["line"] == 2 and mistake["message"]
        assert api.get("/status")["manifest"]["hash"] == good
        assert live.engine.versions(live.name) == before
        declare(live, names=("a", "b", "c"))
        until(lambda: live.service("c") and not api.get("/status")["mistakes"], 30, "the good one")


def test_api__pauses_rolls_back_and_applies_what_waits(live, api):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        api.started(run)
        declare(live, "1.1")
        run.await_said("converged", times=2)
        assert api.ask("POST", "/rollback", "operator", {"revision": 1})[0] == 403
        assert api.ask("POST", "/rollback", "admin", {"revision": 1})[0] == 202
        until(lambda: live.spec("a")["TaskTemplate"]["ContainerSpec"]["Image"] == "zpm-demo/app:1.0", 30, "the way back")
        until(lambda: api.get("/status").get("pinned") == {"revision": 1}, 10, "it to be shown")
        assert api.ask("POST", "/pause", "admin", {"reason": "moving"})[0] == 202
        until(lambda: "moving" in api.get("/status").get("paused", ""), 10, "the pause")
        assert api.ask("POST", "/apply", "operator", {})[0] == 409
        live.engine.call("DELETE", f"/services/{live.real('b')}")
        until(lambda: api.get("/plan")["changes"], 10, "the plan")
        assert not live.service("b")
        assert api.ask("POST", "/resume", "admin", {})[0] == 202
        until(lambda: live.service("b"), 10, "the repair")


def test_api__apply_does_what_windows_and_self_heal_would_leave(live, api):
    live.manifest({"core": {"a": {"image": "zpm-demo/app:1.0"}}}, api=Api.section,
                  reconcile={"interval": "5m", "lease": "3s", "selfHeal": False})
    with running(live.zpm) as run:
        run.await_said("converged")
        api.started(run)
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        until(lambda: [c["name"] for c in api.get("/plan")["changes"]] == ["a"], 10, "the plan")
        assert not live.service("a")
        assert api.ask("POST", "/apply", "operator", {})[0] == 202
        until(lambda: live.service("a") and live.running("a"), 30, "the repair")


def test_api__takes_other_tokens_and_another_section_without_a_restart(live, api):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        api.started(run)
        made = live.zpm.run("token", "new", "--role", "viewer").exits(0)
        (live.zpm.folder / "tokens.yaml").write_text(json.dumps([
            {"name": "new", "role": "viewer", "hash": re.search(r"sha256:[0-9a-f]{64}", made.err).group()}]))
        until(lambda: api.ask("GET", "/status")[0] == 401, 10, "the old one to be refused")
        api.tokens["viewer"] = made.out.strip()
        assert api.ask("GET", "/status")[0] == 200
        live.manifest({"core": {"a": {"image": "zpm-demo/app:1.0"}}}, reconcile={"interval": "5m", "lease": "3s"})
        run.await_said("converged", times=2)

        def gone():
            try:
                api.ask("GET", "/healthz")
            except ConnectionRefusedError:
                return True
            return False
        until(gone, 10, "the end of the API")


def test_api__shows_what_an_apply_still_waits_for(live, api):
    live.manifest({"core": {"a": {"image": "zpm-demo/app:1.0"},
                            "slow": {"image": "zpm-demo/app:1.0", "dependsOn": ["a"],
                                     "healthcheck": {"test": ["CMD", "/demo", "--no-such-thing"], "interval": "1s",
                                                     "retries": 1000}}}},
                  reconcile={"interval": "5m", "lease": "3s"}, api=Api.section)
    with running(live.zpm) as run:
        run.await_said("applies")
        api.started(run)
        until(lambda: api.service("a")["state"] == "converged", 20, "the one that runs")
        until(lambda: api.service("slow")["state"] == "progressing" and api.service("slow")["desired"] == 1, 20,
              "the one that is waited for")
        assert run.said("converged") == run.said("partial") == 0


def test_api__stays_as_the_manifest_has_it_when_an_earlier_revision_had_none(live, api):
    live.manifest({"core": {"a": {"image": "zpm-demo/app:1.0"}}}, reconcile={"interval": "5m", "lease": "3s"})
    live.zpm.apply().exits(0)
    declare(live, "1.1", ("a",))
    with running(live.zpm) as run:
        run.await_said("converged")
        api.started(run)
        assert api.ask("POST", "/rollback", "admin", {"revision": 1})[0] == 202
        until(lambda: live.spec("a")["TaskTemplate"]["ContainerSpec"]["Image"] == "zpm-demo/app:1.0", 30, "the way back")
        until(lambda: api.get("/status").get("pinned") == {"revision": 1}, 10, "it to be shown")
        assert api.get("/status")["manifest"]["hash"] == api.get("/history")[-1]["manifestHash"]
