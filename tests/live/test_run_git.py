"""`zpm run` with a manifest in git: what is pushed is applied, and noted with its commit."""
import json
import subprocess

import pytest

from engine_api import until
from running import running


class Repository:
    """A bare one, as a server has it, and somebody's clone of it."""

    def __init__(self, folder):
        self.bare, self.clone = folder / "server.git", folder / "clone"
        self.git("init", "-q", "--bare", "-b", "main", str(self.bare), cwd=folder)
        self.git("clone", "-q", str(self.bare), str(self.clone), cwd=folder)

    def git(self, *args, cwd=None):
        return subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.net", *args], check=True,
                              cwd=cwd or self.clone, capture_output=True, text=True).stdout.strip()

    def push(self, content):
        (self.clone / "securaa.yaml").write_text(json.dumps(content))
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a change")
        self.git("push", "-q", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def content(live, image):
    return {"apiVersion": "zpm/v1", "platform": live.name, "reconcile": {"lease": "3s"},
            "services": {"core": {"a": {"image": f"zpm-demo/app:{image}", "stopGracePeriod": "1s"}}}}


def test_run__takes_what_is_pushed_and_notes_its_commit(live, repository):
    first = repository.push(content(live, "1.0"))
    live.zpm.manifest({"apiVersion": "zpm/v1", "platform": live.name, "reconcile": {
        "git": {"url": f"file://{repository.bare}", "interval": "1s"}}})
    live.zpm.env["STATE_DIRECTORY"] = str(live.zpm.folder / "state")
    (live.zpm.folder / "state").mkdir(mode=0o700)
    with running(live.zpm) as run:
        run.await_said("converged")
        assert live.spec("a")["TaskTemplate"]["ContainerSpec"]["Image"] == "zpm-demo/app:1.0"
        second = repository.push(content(live, "1.1"))
        until(lambda: live.spec("a")["TaskTemplate"]["ContainerSpec"]["Image"] == "zpm-demo/app:1.1", 30, "the push")
        run.await_said("converged", times=2)
        # What is pushed and wrong leaves the one before in force.
        repository.push({"apiVersion": "zpm/v1"})
        run.await_said("mistakes")
        history = live.zpm.run("history", "-o", "json").exits(0).json
        assert [(r["revision"], r["commit"], r["outcome"]) for r in history] == [
            (2, second, "converged"), (1, first, "converged")]
        assert "zpm-demo/app:1.0" in live.zpm.run("history", "1").exits(0).out


def test_run__whose_server_is_away_goes_on_with_what_it_has(live, repository):
    repository.push(content(live, "1.0"))
    live.zpm.manifest({"apiVersion": "zpm/v1", "platform": live.name, "reconcile": {
        "git": {"url": f"file://{repository.bare}", "interval": "1s"}}})
    live.zpm.env["STATE_DIRECTORY"] = str(live.zpm.folder / "state")
    (live.zpm.folder / "state").mkdir(mode=0o700)
    with running(live.zpm) as run:
        run.await_said("converged")
        run.stop()
    repository.bare.rename(repository.bare.with_suffix(".away"))
    with running(live.zpm) as run:
        run.await_said("manifest")
        run.await_said("leads")
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        until(lambda: live.service("a"), 15, "the repair")


def test_rollback__returns_to_an_earlier_commit_until_something_is_pushed(live, repository):
    first = repository.push(content(live, "1.0"))
    live.zpm.manifest({"apiVersion": "zpm/v1", "platform": live.name, "reconcile": {
        "git": {"url": f"file://{repository.bare}", "interval": "1s"}}})
    live.zpm.env["STATE_DIRECTORY"] = str(live.zpm.folder / "state")
    (live.zpm.folder / "state").mkdir(mode=0o700)
    with running(live.zpm) as run:
        run.await_said("converged")
        repository.push(content(live, "1.1"))
        run.await_said("converged", times=2)
        live.zpm.run("rollback", "1").exits(0)
        assert live.spec("a")["TaskTemplate"]["ContainerSpec"]["Image"] == "zpm-demo/app:1.0"
        latest = live.zpm.run("history", "-o", "json").exits(0).json[0]
        assert (latest["revision"], latest["commit"], latest["outcome"]) == (3, first, "converged")
        assert "back to 1" in latest["changes"]
        third = repository.push(content(live, "1.1") | {"vars": {"CHANGED": "1"}})
        until(lambda: live.spec("a")["TaskTemplate"]["ContainerSpec"]["Image"] == "zpm-demo/app:1.1", 30, "the push")
        until(lambda: live.zpm.run("history", "-o", "json").exits(0).json[0]["commit"] == third, 30, "its revision")
