"""A Docker Engine in Swarm mode, small enough to be scripted by a test.

Listens on a unix socket in a folder of its own, answers from a SwarmState,
records every request, and can be told to misbehave:

    with ScriptedEngine() as engine:
        engine.inject(Answer(500, "disk full"), on("POST", "/services/create"), nth=3)
        engine.tasks("kafka", Look("pending", "no suitable node"))
        subprocess.run([zpm, "--engine", engine.endpoint, "apply", "--yes"])
        assert engine.lines("POST") == ["POST /networks/create", ...]

Needs nothing but Python's standard library.
"""
import contextlib
import json
import os
import re
import shutil
import socket
import socketserver
import tempfile
import threading
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from swarm_state import Look, Refusal, SwarmState

__all__ = ["Answer", "CloseEarly", "Fault", "Garbage", "Hang", "Hijacked", "Look", "Refusal", "Request",
           "ScriptedEngine", "Stream", "frame", "on"]

PATIENCE = 30  # seconds: nothing here waits longer for anything
WRITES = ("POST", "DELETE")
# Those it obeys. Any other is refused, rather than passed over in silence.
KNOWN_FILTERS = {"services": {"id", "name", "label", "mode"},
                 "networks": {"id", "name", "label", "driver", "scope"},
                 "volumes": {"name", "label"},
                 "secrets": {"id", "name", "label"},
                 "configs": {"id", "name", "label"},
                 "tasks": {"service", "desired-state", "_up-to-date"}}


@dataclass
class Request:
    method: str
    version: str  # "1.41"; "" where the path names none
    path: str     # without version and query: "/services/create"
    query: dict   # the last value of each key
    body: object  # parsed JSON; None where there is none
    headers: dict = field(repr=False, default_factory=dict)
    status: int = 0  # what was answered; 0: nothing, or not yet

    @property
    def filters(self):
        return parse_filters(self.query.get("filters"))

    @property
    def is_note(self):
        """Does it write down what zpm remembers, as its history, rather than what a platform is?"""
        return isinstance(self.body, dict) and "zpm.record" in (self.body.get("Labels") or {})

    def __str__(self):
        return f"{self.method} {self.path}"


def on(method=None, path=None, body=None):
    """A predicate: the method, a regular expression for the whole path, a test of the body."""
    def matches(request):
        return ((method is None or request.method == method) and
                (path is None or re.fullmatch(path, request.path) is not None) and
                (body is None or body(request.body)))
    return matches


class Fault:
    """What to do instead of answering as an Engine would.

    `carried_out`: the Engine does what it was asked first, and only its answer is lost.
    """
    carried_out = False

    def __init__(self):
        self.hits = 0
        self.hit = threading.Event()

    def act(self, handler, answer):
        raise NotImplementedError

    def wait_hit(self, timeout=PATIENCE):
        assert self.hit.wait(timeout), "the fault was never reached"


class Answer(Fault):
    """This status and body: text becomes the Engine's `message`, bytes are sent as they are."""

    def __init__(self, status, body="scripted fault", carried_out=False):
        super().__init__()
        self.status, self.carried_out = status, carried_out
        self.body = body if isinstance(body, bytes) else json.dumps({"message": body}).encode() + b"\n"

    def act(self, handler, answer):
        handler.reply(self.status, self.body)


class Garbage(Fault):
    """Bytes that are no HTTP, then the end of the connection."""

    def __init__(self, data=b"\x16\x03\x01 not HTTP\r\n", carried_out=False):
        super().__init__()
        self.data, self.carried_out = data, carried_out

    def act(self, handler, answer):
        handler.wfile.write(self.data)
        handler.close_connection = True


class CloseEarly(Fault):
    """The first half of the true answer; with `silent` not a byte of it."""

    def __init__(self, carried_out=True, silent=False):
        super().__init__()
        self.carried_out, self.silent = carried_out, silent

    def act(self, handler, answer):
        status, body = answer or (200, b"[]")
        if not self.silent:
            handler.wfile.write(head(status, len(body) + 1) + body[:len(body) // 2])
        handler.close_connection = True


class Stream(Fault):
    """Pieces of an answer, each sent as a chunk of its own; with `endless` its end never comes."""

    def __init__(self, *pieces, endless=False):
        super().__init__()
        self.pieces, self.endless = pieces, endless
        self.released = threading.Event()

    def act(self, handler, answer):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n")
        for piece in self.pieces:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if self.endless:
            self.released.wait(PATIENCE)
        handler.wfile.write(b"0\r\n\r\n")


class Hijacked(Fault):
    """A connection that is taken over: `talk(rfile, write)` is the container's end of it."""

    def __init__(self, talk):
        super().__init__()
        self.talk = talk

    def act(self, handler, answer):
        handler.wfile.write(b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
                            b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        self.talk(handler.rfile, handler.wfile.write)
        handler.close_connection = True
        with contextlib.suppress(OSError):
            handler.connection.shutdown(socket.SHUT_RDWR)


def frame(channel, data):
    """Of a stream that is not of a terminal."""
    return bytes((channel, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


class Hang(Fault):
    """No answer until release(); then the request is carried out as if nothing had been."""

    def __init__(self):
        super().__init__()
        self.released = threading.Event()

    def release(self):
        self.released.set()

    def act(self, handler, answer):
        self.released.wait()
        handler.reply(*handler.server.engine.carry_out(handler.request_seen))


def parse_filters(text):
    """{"name": ["a"]} or {"name": {"a": true}} as {"name": ["a"]}."""
    if not text:
        return {}
    try:
        filters = json.loads(text)
        return {key: list(values) for key, values in filters.items()}
    except (ValueError, AttributeError, TypeError):
        raise Refusal(400, "invalid character in filters")


def head(status, length):
    return (f"HTTP/1.1 {status} Scripted\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n").encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.engine.opened(self.connection)

    def finish(self):
        with contextlib.suppress(OSError):
            super().finish()
        self.server.engine.closed(self.connection)

    def handle(self):
        with contextlib.suppress(OSError):  # the client went away; that is its right
            super().handle()

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        version, path = re.fullmatch(r"(?:/v(\d+\.\d+))?(/.*)", url.path).groups()
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.request_seen = Request(self.command, version or "", urllib.parse.unquote(path),
                                    dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True)),
                                    parse_body(data), dict(self.headers))
        self.server.engine.serve(self, self.request_seen)

    do_POST = do_DELETE = do_HEAD = do_PUT = do_GET

    def reply(self, status, body):
        self.request_seen.status = status
        self.wfile.write(head(status, len(body)) + (b"" if self.command == "HEAD" else body))

    def log_message(self, *args):
        pass  # the record of requests is the log


def parse_body(data):
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class ScriptedEngine:
    def __init__(self, **state):
        self.state = SwarmState(**state)
        self.requests = []       # every one, in the order of arrival
        self.connections = 0     # how many were ever opened
        self.most_in_flight = 0  # how many requests there were at one moment
        self._in_flight = 0
        self._faults = []
        self._open = set()
        self._changed = threading.Condition(threading.RLock())
        self._dir = tempfile.mkdtemp(prefix="zpm-engine-")
        self.socket = os.path.join(self._dir, "docker.sock")
        self.endpoint = "unix://" + self.socket
        self._server = None

    def __enter__(self):
        self.accept_connections()
        return self

    def __exit__(self, *exc):
        self.stop()

    # Being there, and not.

    def accept_connections(self):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self._server = Server(self.socket, Handler)
        self._server.engine = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def refuse_connections(self):
        """As if dockerd had died: the socket is there, and nobody behind it."""
        if not self._server:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def stop(self):
        for fault, _, _ in self._faults:
            if isinstance(fault, Hang):
                fault.release()
            if isinstance(fault, Stream):
                fault.released.set()
        self.refuse_connections()
        shutil.rmtree(self._dir, ignore_errors=True)

    def opened(self, connection):
        with self._changed:
            self.connections += 1
            self._open.add(connection)

    def closed(self, connection):
        with self._changed:
            self._open.discard(connection)

    # Scripting.

    def inject(self, fault, when=None, nth=1, times=1):
        """Lets the nth request that `when` allows, and the times-1 after it, run into the fault.

        `when` is a predicate on a Request, see on(); None allows all. times=None: from then on, always.
        """
        with self._changed:
            seen = [0]
            last = None if times is None else nth + times - 1

            def due(request):
                if when and not when(request):
                    return False
                seen[0] += 1
                return seen[0] >= nth and (last is None or seen[0] <= last)
            self._faults.append((fault, due, seen))
        return fault

    def tasks(self, service, *looks):
        """How the current tasks of a service look, each time they are listed; the last look stays.

        A look is a Look or the name of a state.
        """
        with self._changed:
            self.state.looks[service] = [Look(l) if isinstance(l, str) else l for l in looks]

    # Reading back.

    def lines(self, *methods):
        """The requests as "METHOD /path", in order; all, or those of the methods named."""
        with self._changed:
            return [str(r) for r in self.requests if not methods or r.method in methods]

    @property
    def writes(self):
        with self._changed:
            return [r for r in self.requests if r.method in WRITES and not r.is_note]

    def services(self):
        """The services by name, as GET /services shows them."""
        with self._changed:
            return {s["Spec"]["Name"]: s for s in map(self.state.show_service, self.state.services.values())}

    def wait_for(self, when, timeout=PATIENCE):
        """The first request that the predicate allows, past or future."""
        def first():
            return next((r for r in self.requests if when(r)), None)
        with self._changed:
            assert self._changed.wait_for(first, timeout), "no such request came"
            return first()

    def wait_in_flight(self, count, timeout=PATIENCE):
        """Until so many requests are being served at one moment."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._in_flight >= count, timeout), \
                f"only {self._in_flight} requests are in flight"

    # Serving.

    def serve(self, handler, request):
        with self._changed:
            self.requests.append(request)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
            self._changed.notify_all()
            due = [fault for fault, is_due, _ in self._faults if is_due(request)]
        try:
            self.act(handler, request, due[0] if due else None)
        finally:
            with self._changed:
                self._in_flight -= 1

    def act(self, handler, request, fault):
        if not fault:
            handler.reply(*self.carry_out(request))
            return
        answer = self.carry_out(request) if fault.carried_out else None
        fault.hits += 1
        fault.hit.set()
        fault.act(handler, answer)

    def carry_out(self, request):
        """What an Engine answers: (status, body)."""
        with self._changed:
            try:
                self.check_version(request)
                status, value = self.route(request)
            except Refusal as refusal:
                status, value = refusal.status, {"message": refusal.message}
        body = b"" if value is None else json.dumps(value, separators=(",", ":")).encode() + b"\n"
        return status, body

    def check_version(self, request):
        def number(text):
            return tuple(map(int, text.split(".")))
        if request.version and number(request.version) > number(self.state.api):
            raise Refusal(400, f"client version {request.version} is too new. Maximum supported API version "
                               f"is {self.state.api}")
        if request.version and number(request.version) < number(self.state.min_api):
            raise Refusal(400, f"client version {request.version} is too old. Minimum supported API version "
                               f"is {self.state.min_api}, please upgrade your client to a newer version")

    def route(self, request):
        parts = request.path.strip("/").split("/")
        if request.method == "GET" and len(parts) == 1:
            return self.route_list(parts[0], request)
        if request.method == "GET" and len(parts) == 2:
            return self.route_inspect(parts[0], parts[1], request)
        if request.method == "GET" and parts[0] == "distribution" and parts[-1] == "json":
            return 200, self.state.distribution("/".join(parts[1:-1]))
        if request.method == "POST" and len(parts) >= 2:
            return self.route_post(parts, request)
        if request.method == "DELETE" and len(parts) == 2:
            return self.route_delete(parts[0], parts[1], request)
        raise Refusal(404, "page not found")

    def route_list(self, kind, request):
        state = self.state
        for key in request.filters:
            if key not in KNOWN_FILTERS.get(kind, ()):
                raise Refusal(400, f"Invalid filter '{key}'")
        if kind == "services":
            return 200, state.service_list(request.filters, request.query.get("status") in ("1", "true"))
        answers = {"version": state.version, "info": state.info, "swarm": state.swarm_inspect,
                   "nodes": state.nodes, "_ping": lambda: "OK",
                   "networks": lambda: state.network_list(request.filters),
                   "volumes": lambda: state.volume_list(request.filters),
                   "secrets": lambda: state.secrets.list(request.filters),
                   "configs": lambda: state.configs.list(request.filters),
                   "tasks": lambda: state.task_list(request.filters)}
        if kind not in answers:
            raise Refusal(404, "page not found")
        return 200, answers[kind]()

    def route_inspect(self, kind, ref, request):
        if kind == "services":
            return 200, self.state.service_inspect(ref, request.query.get("insertDefaults") in ("1", "true"))
        if kind == "networks":
            return 200, self.state.find_network(ref)
        if kind == "volumes" and ref in self.state.volumes:
            return 200, self.state.volumes[ref]
        if kind == "volumes":
            raise Refusal(404, f"get {ref}: no such volume")
        raise Refusal(404, "page not found")

    def route_post(self, parts, request):
        body = request.body
        if body is None:
            raise Refusal(400, "got EOF while reading request body")
        if not isinstance(body, dict):
            raise Refusal(400, "invalid character in request body")
        if parts == ["services", "create"]:
            return 201, self.state.service_create(body)
        if parts == ["networks", "create"]:
            return 201, self.state.network_create(body)
        if parts == ["volumes", "create"]:
            return 201, self.state.volume_create(body)
        if parts[0] in ("secrets", "configs") and parts[1:] == ["create"]:
            return 201, getattr(self.state, parts[0]).create(body)
        if parts[0] in ("secrets", "configs") and parts[2:] == ["update"]:
            return 200, getattr(self.state, parts[0]).update(parts[1], request.query.get("version", ""), body)
        if parts[0] == "nodes" and parts[2:] == ["update"]:
            return 200, self.state.node_update(parts[1], request.query.get("version", ""), body)
        if parts[0] == "services" and parts[2:] == ["update"]:
            return 200, self.state.service_update(parts[1], request.query.get("version", ""), body)
        raise Refusal(404, "page not found")

    def route_delete(self, kind, ref, request):
        if kind == "services":
            return 200, self.state.service_remove(ref)
        if kind == "networks":
            return 204, self.state.network_remove(ref)
        if kind == "volumes":
            return 204, self.state.volume_remove(ref)
        if kind in ("secrets", "configs"):
            return 204, getattr(self.state, kind).remove(ref)
        raise Refusal(404, "page not found")
