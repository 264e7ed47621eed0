"""`exec`: in which container, what it reads and writes, how it ends, and what becomes of the terminal."""
import fcntl
import json
import os
import pty
import signal
import struct
import termios

import pytest

from scripted_engine import Answer, Garbage, Hijacked, ScriptedEngine, frame, on
from swarm_state import container_id
from zpm_run import finish, platform

START = on("POST", "/exec/e1/start")
OUT, ERR = 1, 2


def answer(status, **body):
    return Answer(status, json.dumps(body).encode())


@pytest.fixture
def shop(swarm):
    swarm.zpm.manifest(platform("shop", {"core": {
        "kafka": {"image": "x", "replicas": 2}, "agent": {"image": "x", "mode": "global"}}}))
    swarm.zpm.apply("--no-wait").exits(0)
    del swarm.requests[:]
    return swarm


def container(shop, slot, service="kafka"):
    return container_id(shop.state.find_service("shop_" + service).tasks[slot - 1].id)


def here(shop, slot, service="kafka"):
    """The Engine has this container of the service, and no other."""
    shop.inject(answer(201, Id="e1"), on("POST", f"/containers/{container(shop, slot, service)}/exec"), times=None)
    shop.inject(Answer(404, "No such container"), on("POST", "/containers/.*/exec"), times=None)


def talks(shop, talk, code=0):
    shop.inject(Hijacked(talk), START)
    shop.inject(answer(200, ExitCode=code, Running=False), on("GET", "/exec/e1/json"))


def echo(rfile, write):
    """Reads to the end, so it hangs when it is not told of the end."""
    data = rfile.read()
    write(frame(OUT, data) + frame(ERR, b"%d bytes" % len(data)))


def made(shop):
    return [r for r in shop.requests if on("POST", "/containers/.*/exec")(r)]


def test_exec__ends_with_the_programs_code_and_its_output_goes_where_it_was_written(shop):
    here(shop, 1)
    talks(shop, lambda rfile, write: write(frame(OUT, b"out\n") + frame(ERR, b"err\n")), code=7)
    result = shop.zpm.run("exec", "kafka", "--", "ls", "-l", "a b").exits(7)
    assert (result.out, result.err) == ("out\n", "err\n")
    assert made(shop)[0].body == {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Tty": False,
                                  "Cmd": ["ls", "-l", "a b"]}


def test_exec__all_it_is_given_to_read_arrives_and_then_the_end(shop):
    here(shop, 1)
    talks(shop, echo)
    data = os.urandom(3000000)
    process = shop.zpm.start("exec", "kafka", "--", "cat", stdin=-1)
    out, err = process.communicate(data, 60)
    assert process.returncode == 0 and err == b"3000000 bytes" and out == data


def test_exec__the_end_of_the_program_ends_it_whatever_is_left_to_read(shop):
    here(shop, 1)
    talks(shop, lambda rfile, write: write(frame(OUT, b"done\n")))
    process = shop.zpm.start("exec", "kafka", "--", "true", stdin=-1)
    assert process.wait(60) == 0  # its standard input is still open
    finish(process, 0)


def test_exec__finds_the_task_whose_container_this_engine_has(shop):
    here(shop, 2)
    talks(shop, lambda rfile, write: None)
    shop.zpm.run("exec", "kafka", "--", "true").exits(0)
    assert [r.path.split("/")[2] for r in made(shop)] == [container(shop, 1), container(shop, 2)]


def test_exec__task_chooses(shop):
    here(shop, 2)
    talks(shop, lambda rfile, write: None)
    shop.zpm.run("exec", "--task", "2", "kafka", "--", "true").exits(0)
    assert [r.path.split("/")[2] for r in made(shop)] == [container(shop, 2)]


def test_exec__task_of_a_global_service_is_named_by_its_node(shop):
    here(shop, 1, "agent")
    talks(shop, lambda rfile, write: None)
    shop.zpm.run("exec", "--task", "scripted", "agent", "--", "true").exits(0)
    assert "no task other of service 'agent' runs" in shop.zpm.run(
        "exec", "--task", "other", "agent", "--", "true").exits(1).err


def test_exec__on_another_node_says_which_and_what_it_takes(shop):
    shop.inject(Answer(404, "No such container"), on("POST", "/containers/.*/exec"), times=None)
    result = shop.zpm.run("exec", "kafka", "--", "true").exits(1)
    assert "runs on node scripted" in result.err and "hosts.*.engine" in result.err


@pytest.fixture
def other(shop):
    """The Engine of a host that is told of in the manifest; this one has none of the containers."""
    with ScriptedEngine() as other:
        shop.zpm.manifest(platform("shop", {"core": {"kafka": {"image": "x", "replicas": 2}}},
                                   hosts={"b": {"node": shop.state.add_node("b"), "engine": other.endpoint}}))
        shop.inject(Answer(404, "No such container"), on("POST", "/containers/.*/exec"), times=None)
        yield other


def test_exec__on_another_host_goes_through_the_engine_of_that_host(shop, other):
    other.inject(answer(201, Id="e1"), on("POST", f"/containers/{container(shop, 2)}/exec"))
    other.inject(Answer(404, "No such container"), on("POST", "/containers/.*/exec"))
    talks(other, lambda rfile, write: write(frame(OUT, b"there\n")), code=5)
    assert shop.zpm.run("exec", "kafka", "--", "hostname").exits(5).out == "there\n"
    assert made(other)[-1].body["Cmd"] == ["hostname"] and not [r for r in shop.requests if START(r)]


def test_exec__on_a_host_whose_engine_does_not_answer_says_so(shop, other):
    other.stop()
    result = shop.zpm.run("exec", "kafka", "--", "true").exits(1)
    assert "runs on node scripted; host 'b': its own Engine does not answer" in result.err


def test_exec__nothing_runs(shop):
    shop.tasks("shop_kafka", "pending")
    assert "no task of service 'kafka' runs" in shop.zpm.run("exec", "kafka", "--", "true").exits(1).err


@pytest.mark.parametrize("fault, said", [
    (Answer(409, "Container is paused"), "Container is paused"),
    (Answer(404, "No such exec instance"), "No such exec instance"),
    (Garbage(), "does not speak HTTP"),
    (Garbage(b""), "broke off its answer"),
    (Garbage(b"HTTP/1.1 101 UPGRADED\r\n\r\nno frames at all"), "not made of frames"),
], ids=["refused", "gone", "garbage", "silent", "no-frames"])
def test_exec__that_does_not_start_is_an_error(shop, fault, said):
    here(shop, 1)
    shop.inject(fault, START)
    assert said in shop.zpm.run("exec", "kafka", "--", "true").exits(1).err


def test_exec__needs_a_command(shop):
    assert "SERVICE -- COMMAND" in shop.zpm.run("exec", "kafka").exits(3).err


# On a terminal.

@pytest.fixture
def terminal():
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 99, 0, 0))
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def read_until(fd, text):
    seen = b""
    while text not in seen:
        seen += os.read(fd, 4096)
    return seen


def test_exec__on_a_terminal_it_gets_one_of_the_same_size_and_every_key(shop, terminal):
    ours, theirs = terminal
    before = termios.tcgetattr(theirs)
    here(shop, 1)
    shop.inject(Answer(200, b""), on("POST", "/exec/e1/resize"), times=None)

    def talk(rfile, write):
        write(b"ready$ ")
        assert rfile.read(1) == b"\x03"  # no signal, and no line
        write(b"interrupted\r\n")
    talks(shop, talk, code=3)
    process = shop.zpm.start("exec", "kafka", "--", "sh", stdin=theirs, stdout=theirs, stderr=theirs)
    read_until(ours, b"ready$ ")
    os.write(ours, b"\x03")
    read_until(ours, b"interrupted\r\n")
    assert process.wait(60) == 3
    assert termios.tcgetattr(theirs) == before
    assert made(shop)[0].body["Tty"] is True
    assert shop.wait_for(on("POST", "/exec/e1/resize")).query == {"h": "33", "w": "99"}


def test_exec__the_terminal_is_as_before_whatever_ends_it(shop, terminal):
    ours, theirs = terminal
    before = termios.tcgetattr(theirs)
    here(shop, 1)
    shop.inject(Answer(200, b""), on("POST", "/exec/e1/resize"), times=None)

    def talk(rfile, write):
        write(b"ready$ ")
        rfile.read()
    shop.inject(Hijacked(talk), START)
    shop.inject(answer(200, ExitCode=None, Running=True), on("GET", "/exec/e1/json"))
    process = shop.zpm.start("exec", "kafka", "--", "sh", stdin=theirs, stdout=theirs, stderr=theirs)
    read_until(ours, b"ready$ ")
    assert termios.tcgetattr(theirs) != before
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 1
    assert termios.tcgetattr(theirs) == before
