"""Who is the primary, and how that changes."""
import copy

import pymongo
import pytest
from mongo_servers import MAJORITY, code_of, until


def prioritised(config, priorities):
    config = copy.deepcopy(config)
    for member, priority in zip(config["members"], priorities):
        member["priority"] = priority
    return config


def test_higher_priority_takes_over(three):
    term = three.primary.status["term"]
    other = three.secondaries[0]
    three.reconfig(prioritised(three.read_config(), [5 if s is other else 1 for s in three.servers]))
    until(lambda: three.primary is other, "the takeover")
    assert other.status["term"] > term


def test_new_term_is_in_the_configuration(three):
    three.primary.admin("replSetStepDown", 5, secondaryCatchUpPeriodSecs=2)
    primary = until(lambda: three.primary, "a primary")
    until(lambda: three.read_config()["term"] == primary.status["term"], "the configuration's term")


def test_stepping_down_leaves_another_primary(three):
    old = three.primary
    old.admin("replSetStepDown", 20, secondaryCatchUpPeriodSecs=10)
    until(lambda: three.primary not in (None, old), "another primary")
    assert old.state == 2


def test_frozen_members_leave_it_to_the_third(three):
    old, (frozen, chosen) = three.primary, three.secondaries
    frozen.admin("replSetFreeze", 30)
    until(lambda: all(m["optime"] == old.status["members"][0]["optime"] for m in old.status["members"]), "all")
    old.admin("replSetStepDown", 30, secondaryCatchUpPeriodSecs=10)
    until(lambda: three.primary is chosen, "the member that was not frozen")
    frozen.admin("replSetFreeze", 0)


def test_primary_is_not_frozen(three):
    assert three.primary.refusal("replSetFreeze", 5) == 95


def test_secondary_does_not_step_down(three):
    assert three.secondaries[0].refusal("replSetStepDown", 5, secondaryCatchUpPeriodSecs=1) == 10107


def test_stepping_down_has_to_be_longer_than_the_wait(three):
    assert three.primary.refusal("replSetStepDown", 1, secondaryCatchUpPeriodSecs=5) == 2


def test_no_step_down_without_a_successor(make_set):
    rs = make_set(1).initiate()
    assert rs[0].refusal("replSetStepDown", 5, secondaryCatchUpPeriodSecs=1) == 262
    assert until(lambda: rs.primary, "it still as the primary") is rs[0]


def test_primary_that_is_killed_is_replaced(three):
    old = three.primary
    old.client.shop.get_collection("goods", write_concern=MAJORITY).insert_one({"_id": 1})
    old.stop(kill=True)
    new = until(lambda: three.primary, "another primary")
    assert new is not old
    assert new.client.shop.goods.find_one() == {"_id": 1}
    until(lambda: new.seen(old.host)["health"] == 0, "its view of the old one")
    assert new.seen(old.host)["state"] == 8


def test_primary_without_a_majority_steps_down(three):
    primary = three.primary
    for secondary in three.secondaries:
        secondary.stop(kill=True)
    until(lambda: primary.state == 2, "it to step down")
    assert code_of(primary.client.shop.goods.insert_one, {}) == 10107


def test_restarted_member_knows_its_set_and_its_data(three):
    secondary = three.secondaries[0]
    three.primary.client.shop.get_collection("goods", write_concern=pymongo.WriteConcern(3)).insert_one({"_id": 1})
    version = secondary.admin("replSetGetConfig")["config"]["version"]
    secondary.restart(kill=True)
    until(lambda: secondary.state == 2, "its return")
    assert secondary.admin("replSetGetConfig")["config"]["version"] == version
    assert secondary.reads("shop", "goods").find_one() == {"_id": 1}


def test_whole_set_restarted_elects_a_primary_of_a_later_term(make_set):
    rs = make_set(1).initiate()
    term = rs[0].status["term"]
    rs[0].client.shop.goods.insert_one({"_id": 1})
    rs[0].restart()
    until(lambda: rs.primary, "a primary")
    assert rs[0].status["term"] > term
    assert rs[0].client.shop.goods.find_one() == {"_id": 1}


def test_priority_zero_is_never_elected(make_set):
    rs = make_set(2).initiate(members=[{}, {"priority": 0}])
    assert rs.primary is rs[0]
    assert rs[1].refusal("replSetStepUp") != 0
    assert rs[1].hello.get("passive") is True


def test_acknowledged_writes_survive_changes_of_the_primary(three):
    written = 0
    with three.client(wTimeoutMS=5000) as client:
        goods = client.shop.get_collection("goods", write_concern=MAJORITY)
        for round_ in range(3):
            until(lambda: three.primary, "a primary").refusal("replSetStepDown", 2, secondaryCatchUpPeriodSecs=1)
            for _ in range(20):
                until(lambda n=written: goods.replace_one({"_id": n}, {"round": round_}, upsert=True), "a write")
                written += 1
        assert sorted(d["_id"] for d in goods.find()) == list(range(written))


@pytest.mark.parametrize("member", [1, 2])
def test_status_tells_of_all_members(three, member):
    # A member may be known to be up before it told how far it is.
    until(lambda: all(m["health"] == 1 and m["optime"]["t"] >= 1 for m in three[member].status["members"]), "all told")
    status = three[member].status
    assert status["set"] == "rs" and status["majorityVoteCount"] == 2
    assert [m["name"] for m in status["members"]] == [s.host for s in three.servers]
    assert [m["name"] for m in status["members"] if m.get("self")] == [three[member].host]
    assert all("optimeDate" in m for m in status["members"])
