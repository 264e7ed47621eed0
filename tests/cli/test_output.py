"""What is printed, where, and in which shape."""
import json
import os
import subprocess

import pytest

from scripted_engine import Answer, Look, on
from zpm_run import binary, platform


@pytest.fixture
def shop(swarm):
    swarm.content = platform("shop", {"system": {"zoo": {"image": "x"}},
                                      "core": {"kafka": {"image": "x", "environment": {"LOG_LEVEL": "info"},
                                                         "dependsOn": ["zoo"], "volumes": ["data:/data"]}}},
                             volumes={"data": {}}, networks={"main": {}})
    swarm.zpm.manifest(swarm.content)
    return swarm


@pytest.fixture
def changed(shop):
    """Applied, and then: one update, one orphan, one volume by hand removed."""
    shop.zpm.apply().exits(0)
    shop.content["services"]["core"]["kafka"]["environment"]["LOG_LEVEL"] = "debug"
    del shop.content["services"]["system"]["zoo"], shop.content["services"]["core"]["kafka"]["dependsOn"]
    shop.zpm.manifest(shop.content)
    return shop


def test_plan__as_json_has_the_keys_that_programs_rely_on(changed):
    plan = changed.zpm.run("plan", "-o", "json").exits(0).json
    assert set(plan) == {"apiVersion", "platform", "manifestHash", "changes", "summary"}
    assert (plan["apiVersion"], plan["platform"]) == ("zpm/v1", "shop")
    assert plan["manifestHash"].startswith("sha256:") and len(plan["manifestHash"]) == 7 + 64
    assert plan["summary"] == {"create": 0, "update": 1, "replace": 0, "delete": 1, "adopt": 0, "unchanged": 2}
    for change in plan["changes"]:
        assert set(change) == {"action", "kind", "name", "impact", "fields", "after", "reason"}
    update, orphan = plan["changes"]
    assert update == {"action": "update", "kind": "service", "name": "kafka", "impact": "restart",
                      "fields": [{"path": "environment.LOG_LEVEL", "old": "info", "new": "debug"}],
                      "after": [], "reason": "manifest"}
    assert (orphan["action"], orphan["name"], orphan["reason"]) == ("delete", "zoo", "orphan")


def test_plan__of_a_first_apply_says_what_is_missing_and_in_which_order(shop):
    plan = shop.zpm.plan().exits(2)
    assert plan.json["summary"] == {"create": 4, "update": 0, "replace": 0, "delete": 0, "adopt": 0, "unchanged": 0}
    kafka = plan.change("service/kafka")
    assert (kafka["action"], kafka["reason"], kafka["impact"]) == ("create", "missing", "none")
    assert sorted(kafka["after"]) == ["service/zoo", "volume/data"]
    assert {"path": "environment.LOG_LEVEL", "old": None, "new": "info"} in kafka["fields"]


def test_plan__hash_is_of_what_the_manifest_means(shop):
    first = shop.zpm.plan().json["manifestHash"]
    shop.zpm.file.write_text("# a comment\n" + shop.zpm.file.read_text())
    assert shop.zpm.plan().json["manifestHash"] == first
    shop.content["services"]["core"]["kafka"]["environment"]["LOG_LEVEL"] = "debug"
    shop.zpm.manifest(shop.content)
    assert shop.zpm.plan().json["manifestHash"] != first


def test_plan__reads_as_the_manual_says(changed):
    assert changed.zpm.run("plan").exits(0).out == (
        "shop: 2 changes (1 update, 1 delete), 2 unchanged\n"
        "\n"
        "  ~ service  kafka              restarts 1 task\n"
        "      environment.LOG_LEVEL     info → debug\n"
        "  - service  zoo                stops 1 task (orphan)\n")


def test_plan__of_nothing_is_one_line(shop):
    shop.zpm.apply().exits(0)
    assert shop.zpm.run("plan").exits(0).out == "shop: no changes, 4 unchanged\n"


def test_plan__is_the_same_text_each_time(changed):
    assert len({changed.zpm.run("plan").out for _ in range(3)}) == 1
    assert len({changed.zpm.run("plan", "-o", "json").out for _ in range(3)}) == 1


def test_plan__keeps_a_value_with_control_characters_on_its_line(shop):
    shop.zpm.apply().exits(0)
    shop.content["services"]["core"]["kafka"]["environment"]["LOG_LEVEL"] = "a\nb\x1b[31m\tc"
    shop.zpm.manifest(shop.content)
    out = shop.zpm.run("plan").exits(0).out
    assert "\x1b" not in out and out.count("\n") == 4


def test_apply__as_json_has_the_keys_that_programs_rely_on(changed):
    result = changed.zpm.apply().exits(0).json
    assert set(result) == {"result", "changes", "engineWrites", "mongoWrites", "seconds"}
    assert (result["result"], result["engineWrites"], result["mongoWrites"]) == ("converged", 2, 0)
    assert isinstance(result["seconds"], float)
    for change in result["changes"]:
        assert set(change) == {"kind", "name", "action", "status", "seconds"}
        assert change["status"] == "done"


def test_apply__as_json_says_what_failed_and_what_was_skipped_and_why(shop):
    shop.inject(Answer(400, "rpc error: code = InvalidArgument desc = no such luck"),
                on("POST", "/services/create", lambda body: body["Name"] == "shop_zoo"))
    result = shop.zpm.apply().exits(4)
    assert result.json["result"] == "partial"
    zoo, kafka = result.change("service/zoo"), result.change("service/kafka")
    assert set(zoo) == {"kind", "name", "action", "status", "seconds", "error"}
    assert zoo["error"].endswith("no such luck") and "rpc error" not in zoo["error"]
    assert set(kafka) == {"kind", "name", "action", "status", "seconds", "because"}
    assert "service/zoo" in kafka["because"]


def test_apply__as_json_of_a_refusal(shop):
    shop.content["networks"]["main"] = {"external": True, "name": "nowhere"}
    shop.zpm.manifest(shop.content)
    result = shop.zpm.apply().exits(5)
    assert (result.json["result"], result.json["changes"], result.json["engineWrites"]) == ("refused", [], 0)
    assert "nowhere" in result.err


def test_plan__shows_what_would_be_refused(shop):
    shop.content["networks"]["main"] = {"external": True, "name": "nowhere"}
    shop.zpm.manifest(shop.content)
    assert "nowhere" in shop.zpm.run("plan").exits(0).out
    assert "nowhere" in shop.zpm.run("plan", "-o", "json").exits(0).json["refused"][0]


def test_apply__prints_the_plan_then_what_came_of_it(shop):
    result = shop.zpm.run("apply", "--yes").exits(0)
    assert result.out.startswith("shop: 4 changes (4 creates), 0 unchanged\n")
    last = result.out.splitlines()[-1]
    assert last.startswith("shop: converged, 4 done, 4 writes")


def test_apply__prints_json_and_nothing_else_on_standard_output(shop):
    json.loads(shop.zpm.run("apply", "--yes", "-o", "json").exits(0).out)
    json.loads(shop.zpm.run("destroy", "--yes", "-o", "json").exits(0).out)


def test_status__as_json_has_each_object_with_why_it_is_not_converged(changed):
    changed.zpm.apply().exits(0)
    changed.tasks("shop_kafka", Look("pending", "no suitable node (1 node not available)"))
    status = changed.zpm.status().exits(4).json
    assert (status["apiVersion"], status["platform"], status["converged"]) == ("zpm/v1", "shop", False)
    objects = {f"{o['kind']}/{o['name']}": o for o in status["objects"]}
    assert set(objects) == {"service/kafka", "volume/data", "network/main"}
    assert objects["service/kafka"] == {
        "kind": "service", "name": "kafka", "engineName": "shop_kafka", "state": "progressing", "tier": "core",
        "running": 0, "desired": 1, "why": objects["service/kafka"]["why"]}
    assert "no suitable node" in objects["service/kafka"]["why"]
    assert objects["volume/data"]["state"] == "converged"


def test_status__as_text_has_a_line_for_each_object(shop):
    shop.zpm.apply().exits(0)
    shop.tasks("shop_zoo", "starting")
    out = shop.zpm.run("status").exits(4).out
    assert out.startswith("shop: 3 of 4 objects converged\n")
    assert [line.split()[:2] for line in out.splitlines()[2:]] == [
        ["network", "main"], ["volume", "data"], ["system", "zoo"], ["core", "kafka"]]
    assert "0/1" in out and "1/1" in out


def test_validate__says_what_there_is(shop):
    assert shop.zpm.run("validate").exits(0).out == "shop: valid: 2 services, 1 volume, 1 network\n"


def test_validate__prints_all_mistakes_sorted_each_with_its_place(zpm):
    zpm.manifest("""apiVersion: zpm/v1
platform: shop
services:
  core:
    web:
      image: "not an image!"
      replicas: many
      ports: ["99999:80"]
      dependsOn: [nobody]
      networks: [nowhere]
    web-2: { imgae: x }
  ui:
    api: { image: x, healthcheck: { test: "true", interval: soon } }
""")
    result = zpm.run("validate").exits(3)
    assert result.out == ""
    lines = result.err.splitlines()
    places = []
    for line in lines:
        name, row, column, message = line.split(":", 3)
        assert name == "securaa.yaml" and message.startswith(" ")
        places.append((int(row), int(column)))
    assert places == sorted(places)
    assert {row for row, _ in places} >= {6, 7, 8, 9, 10, 11, 13}
    assert any("'image'" in line for line in lines if line.startswith("securaa.yaml:11:"))


def test_no_terminal__no_escape_sequences_anywhere(changed):
    for args in (["plan"], ["apply", "--yes"], ["status"], ["destroy", "--yes"], ["--help"]):
        result = changed.zpm.run(*args, env={**changed.zpm.env, "TERM": "xterm-256color"})
        assert "\x1b" not in result.out + result.err, args


def test_progress__without_a_terminal_is_plain_lines_on_standard_error(shop):
    result = shop.zpm.run("apply", "--yes").exits(0)
    lines = result.err.splitlines()
    for name in ("service/zoo", "service/kafka"):
        create = lines.index(f"create {name}")
        done = next(i for i, line in enumerate(lines) if line.startswith("done") and name in line)
        assert create < done
    assert "\r" not in result.err
    assert "create service" not in result.out


def test_progress__quiet_says_nothing_of_what_goes_well(shop):
    assert shop.zpm.run("apply", "--yes", "--quiet").exits(0).err == ""


def test_progress__quiet_still_says_what_goes_wrong(shop):
    shop.inject(Answer(400, "no such luck"), on("POST", "/volumes/create"))
    result = shop.zpm.run("apply", "--yes", "--quiet").exits(4)
    assert "no such luck" in result.err + result.out


def test_consent__without_a_terminal_needs_yes(shop):
    for command in ("apply", "destroy"):
        if command == "destroy":
            shop.zpm.apply().exits(0)
            del shop.requests[:]
        for options in ({}, {"stdin": "y\n"}):
            result = shop.zpm.run(command, **options).exits(3)
            assert "--yes" in result.err
        assert shop.writes == []


def test_consent__is_not_asked_for_nothing(shop):
    shop.zpm.apply().exits(0)
    shop.zpm.run("apply").exits(0)


@pytest.mark.parametrize("args", [["plan"], ["plan", "-o", "json"], ["schema"], ["--help"], ["version"], ["status"],
                                  ["plan", "--exit-code"], ["validate"]],
                         ids=" ".join)
def test_full_disk__is_no_success(shop, args):
    with open("/dev/full", "w") as full:
        result = shop.zpm.run(*args, stdout=full)
    assert result.code in (1, 4), str(result)  # 4: and not converged either
    assert "cannot write" in result.err and "No space left" in result.err


def test_full_disk__does_not_hide_that_the_apply_went_well_or_not(shop):
    with open("/dev/full", "w") as full:
        result = shop.zpm.run("apply", "--yes", stdout=full)
    assert result.code != 0
    assert set(shop.services()) == {"shop_zoo", "shop_kafka"}


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_closed_pipe__does_not_stop_an_apply_half_way(shop, stream):
    """As in `zpm apply 2>&1 | head -1`."""
    read, write = os.pipe()
    os.close(read)
    result = shop.zpm.run("apply", "--yes", **{stream: write})
    os.close(write)
    assert result.code not in (-6, -11), str(result)
    assert len(shop.services()) in (0, 2), f"{set(shop.services())} is half of it"


def test_closed_pipe__ends_a_plan_without_a_crash(shop):
    read, write = os.pipe()
    os.close(read)
    result = shop.zpm.run("schema", stdout=write)
    os.close(write)
    assert result.code in (1, -13), str(result)  # -13: ended by SIGPIPE, as is usual for a filter


def test_closed_descriptors__are_survived(shop):
    script = f'exec "{binary()}" version <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", script], cwd=shop.zpm.folder, env=shop.zpm.env, timeout=30).returncode == 1


def test_schema__is_json_that_names_itself(zpm):
    schema = zpm.run("schema").exits(0).json
    assert "2020-12" in schema["$schema"]
