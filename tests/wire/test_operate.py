"""`restart`, `stop` and `start`: what they send, to which services and in which order, and what a hold means to others."""
import re

import pytest

from scripted_engine import Answer, Look, on
from zpm_run import platform

HOLD = "zpm.hold"
CLOSED = "node.labels.zpm.hold == held"
UPDATE = on("POST", r"/services/.*/update")


@pytest.fixture
def shop(swarm):
    swarm.content = platform("shop", {
        "system": {"zoo": {"image": "x"},
                   "kafka": {"image": "x", "dependsOn": ["zoo"], "replicas": 3, "labels": {"a": "b"}},
                   "agent": {"image": "x", "mode": "global", "placement": {"constraints": ["node.role == manager"]}}},
        "core": {"runner": {"image": "x", "dependsOn": ["kafka"]}, "aside": {"image": "x"}},
        "ui": {"web": {"image": "x", "dependsOn": ["runner"]}, "page": {"image": "x"}}})
    swarm.zpm.manifest(swarm.content)
    swarm.zpm.apply("--no-wait").exits(0)
    del swarm.requests[:]
    return swarm


def spec(shop, name):
    return shop.services()["shop_" + name]["Spec"]


def replicas(shop, name):
    return spec(shop, name)["Mode"]["Replicated"]["Replicas"]


def operate(shop, *args):
    return shop.zpm.run(*args, "-o", "json")


def edit(shop, name, change):
    """By somebody else than zpm."""
    service = shop.services()["shop_" + name]
    change(service["Spec"])
    shop.state.service_update(service["ID"], str(service["Version"]["Index"]), service["Spec"])


def declare(shop, tier, name, **fields):
    shop.content["services"][tier].setdefault(name, {"image": "x"}).update(fields)
    shop.zpm.manifest(shop.content)


def updated(shop):
    """The services that were sent an update, in order."""
    names = {s["ID"]: name.removeprefix("shop_") for name, s in shop.services().items()}
    return [names[r.path.split("/")[2]] for r in shop.writes]


# Restart.

def test_restart__sends_the_live_spec_with_one_more_forced_update(shop):
    before = spec(shop, "kafka")
    result = operate(shop, "restart", "kafka").exits(0)
    assert result.json["result"] == "converged" and result.changed == {"service/kafka": "update"}
    assert updated(shop) == ["kafka"]
    before["TaskTemplate"]["ForceUpdate"] = 1
    assert spec(shop, "kafka") == before


def test_restart__leaves_drift_and_a_changed_manifest_alone(shop):
    def by_hand(found):
        found["TaskTemplate"]["ContainerSpec"]["Image"] = "x:by-hand"
        found["TaskTemplate"]["ContainerSpec"]["Groups"] = ["no table knows it"]
    edit(shop, "kafka", by_hand)
    declare(shop, "system", "kafka", environment={"NEW": "1"})
    operate(shop, "restart", "kafka").exits(0)
    container = spec(shop, "kafka")["TaskTemplate"]["ContainerSpec"]
    assert container["Image"] == "x:by-hand" and container["Groups"] and "Env" not in container


def test_restart__goes_in_the_order_of_dependencies_and_tiers(shop):
    operate(shop, "restart", "page", "runner", "kafka", "zoo").exits(0)
    assert updated(shop) == ["zoo", "kafka", "runner", "page"]


def test_restart__reads_the_service_again_when_somebody_was_quicker(shop):
    def scale(request):
        if UPDATE(request) and len(shop.writes) == 1:
            edit(shop, "kafka", lambda found: found["Mode"]["Replicated"].update(Replicas=5))
        return False
    shop.inject(Answer(500), scale)
    operate(shop, "restart", "kafka").exits(0)
    assert updated(shop) == ["kafka", "kafka"]
    assert replicas(shop, "kafka") == 5 and spec(shop, "kafka")["TaskTemplate"]["ForceUpdate"] == 1


def test_restart__fails_with_the_tasks_reason(shop):
    shop.tasks("shop_kafka", Look("rejected", "no such image", past=(Look("rejected", "no such image"),)))
    result = operate(shop, "restart", "kafka").exits(4)
    assert "no such image" in result.change("service/kafka")["error"]


def test_restart__taken_back_by_swarm_is_a_failure(shop):
    def roll_back(request):
        service = shop.state.find_service("shop_kafka")
        if on("GET", "/tasks")(request) and service.spec["TaskTemplate"]["ForceUpdate"] == 1:
            service.spec = service.previous
            service.update_status = {"State": "rollback_completed", "Message": "rollback completed"}
        return False
    shop.inject(Answer(500), roll_back)
    result = operate(shop, "restart", "kafka").exits(4)
    assert "Swarm has rolled back the update" in result.change("service/kafka")["error"]


def test_restart__no_wait_ends_when_it_is_accepted(shop):
    shop.tasks("shop_kafka", Look("pending"))
    assert operate(shop, "restart", "--no-wait", "kafka").exits(0).json["result"] == "applied"


def test_restart__unknown_service_names_the_nearest_and_nothing_is_sent(shop):
    result = operate(shop, "restart", "zoo", "kafak").exits(3)
    assert "did you mean 'kafka'?" in result.err and shop.writes == []


def test_restart__refuses_a_service_of_somebody_else(shop):
    edit(shop, "kafka", lambda found: found["Labels"].pop("zpm.platform"))
    assert "zpm.platform=shop" in operate(shop, "restart", "kafka").exits(5).err
    assert shop.writes == []


def test_restart__declared_and_not_there_says_so(shop):
    declare(shop, "core", "late")
    assert "'zpm apply' makes it" in operate(shop, "restart", "late").exits(1).err


def test_restart__refuses_what_is_held(shop):
    operate(shop, "stop", "kafka").exits(0)
    assert "zpm start kafka" in operate(shop, "restart", "kafka").exits(5).err


# Stop and start.

def test_stop__holds_at_no_replicas_and_says_since_when_by_whom_and_why(shop):
    before = spec(shop, "kafka")
    operate(shop, "stop", "--reason", "new disk", "kafka").exits(0)
    after = spec(shop, "kafka")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S+ new disk", after["Labels"].pop(HOLD))
    before["Mode"]["Replicated"]["Replicas"] = 0
    assert after == before


def test_stop__holds_a_global_service_by_a_constraint_that_no_node_meets(shop):
    operate(shop, "stop", "agent").exits(0)
    assert spec(shop, "agent")["TaskTemplate"]["Placement"]["Constraints"] == ["node.role == manager", CLOSED]
    shop.zpm.plan().exits(0)
    operate(shop, "start", "agent").exits(0)
    assert spec(shop, "agent")["TaskTemplate"]["Placement"]["Constraints"] == ["node.role == manager"]
    assert HOLD not in spec(shop, "agent")["Labels"]


def test_stop__goes_against_the_order_of_dependencies(shop):
    operate(shop, "stop", "zoo", "kafka", "runner", "page").exits(0)
    assert updated(shop) == ["page", "runner", "kafka", "zoo"]


def test_stop__twice_writes_nothing_and_keeps_the_first_reason(shop):
    operate(shop, "stop", "--reason", "first", "kafka").exits(0)
    del shop.requests[:]
    operate(shop, "stop", "--reason", "second", "kafka").exits(0)
    assert shop.writes == [] and spec(shop, "kafka")["Labels"][HOLD].endswith(" first")


def test_start__brings_back_what_the_manifest_says_and_nothing_else_of_it(shop):
    operate(shop, "stop", "kafka").exits(0)
    declare(shop, "system", "kafka", replicas=2, environment={"NEW": "1"})
    operate(shop, "start", "kafka").exits(0)
    assert replicas(shop, "kafka") == 2 and HOLD not in spec(shop, "kafka")["Labels"]
    assert "Env" not in spec(shop, "kafka")["TaskTemplate"]["ContainerSpec"]


def test_start__of_what_is_not_held_writes_nothing(shop):
    operate(shop, "start", "kafka").exits(0)
    assert shop.writes == []


def test_start__waits_until_it_runs(shop):
    operate(shop, "stop", "kafka").exits(0)
    shop.tasks("shop_kafka", Look("starting"), Look("starting"), Look("running"))
    operate(shop, "start", "kafka").exits(0)
    assert shop.state.look(shop.state.find_service("shop_kafka")).state == "running"


def test_start__refuses_what_the_manifest_no_longer_has(shop):
    operate(shop, "stop", "page").exits(0)
    del shop.content["services"]["ui"]["page"]
    shop.zpm.manifest(shop.content)
    assert "no longer in the manifest" in operate(shop, "start", "page").exits(5).err


@pytest.mark.parametrize("reason", ["", "two\nlines", "\x1b[31m", "x" * 201])
def test_stop__a_reason_that_is_no_line_of_text_is_refused(shop, reason):
    operate(shop, "stop", "--reason", reason, "kafka").exits(3)
    assert shop.writes == []


# What a hold means to the other commands.

def test_hold__is_shown_and_is_no_difference(shop):
    operate(shop, "stop", "--reason", "new disk", "kafka").exits(0)
    plan = shop.zpm.plan().exits(0).json
    assert [(h["kind"], h["name"], h["reason"]) for h in plan["held"]] == [("service", "kafka", "new disk")]
    assert re.search(r"kafka +held since \S+ by \S+: new disk", shop.zpm.run("plan").exits(0).out)
    status = shop.zpm.status().exits(0).json
    kafka = next(o for o in status["objects"] if o["name"] == "kafka")
    assert kafka["state"] == "held" and kafka["hold"]["reason"] == "new disk" and status["converged"]


def test_hold__apply_reconciles_all_else_and_starts_nothing(shop):
    operate(shop, "stop", "kafka").exits(0)
    declare(shop, "system", "kafka", labels={"c": "d"}, replicas=4)
    shop.zpm.apply().exits(0)
    labels = spec(shop, "kafka")["Labels"]
    assert labels["c"] == "d" and "a" not in labels and HOLD in labels and replicas(shop, "kafka") == 0
    del shop.requests[:]
    shop.zpm.apply().exits(0)
    assert shop.writes == []


def test_hold__scaled_up_by_hand_is_drift(shop):
    operate(shop, "stop", "kafka").exits(0)
    edit(shop, "kafka", lambda found: found["Mode"]["Replicated"].update(Replicas=1))
    assert shop.zpm.plan().exits(2).change("service/kafka")["reason"] == "drift"
    shop.zpm.apply().exits(0)
    assert replicas(shop, "kafka") == 0 and HOLD in spec(shop, "kafka")["Labels"]


def test_hold__survives_a_replacement(shop):
    operate(shop, "stop", "kafka").exits(0)
    declare(shop, "system", "kafka", mode="global")
    del shop.content["services"]["system"]["kafka"]["replicas"]
    shop.zpm.manifest(shop.content)
    shop.zpm.apply().exits(0)
    assert HOLD in spec(shop, "kafka")["Labels"]
    assert spec(shop, "kafka")["TaskTemplate"]["Placement"]["Constraints"] == [CLOSED]


def test_hold__keeps_dependents_from_starting_and_nothing_else(shop):
    operate(shop, "stop", "--reason", "new disk", "kafka").exits(0)
    declare(shop, "core", "late", dependsOn=["kafka"])
    declare(shop, "core", "runner", environment={"NEW": "1"})
    declare(shop, "core", "aside", environment={"NEW": "1"})
    declare(shop, "ui", "web", environment={"NEW": "1"})
    declare(shop, "ui", "page", environment={"NEW": "1"})
    blocked = {c["name"]: c["blocked"] for c in shop.zpm.plan().exits(2).json["changes"] if "blocked" in c}
    assert blocked == dict.fromkeys(("late", "runner", "web"), "service/kafka is held")
    result = shop.zpm.apply().exits(4)
    assert {c["name"]: c["status"] for c in result.json["changes"]} == {
        "late": "skipped", "runner": "skipped", "web": "skipped", "aside": "done", "page": "done"}
    assert result.change("service/late")["because"] == "service/kafka is held"
    operate(shop, "start", "kafka").exits(0)
    assert set(shop.zpm.apply().exits(0).changed) == {"service/late", "service/runner", "service/web"}


def test_hold__dependents_are_changed_in_place(shop):
    operate(shop, "stop", "kafka").exits(0)
    declare(shop, "core", "runner", labels={"new": "1"})
    assert shop.zpm.apply().exits(0).changed == {"service/runner": "update"}


def test_hold__nothing_is_deleted_that_a_skipped_dependent_may_still_use(shop):
    operate(shop, "stop", "kafka").exits(0)
    declare(shop, "core", "runner", environment={"NEW": "1"})
    del shop.content["services"]["ui"]["page"]
    shop.zpm.manifest(shop.content)
    result = shop.zpm.apply().exits(4)
    assert result.change("service/page")["because"] == "service/kafka is held" and "shop_page" in shop.services()


def test_hold__destroy_removes_what_is_held(shop):
    operate(shop, "stop", "kafka").exits(0)
    shop.zpm.destroy().exits(0)
    assert shop.services() == {}
