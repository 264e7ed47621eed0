"""Apps and features that the platform's database decides on, and what zpm does when it, or a tenant's, is silent."""
import pytest

from servers import PORT
from zpm_run import platform

PASSWORDS = ("made-up-of-acme", "made-up-of-beta", "made-up-of-its-backup")


def tenant(number, code, password, server=None, **more):
    return {"id": number, "name": code.capitalize(), "tenantcode": code, "status": "active",
            "db_host": server.name if server else "", "db_username": "", "db_password": password,
            "db_name": f"{code}_db", "connection_status": "ok", **more}


def integration(number, code, name, status="active", **more):
    return {"integration_id": number, "title": f"{name} of {code}", "action": "collect", "serviceName": name,
            "executionDir": f"/opt/{name}", "status": status, "executable": name, "tenantcode": code, **more}


class Catalog:
    """A set of one with the platform's database, and a tenant with a server of its own."""

    def __init__(self, site):
        self.site, self.swarm, self.zpm = site, site.swarm, site.zpm
        self.own = site.servers.add(site.servers.next_address(), [])
        self.features = {"caseGrouping": {"fromDatabase": {
            "collection": "settings", "filter": {"key": "case_grouping"}, "field": "enabled"}}}
        self.apps = {"database": "securaa", "ports": "20000-20002",
                     "params": {"collection": "app_params", "buildType": "prod"},
                     "template": {"image": "${integration.executable}:1",
                                  "command": ["--dir", "${integration.executionDir}"],
                                  "environment": {"PORT": "${integration.port}", "LEVEL": "low",
                                                  "TENANT": "${integration.tenantcode}"}}}
        self.services = {"batch": {"case-grouping": {"image": "case-grouping:1", "when": "caseGrouping"}}}
        self.more = {}

    def declare(self):
        meta = {"replicaSet": "meta", "managed": False, "port": PORT, "members": ["a"],
                "settings": {"heartbeatIntervalMillis": 200, "electionTimeoutMillis": 2000}}
        self.zpm.manifest({**platform("p", {}, hosts=self.site.hosts, mongo={
            "metaDB": meta, "timeouts": {"connect": "500ms"}}, features=self.features,
            apps={"fromIntegrations": self.apps}, **self.more), "services": self.services})

    def run(self, command, code=0, *args):
        self.declare()
        return self.zpm.run(*command.split(), *args).exits(code)

    def apply(self, code=0, *args):
        self.declare()
        return self.zpm.apply(*args).exits(code)

    @property
    def database(self):
        return self.site.server("a").client.securaa

    def seed(self):
        database = self.database
        database.tenants.insert_many([tenant(1, "acme", PASSWORDS[0]), tenant(2, "beta", PASSWORDS[1], self.own)])
        database.tenant_backups.insert_one(tenant(3, "acme", PASSWORDS[2], uuid="u-3"))
        database.integrations.insert_many([integration(1, "acme", "mail"), integration(2, "acme", "dns", "inactive")])
        database.app_params.insert_many([
            {"param_type": "mail", "build_name": "prod", "environment": {"LEVEL": "high"},
             "resources": {"limits": {"memory": "64m"}}},
            {"param_type": "mail", "build_name": "dev", "environment": {"LEVEL": "all"}}])
        database.settings.insert_one({"key": "case_grouping", "enabled": False})
        self.own.client.beta_db.integrations.insert_one(integration(7, "beta", "chat"))

    def switch(self, number, status):
        self.database.integrations.update_one({"integration_id": number}, {"$set": {"status": status}})

    def spec(self, name):
        return self.swarm.services()[f"p_{name}"]["Spec"]["TaskTemplate"]["ContainerSpec"]

    def environment(self, name):
        return dict(line.split("=", 1) for line in self.spec(name)["Env"])

    def names(self):
        return {name.removeprefix("p_") for name in self.swarm.services()}

    def ports(self):
        return {d["_id"]: (d["tenantcode"], d["integration_id"], d["executable"])
                for d in self.database.integration_ports.find() if isinstance(d["_id"], int)}


@pytest.fixture
def catalog(alone):
    made = Catalog(alone)
    alone.servers.wait_ready()
    made.apply()
    made.seed()
    return made


def test_integration__switched_on_runs_and_switched_off_is_removed(catalog):
    result = catalog.apply().json
    assert result["result"] == "converged"
    assert catalog.names() == {"mail-acme", "chat-beta"}
    assert catalog.spec("mail-acme")["Args"] == ["--dir", "/opt/mail"]
    catalog.switch(2, "active")
    change = catalog.run("plan -o json", 0).change("service/dns-acme")
    assert (change["action"], change["reason"], change["after"]) == ("create", "integration", ["port/dns-acme"])
    catalog.apply()
    assert catalog.names() == {"mail-acme", "chat-beta", "dns-acme"}
    assert catalog.environment("dns-acme") == {"PORT": "20002", "LEVEL": "low", "TENANT": "acme"}
    again = catalog.apply().json
    assert (again["engineWrites"], again["mongoWrites"], again["changes"]) == (0, 0, [])
    catalog.switch(1, "inactive")
    change = catalog.run("plan -o json", 0).change("service/mail-acme")
    assert (change["action"], change["reason"]) == ("delete", "integration")
    catalog.apply()
    assert catalog.names() == {"chat-beta", "dns-acme"}


def test_parameters__of_the_build_win_over_the_template(catalog):
    catalog.apply()
    assert catalog.environment("mail-acme")["LEVEL"] == "high"
    assert catalog.environment("chat-beta")["LEVEL"] == "low"
    task = catalog.swarm.services()["p_mail-acme"]["Spec"]["TaskTemplate"]
    assert task["Resources"]["Limits"]["MemoryBytes"] == 64 << 20


def test_port__is_recorded_once_and_never_given_to_another(catalog):
    catalog.database.integration_ports.insert_one(
        {"integration_id": 2, "executable": "dns", "tenantcode": "acme", "port": 20000})
    catalog.apply()
    assert catalog.environment("mail-acme")["PORT"] == "20001"
    assert catalog.ports() == {20001: ("acme", 1, "mail"), 20002: ("beta", 7, "chat")}
    catalog.switch(1, "inactive")
    catalog.switch(2, "active")
    catalog.apply()
    assert catalog.environment("dns-acme")["PORT"] == "20000"
    catalog.switch(1, "active")
    catalog.apply()
    assert catalog.environment("mail-acme")["PORT"] == "20001"
    assert len(catalog.ports()) == 2


def test_ports__when_all_are_taken_the_others_are_still_made(catalog):
    catalog.apps["ports"] = "20000-20000"
    result = catalog.apply(4)
    assert "all ports" in result.err and "beta/7" in result.err
    assert catalog.names() == {"mail-acme"}


def test_tenants_database__silent_leaves_its_apps_and_hides_nobody(catalog):
    catalog.apply()
    before = catalog.swarm.services()["p_chat-beta"]["Version"]["Index"]
    catalog.own.stop()
    catalog.switch(2, "active")
    result = catalog.apply(4)
    assert result.json["result"] == "partial"
    assert "tenant 'beta'" in result.err and catalog.own.name in result.err
    assert catalog.names() == {"mail-acme", "chat-beta", "dns-acme"}
    assert catalog.swarm.services()["p_chat-beta"]["Version"]["Index"] == before
    trouble = catalog.run("plan -o json").json["troubles"]
    assert [(t["kind"], t["name"]) for t in trouble] == [("tenant", "beta")]
    catalog.run("status", 4)
    catalog.run("tenants", 4)
    catalog.own.start()
    catalog.site.servers.wait_ready()
    assert catalog.apply().json["changes"] == []


def test_database__silent_leaves_all_apps_and_keeps_features(catalog):
    catalog.database.settings.update_one({"key": "case_grouping"}, {"$set": {"enabled": True}})
    catalog.apply()
    everything = {"mail-acme", "chat-beta", "case-grouping"}
    assert catalog.names() == everything
    catalog.site.server("a").stop()
    result = catalog.apply(4)
    assert "'securaa'" in result.err and "stays on" in result.err
    assert catalog.names() == everything


def test_feature__follows_the_database(catalog):
    catalog.apply()
    assert "case-grouping" not in catalog.names()
    catalog.database.settings.update_one({"key": "case_grouping"}, {"$set": {"enabled": True}})
    catalog.apply()
    assert "case-grouping" in catalog.names()
    catalog.database.settings.update_one({"key": "case_grouping"}, {"$set": {"enabled": False}})
    catalog.apply()
    assert "case-grouping" not in catalog.names()
    catalog.database.settings.delete_many({})
    catalog.features["caseGrouping"]["default"] = True
    catalog.apply()
    assert "case-grouping" in catalog.names()


def test_tenants__that_share_a_service(catalog):
    catalog.own.client.beta_db.integrations.insert_one(
        integration(8, "beta", "mail", serviceName="other", executionDir="/opt/mail"))
    catalog.apps["perTenant"] = False
    del catalog.apps["template"]["environment"]["TENANT"]
    catalog.apply()
    assert catalog.names() == {"mail", "chat"}
    labels = catalog.swarm.services()["p_mail"]["Spec"]["Labels"]
    assert labels["zpm.integration"] == "*/mail"
    catalog.switch(1, "inactive")
    assert catalog.apply().json["changes"] == []
    catalog.own.stop()
    catalog.apply(4)
    assert catalog.names() == {"mail", "chat"}


def test_names__are_made_safe_and_clashes_leave_both_alone(catalog):
    catalog.database.integrations.insert_many([
        integration(3, "acme", "Web Proxy (v2)", executable="proxy"),
        integration(4, "acme", "a" * 80, executable="long")])
    catalog.apps["ports"] = "20000-20009"
    catalog.apply()
    assert {"web-proxy-v2-acme"} < catalog.names()
    [long] = [n for n in catalog.names() if n.startswith("aaaa")]
    assert len(f"p_{long}") <= 63
    before = catalog.names()
    catalog.database.integrations.insert_one(integration(5, "acme", "web.proxy-V2", executable="proxy"))
    result = catalog.apply(4)
    assert "'acme/3'" in result.err and "'acme/5'" in result.err
    assert catalog.names() == before


def test_integration__that_makes_no_service_is_told_of_and_stops_nobody(catalog):
    catalog.apps["ports"] = "20000-20009"
    catalog.apply()
    catalog.database.integrations.update_one({"integration_id": 1}, {"$set": {"executable": "No Image!"}})
    catalog.switch(2, "active")
    result = catalog.apply(4)
    assert "acme/1" in result.err and "No Image!" in result.err
    assert catalog.names() == {"mail-acme", "chat-beta", "dns-acme"}
    assert catalog.spec("mail-acme")["Image"] == "mail:1"
    listed = {i["integration_id"]: i for i in catalog.run("integrations -o json").json}
    assert listed[1]["state"] == "failed" and "No Image!" in listed[1]["why"]


def test_tenants_own_database__speaks_for_its_tenant_alone(catalog):
    catalog.own.client.beta_db.integrations.insert_one(integration(9, "acme", "spy"))
    catalog.apply()
    assert "spy-beta" in catalog.names() and "spy-acme" not in catalog.names()


def test_values__are_text_and_no_manifest(catalog):
    catalog.database.integrations.update_one(
        {"integration_id": 1}, {"$set": {"executionDir": "${platform} $$ {a: b}\n- c"}})
    catalog.apply()
    assert catalog.spec("mail-acme")["Args"] == ["--dir", "${platform} $$ {a: b}\n- c"]


def test_tenant__that_is_not_active_has_no_apps(catalog):
    catalog.apply()
    catalog.database.tenants.update_one({"tenantcode": "beta"}, {"$set": {"status": "inactive"}})
    catalog.apply()
    assert catalog.names() == {"mail-acme"}
    assert {i["integration_id"]: i["state"] for i in catalog.run("integrations -o json").json} == {1: "on", 2: "off"}


def test_lists__say_what_there_is(catalog):
    catalog.apply()
    by_id = {i["integration_id"]: i for i in catalog.run("integrations -o json").json}
    assert (by_id[1]["service"], by_id[1]["port"], by_id[1]["state"]) == ("mail-acme", 20000, "on")
    assert (by_id[2]["state"], by_id[2]["why"]) == ("off", "it is not active")
    tenants = {t["tenantcode"]: t for t in catalog.run("tenants -o json").json}
    assert (tenants["acme"]["integrations"], tenants["acme"]["active"]) == (2, 1)
    assert [b["uuid"] for b in tenants["acme"]["backups"]] == ["u-3"]
    assert tenants["beta"]["db_host"] == catalog.own.name
    assert "mail-acme" in catalog.run("integrations").out and "Beta" in catalog.run("tenants").out


def test_passwords__are_in_no_output_and_in_nothing_that_is_sent(catalog):
    catalog.own.stop()
    said = ""
    for command in ("plan", "plan -o json", "plan -o markdown", "apply --yes", "status", "status -o json",
                    "integrations", "integrations -o json", "tenants", "tenants -o json", "doctor"):
        catalog.declare()
        result = catalog.zpm.run(*command.split())
        said += result.out + result.err
    said += "".join(f"{r} {r.body}" for r in catalog.swarm.requests)
    assert "mail-acme" in said
    assert [p for p in PASSWORDS if p in said] == []


def test_plan__that_was_saved_is_stale_when_the_database_has_changed(catalog):
    catalog.run("plan --out saved", 0)
    catalog.switch(2, "active")
    assert "stale" in catalog.run("apply saved", 5).err
    assert catalog.names() == set()


def add_many(catalog, database=None):
    """More than come in one batch, with one that is on among the last."""
    (database or catalog.database).integrations.insert_many(
        [integration(n, "acme", f"svc{n}", "inactive") for n in range(100, 2600)] + [integration(2600, "acme", "late")])


def test_catalog__of_many_documents_is_read_whole(catalog):
    add_many(catalog)
    listed = catalog.run("integrations -o json").json
    assert sorted(i["integration_id"] for i in listed) == [1, 2, 7, *range(100, 2601)]
    catalog.apply()
    assert catalog.names() == {"mail-acme", "chat-beta", "late-acme"}


def test_catalog__that_breaks_off_between_batches_leaves_all(catalog):
    add_many(catalog)
    catalog.apply()
    catalog.switch(1, "inactive")
    catalog.site.server("a").refuse("getMore", 43)
    assert "database 'securaa'" in catalog.apply(4).err
    assert catalog.names() == {"mail-acme", "chat-beta", "late-acme"}
    catalog.site.server("a").refuse("getMore", 0)
    catalog.apply()
    assert catalog.names() == {"chat-beta", "late-acme"}


def test_tenants_own_database__that_breaks_off_between_batches_leaves_its_apps(catalog):
    add_many(catalog, catalog.own.client.beta_db)
    catalog.apply()
    assert catalog.names() == {"mail-acme", "chat-beta", "late-beta"}
    catalog.own.refuse("getMore", 43)
    catalog.switch(1, "inactive")
    assert "tenant 'beta'" in catalog.apply(4).err
    assert catalog.names() == {"chat-beta", "late-beta"}


def test_tenant__whose_database_has_no_name_keeps_its_apps(catalog):
    catalog.apply()
    catalog.database.tenants.update_one({"tenantcode": "beta"}, {"$unset": {"db_name": 1}})
    assert "tenant 'beta'" in catalog.apply(4).err
    assert catalog.names() == {"mail-acme", "chat-beta"}


def test_patch__is_for_an_app_by_the_name_of_its_service(catalog):
    catalog.more["release"] = {"patch": {"services": ["mail-acme", "chat-bta"], "environment": {"LEVEL": "debug"}}}
    result = catalog.apply()
    assert catalog.environment("mail-acme")["LEVEL"] == "debug"
    assert catalog.environment("chat-beta")["LEVEL"] == "low"
    assert "a patch is for 'chat-bta', which neither the manifest nor the database asks for" in result.err
    assert "for 'mail-acme'" not in result.err
