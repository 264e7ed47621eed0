"""What all tests in Python share: the zpm binary, and an Engine of a test's own making to run it on."""
import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "wire")]

import scripted_engine  # noqa: E402 (found by the line above)
import zpm_run  # noqa: E402


@pytest.fixture
def zpm(tmp_path):
    """Runs zpm in a folder of its own, without the tester's environment getting in the way."""
    return zpm_run.Zpm(tmp_path)


@pytest.fixture
def swarm(tmp_path):
    """A scripted Engine, with a zpm that talks to it as `swarm.zpm`."""
    with scripted_engine.ScriptedEngine() as engine:
        engine.zpm = zpm_run.Zpm(tmp_path, engine.endpoint)
        yield engine


def pytest_configure():
    binary = zpm_run.binary()
    if not os.access(binary, os.X_OK):
        pytest.exit(f"{binary} is no program; build it, or name another with ZPM_BIN", returncode=3)
