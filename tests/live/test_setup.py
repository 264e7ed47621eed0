"""Commands that are run once in each new container of a service; what was run is asked of the containers."""
import io
import tarfile

from engine_api import until

NOTE = ["/demo", "--note", "/notes"]


def file_in(live, container, path):
    """What it is, and its lines."""
    archive = live.engine.bytes("GET", f"/containers/{container}/archive?path={path}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        entry = opened.next()
        return entry, opened.extractfile(entry).read().decode().splitlines()


def containers(live, name):
    return {t["Status"]["ContainerStatus"]["ContainerID"] for t in live.tasks(name)
            if t["Status"]["State"] == "running" and t["DesiredState"] == "running"}


def notes(live, name):
    return {container: file_in(live, container, "/notes")[1] for container in containers(live, name)}


def declare(live, *commands, **more):
    live.manifest({"core": {"utils": {"image": "zpm-demo/app:1.0", "setup": list(commands), **more},
                            "after": {"image": "zpm-demo/app:1.0", "dependsOn": ["utils"]}}})


def test_setup__runs_once_in_each_replica_and_in_order(live):
    declare(live, [*NOTE, "first"], "/demo --note /notes 'the second'", replicas=2)
    live.zpm.apply().exits(0)
    assert list(notes(live, "utils").values()) == [["first", "the second"]] * 2
    again = live.zpm.apply().exits(0).json
    assert (again["engineWrites"], again["changes"]) == (0, [])
    assert list(notes(live, "utils").values()) == [["first", "the second"]] * 2


def test_setup__runs_in_what_takes_the_place_of_a_container(live):
    declare(live, [*NOTE, "done"], replicas=2)
    live.zpm.apply().exits(0)
    before = containers(live, "utils")
    killed = min(before)
    live.engine.call("POST", f"/containers/{killed}/kill")
    until(lambda: len(containers(live, "utils") - {killed}) == 2, 60, "a successor")
    assert live.zpm.plan().exits(2).changed == {"setup/utils": "update"}
    status = live.zpm.run("status").exits(4)
    assert "has not run" in status.out
    live.zpm.apply().exits(0)
    assert list(notes(live, "utils").values()) == [["done"]] * 2
    assert before - {killed} <= containers(live, "utils")


def test_setup__runs_in_replicas_that_are_added(live):
    declare(live, [*NOTE, "done"])
    live.zpm.apply().exits(0)
    declare(live, [*NOTE, "done"], replicas=3)
    live.zpm.apply().exits(0)
    assert list(notes(live, "utils").values()) == [["done"]] * 3


def test_setup__that_fails_keeps_the_service_from_being_ready(live):
    declare(live, [*NOTE, "first"], ["/demo", "--fail", "3", "no wheels here"])
    result = live.zpm.apply().exits(4)
    assert result.json["result"] == "partial"
    failed = {c["name"]: c for c in result.json["changes"] if c["kind"] == "setup"}["utils"]
    assert failed["status"] == "failed"
    assert "exit code 3" in failed["error"] and "no wheels here" in failed["error"]
    assert "no wheels here" in result.err
    # What depends on it has not been made.
    assert set(live.services()) == {"utils"}
    status = live.zpm.run("status", "-o", "json").exits(4)
    utils = next(o for o in status.json["objects"] if (o["kind"], o["name"]) == ("service", "utils"))
    assert utils["state"] == "failed" and "no wheels here" in utils["why"]

    declare(live, [*NOTE, "first"], [*NOTE, "mended"])
    live.zpm.apply().exits(0)
    assert [lines[-1] for lines in notes(live, "utils").values()] == ["mended"]
    assert set(live.services()) == {"utils", "after"}


def test_setup__other_commands_run_without_a_restart(live):
    declare(live, [*NOTE, "old"])
    live.zpm.apply().exits(0)
    tasks = live.running("utils")
    declare(live, [*NOTE, "new"])
    live.zpm.apply().exits(0)
    assert list(notes(live, "utils").values()) == [["old", "new"]]
    assert live.running("utils") == tasks


def test_setup__a_command_that_does_not_end_has_failed(live):
    declare(live, {"command": ["/demo", "--hang"], "timeout": "1s"})
    result = live.zpm.apply().exits(4)
    assert "has not ended after 1s" in result.err


def test_setup__its_mark_is_root_s_alone(live):
    declare(live, [*NOTE, "done"])
    live.zpm.apply().exits(0)
    mark, _ = file_in(live, min(containers(live, "utils")), "/.zpm-setup")
    assert (mark.mode & 0o7777, mark.uid, mark.gid) == (0o600, 0, 0)
