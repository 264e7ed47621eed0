"""The command line itself: what it takes, what it says to a slip of the pen, and with which code it ends."""
import os

import pytest

from zpm_run import platform

COMMANDS = ["validate", "plan", "apply", "status", "destroy", "graph", "schema", "version"]


@pytest.fixture
def shop(swarm):
    swarm.zpm.manifest(platform("shop", {"core": {"a": {"image": "x"}}}))
    return swarm.zpm


def test_help__goes_to_standard_output_and_names_every_command(zpm):
    result = zpm.run("--help").exits(0)
    assert result.err == ""
    for command in COMMANDS:
        assert f"  {command} " in result.out
    assert zpm.run("-h").exits(0).out == result.out


def test_help__tells_the_exit_codes(zpm):
    assert "exit codes" in zpm.run("--help").exits(0).out


@pytest.mark.parametrize("command", COMMANDS)
def test_help__of_a_command_names_its_options(zpm, command):
    result = zpm.run(command, "--help").exits(0)
    assert result.out.startswith(f"usage: zpm {command}")
    assert result.err == ""


@pytest.mark.parametrize("command, option", [
    ("plan", "--exit-code"), ("apply", "--yes"), ("apply", "--timeout"), ("apply", "--no-wait"),
    ("apply", "--parallel"), ("status", "--watch"), ("destroy", "--volumes"), ("apply", "--quiet"),
    ("apply", "--engine"), ("validate", "--file"), ("plan", "--output")])
def test_help__has_the_options_that_people_need(zpm, command, option):
    assert option in zpm.run(command, "--help").exits(0).out


def test_version__is_one_line(zpm):
    result = zpm.run("version").exits(0)
    assert result.out.startswith("zpm ") and result.out.count("\n") == 1
    assert result.err == ""


def test_no_command__is_wrong_usage_and_says_what_there_is(zpm):
    result = zpm.run().exits(3)
    assert "apply" in result.out + result.err


@pytest.mark.parametrize("slip, meant", [("aply", "apply"), ("stats", "status"), ("destory", "destroy"),
                                         ("plam", "plan"), ("valdate", "validate"), ("shema", "schema")])
def test_unknown_command__suggests_the_nearest(zpm, slip, meant):
    result = zpm.run(slip).exits(3)
    assert slip in result.err and f"'{meant}'" in result.err
    assert result.out == ""


def test_unknown_command__far_from_any_suggests_none(zpm):
    result = zpm.run("frobnicate").exits(3)
    assert "did you mean" not in result.err and "--help" in result.err


@pytest.mark.parametrize("args", [
    ["plan", "--nonsense"], ["plan", "-Z"], ["plan", "--file"], ["plan", "surplus"], ["version", "surplus"],
    ["plan", "-o", "xml"], ["plan", "-o", ""], ["validate", "-o", "json"], ["version", "-o", "json"],
    ["plan", "--yes"], ["apply", "--exit-code"], ["status", "--yes"], ["plan", "--volumes"],
    ["apply", "--parallel", "0"], ["apply", "--parallel", "-1"], ["apply", "--parallel", "x"],
    ["apply", "--parallel", "1000000"], ["apply", "--timeout", "soon"], ["apply", "--timeout", "-1s"],
    ["apply", "--timeout", "0s"], ["apply", "--timeout", "5"], ["plan", "--quiet=yes"]], ids=" ".join)
def test_wrong_usage__exits_3_says_so_and_asks_nobody(swarm, args):
    swarm.zpm.manifest(platform("shop", {"core": {"a": {"image": "x"}}}))
    result = swarm.zpm.run(*args).exits(3)
    assert "zpm: " in result.err.splitlines()[0]
    assert result.out == ""
    assert swarm.connections == 0


@pytest.mark.parametrize("url", ["docker.sock", "http://x", "unix://relative", "tcp://", "tcp://host:port",
                                 "unix:///" + "x" * 200, ""])
def test_wrong_endpoint__exits_3_and_names_it(shop, url):
    result = shop.run("plan", "--engine", url).exits(3)
    assert "engine" in result.err.lower()


def test_options__may_come_before_the_command(swarm, shop):
    folder = shop.folder / "elsewhere"
    folder.mkdir()
    shop.run("-f", shop.file, "plan", "--exit-code", cwd=folder).exits(2)
    shop.run("--engine", swarm.endpoint, "-f", shop.file, "plan", cwd=folder).exits(0)


def test_engine__option_wins_over_environment_and_that_over_the_manifest(swarm, shop):
    content = platform("shop", engine={"endpoint": "unix:///manifest.sock"})
    shop.manifest(content)
    env = {**shop.env, "DOCKER_HOST": "unix:///environment.sock"}
    assert "/environment.sock" in shop.run("plan", env=env).exits(1).err
    shop.run("plan", "--engine", swarm.endpoint, env=env).exits(0)
    del env["DOCKER_HOST"]
    assert "/manifest.sock" in shop.run("plan", env=env).exits(1).err


def test_manifest__from_standard_input(shop):
    shop.file.rename(shop.folder / "other.yaml")
    text = (shop.folder / "other.yaml").read_text()
    assert "shop" in shop.run("validate", "-f", "-", stdin=text).exits(0).out
    shop.run("plan", "--exit-code", "-f", "-", stdin=text).exits(2)


def test_manifest__from_standard_input_with_mistakes_is_called_so(shop):
    result = shop.run("validate", "-f", "-", stdin="apiVersion: zpm/v1\nplatform: p\nserivces: {}\n").exits(3)
    assert ":3:1: " in result.err
    assert "services" in result.err


def test_manifest__is_found_in_this_folder_or_above(shop):
    deep = shop.folder / "a" / "b" / "c"
    deep.mkdir(parents=True)
    assert shop.run("validate", cwd=deep).exits(0).out.startswith("shop: ")
    (shop.folder / "a" / "securaa.yaml").write_text("apiVersion: zpm/v1\nplatform: nearer\n")
    assert shop.run("validate", cwd=deep).exits(0).out.startswith("nearer: ")


def test_manifest__that_is_nowhere_is_named_and_said_how_to_give(zpm):
    result = zpm.run("validate").exits(3)
    assert "securaa.yaml" in result.err
    assert "-f" in result.err


@pytest.mark.parametrize("what", ["missing", "folder", "unreadable"])
def test_manifest__that_cannot_be_read_exits_3_and_is_named(zpm, what):
    path = zpm.folder / "x.yaml"
    if what == "folder":
        path.mkdir()
    elif what == "unreadable":
        os.symlink("x.yaml", path)  # a loop; root reads all else
    result = zpm.run("validate", "-f", path).exits(3)
    assert str(path) in result.err and result.out == ""


def test_exit_codes__of_plan(shop):
    shop.run("plan").exits(0)
    shop.run("plan", "--exit-code").exits(2)
    shop.apply().exits(0)
    shop.run("plan", "--exit-code").exits(0)


def test_exit_codes__of_status(swarm, shop):
    shop.run("status").exits(4)
    shop.apply().exits(0)
    shop.run("status").exits(0)
    swarm.tasks("shop_a", "starting")
    shop.run("status").exits(4)


def test_apply__yes_and_output_may_be_bundled_and_joined(shop):
    shop.run("apply", "--yes", "--output=json").exits(0)
    shop.run("plan", "-ojson").exits(0)
