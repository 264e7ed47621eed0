"""Sets, a shard and a router as the Engine runs them."""
import pytest

from topology import MEMBERS, PORTS, Members, applied

CONFIG, SHARD = "mongo-cfg-here-18521", "mongo-sh1-here-18531"


@pytest.fixture(scope="module")
def members(shared):
    with applied(Members(shared, shards=True)) as members:
        yield members


def test_topology__is_there_in_one_apply(members):
    config = members.config()
    assert [m["host"] for m in config["members"]] == [f"{members.address}:{port}" for port in PORTS]
    assert {(m["votes"], m["priority"]) for m in config["members"]} == {(1, 10)}
    assert [s["_id"] for s in members.ask(18541, "listShards")["shards"]] == ["one"]


def test_topology__twice_writes_nothing(members):
    before = members.engine.versions(members.shared.name), members.config()["version"]
    again = members.apply().json
    assert (again["engineWrites"], again["mongoWrites"], again["changes"]) == (0, 0, [])
    assert (members.engine.versions(members.shared.name), members.config()["version"]) == before


def test_members__of_one_host_run_side_by_side_with_data_of_their_own(members):
    for name in MEMBERS:
        assert len(members.shared.running(name)) == 1
        mount = members.shared.spec(name)["TaskTemplate"]["ContainerSpec"]["Mounts"][0]
        assert (mount["Source"], mount["Target"]) == (members.shared.real(name), "/data/db")
    assert set(members.engine.volumes(members.shared.name)) == {*MEMBERS, CONFIG, SHARD}


def test_image__new_rolls_through_the_set_with_the_primary_last(members):
    """At any moment a majority is there, and the one that leads hands over before it goes."""
    leader = members.primary()
    members.tag = "1.1"
    members.declare()
    before = {name: members.running(name)["ID"] for name in MEMBERS}
    members.zpm.apply().exits(0)
    tasks = {name: members.running(name) for name in MEMBERS}
    assert all(tasks[name]["ID"] != before[name] for name in MEMBERS)
    order = sorted(MEMBERS, key=lambda name: tasks[name]["CreatedAt"])
    assert order[-1] == f"mongo-meta-here-{leader}"
    # Each was up before the next one's turn came.
    for first, then in zip(order, order[1:]):
        assert tasks[first]["Status"]["Timestamp"] < tasks[then]["CreatedAt"]
    assert members.primary() != leader
    assert members.apply().json["mongoWrites"] == 0
