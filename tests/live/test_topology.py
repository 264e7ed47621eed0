"""Members of a replica set as the Engine runs them. The demo program stands in for mongod: it listens on $PORT."""
import ipaddress

import pytest

PORTS = (18511, 18512, 18513)
MEMBERS = [f"mongo-meta-here-{port}" for port in PORTS]


@pytest.fixture(scope="module")
def members(shared):
    """A set of three on the Engine's own host."""
    keyfile = shared.zpm.folder / "keyfile"
    keyfile.write_text("what members know each other by")
    keyfile.chmod(0o600)
    # Docker's bridge gives the machine the first address of its network.
    subnet = shared.engine.get("/networks/bridge")["IPAM"]["Config"][0]["Subnet"]
    shared.address = str(ipaddress.ip_network(subnet)[1])
    node = shared.engine.get("/nodes")[0]["Description"]["Hostname"]
    shared.manifest(
        hosts={"here": {"address": shared.address, "node": node, "roles": ["active"]}},
        secrets={"keyfile": {"file": "keyfile"}},
        mongo={"image": "zpm-demo/app:1.0", "uid": 1000, "auth": {"keyFile": "keyfile"},
               "metaDB": {"replicaSet": "meta", "members": [f"here:{port}" for port in PORTS]},
               "service": {"environment": {"PORT": str(PORTS[0])}, "restart": {"delay": "500ms"}}})
    try:
        shared.zpm.apply().exits(0)
        yield shared
    finally:
        shared.zpm.destroy("--volumes").exits(0)  # the node is nobody's again


def test_members__of_one_host_run_side_by_side_with_data_of_their_own(members):
    for name in MEMBERS:
        assert len(members.running(name)) == 1
        mount = members.spec(name)["TaskTemplate"]["ContainerSpec"]["Mounts"][0]
        assert (mount["Source"], mount["Target"]) == (members.real(name), "/data/db")
    assert set(members.engine.volumes(members.name)) == set(MEMBERS)


def test_members__reach_each_other_and_themselves_by_the_address_of_their_host(members):
    for name in MEMBERS:
        url = f"http://{members.address}:{PORTS[0]}/"
        answer = members.zpm.run("exec", name, "--", "wget", "-q", "-O", "-", url).exits(0).out
        assert answer.startswith("app 1.0 on ")


def test_members__key_file_is_their_users_alone(members):
    line = members.zpm.run("exec", MEMBERS[0], "--", "ls", "-ln", "/run/secrets/keyfile").exits(0).out.split()
    assert line[0] == "-r--------" and line[2] == "1000"


def test_members__are_as_declared_the_second_time(members):
    before = members.engine.versions(members.name)
    assert members.zpm.apply().exits(0).json["engineWrites"] == 0
    assert members.engine.versions(members.name) == before
