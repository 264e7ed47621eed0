"""zpm among servers that ask who it is."""
from servers import KEY


def add_user(site, name, password):
    site.server(site.primary()).run("createUser", name, pwd=password, roles=["root"], writeConcern={"w": 3})


def test_key__is_enough_to_make_a_set_that_knows_no_user(secured):
    result = secured.apply().json
    assert result["result"] == "converged" and result["mongoWrites"] > 0
    assert len(secured.config()["members"]) == 3
    assert secured.documents()[secured.hosts["a"]["address"]] == ("active", "up")
    assert secured.apply().json["mongoWrites"] == 0


def test_key__is_read_as_servers_read_it(secured):
    secured.share_key(f"  {KEY[:7]}\n{KEY[7:]}\n")
    secured.apply()
    assert len(secured.config()["members"]) == 3


def test_user__that_is_not_there_yet_is_one_from_its_creation_on(secured):
    secured.log_in("zpm", "secret", keyFile="key")
    secured.apply()
    add_user(secured, "zpm", "secret")
    # Now without the key, and with the line's end that editors leave.
    secured.log_in("zpm", "secret\n", database="admin")
    assert secured.apply().json["mongoWrites"] == 0
    secured.swap()
    secured.apply()
    assert secured.primary() == "b"


def test_wrong_password__is_said_and_not_shown(secured):
    secured.log_in("__system", "guesswork", database="local")
    result = secured.apply(4)
    assert "the user or the password is not accepted" in result.out + result.err, result
    assert "guesswork" not in result.out + result.err
    assert "setName" not in secured.server("a").run("isMaster")


def test_wrong_key__is_said_and_not_shown(secured):
    secured.share_key("ZGlmZmVyZW50")
    result = secured.apply(4)
    assert "the key file is not the server's" in result.out + result.err, result
    assert "ZGlmZmVyZW50" not in result.out + result.err
    assert "setName" not in secured.server("a").run("isMaster")


def test_nobody__is_told_that_a_login_is_needed(secured):
    secured.apply()
    del secured.mongo["auth"]
    result = secured.apply(4)
    assert "not authorised" in result.out + result.err, result
