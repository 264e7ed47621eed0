"""MongoDB on the Engine's own host, as its services run it: images of the stand-in."""
import contextlib
import ipaddress
import json
import subprocess

from zpm_run import inside

PORTS = (18511, 18512, 18513)
MEMBERS = [f"mongo-meta-here-{port}" for port in PORTS]
FAST = {"heartbeatIntervalMillis": 200, "electionTimeoutMillis": 2000}
ASK = """
import json, pymongo, sys
address, port, command, user = sys.argv[1:]
client = pymongo.MongoClient(address, int(port), serverSelectionTimeoutMS=5000, connect=False, **json.loads(user))
print(json.dumps(client.admin.command(command), default=str))
"""


class Members:
    """A set of three; with `shards`, config servers, a shard and a router, too."""

    def __init__(self, shared, key=None, shards=False):
        self.shared, self.zpm, self.engine, self.key, self.shards = shared, shared.zpm, shared.engine, key, shards
        self.zpm.prefix = inside()
        if key:
            keyfile = self.zpm.folder / "keyfile"
            keyfile.write_text(key)
            keyfile.chmod(0o600)
        # Docker's bridge gives the machine the first address of its network.
        subnet = self.engine.get("/networks/bridge")["IPAM"]["Config"][0]["Subnet"]
        self.address = str(ipaddress.ip_network(subnet)[1])
        self.node = self.engine.get("/nodes")[0]["Description"]["Hostname"]
        self.tag = "1.0"

    def set_of(self, name, *ports):
        return {"replicaSet": name, "settings": FAST, "members": [f"here:{port}" for port in ports]}

    def mongo(self):
        mongo = {"image": f"zpm-demo/mongo-standin:{self.tag}", "uid": 1000, "metaDB": self.set_of("meta", *PORTS),
                 "serverInfo": {"database": "zona", "collection": "server_info"},
                 "service": {"restart": {"delay": "500ms"}}}
        if self.key:
            mongo["auth"] = {"keyFile": "keyfile"}
        if self.shards:
            mongo.update(configServers=self.set_of("cfg", 18521), shards={"one": self.set_of("sh1", 18531)},
                         routers={"hosts": ["here"], "port": 18541})
        return mongo

    def declare(self):
        self.shared.manifest(
            hosts={"here": {"address": self.address, "node": self.node, "roles": ["active"]}},
            secrets={"keyfile": {"file": "keyfile"}} if self.key else {}, mongo=self.mongo())

    def apply(self):
        self.declare()
        return self.zpm.apply().exits(0)

    def user(self):
        """Who members are to each other."""
        return {"username": "__system", "password": self.key, "authSource": "local"} if self.key else {}

    def ask(self, port, command, user=None):
        """What the server at a port answers."""
        user = self.user() if user is None else user
        done = subprocess.run([*inside(), "/usr/bin/python3", "-c", ASK, self.address, str(port), command,
                               json.dumps(user)], capture_output=True, text=True, timeout=60, check=True)
        return json.loads(done.stdout)

    def running(self, name):
        [task] = [t for t in self.shared.tasks(name) if t["Status"]["State"] == "running"]
        return task

    def primary(self):
        return next(port for port in PORTS if self.ask(port, "isMaster")["ismaster"])

    def config(self):
        return self.ask(self.primary(), "replSetGetConfig")["config"]


@contextlib.contextmanager
def applied(members):
    """What is declared, as long as a file's tests take; then the node is nobody's again."""
    try:
        members.apply()
        yield members
    finally:
        members.zpm.destroy("--volumes").exits(0)
