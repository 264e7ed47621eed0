"""zpm among servers that ask who it is."""
from servers import KEY


def test_apply__makes_a_set_as_the_user_that_members_are_to_each_other(secured):
    result = secured.apply().json
    assert result["result"] == "converged" and result["mongoWrites"] > 0
    assert len(secured.config()["members"]) == 3
    assert secured.apply().json["mongoWrites"] == 0


def test_apply__as_a_user_of_the_set(secured):
    secured.apply()
    secured.server(secured.primary()).run("createUser", "zpm", pwd="secret", roles=["root"], writeConcern={"w": 3})
    secured.log_in("zpm", "secret", "admin")
    assert secured.apply().json["mongoWrites"] == 0
    secured.swap()
    secured.apply()
    assert secured.primary() == "b"


def test_wrong_password__is_said_and_nothing_is_done(secured):
    secured.log_in("__system", KEY + "x", "local")
    result = secured.apply(4)
    assert "the user or the password is not accepted" in result.out + result.err, result
    assert "setName" not in secured.server("a").run("isMaster")


def test_no_user__is_said(secured):
    secured.apply()
    del secured.mongo["auth"]
    result = secured.apply(4)
    assert "not authorised" in result.out + result.err, result
