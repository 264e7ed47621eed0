"""zpm failover and failback: guarded, recorded on the nodes, and undone."""
import signal

from servers import wait_until


def labels(site, name):
    nodes = {n["Description"]["Hostname"]: n for n in site.swarm.state.all_nodes.values()}
    return nodes[name]["Spec"]["Labels"]


def failover(site, code=0, *args):
    return site.zpm.run("failover", "--yes", "-o", "json", *args).exits(code)


def test_failover__holds_until_it_is_called_back(site):
    site.apply()
    result = failover(site, 0, "--to", "b")
    assert result.json["result"] == "converged" and site.primary() == "b"
    assert labels(site, "b")["zpm.role"] == "active" and labels(site, "a")["zpm.role"] == "passive"
    assert site.documents()[site.hosts["b"]["address"]] == ("active", "up")
    # Applied again, the manifest does not take it back, and says so.
    again = site.apply()
    assert again.json["changes"] == [] and "failback" in again.err and site.primary() == "b"
    assert "b is active" in site.plan(0).err
    site.zpm.run("failback", "--yes").exits(0)
    assert site.primary() == "a" and labels(site, "a")["zpm.role"] == "active"
    assert "zpm.failover" not in {**labels(site, "a"), **labels(site, "b")}
    assert site.documents()[site.hosts["a"]["address"]] == ("active", "up")
    assert "failback" not in site.plan(0).err
    assert "no failover is recorded" in site.zpm.run("failback", "--yes").exits(3).err


def test_failover__is_forgotten_when_the_manifest_says_the_same(site):
    site.apply()
    failover(site, 0, "--to", "b")
    site.swap()
    result = site.apply()
    assert result.json["mongoWrites"] == 0 and "failback" not in result.err
    assert "zpm.failover" not in {**labels(site, "a"), **labels(site, "b")}
    assert site.primary() == "b"


def test_failover__rehearsed_changes_nothing(site):
    site.apply()
    version = site.config()["version"]
    plan = failover(site, 0, "--to", "b", "--dry-run").json
    assert {c["kind"] for c in plan["changes"]} == {"node", "replica-set", "server-info"}
    assert site.primary() == "a" and site.config()["version"] == version and "zpm.failover" not in labels(site, "b")


def test_failover__to_who_cannot_is_a_mistake(site):
    site.apply()
    for name, why in (("nobody", "there is no host"), ("c", "neither passive nor"), ("a", "is active already")):
        assert why in failover(site, 3, "--to", name).err
    assert "which host" in failover(site, 3).err


def test_failover__without_a_majority_is_refused(site):
    site.apply()
    for name in "bc":
        site.server(name).stop(signal.SIGKILL)
    refused = failover(site, 5, "--to", "b")
    assert "1 of 3 voters answer" in refused.err and "zpm.failover" not in labels(site, "b")


def test_failover__to_a_member_that_lags_is_refused(site):
    site.apply()
    site.server("b").fall_behind()

    def is_behind():
        with site.server("a").client as client:
            client.work.numbers.insert_one({})
        sets = [o for o in site.zpm.status().json["objects"] if o["kind"] == "replica-set"]
        return next(m for m in sets[0]["members"] if m["host"] == site.name("b"))["lagSeconds"] > 10
    wait_until(is_behind, "b to lag")
    refused = failover(site, 5, "--to", "b")
    assert "behind the primary" in refused.err and site.primary() == "a"


def test_failover__is_in_the_list_of_hosts(site):
    site.apply()
    failover(site, 0, "--to", "b")
    hosts = {h["name"]: h for h in site.zpm.run("hosts", "-o", "json").exits(0).json}
    assert (hosts["b"]["roles"], hosts["b"]["declaredRoles"]) == (["active"], ["passive"])
    assert hosts["b"]["members"] == [{"set": "meta", "host": site.name("b"), "state": "primary"}]
    assert hosts["a"]["members"][0]["state"] == "secondary"
    assert "active, by a failover instead of passive" in site.zpm.run("hosts").exits(0).out


def test_hosts__with_a_member_that_does_not_answer_exits_4(site):
    site.apply()
    site.server("c").process.kill()
    result = site.zpm.run("hosts", "-o", "json").exits(4)
    member, = result.json[2]["members"]
    assert member["why"] and "why" not in result.json[0]["members"][0]
    assert member["why"] in site.zpm.run("hosts").exits(4).out
