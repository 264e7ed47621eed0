"""A platform in trouble, as `zpm run` shows it: a service fails, another is held, a replica set elects."""
AT = "2026-03-01T12:00:00Z"


def service(name, tier, state="converged", running=1, desired=1, **more):
    return {"kind": "service", "name": name, "engineName": f"securaa_{name}", "state": state, "tier": tier,
            "running": running, "desired": desired, **more}


def member(host, state, priority, **more):
    return {"host": host, "state": state, "priority": priority, "declaredPriority": priority, "votes": 1,
            "lagSeconds": 0, **more}


def replica_set(name, members, state="converged", **more):
    primary = next((m["host"] for m in members if m["state"] == "primary"), None)
    return {"kind": "replica-set", "name": name, "engineName": name, "state": state, "primary": primary, "term": 7,
            "version": 3, "members": members, **more}


SERVICES = [
    service("zookeeper", "system"), service("kafka", "system", "progressing", 1, 3, why="2 of 3 tasks run"),
    service("redis", "system"),
    service("zona-siem", "core", "failed", 0, 2, why="task 1 on soar-b: exit code 137 (out of memory), 4 times in a row"),
    service("zona-user", "core"), service("zona-case", "core", "differs", why="environment.LOG_LEVEL differs"),
    service("zona-batch", "batch", "held", 0, 0, why="held since 2026-03-01T09:00:00Z by alice: disk is full",
            hold={"since": "2026-03-01T09:00:00Z", "by": "alice", "reason": "disk is full"}),
    service("app-fortinet", "apps"), service("app-virustotal", "apps"), service("zona-ui", "ui", running=2, desired=2),
]

SETS = [
    replica_set("meta", [member("soar-a:27017", "primary", 10), member("soar-b:27017", "secondary", 5),
                         member("soar-c:27017", "secondary", 1, lagSeconds=12)]),
    replica_set("config", [member("soar-a:27019", "secondary", 1, declaredPriority=10),
                           member("soar-b:27019", "secondary", 5),
                           member("soar-c:27019", "down", 1, why="connection refused")],
                "failed", why="no primary: it is electing one"),
    replica_set("shard-1", [member("soar-a:27021", "primary", 10), member("soar-b:27021", "secondary", 5),
                            member("soar-c:27021", "arbiter", 0)]),
]

OTHERS = [{"kind": "network", "name": "securaa", "engineName": "securaa_securaa", "state": "converged"},
          {"kind": "volume", "name": "reports", "engineName": "securaa_reports", "state": "converged"},
          {"kind": "secret", "name": "keyfile@1f2e3d4c5b6a", "engineName": "securaa_keyfile", "state": "converged"}]


def status(services=None, **more):
    services = SERVICES if services is None else services
    return {"apiVersion": "zpm/v1", "platform": "securaa", "converged": False, "objects": OTHERS + services + SETS,
            "services": services, "integrations": [], "hosts": [], "mistakes": [],
            "manifest": {"hash": "sha256:c216c606b7081f1b2e3d4c5b6a7988", "commit": "9f86d081884c7d659a2f"},
            "lease": {"leads": True, "holder": "soar-a/812/66c7ed78", "term": 3}, **more}


PLAN = {"apiVersion": "zpm/v1", "platform": "securaa", "manifestHash": "sha256:c216", "changes": [
    {"action": "create", "kind": "volume", "name": "exports", "impact": "none", "fields": [], "after": [],
     "reason": "missing"},
    {"action": "update", "kind": "service", "name": "zona-case", "impact": "restart", "reason": "manifest",
     "fields": [{"path": "environment.LOG_LEVEL", "old": "info", "new": "debug"}], "after": []},
    {"action": "update", "kind": "replica-set", "name": "config", "impact": "election", "reason": "role",
     "fields": [{"path": "members.soar-a.priority", "old": 1, "new": 10}], "after": []}],
    "summary": {"create": 1, "update": 2, "replace": 0, "delete": 0, "unchanged": 39}}

HISTORY = [{"revision": 3, "manifestHash": "sha256:c2", "commit": "9f86d081884c7d659a2f", "since": AT,
            "by": "soar-a/812/66c7ed78", "changes": "1 create, 2 updates", "outcome": "partial"},
           {"revision": 2, "manifestHash": "sha256:b1", "commit": "2c26b46b68ffc68ff99b", "since": AT, "by": "alice",
            "changes": "1 update", "outcome": "converged"},
           {"revision": 1, "manifestHash": "sha256:a0", "since": AT, "by": "alice", "changes": "41 creates",
            "outcome": "converged"}]

INTEGRATIONS = [{"tenantcode": "acme", "id": "7", "title": "Fortinet", "executable": "fortinet", "state": "on",
                 "service": "app-fortinet"}]
TENANTS = [{"code": "acme", "name": "Acme", "status": "active", "integrations": 2, "active": 1}]


def show_all(served, **more):
    served.show("status", status(**more))
    served.show("plan", PLAN)
    served.show("history", HISTORY)
    served.show("integrations", INTEGRATIONS)
    served.show("tenants", TENANTS)
