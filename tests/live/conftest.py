"""A real Engine in Swarm mode, and platforms that are removed again whatever happens."""
import itertools
import os

import pytest

import engine_api
import zpm_run

IMAGES = ["zpm-demo/" + name + ":" + tag for name in ("app", "web", "kafka") for tag in ("1.0", "1.1")]
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def engine():
    """Fails, and so do all tests that use it, when there is no Engine to test with."""
    engine = engine_api.Engine(engine_api.endpoint())
    engine.get("/swarm")
    there = {tag for image in engine.get("/images/json") for tag in image["RepoTags"] or ()}
    missing = [image for image in IMAGES if image not in there]
    assert not missing, f"images are missing ({missing}): run scripts/demo-images"
    return engine


class Live:
    """A platform of a name nobody else has, and zpm to run on it."""

    def __init__(self, engine, folder):
        self.engine = engine
        self.name = f"t{os.getpid()}-{next(numbers)}"
        self.zpm = zpm_run.Zpm(folder, engine.endpoint)
        self.others = []
        self.undo = []

    def other(self):
        """A second platform, beside this one."""
        folder = self.zpm.folder / f"other{len(self.others)}"
        folder.mkdir()
        self.others.append(Live(self.engine, folder))
        return self.others[-1]

    def manifest(self, tiers=None, **sections):
        """Writes the manifest and returns it as data. A service without an image is the demo program."""
        content = platform(self.name, tiers or {}, **sections)
        self.zpm.manifest(content)
        return content

    def real(self, name):
        return f"{self.name}_{name}"

    def spec(self, name):
        return self.engine.spec(self.real(name))

    def service(self, name):
        return self.engine.service(self.real(name))

    def tasks(self, name):
        return self.engine.tasks(self.real(name))

    def running(self, name):
        return self.engine.running(self.real(name))

    def change(self, name, edit):
        self.engine.change(self.real(name), edit)

    def services(self):
        return self.engine.services(self.name)

    def foreign(self, path, body, remove):
        """Makes something that is none of zpm's, removed at the end."""
        made = self.engine.call("POST", path, body)
        self.undo.append(lambda: self.engine.remove(remove.format(**made)))
        return made

    def foreign_service(self, name, labels=None, **container):
        template = {"ContainerSpec": {"Image": "zpm-demo/app:1.0", **container}}
        return self.foreign("/services/create", {"Name": name, "Labels": labels or {}, "TaskTemplate": template,
                                                 "Mode": {"Replicated": {"Replicas": 0}}}, "/services/{ID}")

    def sweep(self):
        self.engine.sweep(self.name)
        for other in self.others:
            other.sweep()
        while self.undo:
            self.undo.pop()()


def platform(name, tiers, **sections):
    """Demo services stop at once, and those that end are not waited for long before they start again."""
    sections.setdefault("defaults", {})
    sections["defaults"] = {"image": "zpm-demo/app:1.0", "stopGracePeriod": "2s",
                            "restart": {"delay": "500ms"}, **sections["defaults"]}
    image = sections["defaults"].pop("image")
    for services in tiers.values():
        for service in services.values():
            service.setdefault("image", image)
    return zpm_run.platform(name, tiers, **sections)


@pytest.fixture
def live(engine, tmp_path):
    live = Live(engine, tmp_path)
    yield live
    live.sweep()


@pytest.fixture(scope="module")
def shared(engine, tmp_path_factory):
    """A platform that the tests of one file share."""
    live = Live(engine, tmp_path_factory.mktemp("shared"))
    yield live
    live.sweep()
