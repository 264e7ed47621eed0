"""A saved plan is applied exactly as it was, or not at all."""
import json
import os
import stat

import pytest

from scripted_engine import Answer, on
from zpm_run import platform


@pytest.fixture
def shop(swarm):
    """Applied once; then kafka is to be updated, reports to be made and zoo to go."""
    swarm.content = platform("shop", {"system": {"zoo": {"image": "x"}},
                                      "core": {"kafka": {"image": "x", "environment": {"LOG_LEVEL": "info"},
                                                         "networks": ["main"], "volumes": ["data:/data"]},
                                               "idle": {"image": "x"}}},
                             volumes={"data": {}}, networks={"main": {}}, defaults={"replicas": 0})
    swarm.zpm.manifest(swarm.content)
    swarm.zpm.apply().exits(0)
    swarm.content["services"]["core"]["kafka"]["environment"]["LOG_LEVEL"] = "debug"
    swarm.content["volumes"]["reports"] = {}
    del swarm.content["services"]["system"]["zoo"]
    swarm.zpm.manifest(swarm.content)
    swarm.file = swarm.zpm.folder / "p"
    del swarm.requests[:]
    return swarm


def save(shop, *args):
    shop.zpm.run("plan", "--out", shop.file, *args).exits(0)
    return json.loads(shop.file.read_text())


def service(shop, name):
    return shop.state.find_service(f"shop_{name}")


def change(shop, name, edit):
    """As somebody else would, with `docker service update`."""
    it = service(shop, name)
    spec = json.loads(json.dumps(it.spec))
    edit(spec)
    shop.state.service_update(it.id, str(it.index), spec)


def expect_stale(shop, *lines):
    del shop.requests[:]
    result = shop.zpm.run("apply", shop.file).exits(5)
    assert shop.writes == []
    said = result.err.splitlines()
    assert said[0].startswith("zpm: refused: ") and str(shop.file) in said[0]
    assert sorted(said[1:]) == sorted(f"zpm: refused: {line}" for line in lines)


# The file.

def test_out__is_for_its_owner_alone_and_leaves_nothing_beside_it(shop):
    """Even where a file that others could read was there before."""
    shop.file.write_text("of before")
    shop.file.chmod(0o644)
    before = set(os.listdir(shop.zpm.folder))
    save(shop)
    assert stat.S_IMODE(shop.file.stat().st_mode) == 0o600
    assert set(os.listdir(shop.zpm.folder)) == before


def test_out__holds_the_plan_and_what_it_relies_on(shop):
    shown = shop.zpm.plan().exits(2).json
    saved = save(shop)
    assert saved["plan"] == shown
    assert saved["targets"] == []
    relies = {entry["object"]: entry for entry in saved["reliesOn"]}
    assert set(relies) == {"service/kafka", "service/idle", "service/zoo", "volume/data", "volume/reports",
                           "network/main"}
    assert relies["volume/reports"] == {"object": "volume/reports", "id": None}
    for name in ("kafka", "idle", "zoo"):
        entry = relies[f"service/{name}"]
        assert (entry["id"], entry["version"]) == (service(shop, name).id, service(shop, name).index)


def test_out__still_shows_the_plan_and_its_exit_code(shop):
    shown = shop.zpm.run("plan", "--exit-code").exits(2)
    assert shop.zpm.run("plan", "--exit-code", "--out", shop.file).exits(2).out == shown.out


def test_out__has_no_secret_in_it(shop):
    secret = "zu6Eilohph"
    (shop.zpm.folder / "key").write_text(secret)
    (shop.zpm.folder / "key").chmod(0o600)
    shop.content["secrets"] = {"key": {"file": "key"}}
    shop.content["services"]["core"]["kafka"]["secrets"] = ["key"]
    shop.zpm.manifest(shop.content)
    save(shop)
    text = shop.file.read_text()
    assert "secret/key" in text and secret not in text and "enU2RWlsb2hwaA" not in text
    shop.zpm.run("apply", shop.file).exits(0)
    assert any(f["Spec"]["Name"].startswith("shop_key-") for f in shop.state.secrets.list({}))


@pytest.mark.parametrize("where", ["nowhere/p", "folder", "link"])
def test_out__that_cannot_be_written_is_a_failure_and_harms_nothing(shop, where):
    (shop.zpm.folder / "folder").mkdir()
    (shop.zpm.folder / "other").write_text("other")
    (shop.zpm.folder / "link").symlink_to("other")
    before = set(os.listdir(shop.zpm.folder))
    result = shop.zpm.run("plan", "--out", where).exits(1)
    assert where in result.err
    assert set(os.listdir(shop.zpm.folder)) == before
    assert (shop.zpm.folder / "other").read_text() == "other" and (shop.zpm.folder / "link").is_symlink()


def test_out__keeps_the_old_file_when_there_is_no_plan(shop):
    shop.file.write_text("of before")
    shop.inject(Answer(500, "disk full"), on("GET", "/services"))
    shop.zpm.run("plan", "--out", shop.file).exits(1)
    assert shop.file.read_text() == "of before"


# Applying it.

def test_apply__does_what_was_saved_without_asking(shop):
    saved = save(shop)
    result = shop.zpm.run("apply", shop.file, "-o", "json").exits(0)
    assert {(c["kind"], c["name"], c["action"]) for c in result.json["changes"]} == \
        {(c["kind"], c["name"], c["action"]) for c in saved["plan"]["changes"]}
    assert result.json["engineWrites"] == 3
    assert "LOG_LEVEL=debug" in service(shop, "kafka").spec["TaskTemplate"]["ContainerSpec"]["Env"]
    shop.zpm.plan().exits(0)


def test_apply__of_an_empty_plan_is_nothing(shop):
    shop.zpm.apply().exits(0)
    save(shop)
    del shop.requests[:]
    shop.zpm.run("apply", shop.file).exits(0)
    assert shop.writes == []


def test_apply__takes_the_manifest_from_standard_input(shop):
    text = shop.zpm.file.read_text()
    shop.zpm.file.unlink()
    shop.zpm.run("plan", "-f", "-", "--out", shop.file, stdin=text).exits(0)
    shop.zpm.run("apply", "-f", "-", shop.file, stdin=text).exits(0)
    shop.zpm.plan("-f", "-", stdin=text).exits(0)


def test_apply__a_second_time_is_stale(shop):
    save(shop)
    shop.zpm.run("apply", shop.file).exits(0)
    result = shop.zpm.run("apply", shop.file).exits(5)
    assert "service/kafka: version" in result.err
    assert "service/zoo: there then, gone now" in result.err
    assert "volume/reports: not there then, there now" in result.err


def test_apply__keeps_to_the_targets_of_the_plan(shop):
    assert save(shop, "--target", "service/kafka")["targets"] == ["service/kafka"]
    change(shop, "idle", lambda spec: spec["Labels"].update(by="hand"))  # none of this plan's business
    result = shop.zpm.run("apply", shop.file, "-o", "json").exits(0)
    assert result.changed == {"service/kafka": "update"}
    assert "shop_zoo" in shop.services()


@pytest.mark.parametrize("option", [["--target", "service/kafka"], ["--retry"], ["--allow-data-risk"]], ids=" ".join)
def test_apply__takes_no_options_beside_the_plans(shop, option):
    save(shop)
    assert option[0] in shop.zpm.run("apply", shop.file, *option).exits(3).err


@pytest.mark.parametrize("allowed", [False, True])
def test_apply__keeps_to_what_was_allowed_with_the_plan(shop, allowed):
    shop.content["volumes"]["data"] = {"driverOptions": {"type": "tmpfs"}}
    shop.zpm.manifest(shop.content)
    saved = save(shop, *["--allow-data-risk"] * allowed)
    assert saved["options"] == {"retry": False, "allowDataRisk": allowed}
    shop.zpm.run("apply", shop.file).exits(0 if allowed else 5)
    assert shop.state.volumes["shop_data"]["Options"] == ({"type": "tmpfs"} if allowed else None)


# What moves.

def test_stale__another_manifest(shop):
    save(shop)
    shop.content["services"]["core"]["idle"]["labels"] = {"a": "b"}
    shop.zpm.manifest(shop.content)
    del shop.requests[:]
    result = shop.zpm.run("apply", shop.file, "-o", "json").exits(5)
    assert "the manifest has changed since" in result.err
    assert result.json["result"] == "refused"
    assert shop.requests == []


def test_stale__not_by_another_spelling_of_the_manifest(shop):
    save(shop)
    shop.zpm.file.write_text("# a comment\n" + shop.zpm.file.read_text())
    shop.zpm.run("apply", shop.file).exits(0)


@pytest.mark.parametrize("name", ["kafka", "idle", "zoo"])
def test_stale__a_service_that_somebody_changed_is_named_with_its_versions(shop, name):
    then = {e["object"]: e for e in save(shop)["reliesOn"]}[f"service/{name}"]["version"]
    change(shop, name, lambda spec: spec["Mode"]["Replicated"].update(Replicas=2))
    expect_stale(shop, f"service/{name}: version {then} then, {service(shop, name).index} now")


def test_stale__not_by_a_version_that_the_engine_counted_for_itself(shop):
    save(shop)
    for name in ("kafka", "idle"):
        service(shop, name).index = shop.state.tick()
    shop.zpm.run("apply", shop.file).exits(0)
    shop.zpm.plan().exits(0)


def test_stale__not_by_a_node_that_reports_and_by_one_that_was_labelled(shop):
    shop.content["hosts"] = {"one": {"node": "scripted", "roles": ["active"]}}
    shop.zpm.manifest(shop.content)
    save(shop)
    node = next(iter(shop.state.all_nodes.values()))
    node["Version"]["Index"] = shop.state.tick()
    assert shop.zpm.run("apply", shop.file, "-o", "json").exits(0).changed["node/one"] == "update"
    save(shop)
    then = node["Version"]["Index"]
    node["Version"]["Index"] = shop.state.tick()
    node["Spec"]["Labels"]["by"] = "hand"
    expect_stale(shop, f"node/one: version {then} then, {node['Version']['Index']} now")


def test_stale__by_what_zpm_itself_sees_no_difference_in(shop):
    """A forced restart is no drift, but somebody was there."""
    save(shop)
    then = service(shop, "kafka").index
    change(shop, "kafka", lambda spec: spec["TaskTemplate"].update(ForceUpdate=1))
    expect_stale(shop, f"service/kafka: version {then} then, {service(shop, 'kafka').index} now")


def test_stale__a_service_made_again_by_hand(shop):
    save(shop)
    old = service(shop, "idle")
    shop.state.service_remove(old.id)
    new = shop.state.service_create(old.spec)["ID"]
    expect_stale(shop, f"service/idle: another one now, removed and made again (id {old.id} then, {new} now)")


def test_stale__what_has_appeared_and_what_has_gone(shop):
    save(shop)
    shop.state.service_remove("shop_idle")
    shop.state.volume_create({"Name": "shop_reports"})
    expect_stale(shop, "service/idle: there then, gone now", "volume/reports: not there then, there now")


def test_stale__a_network_made_again(shop):
    save(shop)
    old = shop.state.find_network("shop_main")
    del shop.state.networks[old["Id"]]
    new = shop.state.add_network(old, "swarm")
    expect_stale(shop, f"network/main: another one now, removed and made again (id {old['Id']} then, {new} now)")


def test_stale__a_volume_of_other_settings(shop):
    save(shop)
    shop.state.volumes["shop_data"]["Options"] = {"type": "tmpfs"}
    expect_stale(shop, "volume/data: other settings now than then")


def test_stale__not_by_a_volume_that_was_written_to(shop):
    """The Engine takes the time of creation from the folder, where it is the last change."""
    save(shop)
    shop.state.volumes["shop_data"]["CreatedAt"] = "2030-01-01T00:00:00Z"
    shop.zpm.run("apply", shop.file).exits(0)


def test_stale__an_orphan_that_has_appeared(shop):
    save(shop)
    spec = json.loads(json.dumps(service(shop, "idle").spec))
    shop.state.service_create({**spec, "Name": "shop_new"})
    expect_stale(shop, "service/new: nothing to do then, something now")


def test_stale__a_target_that_has_gone(shop):
    save(shop, "--target", "service/zoo")
    shop.state.service_remove("shop_zoo")
    expect_stale(shop, "service/zoo: there then, gone now")


def test_stale__as_json_is_an_outcome(shop):
    save(shop)
    change(shop, "kafka", lambda spec: spec["Labels"].update(by="hand"))
    result = shop.zpm.run("apply", shop.file, "-o", "json").exits(5)
    assert (result.json["result"], result.json["changes"], result.json["engineWrites"]) == ("refused", [], 0)


def test_apply__of_what_is_refused_stays_refused(shop):
    shop.content["networks"]["away"] = {"external": True, "name": "nowhere"}
    shop.zpm.manifest(shop.content)
    save(shop)
    del shop.requests[:]
    assert "nowhere" in shop.zpm.run("apply", shop.file).exits(5).err
    assert shop.writes == []


# What is no plan.

def edited(edit):
    def content(text):
        saved = json.loads(text)
        edit(saved)
        return json.dumps(saved)
    return content


NOT_PLANS = {
    "empty": lambda text: "",
    "null": lambda text: "null",
    "list": lambda text: "[]",
    "garbage": lambda text: "\x7fELF\x02\x01",
    "cut off": lambda text: text[:len(text) // 2],
    "trailing": lambda text: text + "}",
    "plan without what it relies on": lambda text: json.dumps(json.loads(text)["plan"]),
    "deep": lambda text: "[" * 100000,
    "no changes": edited(lambda saved: saved["plan"].pop("changes")),
    "changes are none": edited(lambda saved: saved["plan"].update(changes=[1, None, "x"])),
    "relies on nothing that has a name": edited(lambda saved: saved["reliesOn"].append({"id": "x"})),
    "relies on a number": edited(lambda saved: saved["reliesOn"].append(7)),
    "escape sequence": edited(lambda saved: saved["reliesOn"].append({"object": "service/\x1b[2J", "id": "x"})),
    "options missing": edited(lambda saved: saved.pop("options")),
    "target is no text": edited(lambda saved: saved["targets"].append(1)),
}


@pytest.mark.parametrize("content", NOT_PLANS.values(), ids=NOT_PLANS.keys())
def test_no_plan__is_wrong_usage_and_asks_nobody(shop, content):
    save(shop)
    shop.file.write_text(content(shop.file.read_text()))
    del shop.requests[:]
    result = shop.zpm.run("apply", shop.file).exits(3)
    assert result.err.startswith("zpm: ") and str(shop.file) in result.err
    assert "no plan that zpm saved" in result.err and result.err.count("\n") == 1
    assert shop.requests == []


def test_no_plan__of_another_format_says_which(shop):
    saved = save(shop)
    shop.file.write_text(json.dumps({**saved, "planFile": 7}))
    assert "format 7" in shop.zpm.run("apply", shop.file).exits(3).err


def test_no_plan__of_another_platform_names_both(shop):
    save(shop)
    shop.zpm.manifest(platform("other"))
    result = shop.zpm.run("apply", shop.file).exits(3)
    assert "'shop'" in result.err and "'other'" in result.err


def test_no_plan__that_is_huge_is_not_read(shop):
    with open(shop.file, "w") as file:
        file.truncate(2 ** 40)
    result = shop.zpm.run("apply", shop.file).exits(3)
    assert "larger than" in result.err and str(shop.file) in result.err


def test_no_plan__that_is_not_there(shop):
    assert str(shop.file) in shop.zpm.run("apply", shop.file).exits(3).err


@pytest.mark.parametrize("args", [["plan", "--out", ""], ["plan", "--out", "-"], ["plan", "--out"],
                                  ["apply", "--out", "p"], ["apply", "p", "q"]], ids=" ".join)
def test_wrong_usage__exits_3(shop, args):
    assert shop.zpm.run(*args).exits(3).out == ""
