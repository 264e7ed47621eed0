"""Several private Engines on this machine as one Swarm, for tests: scripts/lab, and each node's API.

    with Lab("/var/lib/zpm-lab") as lab:
        lab.start(managers=3)
        lab.kill(lab.leader())

Whoever starts a lab may die at any moment: a guard waits for that, in a process of its own, and
then removes the lab as stop() does.
"""
import os
import pathlib
import subprocess
import sys
from dataclasses import dataclass

from engine_api import Engine, EngineError, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/lab"
SECONDS = 180  # the most a command of the script may take
ELECTION = 60  # the most until there is a leader again

# The read ends when the one who started the lab closes its end of the pipe, or dies.
GUARD = 'read -r _; exec "$0" stop "$1"'


class Manager(Engine):
    """Managers elect a leader anew when one of them dies or is back; until then none of them knows anything."""

    def get(self, path, **query):
        refused = None

        def answered():
            nonlocal refused
            try:
                return [self.call("GET", path, **query)]
            except EngineError as error:
                if error.status < 500:
                    raise
                refused = error
                return None
        try:
            return until(answered, ELECTION, path, every=0.2)[0]
        except AssertionError:
            raise refused from None


@dataclass
class Node:
    name: str
    address: str
    endpoint: str

    @property
    def engine(self):
        return Manager(self.endpoint)


class Lab:
    def __init__(self, folder):
        self.dir = str(folder)
        self.nodes = {}
        self._guard = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()

    def run(self, command, *args):
        done = subprocess.run([SCRIPT, command, self.dir, *map(str, args)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, f"scripts/lab {command} {args}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, managers=3, workers=0):
        """Removes what a lab in the same folder left, and starts one."""
        self.run("stop")
        self._guard = subprocess.Popen(["sh", "-c", GUARD, SCRIPT, self.dir], stdin=subprocess.PIPE,
                                       stdout=sys.stderr, start_new_session=True)
        self.nodes = {node.name: node for node in
                      (Node(*line.split()) for line in self.run("start", managers, workers).splitlines())}

    def stop(self):
        if self._guard:
            self._guard.stdin.close()
            assert self._guard.wait(SECONDS) == 0, "scripts/lab stop failed"
            self._guard = None

    def images(self):
        self.run("images")

    # What can happen to a node.

    def cut(self, name):
        self.run("cut", name)

    def join(self, name):
        self.run("join", name)

    def kill(self, name):
        self.run("kill", name)

    def revive(self, name):
        self.run("revive", name)

    def mend(self):
        """Undoes all of that."""
        for name, node in self.nodes.items():
            self.join(name)
            try:
                node.engine.text("GET", "/_ping", timeout=10)
            except OSError:
                self.revive(name)

    # What the nodes say.

    def inside(self, name):
        """The prefix of commands in a node's network."""
        return ["nsenter", f"--net={self.dir}/net/{name}"]

    def engine(self, name):
        return self.nodes[name].engine

    def seen_by(self, name):
        """The nodes as this manager sees them, by name; {} while it has no leader to ask."""
        try:
            return {node["Description"]["Hostname"]: node for node in self.engine(name).call("GET", "/nodes", timeout=10)
                    if "Hostname" in node.get("Description", {})}
        except (EngineError, OSError):
            return {}

    def states(self, name):
        """{node: "ready", "down" or "unknown"}, as this manager sees them."""
        return {node: found["Status"]["State"] for node, found in self.seen_by(name).items()}

    def leader(self, asked="m1"):
        """The name of the leader, in the eyes of one manager; None while there is none that can be reached."""
        led = [name for name, node in self.seen_by(asked).items()
               if node.get("ManagerStatus", {}).get("Leader")
               and node["ManagerStatus"]["Reachability"] == "reachable"]
        return led[0] if led else None

    def await_states(self, asked, **states):
        """Until this manager sees these nodes so: await_states("m1", m2="down")."""
        until(lambda: states.items() <= self.states(asked).items(), ELECTION, f"{states} at {asked}")

    def await_whole(self):
        """Until every manager sees every node ready, every manager reachable, and one leader."""
        names = set(self.nodes)
        for asked in names:
            if asked.startswith("m"):
                until(lambda: self.whole_for(asked, names), ELECTION, f"a whole Swarm at {asked}", every=0.2)

    def whole_for(self, asked, names):
        seen = self.seen_by(asked)
        reachable = [node["ManagerStatus"]["Reachability"] == "reachable" for node in seen.values()
                     if node.get("ManagerStatus")]
        return (set(seen) == names and all(node["Status"]["State"] == "ready" for node in seen.values())
                and all(reachable) and self.leader(asked) is not None)

    def node_ids(self, asked="m1"):
        """{node id: name}, to read tasks with."""
        return {node["ID"]: name for name, node in self.seen_by(asked).items()}

    def traces(self):
        """What there is of the lab now, to be looked for when it is gone."""
        return Traces(self.dir)


class Traces:
    """A lab as the machine sees it, remembered from one moment."""

    def __init__(self, folder):
        self.dir = folder
        self.namespaces = {path.stat().st_ino for path in pathlib.Path(folder, "net").iterdir()}
        self.containers = {path.name for path in pathlib.Path(folder).glob("*/data/containers/*")}

    def left(self):
        """Processes, mounts, namespaces, control groups and files that are still there, in words."""
        mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
        groups = subprocess.run(["find", "/sys/fs/cgroup", "-type", "d"], capture_output=True, text=True, check=False)
        return ([f"process {line}" for line in self.processes()]
                + [f"mount {line}" for line in mounts if f" {self.dir}/" in line]
                + [f"namespace {line}" for line in mounts
                   if any(f"net:[{number}]" in line for number in self.namespaces)]
                + [f"group {path}" for path in groups.stdout.splitlines()
                   if any(container in path for container in self.containers)]
                + [f"folder {self.dir}"] * os.path.exists(self.dir))

    def processes(self):
        """Those with files in the lab, those in its containers, those in its networks: a namespace with its
        cables is there for as long as somebody is in it."""
        for proc in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (proc / "cmdline").read_bytes().decode(errors="replace").split("\0")
                groups = (proc / "cgroup").read_text()
                network = (proc / "ns/net").stat().st_ino
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            # An ended process that nobody has waited for yet has no command line.
            if line[0] and (any(self.dir + "/" in arg for arg in line) or network in self.namespaces
                            or any(container in groups for container in self.containers)):
                yield f"{proc.name} {' '.join(line)}"
