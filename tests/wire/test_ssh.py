"""ssh:// through the program of that name: how it is called, what of it is said, and that it ends."""
import json
import os
import pathlib
import signal
import time

import pytest

from engine_api import until
from scripted_engine import Hang, on
from zpm_run import Zpm, finish, platform

# Notes how it was called, then is the line to the Engine's socket.
RELAY = """#!/usr/bin/python3
import json, os, select, socket, sys
with open(os.environ["FAKE_SSH_CALLS"], "a") as calls:
    calls.write(json.dumps([os.getpid(), sys.argv[1:]]) + "\\n")
engine = socket.socket(socket.AF_UNIX)
engine.connect(os.environ["FAKE_SSH_SOCKET"])
while True:
    for ready in select.select([0, engine], [], [])[0]:
        data = os.read(0, 65536) if ready == 0 else engine.recv(65536)
        if not data:
            sys.exit(0)
        (engine.sendall if ready == 0 else lambda d: os.write(1, d))(data)
"""


class Ssh:
    def __init__(self, folder, swarm):
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls_file = folder / "calls"
        self.zpm = Zpm(folder, "ssh://me@manager-1:2222",
                       {"PATH": f"{self.bin}:{os.environ['PATH']}", "FAKE_SSH_SOCKET": swarm.socket,
                        "FAKE_SSH_CALLS": str(self.calls_file)})
        self.program(RELAY)

    def program(self, text):
        path = self.bin / "ssh"
        path.write_text(text)
        path.chmod(0o755)

    @property
    def calls(self):
        return [json.loads(line) for line in self.calls_file.read_text().splitlines()]

    def alive(self):
        return [pid for pid, _ in self.calls if pathlib.Path(f"/proc/{pid}").exists()]


@pytest.fixture
def ssh(swarm, tmp_path):
    ssh = Ssh(tmp_path, swarm)
    ssh.zpm.manifest(platform("p", {"core": {f"s{i}": {"image": "x:1", "replicas": 0} for i in range(12)}}))
    return ssh


def test_ssh__carries_a_whole_apply(swarm, ssh):
    assert ssh.zpm.apply().exits(0).json["result"] == "converged"
    assert set(swarm.services()) == {f"p_s{i}" for i in range(12)}
    assert ssh.zpm.plan().exits(0).json["changes"] == []


def test_ssh__is_called_as_docker_calls_it(swarm, ssh):
    ssh.zpm.plan().exits(2)
    (_, args), = ssh.calls  # one connection is enough for requests one after the other
    assert args[-3:] == ["--", "manager-1", "docker system dial-stdio"]
    assert args[args.index("-l") + 1] == "me" and args[args.index("-p") + 1] == "2222"
    assert "-T" in args and "BatchMode=yes" in args


def test_ssh__without_user_and_port_leaves_them_to_its_configuration(swarm, ssh):
    ssh.zpm.at("ssh://manager-1").plan().exits(2)
    (_, args), = ssh.calls
    assert "-l" not in args and "-p" not in args and args[-2] == "manager-1"


def test_ssh__leaves_no_process(swarm, ssh):
    ssh.zpm.apply().exits(0)
    assert ssh.calls and ssh.alive() == []


def test_ssh__of_a_killed_zpm_ends(swarm, ssh):
    hang = swarm.inject(Hang(), on("GET", "/services"))
    process = ssh.zpm.start("plan")
    hang.wait_hit()
    assert ssh.alive()
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    until(lambda: ssh.alive() == [], what="the end of ssh")


@pytest.mark.parametrize("said", ["me@manager-1: Permission denied (publickey).",
                                  "ssh: connect to host manager-1 port 2222: Connection refused",
                                  "Host key verification failed.", "bash: line 1: docker: command not found"])
def test_ssh__what_it_says_is_shown(swarm, ssh, said):
    ssh.program(f"#!/bin/sh\necho 'a banner' >&2\necho '{said}' >&2\nexit 255\n")
    result = ssh.zpm.plan().exits(1)
    assert f"cannot reach the Docker Engine at ssh://me@manager-1:2222: {said}; " in result.err, str(result)
    assert "banner" not in result.err and swarm.requests == []


def test_ssh__that_floods_standard_error_does_not_stop_anything(swarm, ssh):
    ssh.program(RELAY.replace("engine = socket", "sys.stderr.write('x' * 300000)\nengine = socket", 1))
    ssh.zpm.plan().exits(2)


def test_ssh__that_is_not_there_is_said(swarm, ssh):
    (ssh.bin / "ssh").unlink()
    ssh.zpm.env["PATH"] = str(ssh.bin)
    assert "there is no program 'ssh' here" in ssh.zpm.plan().exits(1).err


def test_ssh__that_hangs_is_given_up(swarm, ssh):
    ssh.program("#!/bin/sh\nexec sleep 60\n")
    ssh.zpm.manifest(platform("p", engine={"timeout": "1s"}))
    started = time.monotonic()
    assert "did not answer within 1s" in ssh.zpm.plan().exits(1).err
    assert time.monotonic() - started < 20


def test_ssh__an_interrupt_lets_what_is_in_flight_end(swarm, ssh):
    """The terminal sends it to the whole group: ssh is not in it."""
    hang = swarm.inject(Hang(), on("POST", "/services/create"))
    started = time.monotonic()
    process = ssh.zpm.start("apply", "--yes", "-o", "json", start_new_session=True)
    hang.wait_hit()
    os.killpg(process.pid, signal.SIGINT)
    hang.release()
    result = finish(process, started).exits(4)
    assert not any("ssh://" in change.get("error", "") for change in result.json["changes"]), str(result)


@pytest.mark.parametrize("endpoint", ["ssh://-oProxyCommand=touch%20x", "ssh://-x@host", "ssh://me@-host", "ssh://"])
def test_ssh__names_that_would_be_options_are_refused(swarm, ssh, endpoint):
    result = ssh.zpm.at(endpoint).plan()
    assert result.code in (1, 3) and "engine endpoint" in result.err, str(result)
    assert not ssh.calls_file.exists()
