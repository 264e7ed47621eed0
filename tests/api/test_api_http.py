"""HTTP itself: bodies, slow and impatient clients, many of them, and an end while they wait."""
import json
import re
import socket
import threading
import time

import pytest

from api_served import read_all, until

JSON = {"Content-Type": "application/json"}


def post_raw(api, path, body, *headers, role="admin"):
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {api.tokens[role]}", *headers]
    return api.raw(("\r\n".join(lines) + "\r\n\r\n").encode() + body)


def first_line(sock):
    data = b""
    while b"\r\n" not in data and (piece := sock.recv(4096)):
        data += piece
    sock.close()
    return data.split(b"\r\n")[0].decode()


def test_body__of_the_most_that_is_taken(api):
    body = b'{"reason":"x"}' + b" " * 70000
    assert api.request("POST", "/pause", "admin", body=body[:65536], headers=JSON).status == 200
    api.request("POST", "/pause", "admin", body=body[:65537], headers=JSON).is_error(413, "too_large")
    api.request("POST", "/pause", "admin", body=b"{" + b" " * 900000, headers=JSON).is_error(413)
    assert len(api.await_line("command")) == 1


def test_body__that_is_much_too_large_is_refused_before_it_comes(api):
    sock = post_raw(api, "/pause", b"", "Content-Type: application/json", "Content-Length: 100000000",
                    "Expect: 100-continue")
    assert "413" in first_line(sock)
    sock = post_raw(api, "/pause", b"", "Content-Type: application/json", "Content-Length: 100000000")
    assert "413" in first_line(sock)


def test_body__in_chunks(api):
    chunks = b"3\r\n{\"r\r\n" + b"b\r\neason\":\"x\"}\r\n" + b"0\r\n\r\n"
    assert "200" in first_line(post_raw(api, "/pause", chunks, "Content-Type: application/json",
                                        "Transfer-Encoding: chunked"))
    assert api.await_line("command")[0]["reason"] == "x"


def test_body__in_chunks_without_end_is_cut_off(api):
    sock = post_raw(api, "/pause", b"", "Content-Type: application/json", "Transfer-Encoding: chunked")
    with pytest.raises(OSError):
        for _ in range(1000):
            sock.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
        assert read_all(sock) == b""
        raise ConnectionResetError
    sock.close()
    assert api.get("/healthz").status == 200


def test_body__has_to_be_there(api):
    assert "411" in first_line(post_raw(api, "/pause", b"", "Content-Type: application/json"))
    assert "400" in first_line(post_raw(api, "/pause", b"", "Content-Type: application/json", "Content-Length: 0"))


def test_body__has_one_length(api):
    sock = post_raw(api, "/resume", b"2\r\n{}\r\n0\r\n\r\n", "Content-Type: application/json", "Content-Length: 2",
                    "Transfer-Encoding: chunked")
    assert "400" in first_line(sock)
    assert not api.said("command")


@pytest.mark.parametrize("kind, status", [
    ("application/json; charset=utf-8", 200), ("Application/JSON", 200), ("text/plain", 415), ("application/jsonp", 415),
    ("application/x-www-form-urlencoded", 415), ("", 415), (None, 415)])
def test_body__has_to_be_said_to_be_json(api, kind, status):
    headers = {} if kind is None else {"Content-Type": kind}
    assert api.request("POST", "/resume", "admin", body=b"{}", headers=headers).status == status


def test_requests__one_after_another_on_one_connection(api):
    api.show("status", {"a": 1})
    connection = api.connection()
    for _ in range(20):
        assert api.get("/status", connection=connection).status == 200
        assert api.post("/resume", connection=connection).status == 200
        api.request("POST", "/resume", json_body={}, connection=connection).is_error(401)
    connection.close()


def test_requests__sent_before_answers_came(api):
    api.show("status", {"a": 1})
    body = b"{}"
    sock = api.raw(api.head_of("GET", "/status") +
                   api.head_of("POST", "/resume", Content_Type="application/json", Content_Length=len(body)) + body +
                   api.head_of("GET", "/nothing") + api.head_of("GET", "/healthz", Connection="close"))
    data = read_all(sock).decode()
    assert re.findall(r"HTTP/1\.1 (\d+)", data) == ["200", "200", "404", "200"]
    sock.close()


GARBAGE = {
    "empty lines": b"\r\n\r\n", "half a line": b"GET\r\n\r\n", "zeros": b"\0" * 100,
    "a greeting of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no host": b"GET / HTTP/1.1\r\n\r\n", "a long line": b"GET " + b"/" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20000 + b"\r\n",
    "less than no body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "no chunk": b"POST /pause HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage__ends_its_own_connection_only(serve, what):
    served = serve("idle=1")
    sock = served.raw()
    try:
        sock.sendall(GARBAGE[what])
        sock.shutdown(socket.SHUT_WR)
        answer = read_all(sock)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer
    except OSError as error:
        # Cut off in the middle of it; but not forgotten.
        assert not isinstance(error, TimeoutError)
    sock.close()
    assert served.get("/healthz").status == 200


def test_slow_head__is_cut_off_though_something_moves(serve):
    served = serve("tick=50", "head=500")
    sock = served.raw(b"GET /status HTTP/1.1\r\n")
    with pytest.raises(OSError):
        while True:
            sock.sendall(b"A: b\r\n")
            sock.settimeout(0.05)
            try:
                if sock.recv(1) == b"":
                    raise ConnectionResetError
            except socket.timeout:
                pass
    sock.close()
    assert served.metric('zpm_api_rejected_total{reason="slow"}') == 1


def test_slow_body__is_cut_off_though_something_moves(serve):
    served = serve("tick=50", "body=500")
    sock = post_raw(served, "/pause", b"", "Content-Type: application/json", "Content-Length: 60000")
    with pytest.raises(OSError):
        while True:
            sock.sendall(b" ")
            sock.settimeout(0.05)
            try:
                if sock.recv(1) == b"":
                    raise ConnectionResetError
            except socket.timeout:
                pass
    sock.close()
    assert served.await_line("audit")[0]["status"] is None


def test_answer__that_is_not_taken_is_cut_off(serve):
    served = serve("tick=50", "answer=500")
    served.show("status", {"a": "x" * 30_000_000})
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", served.port))
    sock.sendall(served.head_of("GET", "/status"))
    until(lambda: served.metric('zpm_api_rejected_total{reason="slow"}') == 1)
    sock.close()


def test_rate__is_limited_by_address(serve):
    served = serve(rateLimit=20)
    answers = [served.get("/healthz", role=None) for _ in range(60)]
    limited = [answer for answer in answers if answer.status == 429]
    assert limited and answers[:30] == [answer for answer in answers[:30] if answer.status == 200]
    assert limited[0].is_error(429, "too_many_requests").headers["Retry-After"] == "1"
    assert served.get("/healthz", role=None, source="127.0.0.3").status == 200
    until(lambda: served.get("/healthz", role=None).status == 200)


def test_command__waits_for_its_answer(api):
    api.tell("hold")
    got = []
    thread = threading.Thread(target=lambda: got.append(api.post("/resume")))
    thread.start()
    api.await_line("command")
    # Meanwhile others are served, by both threads.
    for _ in range(10):
        assert api.get("/healthz").status == 200
    assert not got
    api.tell("release", 409, '{"error":{"code":"conflict","message":"somebody else leads"}}')
    thread.join()
    got[0].is_error(409, "conflict")


def test_command__that_nobody_answers_is_given_up(serve):
    served = serve("tick=50", "call=300")
    served.tell("hold")
    served.post("/resume").is_error(504, "no_answer")
    # The answer comes too late, and is for nobody.
    served.tell("release", 200, "{}")
    assert served.await_line("audit")[0]["status"] == 504


def test_command__of_a_client_that_has_gone(api):
    api.tell("hold")
    body = b"{}"
    for n in range(20):
        sock = api.raw(api.head_of("POST", "/resume", Content_Type="application/json", Content_Length=len(body)) + body)
        api.await_line("command", n + 1)
        sock.close()
    api.tell("release", 200, "{}")
    assert len(api.await_line("audit", 20)) == 20


def test_stop__while_requests_wait(serve):
    served = serve()
    served.tell("hold")
    got = []
    threads = [threading.Thread(target=lambda: got.append(served.post("/resume"))) for _ in range(10)]
    for thread in threads:
        thread.start()
    served.await_line("command", 10)
    code, text = served.finish()
    for thread in threads:
        thread.join()
    assert (code, text) == (0, "")
    for answer in got:
        answer.is_error(503, "unavailable")
    assert len(got) == 10


def test_many__at_once(api):
    api.show("status", {"objects": [{"name": f"service-{i}", "state": "converged"} for i in range(4000)]})
    expected = api.get("/status").body
    wrong = []

    def ask():
        connection = api.connection()
        for n in range(20):
            if api.get("/status", connection=connection).body != expected:
                wrong.append("status")
            if n % 5 == 0 and api.post("/resume", connection=connection).status != 200:
                wrong.append("resume")
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(api.await_line("audit", 200)) == 200


def test_connections__of_one_address_are_limited(api):
    socks = [api.raw(source="127.0.0.4") for _ in range(200)]

    def ended():
        n = 0
        for sock in socks:
            sock.setblocking(False)
            try:
                n += sock.recv(1) == b""
            except BlockingIOError:
                pass
            except ConnectionResetError:
                n += 1
        return n

    until(lambda: ended() == 200 - 128)
    assert api.get("/healthz").status == 200
    for sock in socks:
        sock.close()


def test_speed__of_a_large_document(api):
    """A guard against something quadratic, not a benchmark: that is in bench/."""
    api.show("status", {"objects": ["x" * 100] * 2000})
    connection = api.connection()
    began = time.monotonic()
    for _ in range(200):
        assert len(api.get("/status", connection=connection).body) > 200000
    assert time.monotonic() - began < 20
    connection.close()


def test_errors__are_json_of_one_form(api):
    for answer in (api.get("/nothing"), api.request("GET", "/status"), api.get("/pause"), api.post("/rollback"),
                   api.get("/status?x")):
        answer.is_error(answer.status)
        assert answer.headers["Cache-Control"] == "no-store"
        assert json.loads(answer.body)["error"]["message"]
