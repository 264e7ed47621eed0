"""The webhooks of `zpm run`: who is told of what, once, signed, and again when nobody was there."""
import hashlib
import hmac
import http.server
import json
import threading

import pytest

from engine_api import until
from running import running

SECRET = "a secret of the receiver"


class Receiver:
    """A server for webhooks; answers as often with 500 as `refuses` says."""

    def __init__(self):
        self.got, self.refuses = [], 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 200
                if outer.refuses:
                    outer.refuses -= 1
                    status = 500
                else:
                    outer.got.append((self.headers, body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self, event=None):
        told = [json.loads(body) for _, body in self.got]
        return [one for one in told if event in (None, one["event"])]


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def declare(live, receiver, **more):
    for name, content in (("hook.secret", SECRET + "\n"), ("hook.url", receiver.url + "\n")):
        path = live.zpm.folder / name
        path.write_text(content)
        path.chmod(0o600)
    live.manifest({"core": {name: {"image": "zpm-demo/app:1.0"} for name in "ab"}},
                  reconcile={"interval": "5m", "lease": "3s"},
                  notify={"ops": {"urlFile": "hook.url", "secret": "hook.secret", **more}})


def test_notify__tells_of_drift_signed_and_without_its_secrets_in_the_log(live, receiver):
    declare(live, receiver)
    with running(live.zpm) as run:
        run.await_said("converged")
        live.engine.call("DELETE", f"/services/{live.real('a')}")
        until(lambda: receiver.events("drift"), 20, "the notice")
        headers, body = receiver.got[0]
        assert headers["X-Zpm-Signature-256"] == "sha256=" + hmac.new(
            SECRET.encode(), body, hashlib.sha256).hexdigest()
        told = json.loads(body)
        assert told["platform"] == live.name and told["detail"] == "service/a: removed by somebody"
        assert told["text"] == f"{live.name}: drift: service/a: removed by somebody"
        run.stop()
        assert not [line for line in run.lines if SECRET in line or receiver.url in line]


def test_notify__tells_of_mistakes_once_and_that_they_are_mended(live, receiver):
    declare(live, receiver, events=["failure", "recovered"])
    with running(live.zpm) as run:
        run.await_said("converged")
        for text in ("services: [", "services: ]"):
            said = run.said("mistakes")
            live.zpm.manifest(text)
            run.await_said("mistakes", times=said + 1)
        declare(live, receiver, events=["failure", "recovered"])
        until(lambda: receiver.events("recovered"), 20, "the good news")
        assert [one["event"] for one in receiver.events()] == ["failure", "recovered"]


def test_notify__tries_again_while_nobody_takes_it(live, receiver):
    receiver.refuses = 2
    declare(live, receiver)
    with running(live.zpm) as run:
        run.await_said("converged")
        live.engine.call("DELETE", f"/services/{live.real('b')}")
        until(lambda: receiver.events("drift"), 30, "the third try")
        assert receiver.refuses == 0 and len(receiver.events()) == 1
