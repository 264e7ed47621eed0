"""`zpm run` on a real Engine: what is there follows the manifest, whoever changes which of them."""
import json
import os
import signal
import time

import pytest

from engine_api import until
from running import running

LEASE = "3s"


def declare(live, image="1.0", names=("a", "b"), **reconcile):
    live.manifest({"core": {name: {"image": f"zpm-demo/app:{image}"} for name in names}},
                  reconcile={"interval": "5m", "lease": LEASE, **reconcile})


def image(live, name):
    return live.spec(name)["TaskTemplate"]["ContainerSpec"]["Image"]


def everything_runs(live, *names):
    until(lambda: all(live.service(name) and live.running(name) for name in names), 30, f"{names} to run")


def test_run__makes_what_is_declared_and_follows_the_file(live):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        everything_runs(live, "a", "b")
        declare(live, "1.1", ("a", "c"))
        until(lambda: set(live.services()) == {"a", "c"} and image(live, "a") == "zpm-demo/app:1.1", 30, "the new one")
        everything_runs(live, "a", "c")


@pytest.mark.parametrize("broken", ["services: [", "", "apiVersion: zpm/v1\nplatform: other\n"],
                         ids=["no-yaml", "empty", "other-platform"])
def test_run__a_broken_manifest_changes_nothing_and_a_good_one_takes_over_again(live, broken):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        before = live.engine.versions(live.name)
        live.zpm.manifest(broken)
        run.await_said("mistakes")
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        # The one before stays in force: it is still what drift is measured by.
        until(lambda: live.service("a"), 10, "the repair")
        assert live.engine.versions(live.name)["b"] == before["b"]
        declare(live, "1.1")
        until(lambda: image(live, "b") == "zpm-demo/app:1.1", 30, "the good manifest")


def test_run__repairs_what_is_removed_and_what_is_changed(live):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        first = live.service("a")["ID"]
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        until(lambda: live.service("a") and live.service("a")["ID"] != first, 10, "the repair")
        run.await_said("drift", "service/a: removed by somebody")
        run.await_said("converged", times=2)
        live.change("b", lambda spec: spec["TaskTemplate"]["ContainerSpec"].update(Env=["EVIL=1"]))
        until(lambda: "Env" not in live.spec("b")["TaskTemplate"]["ContainerSpec"], 10, "the repair")
        run.await_said("drift", "service/b: changed by somebody")


def test_run__without_self_heal_reports_drift_once_and_leaves_it(live):
    declare(live, selfHeal=False, interval="1s")
    with running(live.zpm) as run:
        run.await_said("converged")
        live.change("b", lambda spec: spec["TaskTemplate"]["ContainerSpec"].update(Env=["MINE=1"]))
        run.await_said("drift", "service/b")
        version = live.service("b")["Version"]["Index"]
        # A change of the manifest is made all the same, and shows that rounds have gone by.
        declare(live, "1.0", ("a", "b", "c"), selfHeal=False, interval="1s")
        until(lambda: live.service("c"), 30, "what is declared anew")
        assert run.said("drift", "service/b") == 1
        assert version == live.service("b")["Version"]["Index"] or "Env" not in live.spec("b")["TaskTemplate"][
            "ContainerSpec"]


def test_run__paused_changes_nothing_until_it_is_resumed(live):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        live.zpm.run("pause", "--reason", "moving house").exits(0)
        run.await_said("paused", "moving house")
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        run.await_said("drift", "service/a")
        assert not live.service("a")
        live.zpm.run("resume").exits(0)
        until(lambda: live.service("a"), 10, "the repair")


def test_run__outside_of_its_windows_changes_nothing(live):
    declare(live, windows=["mon-sun 00:00-00:01"])
    env = {**live.zpm.env, "TZ": "UTC"}
    live.zpm.env = env
    with running(live.zpm) as run:
        run.await_said("leads")
        hour = live.engine.get("/info")["SystemTime"][11:16]
        if hour != "00:00":
            assert not live.services()
        declare(live, windows=["mon-sun 00:00-23:59", "23:59-00:00"])
        until(lambda: set(live.services()) == {"a", "b"}, 30, "the window")


def test_run__told_to_end_lets_go_of_the_lease_and_exits_0(live):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        assert live.engine.lease(live.name)["zpm.lease.holder"]
        assert run.stop().code == 0
        assert live.engine.lease(live.name)["zpm.lease.holder"] == ""


def test_destroy__removes_what_a_run_has_kept(live):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        live.zpm.run("pause").exits(0)
        run.await_said("paused")
        run.stop()
    assert {kind for kind in ("lease", "pause", "history") if live.engine.records(live.name, kind)} == {
        "lease", "pause", "history"}
    live.zpm.destroy().exits(0)
    assert live.engine.records(live.name) == []


def test_run__of_two_one_acts_and_the_other_takes_over_when_it_is_killed(live):
    declare(live)
    with running(live.zpm) as first:
        first.await_said("converged")
        with running(live.zpm) as second:
            second.await_said("manifest")
            term = live.engine.lease(live.name)["zpm.lease.term"]
            first.stop(signal.SIGKILL)
            live.engine.call("DELETE", f"/services/{live.real('a')}")
            until(lambda: live.service("a"), 20, "the repair by the other")
            assert int(live.engine.lease(live.name)["zpm.lease.term"]) == int(term) + 1
            assert second.said("leads") == 1


def test_run__a_leader_that_was_stopped_for_too_long_does_not_write(live):
    declare(live)
    with running(live.zpm) as first, running(live.zpm) as second:
        until(lambda: first.said("leads") + second.said("leads"), 30, "a leader")
        old, new = (first, second) if first.said("leads") else (second, first)
        old.await_said("converged")
        os.kill(old.process.pid, signal.SIGSTOP)
        new.await_said("leads", patience=20)
        since = time.time()
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        os.kill(old.process.pid, signal.SIGCONT)
        until(lambda: live.service("a"), 20, "the repair")
        old.await_said("follows")
        assert len(live.engine.events(since, type=["service"], event=["create"])) == 1


def test_run__outlives_its_manifest_and_takes_the_next_one(live):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        live.zpm.file.unlink()
        run.await_said("mistakes", "No such file")
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        until(lambda: live.service("a"), 10, "the repair by the one that is gone")
        declare(live, "1.1")
        until(lambda: image(live, "b") == "zpm-demo/app:1.1", 30, "the next one")


def test_run__standard_input_no_file_and_a_wrong_manifest_are_mistakes(live):
    assert live.zpm.run("run", "-f", "-", stdin="").exits(3)
    assert "No such file" in live.zpm.run("run", "-f", "missing.yaml").exits(3).err
    live.zpm.manifest(json.dumps({"apiVersion": "zpm/v1"}))
    assert "'platform' is missing" in live.zpm.run("run").exits(3).err


def test_apply__gives_way_to_a_run_unless_that_is_paused(live):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        other = live.zpm.at(live.engine.endpoint)
        other.file = live.zpm.folder / "other.yaml"
        other.manifest({"apiVersion": "zpm/v1", "platform": live.name, "services": {}})
        refused = other.run("apply", "--yes", "-f", other.file).exits(5)
        assert "has the lease" in refused.err and set(live.services()) == {"a", "b"}
        assert "has the lease" in other.run("destroy", "--yes", "-f", other.file).exits(5).err
        live.zpm.run("pause").exits(0)
        run.await_said("paused")
        other.run("apply", "--yes", "-f", other.file).exits(0)
        assert not live.services()
        live.zpm.run("resume").exits(0)
        until(lambda: set(live.services()) == {"a", "b"}, 15, "what the run is for")


def test_apply__takes_no_heed_of_a_run_that_is_long_gone(live):
    declare(live, lease="2s")
    with running(live.zpm) as run:
        run.await_said("converged")
        run.stop(signal.SIGKILL)
    declare(live, "1.1", lease="2s")
    until(lambda: live.zpm.apply().code == 0, 30, "the lease of somebody who is gone to count for nothing", every=1)
    assert image(live, "a") == "zpm-demo/app:1.1"


def test_rollback__is_in_force_until_the_manifest_changes_also_after_a_restart(live):
    declare(live)
    with running(live.zpm) as run:
        run.await_said("converged")
        declare(live, "1.1")
        run.await_said("converged", times=2)
        assert "there is no revision 7" in live.zpm.run("rollback", "7").exits(3).err
        live.zpm.run("rollback", "1").exits(0)
        assert image(live, "a") == "zpm-demo/app:1.0"
        assert "in force already" in live.zpm.run("rollback", "1").exits(5).err
        run.stop()
    with running(live.zpm) as run:
        run.await_said("manifest", "revision 1 is in force")
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        run.await_said("converged")
        assert image(live, "a") == image(live, "b") == "zpm-demo/app:1.0"
        declare(live, "1.1", ("a", "b", "c"))
        until(lambda: live.service("c") and image(live, "a") == "zpm-demo/app:1.1", 30, "the manifest")
        until(lambda: not live.engine.records(live.name, "rollback"), 10, "the end of the rollback")


def test_rollback__without_a_run_is_done_at_once_and_an_apply_ends_it(live):
    declare(live)
    live.zpm.apply().exits(0)
    declare(live, "1.1", ("a",))
    live.zpm.apply().exits(0)
    live.zpm.run("rollback", "1").exits(0)
    assert set(live.services()) == {"a", "b"} and image(live, "a") == "zpm-demo/app:1.0"
    history = live.zpm.run("history", "-o", "json").exits(0).json
    assert [(r["revision"], r["outcome"]) for r in history] == [(3, "converged"), (2, "converged"), (1, "converged")]
    assert history[0]["manifestHash"] == history[2]["manifestHash"]
    live.zpm.apply().exits(0)
    assert set(live.services()) == {"a"} and not live.engine.records(live.name, "rollback")
