"""A change of the manifest costs what the plan says it costs, and nothing else moves."""
import pytest


def env_of(live, name):
    return live.spec(name)["TaskTemplate"]["ContainerSpec"].get("Env", [])


def test_update__replaces_only_the_tasks_of_what_changed(live):
    services = {"a": {"environment": {"A": "1"}}, "b": {}}
    content = live.manifest({"core": services})
    live.zpm.apply().exits(0)
    before, old = live.engine.versions(live.name), live.running("a")
    services["a"]["environment"]["A"] = "2"
    live.zpm.manifest(content)
    plan = live.zpm.plan().exits(2)
    assert plan.changed == {"service/a": "update"}
    change = plan.change("service/a")
    assert (change["impact"], change["reason"]) == ("restart", "manifest")
    assert change["fields"] == [{"path": "environment.A", "old": "1", "new": "2"}]
    assert live.zpm.apply().exits(0).json["engineWrites"] == 1
    assert live.engine.versions(live.name)["b"] == before["b"]
    assert len(live.running("a")) == 1 and not live.running("a") & old
    assert env_of(live, "a") == ["A=2"]


def test_update__another_order_of_what_is_a_set_is_no_change(live):
    def service(turn):
        return {"environment": turn(["A=1", "B=2", "C=3"]), "volumes": turn(["v:/v", "w:/w"]),
                "networks": turn(["n", "m"]), "labels": turn(["x=1", "y=2"]), "endpointMode": "dnsrr",
                "ports": turn([{"target": 80, "published": 18475, "mode": "host"},
                               {"target": 81, "published": 18476, "mode": "host"}]),
                "capAdd": turn(["NET_ADMIN", "SYS_TIME"]),
                "placement": {"constraints": turn(["node.role == manager", "node.platform.os == linux"])}}
    sections = {"networks": {"n": {}, "m": {}}, "volumes": {"v": {}, "w": {}}}
    live.manifest({"core": {"a": service(list)}}, **sections)
    live.zpm.apply().exits(0)
    before = live.engine.versions(live.name)
    live.manifest({"core": {"a": service(lambda items: items[::-1])}}, **sections)
    live.zpm.plan().exits(0)
    assert live.zpm.apply().exits(0).json["engineWrites"] == 0
    assert live.engine.versions(live.name) == before


def test_update__what_is_added_to_a_set_leaves_the_order_of_the_rest(live):
    content = live.manifest({"core": {"a": {"replicas": 0, "environment": ["B=2", "A=1"]}}})
    live.zpm.apply().exits(0)
    before = env_of(live, "a")
    content["services"]["core"]["a"]["environment"] = ["C=3", "A=1", "B=2"]
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    assert env_of(live, "a") == before + ["C=3"]


def test_update__saying_a_default_is_no_change(live):
    live.manifest({"core": {"a": {}}}, defaults={"restart": {}, "stopGracePeriod": "10s"})
    live.zpm.apply().exits(0)
    live.manifest({"core": {"a": {
        "replicas": 1, "mode": "replicated", "endpointMode": "vip", "readOnly": False, "tty": False,
        "restart": {"condition": "any", "maxAttempts": 0, "window": "0s"}, "environment": {}, "ports": [],
        "update": {"parallelism": 1, "delay": "0s", "failureAction": "pause", "monitor": "5s",
                   "maxFailureRatio": 0, "order": "stop-first"}, "rollback": {"parallelism": 1}}}},
        defaults={"restart": {}, "stopGracePeriod": "10s"})
    live.zpm.plan().exits(0)


@pytest.mark.parametrize("fields", [{"labels": {"team": "core"}},
                                    {"update": {"parallelism": 2, "order": "start-first"}},
                                    {"rollback": {"monitor": "1s"}}], ids=["labels", "update", "rollback"])
def test_update__that_is_in_place_restarts_nothing(live, fields):
    content = live.manifest({"core": {"a": {}}})
    live.zpm.apply().exits(0)
    tasks = live.running("a")
    content["services"]["core"]["a"] |= fields
    live.zpm.manifest(content)
    assert live.zpm.plan().exits(2).change("service/a")["impact"] == "in-place"
    live.zpm.apply().exits(0)
    assert live.running("a") == tasks
    assert len(live.engine.tasks(live.real("a"), None)) == 1


def test_update__of_the_image_runs_the_new_one(live):
    content = live.manifest({"core": {"a": {"replicas": 2}}}, defaults={"image": "zpm-demo/web:1.0"})
    live.zpm.apply().exits(0)
    content["services"]["core"]["a"]["image"] = "zpm-demo/web:1.1"
    live.zpm.manifest(content)
    assert "restarts 2 tasks" in live.zpm.run("plan").exits(0).out
    live.zpm.apply().exits(0)
    assert [t["Spec"]["ContainerSpec"]["Image"] for t in live.tasks("a")] == ["zpm-demo/web:1.1"] * 2
    assert len(live.running("a")) == 2


def test_update__release_tag_moves_every_image_without_a_tag_of_its_own(live):
    tiers = {"core": {"a": {"image": "app"}, "b": {"image": "web:1.0"}}}
    live.manifest(tiers, release={"registry": "zpm-demo", "tag": "1.0"})
    live.zpm.apply().exits(0)
    before = live.engine.versions(live.name)["b"]
    live.manifest(tiers, release={"registry": "zpm-demo", "tag": "1.1"})
    assert live.zpm.plan().exits(2).changed == {"service/a": "update"}
    live.zpm.apply().exits(0)
    assert live.spec("a")["TaskTemplate"]["ContainerSpec"]["Image"] == "zpm-demo/app:1.1"
    assert live.engine.versions(live.name)["b"] == before


def test_update__scaling_keeps_the_tasks_that_run(live):
    content = live.manifest({"core": {"a": {}}})
    live.zpm.apply().exits(0)
    first = live.running("a")
    for replicas, kept in ((3, 1), (1, 1), (0, 0)):
        content["services"]["core"]["a"]["replicas"] = replicas
        live.zpm.manifest(content)
        assert live.zpm.plan().exits(2).change("service/a")["impact"] == "in-place"
        live.zpm.apply().exits(0)
        assert len(live.running("a")) == replicas
        assert replicas != 3 or first <= live.running("a")


def test_update__of_the_mode_replaces_the_service(live):
    content = live.manifest({"core": {"a": {}, "b": {}}})
    live.zpm.apply().exits(0)
    old, beside = live.service("a")["ID"], live.engine.versions(live.name)["b"]
    content["services"]["core"]["a"]["mode"] = "global"
    live.zpm.manifest(content)
    assert live.zpm.plan().exits(2).changed == {"service/a": "replace"}
    live.zpm.apply().exits(0)
    assert live.service("a")["ID"] != old
    assert "Global" in live.spec("a")["Mode"]
    assert len(live.running("a")) == 1
    assert live.engine.versions(live.name)["b"] == beside
    live.zpm.plan().exits(0)


def test_update__of_a_network_replaces_it_with_the_services_in_it(live):
    tiers = {"core": {"a": {"networks": ["n"], "endpointMode": "dnsrr"}, "b": {"dependsOn": ["a"]},
                      "c": {"networks": ["n", "m"], "replicas": 0, "dependsOn": ["b"]}}}
    live.manifest(tiers, networks={"n": {}, "m": {}})
    live.zpm.apply().exits(0)
    old, beside = live.engine.networks(live.name), live.engine.versions(live.name)["b"]
    live.manifest(tiers, networks={"n": {"attachable": True}, "m": {}})
    plan = live.zpm.plan().exits(2)
    assert plan.changed == {"network/n": "replace", "service/a": "replace", "service/c": "replace"}
    live.zpm.apply().exits(0)
    new = live.engine.networks(live.name)
    assert new["n"]["Id"] != old["n"]["Id"] and new["n"]["Attachable"]
    assert new["m"]["Id"] == old["m"]["Id"]
    assert [n["Target"] for n in live.spec("a")["TaskTemplate"]["Networks"]] == [new["n"]["Id"]]
    assert len(live.running("a")) == 1
    assert live.engine.versions(live.name)["b"] == beside
    live.zpm.plan().exits(0)


def test_update__moving_to_another_tier_restarts_nothing(live):
    live.manifest({"core": {"a": {}}})
    live.zpm.apply().exits(0)
    tasks = live.running("a")
    live.manifest({"ui": {"a": {}}})
    live.zpm.apply().exits(0)
    assert live.running("a") == tasks
    live.zpm.plan().exits(0)


def test_update__start_first_ends_with_only_the_new_task(live):
    services = {"a": {"update": {"order": "start-first"}, "environment": {"A": "1"}}}
    content = live.manifest({"core": services})
    live.zpm.apply().exits(0)
    old = live.running("a")
    services["a"]["environment"]["A"] = "2"
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    assert len(live.running("a")) == 1 and not live.running("a") & old
