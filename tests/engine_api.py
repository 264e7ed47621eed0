"""Talks to a Docker Engine over its unix socket, for tests: what is there, what was
changed by hand, and waiting until something holds.

Needs nothing but Python's standard library.
"""
import calendar
import http.client
import json
import os
import socket
import time
import urllib.parse

LABEL = "zpm.platform"
PATIENCE = 30  # seconds a condition is waited for unless told otherwise
API = "/v1.41"


class EngineError(Exception):
    """An answer of 400 and above."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("docker", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def until(condition, timeout=PATIENCE, what="the condition", every=0.05):
    """The first true value that `condition` gives; fails when there is none in time."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not hold within {timeout} s; last seen: {value!r}")
        time.sleep(every)  # between two looks, not for a state


class Engine:
    def __init__(self, endpoint):
        assert endpoint.startswith("unix://"), f"{endpoint}: only unix sockets are spoken to here"
        self.endpoint = endpoint
        self.path = endpoint[len("unix://"):]

    def bytes(self, method, path, body=None, timeout=60, **query):
        """The answer's body."""
        if query:
            path += "?" + urllib.parse.urlencode(
                {k: v if isinstance(v, str) else json.dumps(v) for k, v in query.items()})
        connection = UnixConnection(self.path, timeout)
        try:
            data = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"} if data else {}
            connection.request(method, API + path, data, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            text = content.decode()
            raise EngineError(answer.status, json.loads(text or "{}").get("message", text))
        return content

    def text(self, *args, **options):
        return self.bytes(*args, **options).decode()

    def call(self, *args, **options):
        """The answer's JSON; None where there is none."""
        text = self.text(*args, **options)
        return json.loads(text) if text.strip() else None

    def get(self, path, **query):
        return self.call("GET", path, **query)

    def remove(self, path, timeout=PATIENCE):
        """Removes what may be gone already, or in use for a while yet."""
        def removed():
            try:
                self.call("DELETE", path)
            except EngineError as error:
                # A manager that lags behind lists what the leader no longer has, and passes on its 500.
                if error.status == 404 or "not found" in str(error):
                    return True
                if error.status in (400, 403, 409):
                    return False
                raise
            return True
        until(removed, timeout, f"removal of {path}", every=0.2)

    # What there is.

    def service(self, name):
        """As the Engine shows it; None when there is none."""
        found = [s for s in self.get("/services", filters={"name": [name]}) if s["Spec"]["Name"] == name]
        return found[0] if found else None

    def spec(self, name):
        return self.service(name)["Spec"]

    def services(self, platform):
        """The platform's services by name without the platform's prefix."""
        found = self.get("/services", filters={"label": [f"{LABEL}={platform}"]})
        by_name = {s["Spec"]["Name"].removeprefix(platform + "_"): s for s in found}
        assert len(by_name) == len(found), "two services of one name"
        return by_name

    def networks(self, platform):
        found = self.get("/networks", filters={"label": [f"{LABEL}={platform}"]})
        return {n["Name"].removeprefix(platform + "_"): n for n in found}

    def volumes(self, platform):
        found = self.get("/volumes", filters={"label": [f"{LABEL}={platform}"]})["Volumes"] or []
        return {v["Name"].removeprefix(platform + "_"): v for v in found}

    def files(self, kind, platform):
        """Its secrets or configs by the Engine's names."""
        found = self.get(f"/{kind}", filters={"label": [f"{LABEL}={platform}"]})
        return {f["Spec"]["Name"]: f for f in found}

    def network(self, name):
        found = [n for n in self.get("/networks", filters={"name": [name]}) if n["Name"] == name]
        assert len(found) < 2, f"{len(found)} networks are called {name}"
        return found[0] if found else None

    def volume(self, name):
        try:
            return self.get(f"/volumes/{name}")
        except EngineError as error:
            if error.status != 404:
                raise
            return None

    def tasks(self, service, desired="running"):
        """Tasks of a service; `desired` None: the old ones too."""
        filters = {"service": [service]}
        if desired:
            filters["desired-state"] = [desired]
        return self.get("/tasks", filters=filters)

    def records(self, platform, kind=None):
        """What zpm keeps in the Swarm to remember, as configs: of one kind, or all."""
        kinds = [kind] if kind else ["lease", "pause", "history"]
        return [c for c in self.get("/configs") for k in kinds if c["Spec"]["Labels"].get(f"zpm.{k}") == platform]

    def lease(self, platform):
        """Its labels; {} where nobody has ever held one."""
        return next((r["Spec"]["Labels"] for r in self.records(platform, "lease")), {})

    def running(self, service):
        """Ids of the tasks that run."""
        return {t["ID"] for t in self.tasks(service) if t["Status"]["State"] == "running"}

    def events(self, since, **filters):
        """What happened from `since`, seconds of the epoch, to now, in order."""
        text = self.text("GET", "/events", since=f"{since:.6f}", until=f"{time.time():.6f}", filters=filters)
        return [json.loads(line) for line in text.splitlines() if line]

    def versions(self, platform):
        """What changes with every write to a service, and with every new task."""
        return {name: (s["Version"]["Index"], frozenset(t["ID"] for t in self.tasks(s["ID"])))
                for name, s in self.services(platform).items()}

    # Changes by somebody else than zpm.

    def change(self, name, edit):
        """Sends a service's spec again after `edit(spec)` has changed it in place."""
        service = self.service(name)
        edit(service["Spec"])
        self.call("POST", f"/services/{service['ID']}/update", service["Spec"],
                  version=str(service["Version"]["Index"]))

    def free_nodes(self, platform):
        """Takes the platform's labels, and what else a host has made of it, off its nodes."""
        for node in self.get("/nodes"):
            if node["Spec"]["Labels"].get(LABEL) == platform:
                self.call("POST", f"/nodes/{node['ID']}/update", {"Role": node["Spec"]["Role"],
                                                                  "Availability": "active", "Labels": {}},
                          version=str(node["Version"]["Index"]))

    def sweep(self, platform):
        """Removes all that carries the platform's label, whatever state it is in."""
        self.free_nodes(platform)
        for service in self.services(platform).values():
            self.remove(f"/services/{service['ID']}")
        for kind in ("secrets", "configs"):
            for file in self.files(kind, platform).values():
                self.remove(f"/{kind}/{file['ID']}")
        for record in self.records(platform):
            self.remove(f"/configs/{record['ID']}")
        for network in self.networks(platform).values():
            self.remove(f"/networks/{network['Id']}")
        for volume in self.volumes(platform).values():
            self.remove(f"/volumes/{volume['Name']}")


def seconds(timestamp):
    """The Engine's "2026-01-02T03:04:05.678901234Z" as seconds of the epoch."""
    whole, _, fraction = timestamp.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + (fraction or "0"))


def meaning(value):
    """A spec without what says nothing: null, 0, "", false, {} and []."""
    if isinstance(value, list):
        return [meaning(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: meaning(item) for key, item in value.items()}
    return {key: item for key, item in kept.items() if item not in (None, 0, "", False, {}, [])}


def endpoint():
    """DOCKER_HOST. These tests change the Engine, so none is taken for granted."""
    host = os.environ.get("DOCKER_HOST", "")
    if not host.startswith("unix://"):
        raise RuntimeError("live tests need DOCKER_HOST=unix://... of a private Engine in Swarm mode; "
                           "scripts/test starts one, and so does `scripts/engine start DIR`")
    return host
