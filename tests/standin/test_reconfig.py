"""Making and changing a set's configuration: the server's rules and its codes."""
import copy

import pymongo
import pytest
from mongo_servers import until

INVALID = (2, 93, 103)  # which of them, depends on the version of the server


def changed(config, member, **fields):
    config = copy.deepcopy(config)
    config["members"][member].update(fields)
    return config


def test_initiate_needs_all_members(make_set):
    rs = make_set(2)
    rs[1].stop()
    assert rs[0].refusal("replSetInitiate", rs.config()) == 74
    assert rs[0].refusal("replSetGetConfig") == 94


def test_initiate_refuses_another_name(server):
    config = {"_id": "other", "version": 1, "members": [{"_id": 0, "host": server.host}]}
    assert server.refusal("replSetInitiate", config) == 93


def test_initiate_refuses_a_set_without_the_one_asked(make_set):
    rs = make_set(2)
    config = rs.config()
    del config["members"][0]
    assert rs[0].refusal("replSetInitiate", config) == 93


def test_initiate_works_once(make_set):
    rs = make_set(1).initiate()
    assert rs[0].refusal("replSetInitiate", rs.config()) == 23


def test_one_member_is_primary_at_once(make_set):
    rs = make_set(1).initiate()
    assert rs[0].state == 1
    assert rs.read_config()["version"] == 1


def test_config_comes_with_its_defaults(make_set):
    member = make_set(1).initiate().read_config()["members"][0]
    assert member["votes"] == 1 and member["priority"] == 1
    assert (member["arbiterOnly"], member["hidden"], member["buildIndexes"]) == (False, False, True)
    assert member["tags"] == {}


def test_version_is_an_optimistic_lock(make_set):
    rs = make_set(1).initiate()
    config = rs.read_config()
    assert rs[0].refusal("replSetReconfig", config) == 103
    rs.reconfig(config)
    assert rs.refuses(config) == 103
    assert rs.read_config()["version"] == 2


def test_members_added_one_by_one_become_secondaries(make_set):
    rs = make_set(1).initiate()
    rs[0].client.shop.goods.insert_one({"_id": 1})
    for i in (1, 2):
        config = rs.read_config()
        config["members"].append({"_id": i, "host": rs.add().host, "votes": 0, "priority": 0})
        rs.reconfig(config)
        until(lambda i=i: rs[i].state == 2, "the new member")
        assert rs[i].reads("shop", "goods").find_one() == {"_id": 1}
        rs.reconfig(changed(rs.read_config(), i, votes=1, priority=1))
    assert [m["votes"] for m in rs.read_config()["members"]] == [1, 1, 1]
    until(lambda: rs[2].admin("replSetGetConfig")["config"]["version"] == 5, "the last configuration")


def test_two_voters_at_once_are_refused(make_set):
    rs = make_set(1).initiate()
    config = rs.read_config()
    config["members"] += [{"_id": i, "host": rs.add().host} for i in (1, 2)]
    assert rs.refuses(config) == 103
    assert len(rs.read_config()["members"]) == 1


def test_several_members_without_votes_may_come_at_once(make_set):
    rs = make_set(1).initiate()
    config = rs.read_config()
    config["members"] += [{"_id": i, "host": rs.add().host, "votes": 0, "priority": 0} for i in (1, 2)]
    rs.reconfig(config)
    until(lambda: [s.state for s in rs.servers] == [1, 2, 2], "the new members")


def test_two_votes_changed_at_once_are_refused(three):
    config = changed(changed(three.read_config(), 1, votes=0, priority=0), 2, votes=0, priority=0)
    if three.primary is not three[0]:
        config = changed(changed(three.read_config(), 0, votes=0, priority=0),
                         3 - three.servers.index(three.primary), votes=0, priority=0)
    assert three.refuses(config) == 103


def test_host_keeps_its_id(three):
    config = three.read_config()
    config["members"][2]["_id"] = 7
    assert three.refuses(config) == 103


def test_member_never_turns_arbiter(three):
    other = three.servers.index(three.secondaries[0])
    assert three.refuses(changed(three.read_config(), other, arbiterOnly=True, priority=0)) in (93, 103)


@pytest.mark.parametrize("fields", [
    {"hidden": True}, {"votes": 0}, {"votes": 2}, {"priority": -1}, {"buildIndexes": False}],
    ids=lambda fields: next(iter(fields)))
def test_member_that_contradicts_itself_is_refused(make_set, fields):
    rs = make_set(1).initiate()
    config = rs.read_config()
    config["members"].append({"_id": 1, "host": "127.0.0.1:9", "priority": 1, **fields})
    assert rs.refuses(config) in INVALID


def test_no_more_than_seven_voters(make_set):
    rs = make_set(1)
    members = [{"_id": i, "host": f"127.0.0.1:{i + 1}"} for i in range(1, 8)]
    config = rs.config()
    config["members"] += members
    assert rs[0].refusal("replSetInitiate", config) in INVALID


def test_primary_stays_in(three):
    config = three.read_config()
    config["members"] = [m for m in config["members"] if m["host"] != three.primary.host]
    assert three.refuses(config) in (74, 103)


def test_primary_stays_electable(three):
    at = three.servers.index(three.primary)
    # Its code is the one for this, or, as of 4.4, the one for all that does not fit the old configuration.
    assert three.refuses(changed(three.read_config(), at, priority=0)) in (103, 104)


def test_new_voter_that_is_down_breaks_the_quorum(make_set):
    rs = make_set(1).initiate()
    config = rs.read_config()
    config["members"].append({"_id": 1, "host": "127.0.0.1:9"})
    assert rs.refuses(config) == 74
    assert len(rs.read_config()["members"]) == 1


def test_secondary_takes_no_reconfiguration(three):
    config = three.read_config()
    config["version"] += 1
    assert three.secondaries[0].refusal("replSetReconfig", config) == 10107


def test_commitment_is_the_primarys_to_tell(three):
    three.committed()
    assert three.secondaries[0].refusal("replSetGetConfig", commitmentStatus=True) == 10107


def test_reconfiguration_waits_until_the_last_one_is_committed(make_set):
    """One of two voters down: there is no majority that could have the new configuration."""
    rs = make_set(2).initiate(members=[{"priority": 2}, {}])
    until(lambda: rs.primary is rs[0], "the first as the primary")
    rs.committed()
    rs[1].stop(kill=True)
    code = rs.refuses(rs.read_config(), maxTimeMS=300)
    assert code in (74, 50, 10107, 189), code


def test_members_learn_a_new_configuration_from_each_other(three):
    three.reconfig(changed(three.read_config(), 1, tags={"site": "b"}))
    for server in three.servers:
        until(lambda s=server: s.admin("replSetGetConfig")["config"]["members"][1]["tags"] == {"site": "b"},
              "the tag")
    until(lambda: all(m["configVersion"] == 2 for m in three.primary.status["members"]), "all versions")


def test_member_taken_out_is_told_and_may_come_back(three):
    config = three.read_config()
    at = three.servers.index(three.secondaries[0])
    member = config["members"].pop(at)
    three.reconfig(config)
    left = three[at]
    until(lambda: "setName" not in left.hello or left.hello.get("secondary") is False, "the removal")
    assert left.refusal("replSetGetStatus") == 93
    config = three.read_config()
    config["members"].append(member)
    three.reconfig(config)
    until(lambda: left.state == 2, "its return")


def test_hidden_member_is_not_told_to_clients(three):
    secondary = three.secondaries[0]
    at = three.servers.index(secondary)
    three.reconfig(changed(three.read_config(), at, hidden=True, priority=0))
    until(lambda: secondary.host not in three.primary.hello["hosts"] + three.primary.hello.get("passives", []),
          "it to be hidden")
    until(lambda: secondary.hello.get("hidden"), "it to know")


def test_arbiter_votes_and_holds_nothing(make_set):
    rs = make_set(2)
    rs.initiate(members=[{}, {"arbiterOnly": True, "priority": 0}])
    assert rs[1].state == 7
    assert rs[0].hello["arbiters"] == [rs[1].host]
    with pytest.raises(pymongo.errors.PyMongoError):
        rs[1].reads("shop", "goods").find_one()


def test_member_gets_another_host_name(three):
    at = three.servers.index(three.secondaries[0])
    name = f"localhost:{three[at].port}"
    three.reconfig(changed(three.read_config(), at, host=name))
    until(lambda: three.primary.seen(name)["state"] == 2, "it under its new name")
    until(lambda: three[at].hello["me"] == name, "it to know")
