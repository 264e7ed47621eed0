"""examples/platform/load: what it makes up, and what it leaves in a database."""
import collections
import json
import subprocess
import sys

import pytest

from servers import FAST, wait_until
from zpm_run import ROOT

LOAD = ROOT / "examples/platform/load"


def load(*args, code=0):
    result = subprocess.run([sys.executable, LOAD, *map(str, args)], capture_output=True, text=True, timeout=60,
                            check=False)
    assert result.returncode == code, result.stderr
    return result


def files(folder, *args):
    """{(server, database, collection): documents} of --json."""
    load("--json", folder, *args)
    return {path.relative_to(folder).with_suffix("").parts: [json.loads(line) for line in path.open(encoding="utf-8")]
            for path in folder.rglob("*.json")}


def of(made, collection, database="securaa"):
    return made["platform", database, collection]


def key(document):
    return json.dumps(document, sort_keys=True)


@pytest.fixture
def server(servers):
    """A set of one, as the metaDB is."""
    member = servers.member("meta")
    servers.wait_ready()
    member.run("replSetInitiate", {"_id": "meta", "version": 1, "members": [{"_id": 0, "host": member.name}],
                                   "settings": FAST})
    wait_until(lambda: member.run("isMaster")["ismaster"], "a primary")
    return member


def stored(server):
    """The same of what is in a database."""
    with server.client as client:
        return {("platform", database, name): list(client[database][name].find({}, {"_id": 0}))
                for database in client.list_database_names() if database not in ("admin", "config", "local")
                for name in client[database].list_collection_names()}


def same(one, other):
    return {k: collections.Counter(map(key, v)) for k, v in one.items() if v} == {
        k: collections.Counter(map(key, v)) for k, v in other.items() if v}


def test_load__makes_fifty_tenants_and_a_thousand_integrations(tmp_path):
    made = files(tmp_path)
    integrations = of(made, "integrations")
    assert (len(of(made, "tenants")), len(integrations)) == (50, 1000)
    assert len({i["integration_id"] for i in integrations}) == 1000
    assert {i["tenantcode"] for i in integrations} == {t["tenantcode"] for t in of(made, "tenants")}
    assert sum(i["status"] == "active" for i in integrations) == 6


def test_load__makes_as_many_as_it_is_asked_for(tmp_path):
    made = files(tmp_path, "--tenants", 3, "--integrations", 10, "--active", 4, "--executable", "app")
    assert (len(of(made, "tenants")), len(of(made, "integrations"))) == (3, 10)
    assert sum(i["status"] == "active" for i in of(made, "integrations")) == 4
    assert {i["executable"] for i in of(made, "integrations")} == {"app"}


def test_load__names_of_services_are_unlike_within_a_tenant(tmp_path):
    names = [(i["tenantcode"], i["serviceName"]) for i in of(files(tmp_path), "integrations")]
    assert len(set(names)) == len(names)


def test_load__ports_are_of_integrations_and_unlike(tmp_path):
    made = files(tmp_path, "--active", 30)
    known = {(i["integration_id"], i["executable"], i["tenantcode"]) for i in of(made, "integrations")}
    ports = of(made, "integration_ports")
    assert len(ports) == 10 == len({p["port"] for p in ports})
    assert {(p["integration_id"], p["executable"], p["tenantcode"]) for p in ports} <= known


def test_load__makes_the_same_each_time(tmp_path):
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_load__files_are_for_their_owner_alone(tmp_path):
    files(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.json")} == {0o600}


def test_load__passwords_are_all_in_the_documents_and_unlike(tmp_path):
    listed = load("--passwords").stdout.split()
    made = files(tmp_path)
    documents = [d for name in ("tenants", "tenant_databases", "tenant_backups") for d in of(made, name)]
    assert sorted(d["db_password"] for d in documents) == listed
    assert len(set(listed)) == len(listed) == 101
    assert not any(p in q for p in listed for q in listed if p is not q)


def test_load__passwords_are_in_no_other_field(tmp_path):
    others = [{k: v for k, v in d.items() if k != "db_password"} for made in files(tmp_path).values() for d in made]
    text = key(others)
    assert [p for p in load("--passwords").stdout.split() if p in text] == []


def test_load__what_is_loaded_is_what_the_files_say(server, tmp_path):
    load("--server", server.name)
    assert same(stored(server), files(tmp_path))


def test_load__twice_is_as_once_and_leaves_others_alone(server):
    with server.client as client:
        client.securaa.tenants.insert_one({"tenantcode": "of-others"})
        client.securaa.other.insert_one({"x": 1})
    load("--server", server.name)
    before = stored(server)
    load("--server", server.name)
    assert same(stored(server), before)
    assert {"tenantcode": "of-others"} in before["platform", "securaa", "tenants"]
    assert before["platform", "securaa", "other"] == [{"x": 1}]


def test_load__again_with_other_options_changes_what_differs(server):
    load("--server", server.name, "--active", 2)
    load("--server", server.name, "--active", 5, "--case-grouping")
    made = stored(server)
    assert sum(i["status"] == "active" for i in of(made, "integrations")) == 5
    assert len(of(made, "integrations")) == 1000
    assert {"key": "case_grouping", "enabled": True} in of(made, "settings")


def test_load__gives_some_tenants_a_database_of_their_own(server, servers):
    own = servers.add(servers.next_address(), [])
    servers.wait_ready()
    load("--server", server.name, "--tenant-server", own.name)
    at_home = {t["tenantcode"]: t["db_name"] for t in of(stored(server), "tenants") if t["db_host"]}
    assert len(at_home) == 5
    assert {k[1]: len(v) for k, v in stored(own).items()} == {name: 20 for name in at_home.values()}
    left = {i["tenantcode"] for i in of(stored(server), "integrations")}
    assert len(left) == 45 and left.isdisjoint(at_home)


def test_load__server_that_does_not_answer_is_told_of(servers):
    assert "load: " in load("--server", f"{servers.next_address()}:27500", code=1).stderr


def test_load__asks_for_what_makes_sense():
    for args in ([], ["--json", "x", "--passwords"], ["--passwords", "--tenants", "0"],
                 ["--passwords", "--integrations", "3", "--active", "4"], ["--server", "x", "--user", "u"]):
        assert "usage: load" in load(*args, code=2).stderr
