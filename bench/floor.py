"""What no client can be faster than: the bare calls, over kept connections in several threads, and
nothing decided, compared or checked."""
import concurrent.futures
import http.client
import json
import socket
import threading
import time
import urllib.parse

API = "/v1.41"
POLL = 0.1  # seconds between two lists of tasks
PATIENCE = 300


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("docker", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Floor:
    def __init__(self, path):
        self.path = path
        self.local = threading.local()

    def call(self, method, path, body=None):
        """(status, the answer's JSON), over the thread's own connection."""
        if not hasattr(self.local, "connection"):
            self.local.connection = Connection(self.path)
        connection = self.local.connection
        data = None if body is None else json.dumps(body)
        connection.request(method, API + path, data, {"Content-Type": "application/json"} if data else {})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text.strip() else None

    def get(self, path, **filters):
        if filters:
            path += "?" + urllib.parse.urlencode({"filters": json.dumps(filters)})
        status, value = self.call("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {value}")
        return value

    def post(self, path, body):
        status, value = self.call("POST", path, body)
        if status != 201:
            raise RuntimeError(f"POST {path}: {status} {value}")
        return value

    def create_and_wait(self, network, labels, specs, connections):
        """Seconds from nothing until one task of each service runs."""
        started = time.perf_counter()
        made = self.post("/networks/create", {"Name": network, "Driver": "overlay", "Labels": labels})
        with concurrent.futures.ThreadPoolExecutor(connections) as pool:
            ids = [one["ID"] for one in pool.map(lambda spec: self.post("/services/create", spec), specs(made["Id"]))]
        running = set()
        while len(running) < len(ids):
            if time.perf_counter() - started > PATIENCE:
                raise RuntimeError(f"only {len(running)} of {len(ids)} services run after {PATIENCE} s")
            tasks = self.get("/tasks", service=ids)
            running = {task["ServiceID"] for task in tasks if task["Status"]["State"] == "running"}
            if len(running) < len(ids):
                time.sleep(POLL)
        return time.perf_counter() - started

    def remove(self, label):
        """Removes services and networks of a label, and waits until their containers are gone."""
        services = [service["ID"] for service in self.get("/services", label=[label])]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda service: self.call("DELETE", f"/services/{service}"), services))
        deadline = time.monotonic() + PATIENCE
        left = set(services)
        while left:
            left &= {box["Labels"].get("com.docker.swarm.service.id") for box in self.get("/containers/json", status=[
                "created", "running", "restarting", "exited", "dead"])}
            self.wait(deadline, "containers that were removed are still there")
        for network in self.get("/networks", label=[label]):
            while self.call("DELETE", f"/networks/{network['Id']}")[0] not in (204, 404):
                self.wait(deadline, f"network {network['Name']} cannot be removed")

    def wait(self, deadline, what):
        if time.monotonic() > deadline:
            raise RuntimeError(what)
        time.sleep(POLL)
