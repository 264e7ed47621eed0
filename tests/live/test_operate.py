"""`restart`, `stop`, `start`, `logs` and `exec` on a real Engine: what its tasks become, and what its containers say."""
import os
import re
import signal

import pytest

from zpm_run import finish


@pytest.fixture(scope="module")
def shop(shared):
    shared.manifest({"core": {"app": {"replicas": 2}, "agent": {"mode": "global"},
                              "shell": {"tty": True, "entrypoint": ["sh", "-c", "echo hello; exec sleep 1000"]}}})
    shared.zpm.apply().exits(0)
    return shared


def test_restart__replaces_the_tasks_and_leaves_the_spec(shop):
    before, spec = shop.running("app"), shop.spec("app")
    shop.zpm.run("restart", "app").exits(0)
    after = shop.running("app")
    assert len(after) == 2 and not before & after
    spec["TaskTemplate"]["ForceUpdate"] += 1
    assert shop.spec("app") == spec
    shop.zpm.plan().exits(0)


def test_hold__has_no_tasks_until_it_is_let_go(shop):
    shop.zpm.run("stop", "--reason", "new disk", "app", "agent").exits(0)
    for name in ("app", "agent"):
        alive = [t for t in shop.engine.tasks(shop.real(name), desired=None)
                 if t["Status"]["State"] not in ("shutdown", "failed", "complete", "remove")]
        assert alive == []
    assert shop.spec("app")["Labels"]["zpm.hold"].endswith(" new disk")
    versions = shop.engine.versions(shop.name)
    shop.zpm.apply().exits(0)
    shop.zpm.run("stop", "app", "agent").exits(0)
    shop.zpm.status().exits(0)
    assert shop.engine.versions(shop.name) == versions
    shop.zpm.run("start", "app", "agent").exits(0)
    assert len(shop.running("app")) == 2 and len(shop.running("agent")) == 1
    shop.zpm.plan().exits(0)


def test_logs__of_each_task_with_its_name(shop):
    host = shop.engine.get("/nodes")[0]["Description"]["Hostname"]
    out = shop.zpm.run("logs", "app").exits(0).out
    assert {line.split(" | ")[0] for line in out.splitlines()} == {f"app.1@{host}", f"app.2@{host}"}
    assert "listens on port 8080" in out


def test_logs__of_a_terminal(shop):
    assert re.fullmatch(r"shell\.1@\S+ \| hello\r\n", shop.zpm.run("logs", "shell").exits(0).out)


def test_logs__followed_until_interrupted(shop):
    process = shop.zpm.start("logs", "--follow", "--tail", "1", "shell")
    assert b"hello" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    finish(process, 0).exits(0)


def test_exec__ends_with_the_code_and_carries_all_it_reads_and_writes(shop):
    data = os.urandom(1000000)
    process = shop.zpm.start("exec", "shell", "--", "sh", "-c", "cat; echo end >&2; exit 7", stdin=-1)
    out, err = process.communicate(data, 60)
    assert (process.returncode, err) == (7, b"end\n") and out == data


def test_exec__a_program_that_is_not_there_is_not_found(shop):
    assert shop.zpm.run("exec", "shell", "--", "no-such-program").code in (126, 127)
