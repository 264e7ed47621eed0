"""Hosts with roles: labels of nodes, where services run because of them, and nodes that are not what they should be."""
import pytest

from zpm_run import platform

ROLES = {"a": ["active", "service"], "b": ["passive", "service"], "c": ["secondary-active", "db"]}


class Site:
    """Three nodes a, b and c, and services that follow roles."""

    def __init__(self, swarm):
        self.swarm, self.zpm, self.state = swarm, swarm.zpm, swarm.state
        self.ids = {name: self.state.add_node(name) for name in "abc"}
        self.hosts = {name: {"roles": list(roles)} for name, roles in ROLES.items()}
        self.services = {"runner": {"image": "x", "runsOn": "active"},
                         "worker": {"image": "x", "runsOn": ["db", "passive"], "replicas": 2},
                         "free": {"image": "x"}}

    def declare(self, **sections):
        self.zpm.manifest(platform("p", {"core": self.services}, hosts=self.hosts, **sections))

    def apply(self, code=0):
        self.declare()
        return self.zpm.apply().exits(code)

    def node(self, name):
        return self.state.all_nodes[self.ids[name]]

    def labels(self, name):
        return self.node(name)["Spec"]["Labels"]

    def where(self, service):
        by_id = {node_id: name for name, node_id in self.ids.items()}
        tasks = self.state.find_service(f"p_{service}").tasks
        return {by_id.get(task.node, "elsewhere") for task in tasks if not task.gone}


@pytest.fixture
def site(swarm):
    return Site(swarm)


def test_roles__become_labels_of_the_nodes(site):
    site.apply()
    assert site.labels("a") == {"zpm.platform": "p", "zpm.host": "a", "zpm.role": "active,service",
                                "zpm.role.active": "true", "zpm.role.service": "true"}
    assert site.labels("c")["zpm.roles.db.passive"] == site.labels("b")["zpm.roles.db.passive"] == "true"


def test_runs_on__places_tasks_where_a_role_is(site):
    site.apply()
    assert site.where("runner") == {"a"} and site.where("worker") == {"b"}
    assert site.apply().json["engineWrites"] == 0


def test_role_swap__moves_the_tasks_and_changes_no_service(site):
    site.apply()
    site.hosts["a"]["roles"], site.hosts["b"]["roles"] = site.hosts["b"]["roles"], site.hosts["a"]["roles"]
    site.declare()
    plan = site.zpm.plan().exits(2)
    assert plan.changed == {"node/a": "update", "node/b": "update"}
    change = plan.change("node/b")
    assert (change["reason"], change["impact"]) == ("role", "in-place")
    assert {f["path"]: f["new"] for f in change["fields"]}["labels.zpm.role.active"] == "true"
    version = site.state.find_service("p_runner").index
    assert site.apply().json["engineWrites"] == 2
    assert site.where("runner") == {"b"} and site.state.find_service("p_runner").index == version


def test_role_swap__is_over_when_the_tasks_run_where_they_should(site):
    """Swarm takes its time: the old task is still listed as running when zpm first looks."""
    site.apply()
    service = site.state.find_service("p_runner")
    old = [task for task in service.tasks if not task.gone]
    site.hosts["a"]["roles"], site.hosts["b"]["roles"] = site.hosts["b"]["roles"], site.hosts["a"]["roles"]
    site.declare()
    place = site.state.place
    site.state.place = lambda s: site.ids["a"] if s is service else place(s)
    process = site.zpm.start("apply", "--yes", "-o", "json", "--timeout", "3s")
    assert process.wait(60) == 4, "the task on the wrong node was good enough"
    site.state.place = place
    site.state.node_update(site.ids["b"], str(site.node("b")["Version"]["Index"]), site.node("b")["Spec"])
    assert old[0].gone
    site.zpm.apply().exits(0)


def test_down__takes_the_roles_and_drains_the_node(site):
    site.apply()
    site.hosts["b"]["state"] = "down"
    site.apply()
    assert site.node("b")["Spec"]["Availability"] == "drain"
    assert site.labels("b") == {"zpm.platform": "p", "zpm.host": "b"}
    assert site.where("worker") == {"c"}
    site.hosts["b"]["state"] = "up"
    site.apply()
    assert site.node("b")["Spec"]["Availability"] == "active" and site.labels("b")["zpm.role.passive"] == "true"


def test_state__not_declared_is_left_as_it_is(site):
    site.apply()
    site.node("c")["Spec"]["Availability"] = "pause"
    site.zpm.plan().exits(0)


def test_labels__of_others_stay_and_own_ones_go_when_undeclared(site):
    site.labels("a")["theirs"] = "1"
    site.hosts["a"]["labels"] = {"rack": "r1", "zone": "z1"}
    site.apply()
    assert site.labels("a")["rack"] == "r1" and site.labels("a")["theirs"] == "1"
    site.hosts["a"]["labels"] = {"zone": "z1"}
    site.apply()
    assert "rack" not in site.labels("a") and site.labels("a")["zone"] == "z1" and site.labels("a")["theirs"] == "1"
    site.labels("a")["zone"] = "by hand"
    assert site.zpm.plan().exits(2).changed == {"node/a": "update"}


def test_undeclared__host_loses_what_zpm_put_there_and_so_does_every_one_on_destroy(site):
    site.labels("c")["theirs"] = "1"
    site.apply()
    del site.hosts["c"], site.services["worker"]
    site.apply()
    assert site.labels("c") == {"theirs": "1"}
    site.zpm.destroy().exits(0)
    assert site.labels("a") == site.labels("b") == {}


def test_node__by_its_id_or_another_name(site):
    site.hosts = {"first": {"roles": ["active"], "node": site.ids["b"]},
                  "second": {"roles": ["passive", "db"], "node": "c"}}
    site.apply()
    assert site.labels("b")["zpm.host"] == "first" and site.labels("c")["zpm.host"] == "second"
    assert site.apply().json["engineWrites"] == 0


def test_node__that_swarm_does_not_know_is_refused_with_those_there_are(site):
    site.hosts["d"] = {"roles": "db"}
    result = site.apply(5)
    assert "no node called 'd'" in result.err and "scripted, a, b, c" in result.err
    assert site.swarm.writes == []
    site.hosts["d"]["state"] = "down"  # a dead machine may be gone
    site.apply()


def test_node__two_of_one_name_have_to_be_told_apart_by_id(site):
    site.state.add_node("a")
    site.declare()
    assert "two nodes called 'a'" in site.zpm.apply().exits(1).err
    site.hosts["a"]["node"] = site.ids["a"]
    site.apply()


def test_node__self_is_the_one_of_a_swarm_that_has_no_other(swarm):
    swarm.zpm.manifest(platform("p", {}, hosts={"here": {"node": "self", "roles": ["active"]}}))
    swarm.zpm.apply().exits(0)
    [node] = swarm.state.all_nodes.values()
    assert node["Spec"]["Labels"]["zpm.host"] == "here"
    swarm.state.add_node("b")
    assert "this Swarm has several" in swarm.zpm.apply().exits(1).err


def test_node__of_another_platform_is_refused(site):
    site.labels("a")["zpm.platform"] = "other"
    result = site.apply(5)
    assert "'a'" in result.err and site.swarm.writes == []


def test_node__that_is_cut_off_is_told_of_while_the_rest_converges(site):
    site.apply()
    site.node("c")["Status"] = {"State": "down", "Message": "heartbeat failure"}
    site.services["free"]["environment"] = {"X": "1"}
    result = site.apply(4)
    assert result.change("service/free")["status"] == "done"
    change = result.change("node/c")
    assert change["status"] == "failed" and "heartbeat failure" in change["error"]
    states = {o["name"]: (o["state"], o.get("why", "")) for o in site.zpm.status().exits(4).json["objects"]}
    assert states["c"] == ("failed", "the node is down: heartbeat failure")
    assert {state for name, (state, _) in states.items() if name != "c"} == {"converged"}


def test_node__changed_meanwhile_is_read_again(site):
    site.apply()
    site.hosts["a"]["labels"] = {"rack": "r1"}
    site.declare()
    version = site.state.node_update

    def late(ref, index, spec):
        site.state.node_update = version
        site.node("a")["Version"]["Index"] = site.state.tick()
        return version(ref, index, spec)
    site.state.node_update = late
    site.zpm.apply().exits(0)
    assert site.labels("a")["rack"] == "r1"


def listed(site, *args):
    """`zpm hosts` as JSON, by name."""
    return {host["name"]: host for host in site.zpm.run("hosts", "-o", "json", *args).exits(0).json}


def test_list__tells_roles_and_what_swarm_says_of_the_node(site):
    site.hosts["a"]["address"] = "soar-a.example.net"
    site.hosts["b"]["state"] = "down"
    site.apply()
    hosts = listed(site)
    assert list(hosts) == ["a", "b", "c"]
    assert hosts["a"]["address"] == "soar-a.example.net" and hosts["a"]["roles"] == ["active", "service"]
    node = hosts["a"]["node"]
    assert node["id"] == site.ids["a"] and node["hostname"] == "a" and node["manager"]
    assert (node["state"], node["availability"]) == ("ready", "active")
    assert node["labels"]["zpm.role.active"] == "true" and "why" not in node
    assert hosts["b"]["state"] == "down" and hosts["b"]["node"]["availability"] == "drain"
    assert hosts["a"]["members"] == [] and "state" not in hosts["a"]


def test_list__tells_the_version_of_the_nodes_engine(site):
    site.apply()
    site.node("c")["Description"]["Engine"] = {"EngineVersion": "26.1.5"}
    assert listed(site)["c"]["node"]["engineVersion"] == "26.1.5"
    assert "ready, active, manager, Engine 26.1.5\n" in site.zpm.run("hosts").exits(0).out


def test_list__tells_why_a_node_is_of_no_use(site):
    site.apply()
    site.node("a")["Status"] = {"State": "down", "Message": "heartbeat failure"}
    assert listed(site)["a"]["node"]["state"] == "down"
    assert "heartbeat failure" in listed(site)["a"]["node"]["why"]
    assert "heartbeat failure" in site.zpm.run("hosts").exits(0).out


def test_list__with_a_host_that_is_no_node_exits_4(site):
    site.hosts["d"] = {"roles": ["service"]}
    site.declare()
    result = site.zpm.run("hosts", "-o", "json").exits(4)
    assert result.json[3]["node"] is None
    assert "the Swarm has none of that name" in site.zpm.run("hosts").exits(4).out


def test_list__steers_no_terminal(site):
    site.declare()
    site.node("a")["Spec"]["Labels"]["zpm.host"] = "a\x1b[2J\n"
    out = site.zpm.run("hosts").exits(0).out
    assert "\x1b" not in out and "zpm.host=a [2J \n" in out


def test_list__without_hosts_is_a_mistake_and_asks_nobody(swarm):
    swarm.zpm.manifest(platform("p"))
    assert "declares no hosts" in swarm.zpm.run("hosts").exits(3).err
    assert swarm.connections == 0
