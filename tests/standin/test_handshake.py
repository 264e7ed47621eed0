"""What a client learns of a server before it does anything."""
import pymongo
import pytest
from mongo_servers import Server, until


def test_uninitiated_member_says_that_it_waits_for_a_set(server):
    hello = server.hello
    assert hello["isreplicaset"] is True
    assert hello["ismaster"] is False and hello["secondary"] is False
    assert "setName" not in hello


@pytest.mark.parametrize("command", ["replSetGetStatus", "replSetGetConfig"])
def test_uninitiated_member_refuses_what_needs_a_set(server, command):
    assert server.refusal(command) == 94


def test_server_without_a_set_refuses_set_commands(folder):
    server = Server(folder)
    assert server.refusal("replSetGetStatus") == 76
    assert server.hello["ismaster"] is True
    server.client.shop.goods.insert_one({"_id": 1})
    assert server.client.shop.goods.find_one() == {"_id": 1}
    server.stop()


def test_unknown_command_is_refused_by_code(server):
    assert server.refusal("noSuchCommandAtAll") == 59


def test_ping_version_and_options(server):
    assert server.admin("ping")["ok"] == 1
    assert server.admin("buildInfo")["versionArray"][0] >= 4
    options = server.admin("getCmdLineOpts")["parsed"]
    assert options["replication"]["replSet"] == "rs"
    assert options["net"]["port"] == server.port


def test_member_of_a_set_names_all_of_it(three):
    hello = three.primary.hello
    assert hello["setName"] == "rs"
    assert sorted(hello["hosts"]) == sorted(s.host for s in three.servers)
    assert hello["primary"] == hello["me"] == three.primary.host
    assert hello["electionId"] and hello["setVersion"] == 1
    for secondary in three.secondaries:
        until(lambda s=secondary: s.hello.get("primary") == hello["me"], "the primary's name")
        assert secondary.hello["secondary"] is True


def test_driver_finds_the_primary_by_the_name_of_the_set(three):
    with three.client() as client:
        client.admin.command("ping")
        until(lambda: client.primary, "the driver's view")
        assert f"{client.primary[0]}:{client.primary[1]}" == three.primary.host
        until(lambda: len(client.secondaries) == 2, "the secondaries")


def test_client_may_have_many_requests_at_a_time(server):
    with server.connect(maxPoolSize=5) as client:
        assert [client.admin.command("ping")["ok"] for _ in range(200)] == [1.0] * 200


def test_document_too_long_for_one_read_arrives_whole(make_set):
    one = make_set(1).initiate()
    text = "x" * 3_000_000
    one[0].client.shop.goods.insert_one({"_id": 1, "text": text})
    assert one[0].client.shop.goods.find_one()["text"] == text


def test_uninitiated_member_takes_no_writes(server):
    with pytest.raises(pymongo.errors.NotMasterError) as error:
        server.client.shop.goods.insert_one({})
    assert error.value.details["code"] in (10107, 13435)
