"""zpm with a Swarm of several nodes: tasks on all of them, volumes where they are needed, a leader that dies."""
import time

from engine_api import LABEL, until
from zpm_run import finish

CHECK = {"test": ["CMD", "/demo", "--check"], "interval": "250ms", "timeout": "2s", "retries": 3,
         "startPeriod": "20s"}


def test_apply__over_three_nodes(lab, platform):
    platform.manifest({"system": {"agent": {"mode": "global", "networks": ["net"], "endpointMode": "dnsrr"}},
                       "core": {"web": {"image": "zpm-demo/web:1.0", "replicas": 3, "networks": ["net"],
                                        "endpointMode": "dnsrr", "volumes": ["data:/data"]}}},
                      networks={"net": {}}, volumes={"data": {}})
    zpm = platform.zpm_at("m1")
    assert zpm.apply().exits(0).json["result"] == "converged"
    assert platform.nodes_of("agent", "m2") == ["m1", "m2", "m3"]
    # Swarm spreads what is equal: one replica a node, and so the volume is on each.
    assert platform.nodes_of("web", "m3") == ["m1", "m2", "m3"]
    for node in lab.nodes.values():
        volume = node.engine.volume(platform.real("data"))
        assert (volume["Driver"], volume["Labels"][LABEL]) == ("local", platform.name), node.name
    # From any manager it looks the same.
    for name in lab.nodes:
        assert platform.zpm_at(name).plan().exits(0).json["changes"] == []


def test_apply__from_a_manager_that_is_no_leader(lab, platform):
    platform.manifest({"core": {"a": {"replicas": 2}}})
    follower = next(name for name in lab.nodes if name != lab.leader())
    platform.zpm_at(follower).apply().exits(0)
    assert len(platform.nodes_of("a", follower)) == 2


def test_apply__goes_on_when_the_leader_is_killed(lab, platform):
    slow = {"environment": {"DEMO_DELAY": "1"}, "healthcheck": CHECK}
    tiers = {tier: {f"{tier}{i}": dict(slow) for i in range(2)} for tier in ("system", "core", "batch", "ui")}
    platform.manifest(tiers, networks={"net": {}}, defaults={"networks": ["net"], "endpointMode": "dnsrr"})
    leader = lab.leader()
    asked, other = [name for name in lab.nodes if name != leader]
    started = time.monotonic()
    process = platform.zpm_at(asked).start("apply", "--yes", "-o", "json")
    # In the middle: the first tier is there, and of the last one nothing.
    until(lambda: lab.engine(asked).service(platform.real("core0")), what="the second tier")
    assert process.poll() is None and not lab.engine(asked).service(platform.real("ui0"))
    lab.kill(leader)
    result = finish(process, started)
    assert result.code in (0, 4), str(result)
    if result.code == 4:
        until(lambda: lab.leader(asked), 60, "a new leader")
        platform.zpm_at(asked).apply().exits(0)
    lab.await_states(asked, **{leader: "down"})
    names = {name for services in tiers.values() for name in services}
    for survivor in (asked, other):
        assert set(lab.engine(survivor).services(platform.name)) == names
        for name in names:
            until(lambda: platform.nodes_of(name, survivor) in ([asked], [other]), 60, f"one task of {name} that lives")
    assert platform.zpm_at(other).plan().exits(0).json["changes"] == []


def test_apply__while_a_node_is_cut_off_converges_on_the_others(lab, platform):
    leader = lab.leader()
    cut = next(name for name in lab.nodes if name != leader)
    lab.cut(cut)
    lab.await_states(leader, **{cut: "down"})
    platform.manifest({"core": {"a": {"replicas": 3}, "everywhere": {"mode": "global"}}})
    platform.zpm_at(leader).apply().exits(0)
    assert cut not in platform.nodes_of("a", leader) and len(platform.nodes_of("a", leader)) == 3
    # On a busy machine the other one may have counted as down for a moment, too.
    others = [name for name in lab.nodes if name != cut]
    until(lambda: platform.nodes_of("everywhere", leader) == others, 60, "a task on each of the others")
    lab.join(cut)
    lab.await_whole()
    until(lambda: platform.nodes_of("everywhere", cut) == list(lab.nodes), 60, "a task on the node again")
