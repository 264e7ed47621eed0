"""The lab itself: its nodes are one Swarm, can be taken from it and given back, and leave nothing behind."""
import os
import signal
import subprocess
import sys
import tempfile

import pytest

from engine_api import until
from lab import ROOT, Lab

IMAGE = "zpm-demo/app:1.0"


@pytest.fixture
def spanning(lab):
    """A service with a task on each node, all in one overlay network."""
    engine = lab.engine("m1")
    engine.call("POST", "/networks/create", {"Name": "span", "Driver": "overlay"})
    engine.call("POST", "/services/create", {
        "Name": "span", "Mode": {"Global": {}}, "EndpointSpec": {"Mode": "dnsrr"},
        "TaskTemplate": {"ContainerSpec": {"Image": IMAGE}, "Networks": [{"Target": "span"}]}})
    until(lambda: len(engine.running("span")) == len(lab.nodes), 60, "a task on each node")
    yield "span"
    engine.remove("/services/span")
    engine.remove("/networks/span")


@pytest.fixture
def folder():
    """A place for a lab of the test's own. Its path is short, as sockets are in it."""
    path = tempfile.mkdtemp(prefix="zpm-l", dir="/var/lib")
    yield path
    subprocess.run([ROOT / "scripts/lab", "stop", path], check=True)


def inside(lab, task):
    """The prefix of commands in the network of a task's container."""
    node = lab.node_ids()[task["NodeID"]]
    container = lab.engine(node).get(f"/containers/{task['Status']['ContainerStatus']['ContainerID']}/json")
    return ["nsenter", "--target", str(container["State"]["Pid"]), "--net"]


def test_lab__managers_see_each_other_ready(lab):
    leaders = set()
    for name in lab.nodes:
        assert lab.states(name) == dict.fromkeys(("m1", "m2", "m3"), "ready")
        leaders.add(lab.leader(name))
    assert len(leaders) == 1 and leaders <= set(lab.nodes)


def test_lab__an_overlay_network_spans_the_nodes(lab, spanning):
    tasks = lab.engine("m1").tasks(spanning)
    assert len({task["NodeID"] for task in tasks}) == len(lab.nodes)
    addresses = [task["NetworksAttachments"][0]["Addresses"][0].split("/")[0] for task in tasks]
    for task in tasks:
        for address in addresses:
            command = ["curl", "-sS", "--max-time", "10", f"http://{address}:8080/"]
            done = subprocess.run([*inside(lab, task), *command], capture_output=True, text=True, check=False)
            assert done.stdout.startswith("app 1.0 on "), f"{address}: {done}"


def test_lab__a_cut_off_node_goes_down_and_comes_back(lab):
    leader = lab.leader()
    cut, other = [name for name in lab.nodes if name != leader]
    lab.cut(cut)
    for asked in (leader, other):
        lab.await_states(asked, **{cut: "down", leader: "ready", other: "ready"})
    lab.join(cut)
    lab.await_whole()


def test_lab__a_killed_leader_is_replaced(lab):
    killed = lab.leader()
    others = [name for name in lab.nodes if name != killed]
    lab.kill(killed)
    with pytest.raises(OSError):
        lab.engine(killed).text("GET", "/_ping")
    for asked in others:
        until(lambda: lab.leader(asked) in others, 60, f"a new leader at {asked}")
    # Not only named: it takes writes.
    made = lab.engine(others[0]).call("POST", "/configs/create", {"Name": "after", "Data": "eA=="})
    assert lab.engine(others[1]).get(f"/configs/{made['ID']}")["Spec"]["Name"] == "after"
    lab.engine(others[1]).remove(f"/configs/{made['ID']}")
    lab.revive(killed)
    lab.await_whole()


def test_lab__when_stopped_leaves_nothing(folder):
    lab = Lab(folder)
    lab.start(managers=1, workers=1)
    subprocess.run([ROOT / "scripts/demo-images"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "DOCKER_HOST": lab.nodes["w1"].endpoint})
    lab.engine("m1").call("POST", "/services/create", {
        "Name": "s", "TaskTemplate": {"ContainerSpec": {"Image": IMAGE, "Mounts": [
            {"Type": "volume", "Source": "data", "Target": "/data"}]},
            "Placement": {"Constraints": ["node.role==worker"]}}})
    until(lambda: lab.engine("m1").running("s"), 60, "the task on the worker")
    traces = lab.traces()
    assert len(traces.containers) == 1
    assert {what.split()[0] for what in traces.left()} == {"process", "mount", "namespace", "group", "folder"}
    lab.stop()
    assert traces.left() == []


STARTED_AND_LOST = f"""
import sys, time
sys.path[:0] = ["{ROOT}/tests", "{ROOT}/tests/lab"]
from lab import Lab
Lab(sys.argv[1]).start(managers=1)
print("started", flush=True)
sys.stdin.read()
"""


def test_lab__goes_when_the_one_who_started_it_is_killed(folder):
    with subprocess.Popen([sys.executable, "-c", STARTED_AND_LOST, folder], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout.readline() == "started\n"
        traces = Lab(folder).traces()
        assert "folder" in {what.split()[0] for what in traces.left()}
        starter.send_signal(signal.SIGKILL)
    until(lambda: traces.left() == [], what="the end of the lab")


def test_lab__keeps_out_of_a_folder_with_other_files(folder):
    precious = os.path.join(folder, "precious")
    with open(precious, "w", encoding="utf-8"):
        pass
    for command in ("start", "stop"):
        done = subprocess.run([ROOT / "scripts/lab", command, folder], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "none of a lab's" in done.stderr
        assert os.listdir(folder) == ["precious"]
    os.unlink(precious)
