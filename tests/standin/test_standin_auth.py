"""Authentication where the stand-in has a way of its own: members sign each message, and its control needs no login."""
import hmac
import socket
import struct
import subprocess

import bson
import pytest
from mongo_servers import KEY, code_of, standin, until


@pytest.fixture
def secured(make_set):
    made = make_set(1, key=KEY).initiate()
    made[0].admin("createUser", "anna", pwd="secret", roles=["root"])
    return made


def sign(command, key=KEY):
    return {**command, "standinProof": hmac.new(key.encode(), bson.encode(command), "sha256").digest()}


def code_for(server, command):
    """What comes of a command that is sent as it is, by somebody who is not logged in."""
    body = struct.pack("<Ib", 0, 0) + bson.encode(command)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(struct.pack("<4i", 16 + len(body), 1, 0, 2013) + body)
        with sock.makefile("rb") as stream:
            [length] = struct.unpack("<i", stream.read(4))
            return bson.decode(stream.read(length - 4)[17:]).get("code", 0)


STATUS = {"replSetGetStatus": 1, "$db": "admin"}


def test_signed_command_is_a_members(secured):
    assert code_for(secured[0], STATUS) == 13
    assert code_for(secured[0], sign(STATUS)) == 0


@pytest.mark.parametrize("command", [sign(STATUS, "anotherKeyThanTheirs"), {**STATUS, "standinProof": 1},
                                     {**STATUS, "standinProof": b""}, {**sign(STATUS), "more": 1},
                                     sign({"ping": 1, "$db": "admin"}, "anotherKeyThanTheirs")])
def test_command_signed_wrong_is_refused(secured, command):
    assert code_for(secured[0], command) == 18


def test_server_without_a_key_refuses_what_is_signed(server):
    assert code_for(server, {"ping": 1, "$db": "admin"}) == 0
    assert code_for(server, sign({"ping": 1, "$db": "admin"})) == 18


def test_control_needs_no_login(secured):
    with secured[0].anonymous() as client:
        client.admin.command("standin", fail="ping", code=11600)
        assert code_of(client.admin.command, "ping") == 11600


def test_member_with_another_key_counts_as_one_that_is_down(secured):
    """Its address may be right, and the key come later: so it does not stop the others."""
    new = secured.add(key="anotherKeyThanTheirs")
    config = secured.read_config()
    config["members"].append({"_id": 1, "host": new.host, "votes": 0, "priority": 0})
    secured.reconfig(config)
    until(lambda: "Authentication failed" in secured[0].seen(new.host)["lastHeartbeatMessage"], "the refusal")
    assert secured[0].seen(new.host)["health"] == 0
    assert new.refusal("replSetGetConfig") == 94


def test_set_does_not_ask_for_logins_without_a_key():
    command = [standin(), "--replSet", "rs", "--auth"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 2 and "--keyFile" in done.stderr
