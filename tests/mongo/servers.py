"""MongoDB servers of a test's own: the stand-in, or the real ones that ZPM_TEST_MONGOD and ZPM_TEST_MONGOS name.

Each test has addresses of its own in 127.0.0.0/8, so that tests beside each other never meet.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pymongo

PATIENCE = 60
PORT = 27500
FAST = {"heartbeatIntervalMillis": 200, "electionTimeoutMillis": 2000}
KEY = "bWVtYmVycyBrbm93IGVhY2ggb3RoZXI="


def program(router=False):
    named = os.environ.get("ZPM_TEST_MONGOS" if router else "ZPM_TEST_MONGOD")
    if named:
        return [named]
    standin = os.environ.get("ZPM_TEST_STANDIN") or pathlib.Path(
        os.environ.get("ZPM_BIN") or "build/dev/zpm").resolve().parent / "zpm-mongo-standin"
    return [str(standin)]


def is_real():
    return "ZPM_TEST_MONGOD" in os.environ


def wait_until(happens, what, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while True:
        result = happens()
        if result:
            return result
        assert time.monotonic() < deadline, f"waited {patience} s for {what}"
        time.sleep(0.05)


class Server:
    """One process, at an address of its own. With a key, its client is who members are to each other."""

    def __init__(self, folder, address, args, router=False, key=None, port=PORT):
        self.folder, self.address, self.args, self.router, self.port = folder, address, args, router, port
        self.process = None
        folder.mkdir(parents=True, exist_ok=True)
        self.user = {}
        if key:
            path = folder.parent / f"{address}.key"
            path.write_text(key)
            path.chmod(0o600)
            self.args += ["--keyFile", str(path)]
            self.user = {"username": "__system", "password": key, "authSource": "local"}

    @property
    def name(self):
        return f"{self.address}:{self.port}"

    def start(self):
        command = program(self.router) + ["--port", str(self.port), "--bind_ip", self.address, *self.args]
        if not self.router:
            command += ["--dbpath", str(self.folder)]
        if is_real():
            # A socket's path is short, which a test's folder is not.
            command += ["--nounixsocket", "--setParameter", "enableTestCommands=1"] + (
                [] if self.router else ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64"])
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return self

    def answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
        with contextlib.suppress(pymongo.errors.PyMongoError):
            self.run("ping")
            return True
        return False

    @property
    def client(self):
        return pymongo.MongoClient(self.address, self.port, serverSelectionTimeoutMS=1000, connect=False,
                                   retryWrites=False, **self.user)

    def run(self, name, value=1, database="admin", **more):
        with self.client as client:
            return client[database].command(name, value, **more)

    def forget(self):
        """The data of one that is stopped."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "log":
                path.unlink()

    def fall_behind(self):
        """A secondary, from now on as far as the primary moves on; the stand-in's is so at once."""
        if is_real():
            self.run("fsync", 1, lock=True)
        else:
            self.run("standin", 1, lagSeconds=60)

    def refuse(self, command, code):
        """Every such command from now on; none with a code of 0."""
        if is_real():
            self.run("configureFailPoint", "failCommand", mode="alwaysOn" if code else "off",
                     data={"failCommands": [command], "errorCode": code})
        elif code:
            self.run("standin", 1, fail=command, code=code, times=0)
        else:
            self.run("standin", 1, reset=True)

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Servers:
    """Starts them, and stops them whatever happens."""

    def __init__(self, folder):
        self.folder, self.all, self.last, self.key = folder, {}, 0, None
        self.net = f"127.{20 + os.getpid() % 200}.{1 + os.getpid() // 200 % 250}"

    def next_address(self):
        self.last += 1
        return f"{self.net}.{self.last}"

    def member(self, replica_set, *args):
        return self.add(self.next_address(), ["--replSet", replica_set, *args])

    def add(self, address, args, router=False):
        server = Server(self.folder / address, address, list(args), router, self.key)
        self.all[address] = server
        server.start()
        return server

    def wait_ready(self):
        """Not for routers, which take no connections before their config servers are a set."""
        for server in self.all.values():
            if not server.router:
                wait_until(server.answers, f"{server.name} to answer")

    def stop(self):
        for server in self.all.values():
            server.stop(signal.SIGKILL)
