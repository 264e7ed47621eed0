"""Members that know each other by a key, and a zpm that has it, as the Engine runs them."""
import subprocess

import pytest

from topology import MEMBERS, PORTS, Members, applied

KEY = "bWVtYmVycyBrbm93IGVhY2ggb3RoZXI="


@pytest.fixture(scope="module")
def members(shared):
    with applied(Members(shared, KEY)) as members:
        yield members


def test_key_file__is_all_it_takes_to_make_a_set(members):
    assert [m["host"] for m in members.config()["members"]] == [f"{members.address}:{port}" for port in PORTS]
    assert members.apply().json["mongoWrites"] == 0


def test_key_file__is_its_users_alone(members):
    line = members.zpm.run("exec", MEMBERS[0], "--", "ls", "-ln", "/run/secrets/keyfile").exits(0).out.split()
    assert line[0] == "-r--------" and line[2] == "1000"


def test_key_file__keeps_strangers_out(members):
    with pytest.raises(subprocess.CalledProcessError) as refused:
        members.ask(PORTS[0], "replSetGetStatus", user={})
    assert "requires authentication" in refused.value.stderr
