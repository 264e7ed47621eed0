"""The folder `patches` beside the manifest, as the commands see it."""
import json

import pytest

from zpm_run import platform


@pytest.fixture
def shop(swarm):
    """Applied without patches."""
    swarm.zpm.manifest(platform("shop", {
        "system": {"db": {"image": "db"}},
        "core": {"api": {"image": "api", "environment": {"LEVEL": "info", "MODE": "plain"}},
                 "own": {"image": "own:3"}, "idle": {"image": "idle"}}},
        release={"tag": "7"}, defaults={"replicas": 0}))
    swarm.zpm.apply().exits(0)
    del swarm.requests[:]
    return swarm


def given(swarm, name, text):
    file = swarm.zpm.folder / "patches" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def container(swarm, name):
    return swarm.services()[f"shop_{name}"]["Spec"]["TaskTemplate"]["ContainerSpec"]


def test_patches__change_the_named_services_alone_and_say_so(shop):
    given(shop, "7-p1.yaml", "tag: 7-p1\nservices: [api, own]\nenvironment: { LEVEL: debug }\n")
    plan = shop.zpm.plan().exits(2)
    assert plan.changed == {"service/api": "update", "service/own": "update"}
    assert {plan.change(f"service/{name}")["reason"] for name in ("api", "own")} == {"patch"}
    shop.zpm.apply().exits(0)
    assert container(shop, "api")["Image"] == "api:7-p1"
    assert sorted(container(shop, "api")["Env"]) == ["LEVEL=debug", "MODE=plain"]
    assert container(shop, "own")["Image"] == "own:3"
    assert container(shop, "own")["Env"] == ["LEVEL=debug"]
    shop.zpm.plan().exits(0)


def test_patches__removed_leave_what_the_manifest_says(shop):
    before = {name: container(shop, name) for name in ("db", "api", "own", "idle")}
    file = given(shop, "a.yaml", 'tag: "8"\nservices: [api, db]\nenvironment: { X: 1 }\n')
    shop.zpm.apply().exits(0)
    file.unlink()
    plan = shop.zpm.plan().exits(2)
    assert plan.changed == {"service/api": "update", "service/db": "update"}
    assert plan.change("service/api")["reason"] == "manifest"
    shop.zpm.apply().exits(0)
    assert {name: container(shop, name) for name in before} == before
    assert shop.zpm.apply().exits(0).json["engineWrites"] == 0


def test_patches__reason_is_another_where_a_patch_changes_nothing(shop):
    given(shop, "a.yaml", "services: api\nenvironment: { LEVEL: debug }\n")
    shop.zpm.apply().exits(0)
    content = json.loads(shop.zpm.file.read_text())
    content["services"]["core"]["api"]["environment"]["MODE"] = "fancy"
    shop.zpm.manifest(content)
    assert shop.zpm.plan().exits(2).change("service/api")["reason"] == "manifest"


def test_patches__are_looked_for_beside_the_manifest(shop, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    given(shop, "a.yaml", '{ tag: "8", services: api }')
    assert shop.zpm.plan("-f", shop.zpm.file, cwd=elsewhere).exits(2).changed == {"service/api": "update"}


def test_patches__of_standard_input_are_in_the_current_folder(shop, tmp_path_factory):
    given(shop, "a.yaml", '{ tag: "8", services: api }')
    text = shop.zpm.file.read_text()
    assert shop.zpm.plan("-f", "-", stdin=text).exits(2).changed == {"service/api": "update"}
    shop.zpm.plan("-f", "-", stdin=text, cwd=tmp_path_factory.mktemp("elsewhere")).exits(0)


def test_patches__that_appear_make_a_saved_plan_stale(shop):
    given(shop, "a.yaml", '{ tag: "8", services: api }')
    shop.zpm.run("plan", "--out", "saved").exits(0)
    given(shop, "b.yaml", '{ tag: "9", services: idle }')
    assert "refused" in shop.zpm.run("apply", "saved").exits(5).err
    assert shop.writes == []


def test_patches__in_another_order_are_another_manifest(shop):
    given(shop, "a.yaml", '{ tag: "8", services: api }')
    given(shop, "b.yaml", '{ tag: "9", services: api }')
    then = shop.zpm.plan().exits(2).json["manifestHash"]
    (shop.zpm.folder / "patches/b.yaml").rename(shop.zpm.folder / "patches/0.yaml")
    plan = shop.zpm.plan().exits(2)
    assert plan.change("service/api")["fields"] == [{"path": "image", "old": "api:7", "new": "api:8"}]
    assert plan.json["manifestHash"] != then


@pytest.mark.parametrize("command", [["validate"], ["plan"], ["apply", "--yes"], ["status"]], ids=lambda c: c[0])
def test_patches__mistakes_exit_3_and_ask_nobody(shop, command):
    given(shop, "a.yaml", "tag: 8\nservces: api\n")
    given(shop, "b.yaml", 'tag: "8"\nservices:\n  - idle\n  - ilde\n')
    said = shop.zpm.run(*command).exits(3).err
    for line in ("patches/a.yaml:1:6: tag: expected text, got the number 8; put it in quotes",
                 "patches/a.yaml:2:1: unknown field 'servces'; did you mean 'services'?",
                 "patches/a.yaml:1:1: 'services' is missing",
                 "patches/b.yaml:4:5: services[1]: there is no service 'ilde'; did you mean 'idle'?"):
        assert line in said
    assert shop.requests == []
