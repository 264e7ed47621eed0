"""Runs api-server, which serves the API of a manifest with somebody behind it who does as the test says."""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import queue
import socket
import subprocess
import threading
import time

import zpm_run

PROGRAM = pathlib.Path(zpm_run.binary()).parent / "tests" / "api-server"
PATIENCE = 30
ROLES = ["viewer", "operator", "admin"]


def new_token():
    return "zpm_" + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def secret_file(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(0o600)
    return path.name


def entry(name, role, token, **more):
    return {"name": name, "role": role, "hash": "sha256:" + hashlib.sha256(token.encode()).hexdigest(), **more}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    def is_error(self, status, code=None):
        """Itself; fails unless it is an error as all of them are."""
        assert self.status == status, f"expected {status}, got {self.status}: {self.body[:500]}"
        assert self.headers["Content-Type"] == "application/json"
        error = self.json["error"]
        assert set(self.json) == {"error"} and set(error) == {"code", "message"} and error["message"]
        assert code is None or error["code"] == code
        return self


class Served:
    def __init__(self, folder, *limits, tokens=None, **section):
        self.folder = folder
        self.tokens = {role: new_token() for role in ROLES}
        self.lines = []
        self.written = {"ok": queue.Queue(), "reload": queue.Queue(), "port": queue.Queue()}
        self.news = threading.Condition()
        if tokens is None:
            tokens = [entry(f"{role}-name", role, token) for role, token in self.tokens.items()]
        self.write_tokens(tokens)
        api = {"listen": "127.0.0.1:0", "tokens": "tokens.yaml", "rateLimit": 100000, **section}
        manifest = {"apiVersion": "zpm/v1", "platform": "demo", "api": {k: v for k, v in api.items() if v is not None}}
        (folder / "m.yaml").write_text(json.dumps(manifest))
        self.errors = open(folder / "stderr", "w+", encoding="utf-8")
        self.process = subprocess.Popen([PROGRAM, folder / "m.yaml", *limits], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True)
        threading.Thread(target=self.read, daemon=True).start()
        self.port = self.result = None

    def write_tokens(self, entries):
        secret_file(self.folder / "tokens.yaml", json.dumps(entries))

    def read(self):
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word in self.written:
                self.written[word].put(rest)
            with self.news:
                self.lines.append((word, rest))
                self.news.notify_all()
        with self.news:
            self.lines.append(("end", ""))
            self.news.notify_all()

    def await_line(self, word, times=1, patience=PATIENCE):
        """The first `times` lines that begin with the word, as soon as there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.said(word)) >= times, patience), (word, times, self.lines)
        return self.said(word)

    def said(self, word):
        return [json.loads(rest) if rest.startswith("{") else rest for first, rest in self.lines if first == word]

    def started(self):
        self.await_line("port")
        self.port = int(self.said("port")[0])
        return self

    def tell(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        self.written["ok"].get(timeout=PATIENCE)

    def reload(self):
        self.tell("reload")
        return self.written["reload"].get(timeout=PATIENCE)

    def show(self, document, content):
        text = content if isinstance(content, str) else json.dumps(content)
        (self.folder / "document").write_text(text)
        self.tell("show", document, self.folder / "document")
        return text

    def connection(self, source=None):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE,
                                          source_address=(source, 0) if source else None)

    def request(self, method, path, role=None, token=None, json_body=None, body=None, headers=None, source=None,
                connection=None):
        headers = dict(headers or {})
        token = token or self.tokens.get(role)
        if token:
            headers.setdefault("Authorization", f"Bearer {token}")
        if json_body is not None:
            body = json.dumps(json_body)
            headers.setdefault("Content-Type", "application/json")
        own = connection or self.connection(source)
        try:
            own.request(method, path, body=body, headers=headers)
            return Answer(own.getresponse())
        finally:
            if not connection:
                own.close()

    def get(self, path, role="viewer", **options):
        return self.request("GET", path, role, **options)

    def post(self, path, json_body=None, role="admin", **options):
        return self.request("POST", path, role, json_body={} if json_body is None else json_body, **options)

    def raw(self, data=b"", source=None):
        """A socket to the server, with something sent already."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE,
                                        source_address=(source, 0) if source else None)
        made.sendall(data)
        return made

    def head_of(self, method, path, role="admin", **headers):
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {self.tokens[role]}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def metric(self, name):
        for line in self.get("/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return 0.0

    def finish(self):
        """Ends it, once; returns its exit code and what it wrote to standard error."""
        if self.errors.closed:
            return self.result
        if self.process.poll() is None:
            try:
                self.process.stdin.write("stop\n")
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        code = self.process.wait(PATIENCE)
        self.errors.seek(0)
        text = self.errors.read()
        self.errors.close()
        self.result = code, text
        return self.result


def read_all(sock):
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


def until(condition, patience=PATIENCE):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


class Events:
    """Somebody who listens at /events."""

    def __init__(self, served, token=None, role="viewer", last=None, source=None):
        self.connection = served.connection(source)
        headers = {"Authorization": f"Bearer {token or served.tokens[role]}"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.connection.request("GET", "/events", headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        self.comments = []
        self.retry = None

    def next(self):
        """The next event, as a dict; None at the end. Comments go by."""
        fields = {}
        while line := self.response.readline().decode():
            line = line.rstrip("\n")
            if line.startswith(":"):
                self.comments.append(line)
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                return fields
            else:
                self.retry = fields.get("retry", self.retry)
                fields = {}
        return None

    def close(self):
        self.connection.close()
