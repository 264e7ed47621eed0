"""Logging in, where a key file makes that necessary."""
import base64
import hashlib
import hmac
import subprocess

import pymongo
import pytest
from bson import Binary
from mongo_servers import KEY, MONGOD, Cluster, Server, code_of, free_port, key_file, standin, until, user_of

MECHANISMS = ["SCRAM-SHA-1", "SCRAM-SHA-256"]
ROOT = ["root"]


@pytest.fixture
def secured(make_set):
    """A set of one with a user anna, whose password is secret."""
    made = make_set(1, key=KEY).initiate()
    made[0].admin("createUser", "anna", pwd="secret", roles=ROOT)
    return made


@pytest.fixture
def stranger(secured):
    with secured[0].anonymous() as client:
        yield client


@pytest.fixture
def secured_cluster(folder):
    made = Cluster(folder, shards=1, key=KEY)
    yield made
    made.stop()


def who(client):
    """Who is logged in."""
    users = client.admin.command("connectionStatus")["authInfo"]["authenticatedUsers"]
    return [f"{user['user']}@{user['db']}" for user in users]


def login(server, *user, **options):
    """0 when the server takes the user's word, else its code."""
    with server.anonymous(**user_of(*user), **options) as client:
        return code_of(client.admin.command, "listDatabases")


class Conversation:
    """A client's side of SCRAM, step by step, on a connection of its own."""

    def __init__(self, server, mechanism, user, password):
        self.client = server.anonymous(maxPoolSize=1)
        self.mechanism, self.hash = mechanism, mechanism.replace("SCRAM-SHA-", "sha")
        if self.hash == "sha1":
            password = hashlib.md5(f"{user}:mongo:{password}".encode()).hexdigest()
        else:
            self.hash = "sha256"
        self.password, self.bare = password.encode(), f"n={user},r=clientsNonce"
        self.signature = None

    def start(self, **fields):
        return self.client.admin.command("saslStart", 1, mechanism=self.mechanism,
                                         payload=Binary(f"n,,{self.bare}".encode()), **fields)

    def mac(self, key, text):
        return hmac.new(key, text.encode(), self.hash).digest()

    def proof(self, reply):
        first = reply["payload"].decode()
        given = dict(part.split("=", 1) for part in first.split(","))
        assert given["r"].startswith("clientsNonce")
        salted = hashlib.pbkdf2_hmac(self.hash, self.password, base64.b64decode(given["s"]), int(given["i"]))
        key = self.mac(salted, "Client Key")
        bare = f"c=biws,r={given['r']}"
        said = f"{self.bare},{first},{bare}"
        mask = self.mac(hashlib.new(self.hash, key).digest(), said)
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, mask))).decode()
        self.signature = b"v=" + base64.b64encode(self.mac(self.mac(salted, "Server Key"), said))
        return f"{bare},p={proof}".encode()

    def go_on(self, reply, payload, db="admin"):
        return self.client[db].command("saslContinue", 1, conversationId=reply["conversationId"],
                                       payload=Binary(payload))


@pytest.fixture(params=MECHANISMS)
def talk(request, secured):
    made = Conversation(secured[0], request.param, "anna", "secret")
    with made.client:
        yield made


# Who is not logged in.

@pytest.mark.parametrize("command", ["replSetGetStatus", "replSetGetConfig", "listDatabases", "getCmdLineOpts",
                                     "replSetInitiate", "replSetHeartbeat", "createUser", "usersInfo"])
def test_command_needs_a_login(stranger, command):
    with pytest.raises(pymongo.errors.OperationFailure, match="requires authentication") as error:
        stranger.admin.command(command)
    assert error.value.code == 13


def test_data_need_a_login(stranger):
    assert code_of(stranger.shop.goods.find_one) == 13
    assert code_of(stranger.shop.goods.insert_one, {}) == 13


@pytest.mark.parametrize("command", ["isMaster", "ping", "buildInfo", "connectionStatus"])
def test_command_needs_no_login(stranger, command):
    assert stranger.admin.command(command)["ok"] == 1


def test_unknown_command_is_unknown_before_it_is_refused(stranger):
    assert code_of(stranger.admin.command, "noSuchCommandAtAll") == 59


def test_nobody_is_nobody(stranger):
    assert who(stranger) == []


# Logging in.

@pytest.mark.parametrize("mechanism", [*MECHANISMS, None])
@pytest.mark.parametrize("user", [("anna", "secret"), ("__system", KEY, "local")])
def test_user_logs_in(secured, user, mechanism):
    options = {"authMechanism": mechanism} if mechanism else {}
    with secured[0].anonymous(**user_of(*user), **options) as client:
        assert client.admin.command("replSetGetStatus")["myState"] == 1
        assert who(client) == [f"{user[0]}@{user[2] if len(user) > 2 else 'admin'}"]


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("user", [("anna", "wrong"), ("anna", "secret", "shop"), ("bert", "secret"),
                                  ("__system", KEY[:-2], "local"), ("__system", KEY)])
def test_wrong_user_or_password_is_refused(secured, user, mechanism):
    assert login(secured[0], *user, authMechanism=mechanism) == 18


def test_unknown_mechanism_is_refused(stranger):
    start = Binary(b"n,,n=anna,r=clientsNonce")
    assert code_of(stranger.admin.command, "saslStart", 1, mechanism="NONE", payload=start) in (2, 18, 334)


@pytest.mark.parametrize("has, lacks", [MECHANISMS, MECHANISMS[::-1]])
def test_user_has_the_mechanisms_that_were_named(secured, has, lacks):
    secured[0].admin("createUser", "bert", pwd="hidden", roles=ROOT, mechanisms=[has])
    assert secured[0].admin("isMaster", saslSupportedMechs="admin.bert")["saslSupportedMechs"] == [has]
    assert login(secured[0], "bert", "hidden") == 0
    assert login(secured[0], "bert", "hidden", authMechanism=has) == 0
    assert login(secured[0], "bert", "hidden", authMechanism=lacks) == 18


def test_handshake_tells_a_users_mechanisms(stranger):
    def told(user):
        return sorted(stranger.admin.command("isMaster", saslSupportedMechs=user).get("saslSupportedMechs", []))
    assert told("admin.anna") == told("local.__system") == MECHANISMS
    assert told("shop.anna") == told("admin.nobody") == []


def test_handshake_takes_the_first_step(talk):
    step = {"saslStart": 1, "mechanism": talk.mechanism, "payload": Binary(f"n,,{talk.bare}".encode()), "db": "admin"}
    reply = talk.client.admin.command("isMaster", speculativeAuthenticate=step)["speculativeAuthenticate"]
    assert reply["done"] is False
    talk.go_on(reply, talk.proof(reply))
    wrong = talk.client.admin.command("isMaster", speculativeAuthenticate={**step, "db": "shop"})
    assert wrong["ok"] == 1 and "speculativeAuthenticate" not in wrong


def test_conversation_ends_with_a_message_that_is_empty(talk):
    reply = talk.start()
    assert reply["done"] is False
    reply = talk.go_on(reply, talk.proof(reply))
    assert reply["done"] is False and reply["payload"] == talk.signature
    assert who(talk.client) == []
    assert talk.go_on(reply, b"")["done"] is True
    assert who(talk.client) == ["anna@admin"]


def test_conversation_ends_without_the_empty_message_on_demand(talk):
    reply = talk.start(options={"skipEmptyExchange": True})
    reply = talk.go_on(reply, talk.proof(reply))
    assert reply["done"] is True and reply["payload"] == talk.signature
    assert who(talk.client) == ["anna@admin"]


def test_conversation_is_over_after_a_wrong_proof(talk):
    reply = talk.start()
    proof = talk.proof(reply)
    assert code_of(talk.go_on, reply, proof[:-6] + b"AAAAA=") == 18
    assert code_of(talk.go_on, reply, proof) == 17
    assert who(talk.client) == []


def test_conversation_stays_in_its_database(talk):
    reply = talk.start()
    assert code_of(talk.go_on, reply, talk.proof(reply), db="shop") == 17


def test_logout_ends_it(secured):
    with secured[0].anonymous(maxPoolSize=1, **user_of("anna", "secret")) as client:
        client.shop.command("logout")
        assert who(client) == ["anna@admin"]
        client.admin.command("logout")
        assert who(client) == []
        assert code_of(client.shop.goods.find_one) == 13


# Users.

def test_user_is_created_once(secured):
    assert secured[0].refusal("createUser", "anna", pwd="other", roles=ROOT) == 51003
    secured[0].client.shop.command("createUser", "anna", pwd="other", roles=["readWrite"])
    assert login(secured[0], "anna", "secret") == 0
    with secured[0].anonymous(**user_of("anna", "other", "shop")) as client:
        client.shop.goods.insert_one({})


def test_user_without_a_password_or_roles_is_not_created(secured):
    for fields in ({"pwd": "x"}, {"roles": ROOT}, {"pwd": "x", "roles": ["noSuchRole"]}):
        assert secured[0].refusal("createUser", "bert", **fields) not in (0, 51003)
    assert secured[0].refusal("createUser", "bert", pwd="x", roles=["noSuchRole"]) == 31
    assert login(secured[0], "bert", "x") == 18


def test_new_password_is_the_only_one(secured):
    with secured[0].anonymous(**user_of("anna", "secret")) as client:
        client.admin.command("updateUser", "anna", pwd="fresh")
        assert code_of(client.admin.command, "listDatabases") == 0
    assert login(secured[0], "anna", "secret") == 18
    assert login(secured[0], "anna", "fresh") == 0
    assert secured[0].refusal("updateUser", "nobody", pwd="fresh") == 11


def test_dropped_user_is_not_logged_in_any_more(secured):
    with secured[0].anonymous(**user_of("anna", "secret")) as client:
        assert who(client) == ["anna@admin"]
        secured[0].admin("dropUser", "anna")
        assert code_of(client.shop.goods.find_one) == 13
    assert login(secured[0], "anna", "secret") == 18
    assert secured[0].refusal("dropUser", "anna") == 11


def test_user_made_anew_is_another(secured):
    with secured[0].anonymous(**user_of("anna", "secret")) as client:
        assert who(client) == ["anna@admin"]
        secured[0].admin("dropUser", "anna")
        secured[0].admin("createUser", "anna", pwd="secret", roles=ROOT)
        assert code_of(client.shop.goods.find_one) == 13
    assert login(secured[0], "anna", "secret") == 0


def test_users_are_told_without_credentials(secured):
    [anna] = secured[0].admin("usersInfo", "anna")["users"]
    assert anna["_id"] == "admin.anna" and anna["roles"] == [{"role": "root", "db": "admin"}]
    assert sorted(anna["mechanisms"]) == MECHANISMS and "credentials" not in anna
    secured[0].admin("updateUser", "anna", roles=["clusterAdmin"])
    [anna] = secured[0].admin("usersInfo", 1, showCredentials=True)["users"]
    assert anna["roles"] == [{"role": "clusterAdmin", "db": "admin"}]
    assert set(anna["credentials"]["SCRAM-SHA-1"]) == {"iterationCount", "salt", "storedKey", "serverKey"}
    assert secured[0].admin("usersInfo", {"user": "anna", "db": "shop"})["users"] == []
    assert len(secured[0].admin("usersInfo", {"forAllDBs": True})["users"]) == 1


def test_users_are_on_all_members(make_set):
    three = make_set(3, key=KEY).initiate()
    primary, secondaries = three.primary, three.secondaries
    assert secondaries[0].refusal("createUser", "anna", pwd="secret", roles=ROOT) == 10107
    primary.admin("createUser", "anna", pwd="secret", roles=ROOT, writeConcern={"w": 3})
    for secondary in secondaries:
        with secondary.anonymous(**user_of("anna", "secret")) as client:
            assert client.admin.command("replSetGetStatus")["myState"] == 2
    with three.client(**user_of("anna", "secret")) as client:
        client.shop.goods.insert_one({"_id": 1})


def test_users_outlive_a_restart(secured):
    secured[0].restart()
    secured.settled()
    assert login(secured[0], "anna", "secret") == 0


# The key file.

def test_first_user_is_made_from_the_same_machine(make_set):
    """The localhost exception, which is there until there is somebody."""
    fresh = make_set(1, key=KEY)
    with fresh[0].anonymous() as client:
        client.admin.command("replSetInitiate", fresh.config())
        until(lambda: client.admin.command("isMaster")["ismaster"], "a primary")
        assert code_of(client.shop.goods.find_one) == 13
        assert code_of(client.shop.command, "createUser", "anna", pwd="secret", roles=["read"]) == 13
        client.admin.command("createUser", "anna", pwd="secret", roles=ROOT)
        assert code_of(client.admin.command, "createUser", "bert", pwd="hidden", roles=ROOT) == 13
    assert login(fresh[0], "anna", "secret") == 0


@pytest.mark.parametrize("key, mode, why", [(KEY, 0o640, "too open"), (KEY, 0o604, "too open"), ("short", 0o600, ""),
                                            ("a key, no base64", 0o600, ""), ("x" * 1025, 0o600, "")])
def test_key_file_that_is_none_ends_the_server(folder, key, mode, why):
    done = subprocess.run([MONGOD or standin(), "--dbpath", folder, "--port", str(free_port()), "--keyFile",
                           key_file(folder, key, mode)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode not in (0, -6, -11)
    assert why in done.stdout + done.stderr


def test_blanks_in_the_key_file_do_not_count(make_set):
    pair = make_set(1, key=KEY)
    pair.add(key=f" {KEY[:9]}\n{KEY[9:]}\n")
    pair[1].user = pair[0].user
    pair[1].client = pair[1].connect()
    pair.initiate([{}, {"priority": 0}])


@pytest.mark.parametrize("key", ["anotherKeyThanTheirs", None])
def test_member_without_the_key_is_no_member(make_set, key):
    pair = make_set(1, key=KEY)
    other = Server(pair.folder, *pair.options, key=key)
    pair.servers.append(other)
    assert pair[0].refusal("replSetInitiate", pair.config()) == 74
    assert other.refusal("replSetGetConfig") == 94


def test_server_without_a_set_needs_no_key_to_ask_for_a_login(folder):
    server = Server(folder, "--auth")
    server.admin("createUser", "anna", pwd="secret", roles=ROOT)
    assert server.refusal("listDatabases") == 13
    assert login(server, "anna", "secret") == 0
    assert login(server, "__system", KEY, "local") == 18
    server.stop()


# Routers.

def test_router_takes_no_login_by_key(secured_cluster):
    assert login(secured_cluster.router, "__system", KEY, "local") == 20


def test_router_knows_the_users_of_the_cluster(secured_cluster):
    config, router, shard = secured_cluster.config[0], secured_cluster.router, secured_cluster.shards[0]
    config.admin("createUser", "anna", pwd="secret", roles=ROOT)
    assert login(router, "anna", "wrong") == 18
    with router.anonymous(**user_of("anna", "secret")) as client:
        assert who(client) == ["anna@admin"]
        client.admin.command("addShard", shard.url)
        client.shop.goods.insert_one({"_id": 1})
        assert [s["_id"] for s in client.admin.command("listShards")["shards"]] == ["shard0"]
        client.admin.command("createUser", "bert", pwd="hidden", roles=ROOT)
    assert config.admin("usersInfo", "bert")["users"]
    # A shard's own users are others.
    assert login(shard[0], "anna", "secret") == 18
    assert shard[0].client.shop.goods.find_one() == {"_id": 1}


def test_router_serves_nobody_without_a_login(secured_cluster):
    router = secured_cluster.router
    with router.anonymous() as client:
        assert code_of(client.admin.command, "listShards") == 13
        assert code_of(client.shop.goods.find_one) == 13
        assert code_of(client.admin.command, "noSuchCommandAtAll") == 59
        client.admin.command("createUser", "anna", pwd="secret", roles=ROOT)
        assert code_of(client.admin.command, "createUser", "bert", pwd="hidden", roles=ROOT) == 13
        assert client.admin.command("isMaster", saslSupportedMechs="admin.anna")["saslSupportedMechs"]
    assert login(router, "anna", "secret") == 0
