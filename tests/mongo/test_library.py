"""The driver of MongoDB's servers is loaded where sets are declared, and nowhere else."""
import pytest

from zpm_run import platform

LIBRARY = "libmongoc-1.0.so.0"


@pytest.fixture
def no_library(tmp_path, swarm):
    """In front of the library there is one that cannot be loaded."""
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / LIBRARY).write_text("no library")
    swarm.zpm.env["LD_LIBRARY_PATH"] = str(folder)


def test_library__is_not_needed_where_no_set_is_declared(swarm, no_library):
    swarm.zpm.manifest(platform("p", {"core": {"a": {"image": "busybox"}}}))
    swarm.zpm.apply("--no-wait").exits(0)


def test_library__that_cannot_be_loaded_is_told(site, no_library):
    site.declare()
    trouble = next(t["because"] for t in site.plan().json["troubles"] if t["kind"] == "replica-set")
    assert LIBRARY in trouble and "package libmongoc-1.0-0" in trouble
