"""Hosts with roles over several nodes: where tasks run, what happens when roles move or a node is gone, and what zpm
does through the Engines of the hosts themselves."""
import pytest

from engine_api import until

OTHERS = {"active": "passive", "passive": "active"}


class Site:
    """Three hosts, one a node; m1 is active and m2 passive at first."""

    def __init__(self, lab, platform):
        self.lab, self.platform = lab, platform
        self.hosts = {"site-a": {"node": "m1", "roles": ["active", "service"]},
                      "site-b": {"node": "m2", "roles": ["passive", "service"]},
                      "site-c": {"node": "m3", "roles": ["db"]}}
        self.services = {"runner": {"runsOn": "active", "replicas": 2}, "standby": {"runsOn": ["passive"]},
                         "store": {"runsOn": ["db"]}}
        self.sections = {}

    def declare(self):
        self.platform.manifest({"core": dict(self.services)}, hosts=self.hosts, **self.sections)

    def apply(self, *args, at="m1", code=0):
        self.declare()
        return self.platform.zpm_at(at).apply(*args).exits(code)

    def swap(self):
        for name in ("site-a", "site-b"):
            role, *rest = self.hosts[name]["roles"]
            self.hosts[name]["roles"] = [OTHERS[role], *rest]

    def nodes_of(self, name, asked="m1"):
        return self.platform.nodes_of(name, asked)

    def versions(self):
        """Of the services, without their tasks."""
        return {name: version for name, (version, _) in self.lab.engine("m1").versions(self.platform.name).items()}

    def reach(self):
        """zpm may use each host's own Engine."""
        for name, node in zip(self.hosts, self.lab.nodes.values()):
            self.hosts[name]["engine"] = node.endpoint

    def volumes(self, name):
        """Of each node, by its name."""
        return {node.name: node.engine.volumes(self.platform.name).get(name) for node in self.lab.nodes.values()}


@pytest.fixture
def site(lab, platform):
    return Site(lab, platform)


def memory(size):
    """Mounted by the local driver like NFS, and as little to lose."""
    return {"driverOptions": {"type": "tmpfs", "device": "tmpfs", "o": f"size={size}"}}


def test_roles__place_tasks_and_a_swap_moves_them(site):
    site.apply()
    assert (site.nodes_of("runner"), site.nodes_of("standby"), site.nodes_of("store")) == (["m1"] * 2, ["m2"], ["m3"])
    assert site.apply(at="m2").json["engineWrites"] == 0
    versions = site.versions()
    site.swap()
    site.apply()
    assert (site.nodes_of("runner"), site.nodes_of("standby"), site.nodes_of("store")) == (["m2"] * 2, ["m1"], ["m3"])
    # Only labels of nodes were written.
    assert site.versions() == versions
    assert site.apply(at="m3").json["engineWrites"] == 0


def test_node__that_is_cut_off_is_told_of_while_the_rest_converges(site):
    site.apply()
    leader = site.lab.leader()
    cut = next(name for name in ("m3", "m2") if name != leader)
    host, lost = {"m2": ("site-b", "standby"), "m3": ("site-c", "store")}[cut]
    site.lab.cut(cut)
    site.lab.await_states(leader, **{cut: "down"})
    site.services["runner"]["environment"] = {"NEW": "1"}
    result = site.apply(at=leader, code=4)
    assert "the node is down" in result.change(f"node/{host}")["error"]
    assert site.nodes_of("runner", leader) == ["m1"] * 2
    spec = site.lab.engine(leader).spec(site.platform.real("runner"))
    assert "NEW=1" in spec["TaskTemplate"]["ContainerSpec"]["Env"]
    site.lab.join(cut)
    site.lab.await_whole()
    site.apply(at=cut)
    assert site.nodes_of(lost, cut) == [cut]


def test_host__that_is_to_be_down_is_drained_and_comes_back(site):
    site.services["anywhere"] = {"replicas": 3}
    site.apply()
    site.hosts["site-b"] |= {"state": "down", "roles": ["service"]}
    del site.services["standby"]
    site.apply()
    assert "m2" not in site.nodes_of("anywhere") and len(site.nodes_of("anywhere")) == 3
    assert site.lab.seen_by("m1")["m2"]["Spec"]["Availability"] == "drain"
    site.hosts["site-b"]["state"] = "up"
    site.services["anywhere"]["replicas"] = 4
    site.apply()
    assert site.lab.seen_by("m1")["m2"]["Spec"]["Availability"] == "active" and "m2" in site.nodes_of("anywhere")


def test_volume__is_replaced_on_the_engine_of_each_host(site):
    site.reach()
    site.services = {"user": {"mode": "global", "volumes": ["v:/v"]}}
    site.sections["volumes"] = {"v": memory("1m")}
    site.apply()
    assert site.apply().json["engineWrites"] == 0
    site.sections["volumes"] = {"v": memory("2m")}
    site.declare()
    plan = site.platform.zpm_at("m1").plan().exits(2)
    assert plan.changed == {"volume/v": "replace", "volume/v@site-b": "replace", "volume/v@site-c": "replace",
                            "service/user": "replace"}
    site.apply()
    assert {name: found["Options"]["o"] for name, found in site.volumes("v").items()} == dict.fromkeys(
        ("m1", "m2", "m3"), "size=2m")
    assert site.nodes_of("user") == ["m1", "m2", "m3"]


def test_volume__with_data_on_any_host_is_kept_until_the_data_is_given_up(site):
    site.reach()
    site.services = {"user": {"mode": "global", "volumes": ["v:/v"]}}
    site.sections["volumes"] = {"v": {}}
    site.apply()
    before = {name: found["CreatedAt"] for name, found in site.volumes("v").items()}
    site.sections["volumes"] = {"v": memory("1m")}
    refused = site.apply(code=5)
    assert "'v'" in refused.err and "'v@site-b'" in refused.err and "'v@site-c'" in refused.err
    assert {name: found["CreatedAt"] for name, found in site.volumes("v").items()} == before
    site.apply("--allow-data-risk")
    assert {found["Options"]["o"] for found in site.volumes("v").values()} == {"size=1m"}


def test_exec__runs_where_the_task_is(site):
    site.apply()
    zpm = site.platform.zpm_at("m1")
    assert "hosts.*.engine" in zpm.run("exec", "standby", "--", "/demo", "--check").exits(1).err
    site.reach()
    site.declare()
    until(lambda: zpm.run("exec", "standby", "--", "/demo", "--check").code == 0, what="the program has run on m2")
