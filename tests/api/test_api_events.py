"""Events: as they happen, after a break, for who is slow, and for who may no more."""
import json
import re
import socket
import time

import jwt
import pytest

from api_served import Events, entry, until

DATA = '{"at":"2026-03-01T12:00:00Z","text":"drift"}'


def test_events__come_as_they_happen(api):
    events = Events(api)
    assert events.response.headers["Content-Type"] == "text/event-stream"
    assert events.response.headers["Cache-Control"] == "no-store"
    until(lambda: api.metric("zpm_api_event_listeners") == 1)
    for n in range(3):
        api.tell("publish", "drift", DATA)
        assert events.next() == {"id": str(n + 1), "event": "drift", "data": DATA}
    events.close()
    # Noticed also when there is nothing to say to who has gone.
    until(lambda: api.metric("zpm_api_event_listeners") == 0, patience=10)


def test_events__go_to_all(api):
    listeners = [Events(api) for _ in range(20)]
    api.tell("publish", "leads", DATA)
    for listener in listeners:
        assert listener.next()["event"] == "leads"
        listener.close()


def test_events__tell_of_documents_that_changed(api):
    events = Events(api)
    api.show("integrations", {"a": 1})
    event = events.next()
    assert event["event"] == "document"
    assert json.loads(event["data"]) == {"document": "integrations",
                                         "etag": api.get("/integration/list").headers["ETag"]}
    api.show("integrations", {"a": 1})
    api.show("plan", {"a": 1})
    assert json.loads(events.next()["data"])["document"] == "plan"
    events.close()


def test_events__go_on_after_a_break(api):
    for n in range(10):
        api.tell("publish", "drift", json.dumps({"n": n}))
    events = Events(api, last=7)
    assert [json.loads(events.next()["data"])["n"] for _ in range(3)] == [7, 8, 9]
    api.tell("publish", "drift", '{"n":10}')
    assert events.next()["id"] == "11"
    events.close()
    fresh = Events(api)
    api.tell("publish", "drift", '{"n":11}')
    assert fresh.next()["id"] == "12"
    fresh.close()


@pytest.mark.parametrize("last, first", [(0, 45), (44, 45), (45, 46), (10, 45), (999999, 45), (2**64 - 1, 45)])
def test_events__that_are_kept_are_the_last_256(api, last, first):
    for n in range(300):
        api.tell("publish", "drift", json.dumps({"n": n}))
    events = Events(api, last=last)
    assert events.next()["id"] == str(first)
    events.close()


@pytest.mark.parametrize("last", ["x", "-1", "1.5", " 1 2", "99999999999999999999999", "0x1"])
def test_events__after_garbage_are_refused(api, last):
    api.get("/events", headers={"Last-Event-ID": last}).is_error(400)


def test_events__say_that_they_live(serve):
    served = serve("tick=20", "silence=50")
    events = Events(served)
    served.tell("publish", "drift", DATA)
    assert events.next()["id"] == "1"
    # Reading blocks until a line has come.
    while not any("alive" in comment for comment in events.comments):
        events.comments.append(events.response.readline().decode())
    served.tell("publish", "drift", DATA)
    assert events.next()["id"] == "2"
    events.close()


def test_events__of_any_size(api):
    events = Events(api)
    data = json.dumps({"text": "x" * 100_000})
    api.tell("publish", "drift", data)
    assert events.next()["data"] == data
    events.close()


def test_listeners__are_a_hundred_at_most(api):
    listeners = [Events(api, source=f"127.0.0.{2 + n % 2}") for n in range(100)]
    assert api.get("/events").is_error(503, "unavailable").headers["Retry-After"] == "5"
    assert api.get("/healthz").status == 200
    listeners.pop().close()
    until(lambda: api.metric("zpm_api_event_listeners") == 99)
    listeners.append(Events(api))
    for listener in listeners:
        listener.close()


def test_listener__that_does_not_read_is_let_go(api):
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", api.port))
    slow.sendall(api.head_of("GET", "/events"))
    until(lambda: api.metric("zpm_api_event_listeners") == 1)
    quick = Events(api)
    data = json.dumps({"text": "x" * 50_000})
    for n in range(400):
        api.tell("publish", "drift", data)
        assert quick.next()["id"] == str(n + 1)
    until(lambda: api.metric("zpm_api_event_listeners") == 1)
    slow.close()
    quick.close()


def test_listener__whose_token_is_revoked_is_let_go(api):
    events = {role: Events(api, role=role) for role in ("viewer", "admin")}
    api.write_tokens([entry("kept", "viewer", api.tokens["admin"])])
    assert api.reload() == "done"
    assert events["viewer"].next() is None
    api.tell("publish", "drift", DATA)
    assert events["admin"].next()["event"] == "drift"
    events["admin"].close()


def test_listener__whose_time_is_over_is_let_go(serve):
    secret = "s" * 32
    served = serve("tick=20", jwt={"secret": "jwt"}, files={"jwt": secret})
    token = jwt.encode({"sub": "a", "role": "viewer", "exp": int(time.time()) + 2}, secret, "HS256")
    events = Events(served, token=token)
    assert events.next() is None
    assert time.time() >= jwt.decode(token, options={"verify_signature": False})["exp"]


def test_listener__by_a_key_that_was_replaced_is_let_go(serve):
    secret = "s" * 32
    served = serve(jwt={"secret": "jwt"}, files={"jwt": secret})
    events = Events(served, token=jwt.encode({"sub": "a", "role": "viewer", "exp": 4e9}, secret, "HS256"))
    assert served.reload() == "done"
    served.tell("publish", "drift", DATA)
    assert events.next()["event"] == "drift"
    (served.folder / "jwt").write_text("n" * 32)
    assert served.reload() == "done"
    assert events.next() is None


def test_listeners__are_let_go_at_the_end(api):
    listeners = [Events(api) for _ in range(10)]
    assert api.finish() == (0, "")
    assert [listener.next() for listener in listeners] == [None] * 10


def test_stream__is_as_the_standard_has_it(api):
    sock = api.raw(api.head_of("GET", "/events", Last_Event_ID=0))
    api.tell("publish", "leads", DATA)
    data = b""
    while b"data: " not in data or not data.endswith(b"\n\n\r\n"):
        data += sock.recv(4096)
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    text = "".join(re.findall(r"[0-9a-fA-F]+\r\n(.*?)\r\n", body.decode(), re.S))
    assert text == f"retry: 2000\n: zpm\n\nid: 1\nevent: leads\ndata: {DATA}\n\n"
    sock.close()
