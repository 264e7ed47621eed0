"""Starts members of replica sets, and routers: the stand-in's, or real ones.

ZPM_TEST_MONGOD and ZPM_TEST_MONGOS name a real mongod and a real mongos. What holds for
the stand-in holds for them too, but for what the admin command `standin` does.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import pymongo
import pymongo.errors
import zpm_run

MONGOD = os.environ.get("ZPM_TEST_MONGOD")
MONGOS = os.environ.get("ZPM_TEST_MONGOS")
PATIENCE = 60 if MONGOD else 15  # seconds: no condition takes longer to come true
QUICK = {"heartbeatIntervalMillis": 100, "electionTimeoutMillis": 2000 if MONGOD else 600}
MAJORITY = pymongo.WriteConcern("majority")
KEY = "bWVtYmVycyBrbm93IGVhY2ggb3RoZXI="


def standin():
    return str(pathlib.Path(zpm_run.binary()).parent / "zpm-mongo-standin")


def until(condition, what="it"):
    """The first true value of `condition`, asked again and again; connections may fail meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            value = condition()
        except pymongo.errors.PyMongoError as error:
            value, what = None, f"{what} ({error})"[:500]
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.01)


def code_of(call, *args, **kwargs):
    """The server's code for refusing; 0 when it did not."""
    try:
        call(*args, **kwargs)
    except pymongo.errors.OperationFailure as error:
        return error.code
    except pymongo.errors.NotMasterError as error:
        return error.details["code"]
    return 0


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def key_file(folder, key, mode=0o600):
    """The path of a file that has the key."""
    path = pathlib.Path(folder) / "key"
    path.write_text(key)
    path.chmod(mode)
    return str(path)


def user_of(name, password, database="admin"):
    """What makes a client log in."""
    return {"username": name, "password": password, "authSource": database}


class Server:
    """One process, with a client that talks to it alone, and with a key is who its members are to each other."""

    def __init__(self, folder, *options, router=False, key=None):
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.folder = pathlib.Path(folder) / str(self.port)
        self.folder.mkdir()
        command = [MONGOS] if router and MONGOS else [MONGOD] if MONGOD else [standin()]
        if router and not MONGOS:
            command.append("--mongos")
        if not router:
            command += ["--dbpath", str(self.folder)]
        self.user = {}
        if key:
            command += ["--keyFile", key_file(self.folder, key)]
            self.user = user_of("__system", key, "local")
        self.command = [*command, "--bind_ip", "127.0.0.1", "--port", str(self.port), *options]
        self.log = self.folder.with_suffix(".log")
        self.client = None
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self.listens, f"port {self.port} of {self.command}: {self.log.read_text()[-1000:]}")
        # Without delay: what the server does is looked at, not how a client gets over it.
        self.client = self.connect()

    def connect(self, **options):
        return self.anonymous(**{**self.user, **options})

    def anonymous(self, **options):
        options = {"serverSelectionTimeoutMS": 5000, "retryWrites": False, **options}
        return pymongo.MongoClient("127.0.0.1", self.port, directConnection=True, **options)

    def listens(self):
        assert self.process.poll() is None, self.log.read_text()
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, kill=False):
        if self.client:
            self.client.close()
        if self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
        code = self.process.wait(PATIENCE)
        text = self.log.read_text(errors="replace")
        assert "Sanitizer" not in text and "runtime error" not in text, text
        return code

    def restart(self, kill=False):
        self.stop(kill)
        self.start()

    def admin(self, *command, **fields):
        return self.client.admin.command(*command, **fields)

    def refusal(self, *command, **fields):
        return code_of(self.admin, *command, **fields)

    @property
    def hello(self):
        return self.admin("isMaster")

    @property
    def status(self):
        return self.admin("replSetGetStatus")

    @property
    def state(self):
        return self.status["myState"]

    def seen(self, host):
        """What its status says of a member."""
        return next(m for m in self.status["members"] if m["name"] == host)

    def reads(self, db, collection):
        database = self.client.get_database(db, read_preference=pymongo.ReadPreference.SECONDARY_PREFERRED)
        return database[collection]


class ReplicaSet:
    def __init__(self, folder, name="rs", n=0, options=(), key=None):
        self.name = name
        self.key = key
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.options = ("--replSet", name, *options)
        self.servers = []
        for _ in range(n):
            self.add()

    def add(self, key=None):
        self.servers.append(Server(self.folder, *self.options, key=key or self.key))
        return self.servers[-1]

    def __getitem__(self, at):
        return self.servers[at]

    def config(self, members=None, **fields):
        members = members or [{} for _ in self.servers]
        listed = [{"_id": i, "host": self.servers[i].host, **m} for i, m in enumerate(members)]
        return {"_id": self.name, "version": 1, "members": listed, "settings": QUICK, **fields}

    def initiate(self, members=None, **fields):
        """All at once, by the first; waits until all can serve."""
        self.servers[0].admin("replSetInitiate", self.config(members, **fields))
        self.settled()
        return self

    def settled(self):
        until(lambda: self.primary and all(s.state in (1, 2, 7) for s in self.servers), f"set {self.name}")

    def stop(self):
        for server in self.servers:
            server.stop(kill=bool(MONGOD))

    @property
    def primary(self):
        for server in self.servers:
            if server.process.poll() is None and server.hello["ismaster"]:
                return server
        return None

    @property
    def secondaries(self):
        primary = until(lambda: self.primary, "a primary")
        return [s for s in self.servers if s is not primary]

    def read_config(self):
        return until(lambda: self.primary, "a primary").admin("replSetGetConfig")["config"]

    def committed(self):
        primary = until(lambda: self.primary, "a primary")
        until(lambda: primary.admin("replSetGetConfig", commitmentStatus=True)["commitmentStatus"], "a commit")

    def reconfig(self, config, **fields):
        """With the next version, on the primary."""
        config = {**config, "version": config["version"] + 1}
        config.pop("term", None)
        return until(lambda: self.primary, "a primary").admin("replSetReconfig", config, **fields)

    def refuses(self, config, **fields):
        return code_of(self.reconfig, config, **fields)

    def client(self, **options):
        options = {"serverSelectionTimeoutMS": PATIENCE * 1000, "retryWrites": False, **self[0].user, **options}
        return pymongo.MongoClient([s.host for s in self.servers], replicaSet=self.name, **options)

    @property
    def url(self):
        return f"{self.name}/" + ",".join(s.host for s in self.servers)


class Cluster:
    """Config servers, shards of one member each, a router."""

    def __init__(self, folder, shards=2, key=None):
        self.folder = folder
        self.key = key
        self.sets = []
        self.routers = []
        self.config = self.start_set("cfg", "--configsvr", configsvr=True)
        self.shards = [self.start_set(f"shard{i}", "--shardsvr") for i in range(shards)]
        self.router = self.add_router()

    def start_set(self, name, role, n=1, **fields):
        made = ReplicaSet(self.folder, name, n, (role,), self.key)
        self.sets.append(made)
        return made.initiate(**fields)

    def add_router(self):
        self.routers.append(Server(self.folder, "--configdb", self.config.url, router=True, key=self.key))
        return self.routers[-1]

    def stop(self):
        for router in self.routers:
            router.stop(kill=bool(MONGOS))
        for replica_set in self.sets:
            replica_set.stop()

    @property
    def listed(self):
        return {s["_id"]: s for s in self.router.admin("listShards")["shards"]}


def folder():
    """Short, and on what is quick: /tmp."""
    return tempfile.mkdtemp(prefix="zpm-mongo-")


def remove(path):
    shutil.rmtree(path, ignore_errors=True)
