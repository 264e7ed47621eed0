"""A platform whose sets zpm reaches and does not run, beside a scripted Engine."""
import pytest

from servers import FAST, KEY, PORT, Servers, wait_until
from zpm_run import platform

ROLES = ("active", "passive", "service", "service", "service", "service", "service")


class Site:
    """Hosts a, b, c..., each with a member of `meta`, and what is declared of them."""

    def __init__(self, swarm, servers):
        self.swarm, self.zpm, self.servers = swarm, swarm.zpm, servers
        self.hosts, self.secrets, self.members, self.mongo, self.replica_set = {}, {}, {}, {}, {}

    def add_host(self, name, role):
        self.swarm.state.add_node(name)
        server = self.servers.member("meta")
        self.hosts[name] = {"address": server.address, "roles": [role]}
        self.members[name] = {"host": name}
        return server

    def server(self, name):
        return self.servers.all[self.hosts[name]["address"]]

    def name(self, name):
        return self.server(name).name

    def declare(self):
        meta = {"replicaSet": "meta", "managed": False, "port": PORT, "settings": FAST,
                "members": list(self.members.values()), **self.replica_set}
        self.zpm.manifest(platform("p", {}, secrets=self.secrets, hosts=self.hosts, mongo={
            "metaDB": meta, "serverInfo": {"database": "zona", "collection": "server_info"}, **self.mongo}))

    def file(self, name, text):
        """One that zpm alone may read, beside the manifest."""
        path = self.zpm.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return name

    def share_key(self, key):
        """What zpm has for the members' key file."""
        self.secrets["key"] = {"file": self.file("key", key)}
        self.mongo["auth"] = {"keyFile": "key"}

    def log_in(self, user, password, **more):
        """As whom zpm comes from now on."""
        self.mongo["auth"] = {"username": user, "passwordFile": self.file("password", password), **more}

    def apply(self, code=0, *args):
        self.declare()
        return self.zpm.apply(*args).exits(code)

    def plan(self, code=2):
        self.declare()
        return self.zpm.plan().exits(code)

    def swap(self):
        self.hosts["a"]["roles"], self.hosts["b"]["roles"] = self.hosts["b"]["roles"], self.hosts["a"]["roles"]

    # What the servers say.

    def primary(self):
        """The name of the host whose member takes writes."""
        def find():
            for name in self.members:
                server = self.server(name)
                if server.process.poll() is None and server.answers() and server.run("isMaster").get("ismaster"):
                    return name
            return None
        return wait_until(find, "a primary")

    def config(self):
        return self.server(self.primary()).run("replSetGetConfig")["config"]

    def live(self, name):
        """The member of a host, as the set has it."""
        return next(m for m in self.config()["members"] if m["host"] == self.name(name))

    def documents(self):
        with self.server(self.primary()).client as client:
            return {d["host"]: (d["type"], d["state"]) for d in client.zona.server_info.find()}


@pytest.fixture
def servers(tmp_path):
    servers = Servers(tmp_path / "servers")
    yield servers
    servers.stop()


def three(swarm, servers):
    site = Site(swarm, servers)
    for name, role in zip("abc", ROLES):
        site.add_host(name, role)
    servers.wait_ready()
    return site


@pytest.fixture
def alone(swarm, servers):
    """One host, nothing initiated yet."""
    site = Site(swarm, servers)
    site.add_host("a", "active")
    servers.wait_ready()
    return site


@pytest.fixture
def site(swarm, servers):
    """Three hosts, nothing initiated yet."""
    return three(swarm, servers)


@pytest.fixture
def secured(swarm, servers):
    """The same with a key, which zpm knows."""
    servers.key = KEY
    site = three(swarm, servers)
    site.share_key(KEY)
    return site
