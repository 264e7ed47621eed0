"""`--set` and `--var-file`: variables from outside win over those of the manifest."""
import pytest

from zpm_run import platform


@pytest.fixture
def shop(swarm):
    swarm.zpm.manifest(platform("shop", {"core": {"a": {
        "image": "x", "environment": {"LEVEL": "${LEVEL}", "MODE": "${MODE:-plain}", "TAG": "${release.tag}"}}}},
        vars={"LEVEL": "info", "TAG": "1"}, release={"tag": "v${TAG}"}))
    return swarm


def given(swarm, name, text):
    (swarm.zpm.folder / name).write_text(text, encoding="utf-8")
    return name


def applied(swarm, *args):
    """The environment that the Engine was told."""
    swarm.zpm.apply(*args).exits(0)
    spec = swarm.services()["shop_a"]["Spec"]["TaskTemplate"]["ContainerSpec"]
    return {**dict(pair.split("=", 1) for pair in spec["Env"]), "image": spec["Image"]}


def test_set__wins_over_the_manifest(shop):
    assert applied(shop)["LEVEL"] == "info"
    assert applied(shop, "--set", "LEVEL=debug")["LEVEL"] == "debug"


def test_set__reaches_the_release_and_what_is_made_from_it(shop):
    told = applied(shop, "--set", "TAG=2")
    assert (told["image"], told["TAG"]) == ("x:v2", "v2")


def test_set__sets_what_is_only_used(shop):
    assert applied(shop, "--set", "MODE=fancy")["MODE"] == "fancy"


def test_set__the_last_of_a_name_counts(shop):
    assert applied(shop, "--set", "LEVEL=a", "--set", "LEVEL=b")["LEVEL"] == "b"


def test_set__value_is_all_behind_the_first_equals_sign(shop):
    assert applied(shop, "--set", "LEVEL=a=$$b ")["LEVEL"] == "a=$$b "
    assert applied(shop, "--set", "LEVEL=")["LEVEL"] == ""


def test_var_file__wins_over_the_manifest_and_set_over_it(shop):
    file = given(shop, "a.yaml", "LEVEL: 7\nMODE: file\n")
    told = applied(shop, "--set", "MODE=set", "--var-file", file)
    assert (told["LEVEL"], told["MODE"]) == ("7", "set")


def test_var_file__later_ones_win(shop):
    files = given(shop, "a.yaml", "LEVEL: a\nMODE: a\n"), given(shop, "b.yaml", "LEVEL: b\n")
    told = applied(shop, "--var-file", files[0], "--var-file", files[1])
    assert (told["LEVEL"], told["MODE"]) == ("b", "a")


def test_var_file__may_hold_what_this_manifest_does_not_use(shop):
    assert applied(shop, "--var-file", given(shop, "a.yaml", "OTHER: 1\n"))["LEVEL"] == "info"
    assert applied(shop, "--var-file", given(shop, "empty.yaml", "# nothing\n"))["LEVEL"] == "info"


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "status", "destroy"])
def test_variables__are_taken_by_every_command_with_a_manifest(shop, command):
    shop.zpm.manifest(platform("${NAME}"))
    args = ["--yes"] if command in ("apply", "destroy") else []
    assert "shop" in shop.zpm.run(command, *args, "--set", "NAME=shop").exits(0).out
    file = given(shop, "a.yaml", "NAME: other\n")
    assert "other" in shop.zpm.run(command, *args, "--var-file", file).exits(0).out


@pytest.mark.parametrize("text, message", [
    ("LEVLE=x", "the manifest has no variable 'LEVLE'; did you mean 'LEVEL'?"),
    ("MDOE=x", "the manifest has no variable 'MDOE'; did you mean 'MODE'?"),
    ("SOMETHING=x", "the manifest has no variable 'SOMETHING'"),
    ("LEVEL", "expected NAME=VALUE, got 'LEVEL'"),
    ("=x", "'': a variable's name is letters, digits, '_' and '.', and begins with a letter"),
    ("LOG-LEVEL=x", "'LOG-LEVEL': a variable's name is letters, digits, '_' and '.', and begins with a letter"),
    ("LEVEL=${MODE}", "'LEVEL': a variable cannot refer to another one; write its value out"),
    ("release.tag=2", "'release.tag': this variable is made from the manifest's own field; choose another name")])
def test_set__that_is_wrong_exits_3_and_asks_nobody(shop, text, message):
    result = shop.zpm.run("apply", "--yes", "--set", text).exits(3)
    assert result.err == f"--set: {message}\n"
    assert shop.connections == 0


@pytest.mark.parametrize("text, message", [
    ("LEVEL: [a]\n", "1:1: LEVEL: expected text, got a list"),
    ("LEVEL:\n", "1:1: LEVEL: has no value; write \"\" for empty text"),
    ("A: 1\nA: 2\n", "2:1: duplicate key 'A'; it is set on line 1, column 1 already"),
    ("LEVEL: ${MODE}\n", "1:8: LEVEL: a variable cannot refer to another one; write its value out"),
    ("platform: x\n", "1:11: platform: this variable is made from the manifest's own field; choose another name"),
    ("- LEVEL=x\n", "1:1: expected a mapping, got a list"),
    ("LEVEL: {\n", "2:1: not YAML: while parsing a flow node, did not find expected node content")])
def test_var_file__that_is_wrong_exits_3_and_says_where(shop, text, message):
    result = shop.zpm.run("plan", "--var-file", given(shop, "a.yaml", text)).exits(3)
    assert result.err.startswith(f"a.yaml:{message}") and result.err.count("\n") == 1
    assert shop.connections == 0


def test_var_file__that_cannot_be_read_exits_3_and_is_named(shop):
    result = shop.zpm.run("plan", "--var-file", "none.yaml").exits(3)
    assert result.err == "--var-file: cannot open 'none.yaml': No such file or directory\n"
    assert "standard input" in shop.zpm.run("plan", "--var-file", "-").exits(3).err


def test_set__mistakes_come_together_with_those_of_the_manifest(shop):
    shop.zpm.manifest("apiVersion: zpm/v1\nplatform: p\nserivces: {}\n")
    result = shop.zpm.run("validate", "--set", "A", "--var-file", "none.yaml").exits(3)
    assert [line.split(":")[0] for line in result.err.splitlines()] == ["--set", "--var-file", "securaa.yaml"]


def test_set__of_a_variable_used_where_a_mistake_hides_it_is_not_blamed(shop):
    shop.zpm.manifest("apiVersion: zpm/v1\nplatform: p\nserivces: { core: { a: { image: \"${I}\" } } }\n")
    assert "--set" not in shop.zpm.run("validate", "--set", "I=x").exits(3).err
