"""Hosts with an Engine of their own that zpm reaches: volumes that tasks have made there are kept as declared too."""
import pytest

from scripted_engine import ScriptedEngine
from zpm_run import platform

OLD, NEW = "rw", "ro,nfsvers=4.2"


def nfs(options):
    return {"nfs": {"server": "nas.example.net", "path": "/x", "options": options}}


class Site:
    """The platform's manager, and a host `b` with an Engine of its own on which the volume is there too."""

    def __init__(self, swarm, other):
        self.swarm, self.other, self.zpm = swarm, other, swarm.zpm
        other.state.node = swarm.state.add_node("b")
        self.hosts = {"b": {"roles": "db", "engine": other.endpoint}}
        self.services = {"user": {"image": "x", "volumes": ["v:/v"]}}

    def declare(self, volume):
        self.zpm.manifest(platform("p", {"core": self.services}, volumes={"v": volume}, hosts=self.hosts))

    def applied(self, volume):
        self.declare(volume)
        self.zpm.apply().exits(0)
        made = dict(self.swarm.state.volumes["p_v"])
        self.other.state.volumes["p_v"] = {**made, "Options": dict(made["Options"] or {}) or None}
        return self

    def options(self):
        return [engine.state.volumes["p_v"]["Options"]["o"] for engine in (self.swarm, self.other)]


@pytest.fixture
def site(swarm):
    with ScriptedEngine() as other:
        yield Site(swarm, other)


def test_volume__is_replaced_on_each_host(site):
    site.applied(nfs(OLD))
    assert site.zpm.apply().exits(0).json["engineWrites"] == 0
    site.declare(nfs(NEW))
    plan = site.zpm.plan().exits(2)
    assert plan.changed == {"volume/v": "replace", "volume/v@b": "replace", "service/user": "replace"}
    assert site.zpm.apply().exits(0).json["engineWrites"] == 6
    assert site.options() == [f"addr=nas.example.net,{NEW}"] * 2
    assert site.zpm.apply().exits(0).json["engineWrites"] == 0


def test_volume__that_differs_on_one_host_only_takes_the_service_with_it(site):
    site.applied(nfs(OLD))
    site.other.state.volumes["p_v"]["Options"]["o"] = "addr=elsewhere,rw"
    plan = site.zpm.plan().exits(2)
    assert plan.changed == {"volume/v@b": "replace", "service/user": "replace"}
    assert plan.change("service/user")["after"] == ["volume/v@b"]
    site.zpm.apply().exits(0)
    assert site.options() == [f"addr=nas.example.net,{OLD}"] * 2
    lines = [f"{r.method} {r.path.split('/')[1]}" for r in site.swarm.writes][-2:]
    assert lines == ["DELETE services", "POST services"]


def test_volume__with_data_on_a_host_is_refused_without_consent(site):
    site.applied({}).declare(nfs(NEW))
    result = site.zpm.apply().exits(5)
    assert "'v@b'" in result.err and site.other.state.volumes["p_v"]["Options"] is None
    site.zpm.apply("--allow-data-risk").exits(0)
    assert site.options() == [f"addr=nas.example.net,{NEW}"] * 2


def test_volume__that_is_not_there_is_left_to_the_tasks(site):
    site.applied(nfs(OLD))
    del site.other.state.volumes["p_v"]
    site.zpm.plan().exits(0)


def test_volume__of_somebody_else_on_the_host_is_left_alone(site):
    site.applied(nfs(OLD))
    site.other.state.volumes["p_v"]["Labels"] = None
    site.other.state.volumes["p_v"]["Options"]["o"] = "theirs"
    site.zpm.plan().exits(0)


def test_destroy__removes_volumes_on_hosts_only_when_asked_to(site):
    site.applied(nfs(OLD))
    site.zpm.destroy().exits(0)
    assert "p_v" in site.other.state.volumes
    site.zpm.destroy("--volumes").exits(0)
    assert "p_v" not in site.other.state.volumes and "p_v" not in site.swarm.state.volumes


def test_status__names_the_host(site):
    site.applied(nfs(OLD))
    names = [o["name"] for o in site.zpm.status().exits(0).json["objects"]]
    assert "v@b" in names


def test_host__whose_engine_is_the_platforms_is_looked_at_once(site):
    site.applied(nfs(OLD))
    site.hosts = {"scripted": {"roles": "db", "engine": site.swarm.endpoint}}
    site.declare(nfs(OLD))
    site.zpm.apply().exits(0)
    site.declare(nfs(NEW))
    assert "volume/v@scripted" not in site.zpm.plan().exits(2).changed


def test_host__whose_engine_does_not_answer_is_told_of_and_holds_up_nothing(site):
    site.applied(nfs(OLD))
    site.other.stop()
    site.services["user"]["environment"] = {"X": "1"}
    site.declare(nfs(OLD))
    result = site.zpm.apply().exits(4)
    assert result.change("service/user")["status"] == "done"
    assert "its own Engine does not answer" in result.change("node/b")["error"]
    assert result.seconds < 30
