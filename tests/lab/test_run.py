"""`zpm run` on every node of a lab: one acts, and another goes on when that is killed or cut off."""
import contextlib
import signal
import time

import zpm_run
from engine_api import until
from running import running

SERVICES = [f"s{i:02}" for i in range(12)]


@contextlib.contextmanager
def one_on_each(lab, platform):
    """Each with a manifest of its own, which is the same, and inside its node's network."""
    with contextlib.ExitStack() as stack:
        runs = {}
        for node in lab.nodes:
            folder = platform.zpm.folder / node
            folder.mkdir()
            zpm = zpm_run.Zpm(folder, lab.nodes[node].endpoint)
            zpm.prefix = lab.inside(node)
            zpm.manifest(platform.zpm.file.read_text())
            runs[node] = stack.enter_context(running(zpm))
        yield runs


def declare(platform):
    platform.manifest({"core": {name: {"dependsOn": SERVICES[i - 1:i] if i % 4 else []}
                                for i, name in enumerate(SERVICES)}},
                      reconcile={"interval": "5s", "lease": "4s"})


def leader(runs):
    """Who has said so last and has not said otherwise since."""
    return next((node for node, run in runs.items() if run.process.poll() is None
                 and run.said("leads") > run.said("follows")), None)


def creates(lab, node, since):
    return [e["Actor"]["Attributes"]["name"] for e in lab.engine(node).events(since, type=["service"], event=["create"])]


def everything_is_there(lab, platform, node):
    return set(lab.engine(node).services(platform.name)) == set(SERVICES)


def test_run__killed_in_the_middle_is_followed_by_another(lab, platform):
    declare(platform)
    since = time.time()
    with one_on_each(lab, platform) as runs:
        first = until(lambda: leader(runs), 30, "a leader")
        until(lambda: 2 <= len(lab.engine(first).services(platform.name)) < len(SERVICES), 60, "some of it", every=0.02)
        runs[first].stop(signal.SIGKILL)
        other = next(node for node in runs if node != first)
        until(lambda: everything_is_there(lab, platform, other), 90, "the rest, made by another")
        second = until(lambda: leader(runs), 30, "another leader")
        assert second != first
        runs[second].await_said("converged", patience=60)
        made = creates(lab, other, since)
        assert sorted(made) == sorted(platform.real(name) for name in SERVICES)


def test_run__cut_off_does_not_write_when_it_is_back(lab, platform):
    declare(platform)
    with one_on_each(lab, platform) as runs:
        first = until(lambda: leader(runs), 30, "a leader")
        runs[first].await_said("converged", patience=90)
        lab.cut(first)
        others = {node: run for node, run in runs.items() if node != first}
        second = until(lambda: leader(others), 60, "another leader")
        lab.await_states(second, **{first: "down"})
        since = time.time()
        gone = platform.real(SERVICES[0])
        until(lambda: lab.engine(second).call("DELETE", f"/services/{gone}") is None, 60, "its removal")
        until(lambda: everything_is_there(lab, platform, second), 60, "the repair by the new leader")
        lab.join(first)
        lab.await_whole()
        runs[first].await_said("follows", patience=60)
        made = [name for name in creates(lab, second, since) if name == gone]
        assert len(made) == 1
