"""A lab of three managers that all tests share, and platforms on it that are removed again."""
import itertools
import os
import zlib

import pytest

import lab as lab_module
import zpm_run

# Always the same for one checkout, so that what a killed run left is found again.
FOLDER = f"/var/lib/zpm-lab-{zlib.crc32(str(lab_module.ROOT).encode())}"
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def session_lab():
    with lab_module.Lab(FOLDER) as lab:
        lab.start(managers=3)
        lab.images()
        yield lab


@pytest.fixture
def lab(session_lab):
    """Whole when the test begins; what the test broke is mended for the next one."""
    session_lab.await_whole()
    yield session_lab
    session_lab.mend()


class Platform:
    """A platform of a name nobody else has, with zpm at one of the managers."""

    def __init__(self, lab, folder):
        self.lab = lab
        self.name = f"t{os.getpid()}-{next(numbers)}"
        self.zpm = zpm_run.Zpm(folder)

    def zpm_at(self, node):
        return self.zpm.at(self.lab.nodes[node].endpoint)

    def manifest(self, tiers, **sections):
        """Writes it. A service is the demo program, which ends at once when it is told to."""
        for services in tiers.values():
            for service in services.values():
                service.setdefault("image", "zpm-demo/app:1.0")
        defaults = {"stopGracePeriod": "2s", "restart": {"delay": "500ms"}, **sections.pop("defaults", {})}
        self.zpm.manifest(zpm_run.platform(self.name, tiers, defaults=defaults, **sections))

    def real(self, name):
        return f"{self.name}_{name}"

    def nodes_of(self, name, asked):
        """The nodes with a running task of the service, one entry a task, in the order of their names."""
        names = self.lab.node_ids(asked)
        tasks = self.lab.engine(asked).tasks(self.real(name))
        return sorted(names[task["NodeID"]] for task in tasks if task["Status"]["State"] == "running")

    def sweep(self):
        """Services and networks are the Swarm's; volumes are each node's own."""
        self.lab.mend()
        self.lab.await_whole()
        for node in self.lab.nodes.values():
            node.engine.sweep(self.name)


@pytest.fixture
def platform(lab, tmp_path):
    platform = Platform(lab, tmp_path)
    yield platform
    platform.sweep()
