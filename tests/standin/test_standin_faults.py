"""The admin command `standin`: what only the stand-in can be told to do."""
import threading

import pymongo
import pytest
from mongo_servers import KEY, MAJORITY, Server, code_of, until


@pytest.fixture
def one(make_set):
    return make_set(1).initiate()


def test_says_what_it_is(server):
    assert "a stand-in for tests and no database" in server.log.read_text()
    assert "zpm-mongo-standin" in server.admin("buildInfo")["modules"]


def test_hangs_so_many_times(one):
    one[0].admin("standin", hang="replSetGetConfig", times=1)
    with one[0].connect(socketTimeoutMS=200) as client:
        with pytest.raises(pymongo.errors.NetworkTimeout):
            client.admin.command("replSetGetConfig")
    assert one.read_config()["version"] == 1


def test_closes_without_doing_it(one):
    one[0].admin("standin", close="insert")
    with pytest.raises(pymongo.errors.AutoReconnect):
        one[0].client.shop.goods.insert_one({"_id": 1})
    assert one[0].client.shop.goods.find_one() is None
    one[0].client.shop.goods.insert_one({"_id": 1})


@pytest.mark.parametrize("key", [None, KEY])
def test_does_it_and_cuts_the_connection(make_set, key):
    """Also a user's command, whose login ends with the connection."""
    one = make_set(1, key=key).initiate()
    config = one.read_config()
    one[0].admin("standin", cut="replSetReconfig")
    with pytest.raises(pymongo.errors.AutoReconnect):
        one.reconfig(config)
    until(lambda: one.read_config()["version"] == 2, "what was done all the same")


def test_refuses_on_demand(one):
    one[0].admin("standin", fail="ping", code=11600, times=2)
    assert [one[0].refusal("ping") for _ in range(3)] == [11600, 11600, 0]


def test_reset_takes_all_back(one):
    one[0].admin("standin", fail="ping", times=0)
    assert [one[0].refusal("ping") for _ in range(3)] == [96, 96, 96]
    one[0].admin("standin", reset=True)
    assert one[0].refusal("ping") == 0


def test_lagging_member_is_behind_and_shows_it(three):
    lagging = three.secondaries[0]
    lagging.admin("standin", lagSeconds=60)
    goods = three.primary.client.shop.get_collection("goods", write_concern=MAJORITY)
    goods.insert_one({"_id": 1})
    seen = three.primary.seen(lagging.host)
    assert seen["optime"] != three.primary.seen(three.primary.host)["optime"]
    assert lagging.reads("shop", "goods").find_one() is None
    lagging.admin("standin", lagSeconds=0)
    until(lambda: lagging.reads("shop", "goods").find_one() == {"_id": 1}, "it to catch up")


def test_nobody_steps_down_for_laggards(three):
    for secondary in three.secondaries:
        secondary.admin("standin", lagSeconds=60)
    primary = three.primary
    primary.client.shop.goods.insert_one({"_id": 1})
    assert primary.refusal("replSetStepDown", 5, secondaryCatchUpPeriodSecs=1) == 262
    goods = primary.client.shop.get_collection("goods", write_concern=pymongo.WriteConcern("majority", wtimeout=100))
    with pytest.raises(pymongo.errors.WTimeoutError):
        goods.insert_one({"_id": 2})


def test_new_member_syncs_as_long_as_told(one):
    new = one.add()
    new.admin("standin", syncDelayMs=400)
    config = one.read_config()
    config["members"].append({"_id": 1, "host": new.host, "votes": 0, "priority": 0})
    one.reconfig(config)
    states = []
    until(lambda: states.append(new.state) or states[-1] == 2, "it to be a secondary")
    assert 5 in states


def test_cut_off_primary_is_replaced_and_takes_its_writes_back(three):
    old = three.primary
    old.client.shop.get_collection("goods", write_concern=pymongo.WriteConcern(3)).insert_one({"_id": 1})
    old.admin("standin", partition=[s.host for s in three.secondaries])
    old.client.shop.goods.insert_one({"_id": 2})
    new = until(lambda: next((s for s in three.servers if s is not old and s.hello["ismaster"]), None), "another")
    new.client.shop.get_collection("goods", write_concern=MAJORITY).insert_one({"_id": 3})
    until(lambda: old.state == 2, "the old one to step down")
    old.admin("standin", partition=[])
    until(lambda: [d["_id"] for d in old.reads("shop", "goods").find().sort("_id", 1)] == [1, 3], "one history")
    assert three.primary is new


def test_stopped_primary_is_replaced(three):
    """Its connections stand, but nothing comes any more."""
    import os
    import signal
    old, others = three.primary, three.secondaries
    os.kill(old.process.pid, signal.SIGSTOP)
    try:
        until(lambda: any(s.hello["ismaster"] for s in others), "another primary")
    finally:
        os.kill(old.process.pid, signal.SIGCONT)
    until(lambda: old.state == 2, "the old one to step down")


def test_second_reconfiguration_is_refused_while_one_is_underway(one):
    """The first waits for a member that does not say who it is."""
    new = one.add()
    new.admin("standin", hang="replSetHeartbeat", times=1)
    config = one.read_config()
    config["members"].append({"_id": 1, "host": new.host, "votes": 0, "priority": 0})
    first = threading.Thread(target=lambda: one.refuses(config))
    first.start()
    # A version of the past: refused with 103 while there is nothing underway.
    until(lambda: one.refuses({**config, "version": 0}) == 109, "the refusal")
    first.join()
    assert len(one.read_config()["members"]) == 2


def test_reconfiguration_waits_for_what_was_committed_before(one):
    """The new voter has the configuration, and none of the data yet."""
    one[0].client.shop.get_collection("goods", write_concern=MAJORITY).insert_one({"_id": 1})
    new = one.add()
    new.admin("standin", lagSeconds=60)
    config = one.read_config()
    config["members"].append({"_id": 1, "host": new.host, "priority": 0})
    one.reconfig(config)
    assert one[0].admin("replSetGetConfig", commitmentStatus=True)["commitmentStatus"] is False
    assert one.refuses(one.read_config(), maxTimeMS=200) == 308
    new.admin("standin", lagSeconds=0)
    one.reconfig(one.read_config())
    one.committed()


def test_garbage_ends_the_connection_and_nothing_else(server):
    import socket
    for data in (b"GET / HTTP/1.0\r\n\r\n", b"\x15\x00\x00\x00" + b"\x01" * 17, b"\xff" * 64):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            assert sock.recv(100) == b""
    assert server.admin("ping")["ok"] == 1


def test_ends_well_when_told(folder):
    server = Server(folder, "--replSet", "rs")
    assert server.stop() == 0


def test_refuses_to_start_without_sense(folder):
    import subprocess
    from mongo_servers import standin
    for options in (["--nonsense"], ["--port", "0x"], ["--mongos"], ["word"]):
        done = subprocess.run([standin(), *options], capture_output=True, text=True, timeout=10, check=False)
        assert done.returncode in (1, 2) and done.stderr, options


def test_fault_of_one_command_is_none_of_another(one):
    one[0].admin("standin", fail="find", times=0)
    assert code_of(one[0].client.shop.goods.insert_one, {}) == 0
    assert code_of(one[0].client.shop.goods.find_one) == 96
