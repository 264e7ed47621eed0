"""The private Engine of the scripts: starts beside others, and stopping it leaves nothing of it."""
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPLICAS = 2
DAEMONS = {"dockerd": ["dockerd"], "both": ["dockerd", "containerd"],
           "all": ["dockerd", "containerd", "containerd-shim-runc-v2"]}


class Private:
    """An Engine in a folder of its own, seen from outside: processes, mounts, control groups."""

    def __init__(self, inside=()):
        self.dir = tempfile.mkdtemp(prefix="zpm-e", dir="/var/lib")
        self.inside = list(inside)
        self.containers = []

    def run(self, *args, check=True):
        done = subprocess.run([*self.inside, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=180, check=False, env={**os.environ, "DOCKER_HOST": f"unix://{self.dir}/sock"})
        assert not check or done.returncode == 0, f"{args}: {done.stdout}{done.stderr}"
        return done

    def start(self, *args):
        assert self.run(ROOT / "scripts/engine", "start", self.dir, *args).stdout == f"unix://{self.dir}/sock\n"

    def stop(self):
        self.run(ROOT / "scripts/engine", "stop", self.dir)

    def docker(self, *args):
        return self.run("docker", *args).stdout.split()

    def serve(self):
        """A service with a network and a volume, as much as an Engine can leave behind."""
        self.run(ROOT / "scripts/demo-images")
        self.docker("network", "create", "--driver", "overlay", "net")
        self.docker("service", "create", "--detach", "--name", "demo", "--replicas", str(REPLICAS), "--network", "net",
                    "--endpoint-mode", "dnsrr", "--mount", "type=volume,source=data,target=/data", "zpm-demo/app:1.0")
        self.await_running()

    def await_running(self):
        deadline = time.monotonic() + 90
        while len(self.docker("ps", "--quiet", "--no-trunc", "--filter", "status=running")) != REPLICAS:
            assert time.monotonic() < deadline, self.run("docker", "service", "ps", "--no-trunc", "demo").stdout
            time.sleep(0.1)
        self.containers = self.docker("ps", "--quiet", "--no-trunc")

    def processes(self, *programs):
        """Its daemons and supervisors, and what runs in its containers: {id: command line}."""
        found = {}
        for proc in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (proc / "cmdline").read_bytes().decode(errors="replace").split("\0")
                groups = (proc / "cgroup").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # An ended process that nobody has waited for yet has no command line.
            named = line[0].rsplit("/", 1)[-1] in (programs or sum(DAEMONS.values(), []))
            contained = not programs and line[0] and any(container in groups for container in self.containers)
            if named and any(arg.startswith(self.dir + "/") for arg in line) or contained:
                found[int(proc.name)] = " ".join(line)
        return found

    def kill(self, daemons):
        for pid in self.processes(*daemons):
            os.kill(pid, signal.SIGKILL)

    def left(self):
        """All that is there of it, in words."""
        groups = subprocess.run(["find", "/sys/fs/cgroup", "-type", "d"], capture_output=True, text=True, check=False)
        sockets = {container: hashlib.sha256(f"{self.dir}/containerd/sock/moby/{container}".encode()).hexdigest()
                   for container in self.containers}
        mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
        return ([f"process {pid}: {line}" for pid, line in self.processes().items()]
                + [f"mount {line}" for line in mounts if f" {self.dir}/" in line]
                + [f"group {path}" for path in groups.stdout.splitlines()
                   if any(container in path for container in self.containers)]
                + [f"socket {name}" for name in sockets.values() if os.path.exists(f"/run/containerd/s/{name}")]
                + [f"folder {self.dir}"] * os.path.exists(self.dir))


@pytest.fixture
def private():
    engine = Private()
    yield engine
    engine.stop()


@pytest.fixture
def bare_network():
    """The prefix of commands that are to run in a network where there is nothing yet."""
    file = tempfile.mkdtemp(prefix="zpm-n") + "/net"
    pathlib.Path(file).touch()
    subprocess.run(["unshare", f"--net={file}", "ip", "link", "set", "lo", "up"], check=True)
    yield ["nsenter", f"--net={file}"]
    subprocess.run(["umount", file], check=True)
    shutil.rmtree(os.path.dirname(file))


def test_engine_stop__leaves_nothing(private):
    private.start()
    private.serve()
    assert {what.split()[0] for what in private.left()} == {"process", "mount", "group", "socket", "folder"}
    private.stop()
    assert private.left() == []


@pytest.mark.parametrize("killed", DAEMONS)
def test_engine_stop__leaves_nothing_of_a_killed_engine(private, killed):
    private.start()
    private.serve()
    private.kill(DAEMONS[killed])
    private.stop()
    assert private.left() == []


def test_engine_start__while_it_runs_changes_nothing(private):
    private.start()
    pid = pathlib.Path(private.dir, "pid")
    before = pid.read_text()
    private.start()
    assert pid.read_text() == before
    assert int(before) in private.processes("dockerd")


def test_engine_start__after_a_kill_has_the_services_again(private):
    private.start()
    private.serve()
    private.kill(DAEMONS["both"])
    private.start()
    private.await_running()


def test_engine_start__two_at_a_time(private):
    other = Private()
    try:
        private.start()
        other.start()
        nodes = [engine.docker("node", "ls", "--format", "{{.ID}}") for engine in (private, other)]
        assert nodes[0] != nodes[1]
    finally:
        other.stop()


def test_engine__keeps_out_of_a_folder_with_other_files(private):
    precious = pathlib.Path(private.dir) / "precious"
    precious.touch()
    for command in ("start", "stop"):
        done = private.run(ROOT / "scripts/engine", command, private.dir, check=False)
        assert done.returncode == 1 and "none of an Engine's" in done.stderr
        assert list(pathlib.Path(private.dir).iterdir()) == [precious]
    precious.unlink()


def network_state(engine):
    return [engine.run(*command).stdout for command in (
        ["ip", "-o", "address"], ["ip", "route"], ["iptables", "-S"], ["iptables", "-t", "nat", "-S"],
        ["cat", "/proc/sys/net/ipv4/ip_forward"])]


def test_engine_stop__in_the_machines_network_takes_bridge_and_firewall_rules_along(bare_network, private):
    private.inside = bare_network
    private.run("iptables", "-A", "FORWARD", "-i", "lo", "-j", "ACCEPT")
    before = network_state(private)
    private.start("host")
    private.serve()
    # What the routing mesh adds where the kernel has it.
    private.run("iptables", "-t", "nat", "-N", "DOCKER-INGRESS")
    private.run("iptables", "-t", "nat", "-A", "PREROUTING", "-m", "addrtype", "--dst-type", "LOCAL",
                "-j", "DOCKER-INGRESS")
    private.run("iptables", "-t", "nat", "-A", "POSTROUTING", "-o", "docker_gwbridge", "-j", "MASQUERADE")
    assert network_state(private) != before
    private.stop()
    assert network_state(private) == before
