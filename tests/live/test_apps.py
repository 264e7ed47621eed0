"""Apps and a feature that a database on the Engine decides on: what then runs, by the Engine's word."""
import json
import subprocess

import pytest

from topology import PORTS, Members, applied
from zpm_run import inside

RUN = """
import json, pymongo, sys
address, port, database, command = sys.argv[1:]
client = pymongo.MongoClient(address, int(port), serverSelectionTimeoutMS=5000, connect=False)
answer = client[database].command(json.loads(command))
sys.exit(str(answer) if answer.get("writeErrors") else 0)
"""


class Apps(Members):
    def declare(self):
        self.shared.manifest(
            {"batch": {"case-grouping": {"when": "caseGrouping"}}},
            hosts={"here": {"address": self.address, "node": self.node, "roles": ["active"]}}, mongo=self.mongo(),
            features={"caseGrouping": {"fromDatabase": {
                "collection": "settings", "filter": {"key": "case_grouping"}, "field": "enabled"}}},
            apps={"fromIntegrations": {
                "database": "securaa", "ports": "20100-20109",
                "params": {"collection": "app_params", "buildType": "prod"},
                "template": {"image": "zpm-demo/${integration.executable}:1.0",
                             "environment": {"PORT": "${integration.port}"}}}})

    def mongo(self):
        return {**super().mongo(), "metaDB": self.set_of("meta", PORTS[0]), "timeouts": {"connect": "1s"}}

    def do(self, name, collection, database="securaa", **more):
        subprocess.run([*inside(), "/usr/bin/python3", "-c", RUN, self.address, str(PORTS[0]), database,
                        json.dumps({name: collection, **more})], check=True, timeout=60)

    def insert(self, collection, *documents, **more):
        self.do("insert", collection, documents=documents, **more)

    def set(self, collection, query, **fields):
        self.do("update", collection, updates=[{"q": query, "u": {"$set": fields}}])

    def switch(self, number, status):
        self.set("integrations", {"integration_id": number}, status=status)

    def environment(self, name):
        return dict(e.split("=", 1) for e in self.shared.spec(name)["TaskTemplate"]["ContainerSpec"].get("Env") or ())

    def task_ids(self):
        return {name: set(self.shared.running(name))
                for name in self.engine_names() if not name.startswith("mongo")}

    def engine_names(self):
        return {name.removeprefix(f"{self.shared.name}_") for name in self.shared.services()}


def integration(number, code, name, status):
    return {"integration_id": number, "title": name, "serviceName": name, "executionDir": "/", "status": status,
            "executable": "app", "tenantcode": code}


@pytest.fixture(scope="module")
def apps(shared):
    with applied(Apps(shared)) as apps:
        own = {"db_host": f"{apps.address}:{PORTS[0]}", "db_name": "beta_db", "db_username": "", "db_password": ""}
        apps.insert("tenants", {"id": 1, "name": "Acme", "tenantcode": "acme", "status": "active"},
                    {"id": 2, "name": "Beta", "tenantcode": "beta", "status": "active", **own})
        apps.insert("integrations", integration(1, "acme", "mail", "inactive"), integration(2, "acme", "dns", "active"))
        apps.insert("integrations", integration(3, "beta", "chat", "active"), database="beta_db")
        apps.insert("app_params", {"param_type": "app", "build_name": "prod", "environment": {"LEVEL": "high"}})
        apps.insert("settings", {"key": "case_grouping", "enabled": False})
        apps.apply()
        yield apps


def test_integration__switched_on_in_the_database_runs_and_off_goes(apps):
    before = apps.task_ids()
    assert set(before) == {"dns-acme", "chat-beta"} and all(before.values())
    apps.switch(1, "active")
    apps.apply()
    assert apps.environment("mail-acme") == {"PORT": "20102", "LEVEL": "high"}
    assert len(apps.shared.running("mail-acme")) == 1
    after = apps.task_ids()
    assert {name: after[name] for name in before} == before
    again = apps.apply().json
    assert (again["engineWrites"], again["mongoWrites"], again["changes"]) == (0, 0, [])
    apps.switch(1, "inactive")
    apps.apply()
    assert apps.task_ids() == before


def test_feature__switched_in_the_database_starts_and_stops_its_service(apps):
    apps.set("settings", {"key": "case_grouping"}, enabled=True)
    apps.apply()
    assert len(apps.shared.running("case-grouping")) == 1
    apps.set("settings", {"key": "case_grouping"}, enabled=False)
    apps.apply()
    assert "case-grouping" not in apps.engine_names()


def test_tenants_database__out_of_reach_leaves_its_apps_as_they_are(apps):
    before = apps.task_ids()
    apps.set("tenants", {"tenantcode": "beta"}, db_host=f"{apps.address}:18599")
    apps.switch(2, "inactive")
    result = apps.zpm.apply().exits(4)
    assert "tenant 'beta'" in result.err and "18599" in result.err
    assert apps.task_ids() == {"chat-beta": before["chat-beta"]}
    apps.set("tenants", {"tenantcode": "beta"}, db_host=f"{apps.address}:{PORTS[0]}")
    apps.switch(2, "active")
    apps.apply()
    assert apps.task_ids()["chat-beta"] == before["chat-beta"]
