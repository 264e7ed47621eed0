"""zpm doctor: what is wrong around sets, each with what to do about it."""
import signal



def doctor(site, code=0):
    site.declare()
    found = site.zpm.run("doctor", "-o", "json").exits(code).json
    return {check: [f for f in found["findings"] if f["check"] == check] for check in
            {f["check"] for f in found["findings"]}}


def levels(found, check):
    return [f["level"] for f in found[check]]


def test_doctor__of_a_sound_set_minds_only_its_bare_addresses(site):
    site.apply()
    found = doctor(site)
    assert levels(found, "mongo-servers") == levels(found, "mongo-versions") == levels(found, "mongo-votes") == ["ok"]
    assert levels(found, "engine") == ["ok"] and "4 managers" in found["swarm"][0]["text"]
    assert levels(found, "mongo-places") == levels(found, "clocks") == ["ok"]
    assert levels(found, "mongo-addresses") == ["warn"] * 3 and "address" in found["mongo-addresses"][0]["mend"]
    assert levels(found, "mongo-access") == ["warn"]


def test_doctor__names_a_server_that_does_not_answer(site):
    site.apply()
    site.server("c").stop(signal.SIGKILL)
    found = doctor(site, 1)
    assert levels(found, "mongo-servers") == ["fail"]
    assert f"{site.name('c')} refuses the connection" in found["mongo-servers"][0]["text"]


def test_doctor__counts_votes(site):
    site.members["c"] = {"host": "c", "votes": 0}
    assert levels(doctor(site), "mongo-votes") == ["warn"]


def test_doctor__sees_a_set_on_one_machine(site):
    site.members = {"a": "a", "again": {"host": "a", "port": 27999}, "more": {"host": "a", "port": 27998}}
    found = doctor(site, 1)
    assert levels(found, "mongo-places") == ["warn"] and "all members are on a" in found["mongo-places"][0]["text"]


def test_doctor__changes_nothing(site):
    site.apply()
    version, writes = site.config()["version"], len(site.swarm.writes)
    doctor(site)
    assert site.config()["version"] == version and len(site.swarm.writes) == writes
