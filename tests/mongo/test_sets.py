"""A replica set from nothing, and through every change there is. Judged by what the servers say."""
import signal
import threading
import time

import pymongo

from servers import PORT, wait_until
from zpm_run import finish


def votes_and_priorities(site):
    return {m["host"]: (m["votes"], m["priority"]) for m in site.config()["members"]}


def test_apply__makes_a_set_of_nothing_and_then_writes_nothing(site):
    result = site.apply().json
    assert result["result"] == "converged" and result["mongoWrites"] > 0
    assert votes_and_priorities(site) == {site.name("a"): (1, 10), site.name("b"): (1, 1), site.name("c"): (1, 1)}
    assert site.primary() == "a"
    assert site.documents() == {site.hosts["a"]["address"]: ("active", "up"),
                                site.hosts["b"]["address"]: ("passive", "up"),
                                site.hosts["c"]["address"]: ("service", "up")}
    version = site.config()["version"]
    again = site.apply().json
    assert (again["engineWrites"], again["mongoWrites"], again["changes"]) == (0, 0, [])
    assert site.config()["version"] == version
    site.plan(0)


class Writer(threading.Thread):
    """Counts up with majority concern, over whoever is primary, until told to stop."""

    def __init__(self, site):
        super().__init__()
        seeds = ",".join(site.name(n) for n in site.members)
        self.client = pymongo.MongoClient(f"mongodb://{seeds}/?replicaSet=meta&w=majority&wtimeoutMS=5000"
                                          "&retryWrites=false&serverSelectionTimeoutMS=10000")
        self.acknowledged, self.over = [], threading.Event()
        self.start()

    def run(self):
        number = 0
        while not self.over.is_set():
            number += 1
            try:
                self.client.work.numbers.insert_one({"_id": number})
                self.acknowledged.append(number)
            except pymongo.errors.PyMongoError:
                time.sleep(0.02)

    def stop(self):
        self.over.set()
        self.join()
        self.client.close()


def test_roles__swapped_move_the_primary_once_and_lose_no_write(site):
    site.apply()
    term = site.config()["term"]
    site.swap()
    change = next(c for c in site.plan().json["changes"] if c["kind"] == "replica-set")
    assert (change["impact"], change["reason"]) == ("election", "role")
    writer = Writer(site)
    wait_until(lambda: len(writer.acknowledged) > 5, "writes before the swap")
    site.apply()
    before = len(writer.acknowledged)
    wait_until(lambda: len(writer.acknowledged) > before + 5, "writes after the swap")
    writer.stop()
    assert site.primary() == "b" and site.config()["term"] == term + 1
    assert site.documents()[site.hosts["b"]["address"]] == ("active", "up")
    assert site.documents()[site.hosts["a"]["address"]] == ("passive", "up")
    with site.server("b").client as client:
        kept = {d["_id"] for d in client.work.numbers.find()}
    assert set(writer.acknowledged) <= kept
    assert site.apply().json["mongoWrites"] == 0


def test_member__added_and_removed(site):
    site.apply()
    site.add_host("d", "service")
    site.servers.wait_ready()
    site.apply()
    assert votes_and_priorities(site)[site.name("d")] == (1, 1)
    ids = {m["host"]: m["_id"] for m in site.config()["members"]}
    del site.members["c"]
    site.apply()
    assert {m["host"]: m["_id"] for m in site.config()["members"]} == {
        host: number for host, number in ids.items() if host != site.name("c")}


def test_member__that_is_primary_hands_over_before_it_leaves(site):
    site.apply()
    term = site.config()["term"]
    del site.members["a"]
    site.apply()
    assert site.primary() == "b" and len(site.config()["members"]) == 2
    assert site.config()["term"] == term + 1


def test_member__hidden_and_shown_again(site):
    site.apply()
    site.members["c"].update(hidden=True)
    site.apply()
    assert (site.live("c")["hidden"], site.live("c")["priority"]) == (True, 0)
    site.members["c"].update(hidden=False)
    site.apply()
    assert (site.live("c")["hidden"], site.live("c")["priority"]) == (False, 1)


def test_member__turned_arbiter_leaves_and_comes_back_as_one(site):
    site.apply()
    site.members["c"].update(arbiter=True)
    # One that has been a member keeps its data until somebody removes them.
    site.server("c").stop()
    site.server("c").forget()
    site.apply(4)
    site.server("c").start()
    site.servers.wait_ready()
    site.apply()
    assert site.live("c")["arbiterOnly"] is True and site.live("c")["votes"] == 1


def test_member__renamed_keeps_its_id(site):
    site.apply()
    number = site.live("c")["_id"]
    old = site.hosts["c"]["address"]
    new = site.servers.next_address()
    site.server("c").stop()
    server = site.servers.all.pop(old)
    server.address = f"{old},{new}"
    server.start()
    server.address = new
    site.servers.all[new] = server
    site.hosts["c"]["address"] = new
    wait_until(server.answers, "the member under its new name")
    site.apply()
    assert site.live("c")["_id"] == number and len(site.config()["members"]) == 3


def test_undeclared__fields_of_a_member_are_kept(site):
    site.apply()
    config = site.config()
    for member in config["members"]:
        if member["host"] == site.name("c"):
            member["tags"] = {"site": "far"}
    config["version"] += 1
    site.server(site.primary()).run("replSetReconfig", config)
    site.plan(0)
    site.members["b"].update(priority=3)
    site.apply()
    assert site.live("c")["tags"] == {"site": "far"} and site.live("b")["priority"] == 3


def test_drift__of_a_priority_is_seen_and_mended(site):
    site.apply()
    config = site.config()
    for member in config["members"]:
        if member["host"] == site.name("c"):
            member["priority"] = 4
    config["version"] += 1
    site.server(site.primary()).run("replSetReconfig", config)
    [change] = site.plan().json["changes"]
    assert [f["path"] for f in change["fields"]] == [f"members.{site.name('c')}.priority"]
    site.apply()
    assert site.live("c")["priority"] == 1


def test_member__down_during_a_change_is_told_and_the_rest_is_done(site):
    site.apply()
    site.add_host("d", "service")
    site.server("d").stop()
    site.members["c"].update(priority=2)
    result = site.apply(4)
    error = result.change("replica-set/meta")["error"]
    assert site.name("d") in error and "refuses the connection" in error
    assert site.live("c")["priority"] == 2
    site.server("d").start()
    site.servers.wait_ready()
    site.apply()
    assert votes_and_priorities(site)[site.name("d")] == (1, 1)


def test_majority__lost_is_refused_with_what_a_person_may_run(site):
    site.apply()
    for name in "bc":
        site.server(name).stop(signal.SIGKILL)
    wait_until(lambda: not site.server("a").run("isMaster")["ismaster"], "a to notice")
    [trouble] = [t for t in site.plan(0).json["troubles"] if t["kind"] == "replica-set"]
    assert "1 of 3 voters answer" in trouble["because"] and "force: true" in trouble["because"]
    version = site.server("a").run("replSetGetConfig")["config"]["version"]
    site.apply(4)
    assert site.server("a").run("replSetGetConfig")["config"]["version"] == version


def test_kill__at_any_step_and_the_next_apply_completes_it(site):
    """Nine steps lead to a set of three; zpm is killed after each of the first versions."""
    site.declare()
    for version in range(1, 6):
        process = site.zpm.start("apply", "--yes")

        def reached():
            if process.poll() is not None:
                return True
            found = [s.run("replSetGetConfig")["config"]["version"] for s in site.servers.all.values()
                     if "setName" in s.run("isMaster")]
            return found and max(found) >= version
        wait_until(reached, f"version {version}")
        process.kill()
        finish(process, time.monotonic())
    site.apply()
    assert votes_and_priorities(site) == {site.name("a"): (1, 10), site.name("b"): (1, 1), site.name("c"): (1, 1)}
    assert site.primary() == "a"


def test_other_set__at_the_address_is_left_alone(site):
    site.apply()
    stranger = site.servers.member("stranger")
    site.servers.wait_ready()
    stranger.run("replSetInitiate", {"_id": "stranger", "members": [{"_id": 0, "host": f"{stranger.address}:{PORT}"}]})
    site.swarm.state.add_node("d")
    site.hosts["d"] = {"address": stranger.address, "roles": ["service"]}
    site.members["d"] = {"host": "d"}
    wait_until(lambda: stranger.run("isMaster")["ismaster"], "the stranger to be primary")
    [trouble] = [t for t in site.plan().json["troubles"] if t["kind"] == "replica-set"]
    assert "another set, 'stranger'" in trouble["because"]
    site.apply(4)
    assert len(site.config()["members"]) == 3


def test_plan_file__is_stale_once_somebody_has_reconfigured(site):
    site.apply()
    site.members["b"].update(priority=3)
    site.declare()
    site.zpm.run("plan", "--out", "saved").exits(0)
    config = site.config()
    config["version"] += 1
    site.server(site.primary()).run("replSetReconfig", config)
    stale = site.zpm.run("apply", "saved").exits(5)
    assert "replica-set/meta: version" in stale.err and site.live("b")["priority"] == 1
    site.zpm.run("plan", "--out", "saved").exits(0)
    site.zpm.run("apply", "saved").exits(0)
    assert site.live("b")["priority"] == 3


def test_target__is_a_set_alone(site):
    site.declare()
    result = site.zpm.apply("--target", "replica-set/meta").exits(0)
    assert result.changed == {"replica-set/meta": "create"}
    assert len(site.config()["members"]) == 3 and site.documents() == {}


def test_interrupt__ends_with_the_step_in_flight(site):
    site.declare()
    process = site.zpm.start("apply", "--yes")
    wait_until(lambda: any("setName" in s.run("isMaster") for s in site.servers.all.values()), "the set to begin")
    process.send_signal(signal.SIGINT)
    result = finish(process, time.monotonic())
    assert result.code in (0, 4)  # 0: it had been faster
    site.apply()
    assert len(site.config()["members"]) == 3


def test_status__tells_of_each_member(site):
    site.apply()
    site.server("c").stop(signal.SIGKILL)

    def told():
        """The set, and its members by name."""
        meta = next(o for o in site.zpm.status().exits(4).json["objects"] if o["kind"] == "replica-set")
        return meta, {m["host"]: m for m in meta["members"]}
    # At once, whatever the others have noticed of it.
    assert "refuses the connection" in told()[1][site.name("c")]["why"]
    wait_until(lambda: told()[1][site.name("c")]["state"] == "down", "the others to notice")
    meta, members = told()
    assert meta["primary"] == site.name("a") and meta["state"] == "failed"
    assert members[site.name("a")]["state"] == "primary" and members[site.name("b")]["state"] == "secondary"
    assert members[site.name("b")]["priority"] == members[site.name("b")]["declaredPriority"] == 1
    text = site.zpm.run("status").exits(4).out
    assert f"{site.name('c')}" in text and "down" in text


def test_silent_member__costs_one_time_out_in_all(site):
    """A process that is stopped takes connections and answers nothing."""
    site.apply()
    site.mongo["timeouts"] = {"connect": "1s", "call": "1s"}
    site.declare()
    quick = site.zpm.plan().exits(0).seconds
    site.server("c").process.send_signal(signal.SIGSTOP)
    try:
        slow = site.zpm.plan().exits(0)
    finally:
        site.server("c").process.send_signal(signal.SIGCONT)
    assert slow.seconds < quick + 4
    [trouble] = slow.json["troubles"]
    assert trouble["name"] == "meta" and "does not answer in time" in trouble["because"]
