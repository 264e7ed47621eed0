"""Fixtures for servers of MongoDB's kind; what was started is ended."""
import pathlib
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import mongo_servers  # noqa: E402 (found by the line above)

# What only the stand-in can do.
collect_ignore = ["test_standin_faults.py", "test_standin_auth.py"] if mongo_servers.MONGOD else []


@pytest.fixture
def folder():
    path = mongo_servers.folder()
    yield path
    mongo_servers.remove(path)


@pytest.fixture
def server(folder):
    """Started for a set that is not there yet."""
    made = mongo_servers.Server(folder, "--replSet", "rs")
    yield made
    assert made.stop() == 0


@pytest.fixture
def make_set(folder):
    """Starts sets, as in make_set(3): its members run, and know nothing of each other."""
    made = []

    def make(n, name="rs", options=(), key=None):
        made.append(mongo_servers.ReplicaSet(folder, name, n, options, key))
        return made[-1]

    yield make
    for replica_set in made:
        replica_set.stop()


@pytest.fixture
def three(make_set):
    """A set of three, with a primary."""
    return make_set(3).initiate()


@pytest.fixture
def cluster(folder):
    made = mongo_servers.Cluster(folder)
    yield made
    made.stop()
