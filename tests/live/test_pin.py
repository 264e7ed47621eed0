"""An image pinned to what its tag stands for in a registry that wants to know who asks."""
import base64
import json
import os
import pathlib
import subprocess
import sys

import pytest

from zpm_run import inside

LOGIN = "tester:open sesame"


class Registry:
    """Beside the Engine, which speaks plain HTTP to what is on its own loopback address."""

    def __init__(self, live):
        program = pathlib.Path(__file__).parent / "small_registry.py"
        self.process = subprocess.Popen([*inside(), sys.executable, program, LOGIN], stdout=subprocess.PIPE, text=True)
        self.host = f"127.0.0.1:{int(self.process.stdout.readline())}"
        self.live, self.engine, self.config = live, live.engine, live.zpm.env["DOCKER_CONFIG"]
        os.mkdir(self.config)
        self.log_in(LOGIN)

    def log_in(self, login):
        with open(f"{self.config}/config.json", "w", encoding="utf-8") as file:
            json.dump({"auths": {self.host: {"auth": base64.b64encode(login.encode()).decode()}}}, file)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def push(self, image, name):
        """A local image under another name, which the Engine then forgets. Returns its digest."""
        repo, tag = name.rsplit(":", 1)
        self.engine.call("POST", f"/images/{image}/tag", repo=repo, tag=tag)
        subprocess.run(["docker", "-H", self.engine.endpoint, "--config", self.config, "push", name], check=True,
                       capture_output=True, timeout=60)
        digests = self.engine.get(f"/images/{name}/json")["RepoDigests"]
        self.engine.call("DELETE", f"/images/{name}")
        digest = next(d.split("@")[1] for d in digests if d.startswith(repo + "@"))
        self.live.undo.append(lambda: self.engine.remove(f"/images/{repo}@{digest}"))
        return digest


@pytest.fixture
def registry(live):
    registry = Registry(live)
    yield registry
    registry.stop()


def image(live):
    return live.spec("a")["TaskTemplate"]["ContainerSpec"]["Image"]


def version(live):
    """Of the demo program, as its one container knows it."""
    [task] = live.tasks("a")
    container = live.engine.get(f"/containers/{task['Status']['ContainerStatus']['ContainerID']}/json")
    return next(e for e in container["Config"]["Env"] if e.startswith("DEMO_VERSION="))


def test_pin__a_moved_tag_is_rolled_out_and_a_registry_that_is_away_changes_nothing(live, registry):
    name = f"{registry.host}/team/app:stable"
    content = live.manifest({"core": {"a": {"image": name, "pin": True}}})
    digest = registry.push("zpm-demo/app:1.0", name)
    assert live.zpm.apply().exits(0).err.count("warning") == 0
    assert (image(live), version(live)) == (f"{name}@{digest}", "DEMO_VERSION=1.0")
    assert live.zpm.plan().exits(0).changed == {}

    # New credentials go with every update, and one that moves no task without them moves none with them.
    tasks = live.running("a")
    registry.log_in("tester:another")
    content["services"]["core"]["a"].update(labels={"x": "1"}, pin=False)
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    assert live.running("a") == tasks
    registry.log_in(LOGIN)
    content["services"]["core"]["a"]["pin"] = True
    live.zpm.manifest(content)

    moved = registry.push("zpm-demo/app:1.1", name)
    assert moved != digest
    assert live.zpm.apply().exits(0).json["engineWrites"] == 1
    assert (image(live), version(live)) == (f"{name}@{moved}", "DEMO_VERSION=1.1")

    registry.stop()
    result = live.zpm.apply().exits(0)
    assert result.json["engineWrites"] == 0
    assert result.err.count(f"not pinned, kept by tag: '{name}'") == 1
    assert image(live) == f"{name}@{moved}"
