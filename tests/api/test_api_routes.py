"""Each endpoint with each role, with none, and with garbage. What there is comes from the server's own list."""
import json

import pytest

from api_served import ROLES, until

DOCUMENTS = {"/status": "status", "/plan": "plan", "/history": "history", "/integration/list": "integrations",
             "/tenant/list": "tenants"}
BODIES = {"/service/start": {"serviceName": "web"}, "/service/stop": {"serviceName": "web", "reason": "why"},
          "/apply": {}, "/pause": {"reason": "moving"}, "/resume": {}, "/rollback": {"revision": 3}}
GARBAGE = ["", "x", "[]", "null", "1", '"{}"', "{", "{}{}", '{"a":}', "{'a': 1}", '{"nobody": "knows"}', "{} x",
           '{"reason": 1, "serviceName": 1, "revision": "1"}', "\xff", '{"a": [[[[[[[[[[]]]]]]]]]]}', "// {}\n{}"]


@pytest.fixture
def ready(api):
    for name in DOCUMENTS.values():
        api.show(name, {"of": name})
    api.tell("ready")
    return api


def operations(api):
    paths = json.loads(api.get("/openapi.json", role=None).body)["paths"]
    return [(path, method.upper(), what) for path, methods in paths.items() for method, what in methods.items()]


def body_of(path):
    return BODIES.get(path)


def test_routes__are_those_that_are_promised(ready):
    found = {(method, path): what.get("x-role") for path, method, what in operations(ready)}
    viewers = ["/whoami", "/status", "/plan", "/history", "/integration/list", "/tenant/list", "/events", "/metrics"]
    assert found == {
        **{("GET", path): None for path in ("/", "/page.css", "/page.js", "/openapi.json", "/healthz", "/readyz")},
        **{("GET", path): "viewer" for path in viewers},
        ("POST", "/service/start"): "operator", ("POST", "/service/stop"): "operator", ("POST", "/apply"): "operator",
        ("POST", "/pause"): "admin", ("POST", "/resume"): "admin", ("POST", "/rollback"): "admin",
        ("POST", "/webhook"): None,
    }


def test_routes__let_in_who_may_and_nobody_else(ready):
    for path, method, what in operations(ready):
        if path in ("/webhook", "/events"):
            continue
        needed = what.get("x-role")
        for role in [None, *ROLES]:
            answer = ready.request(method, path, role, json_body=body_of(path))
            if not needed or (role and ROLES.index(role) >= ROLES.index(needed)):
                assert answer.status == 200, (path, role, answer.body)
            elif role:
                answer.is_error(403, "forbidden")
            else:
                assert answer.is_error(401, "unauthorized").headers["WWW-Authenticate"].startswith("Bearer")


def test_routes__hand_over_what_is_asked_for(ready):
    for path, body in BODIES.items():
        assert ready.post(path, body).json == {"done": True}
    assert ready.await_line("command", len(BODIES)) == [
        {"op": "start", "service": "web", "reason": None, "by": "admin-name", "revision": 0},
        {"op": "stop", "service": "web", "reason": "why", "by": "admin-name", "revision": 0},
        {"op": "apply", "service": None, "reason": None, "by": "admin-name", "revision": 0},
        {"op": "pause", "service": None, "reason": "moving", "by": "admin-name", "revision": 0},
        {"op": "resume", "service": None, "reason": None, "by": "admin-name", "revision": 0},
        {"op": "rollback", "service": None, "reason": None, "by": "admin-name", "revision": 3},
    ]


@pytest.mark.parametrize("path", BODIES)
def test_routes__refuse_garbage(ready, path):
    for text in GARBAGE:
        ready.request("POST", path, "admin", body=text.encode("latin-1"),
                      headers={"Content-Type": "application/json"}).is_error(400, "bad_request")
    assert not ready.said("command")


@pytest.mark.parametrize("path, body", [
    ("/service/start", {}),
    ("/service/start", {"serviceName": ""}),
    ("/service/start", {"serviceName": None}),
    ("/service/start", {"serviceName": ["web"]}),
    ("/service/start", {"serviceName": "x" * 201}),
    ("/service/start", {"serviceName": "a\nb"}),
    ("/service/start", {"serviceName": "a\0b"}),
    ("/service/start", {"serviceName": "web", "reason": "not taken here"}),
    ("/service/stop", {"serviceName": "web", "reason": ""}),
    ("/service/stop", {"serviceName": "web", "reason": "\x7f"}),
    ("/pause", {"reason": "x" * 201}),
    ("/apply", {"force": True}),
    ("/rollback", {}),
    ("/rollback", {"revision": 0}),
    ("/rollback", {"revision": -1}),
    ("/rollback", {"revision": 1.5}),
    ("/rollback", {"revision": 1.0}),
    ("/rollback", {"revision": True}),
    ("/rollback", {"revision": "1"}),
    ("/rollback", {"revision": 2**31}),
    ("/rollback", {"revision": 2**80}),
])
def test_routes__refuse_members_that_are_not_as_they_should_be(ready, path, body):
    ready.post(path, body).is_error(400, "bad_request")
    assert not ready.said("command")


def test_routes__take_no_query(ready):
    for path, method, what in operations(ready):
        if path != "/webhook":
            ready.request(method, path + "?a=1", "admin", json_body=body_of(path)).is_error(400)


def test_routes__name_the_methods_that_there_are(ready):
    for path, method, what in operations(ready):
        others = ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] if method == "GET" else ["GET", "HEAD", "PUT", "DELETE"]
        for other in others:
            answer = ready.request(other, path, "admin", body="")
            assert answer.status == 405
            assert answer.headers["Allow"] == ("GET, HEAD" if method == "GET" else "POST")


def test_routes__answer_head_as_get_without_a_body(ready):
    for path, method, what in operations(ready):
        if method != "GET":
            continue
        head = ready.request("HEAD", path, "viewer")
        assert head.status == 200 and head.body == b""
        if path not in ("/events", "/metrics"):
            whole = ready.get(path)
            assert head.headers["Content-Length"] == str(len(whole.body))
            assert head.headers["ETag"] == whole.headers["ETag"]


@pytest.mark.parametrize("path", ["/nothing", "/status/", "//status", "/Status", "/service", "/page", "/../etc/passwd",
                                  "/%2e%2e/status", "/status%00", "*"])
def test_routes__say_what_is_not_there(ready, path):
    if path == "/status%00":
        assert ready.get(path).status in (200, 404)
    else:
        ready.get(path).is_error(404, "not_found")


def test_routes__pass_on_what_the_caller_answers(ready):
    ready.post("/service/start", {"serviceName": "missing"}).is_error(404, "not_found")


def test_routes__need_documents_first(api):
    for path in DOCUMENTS:
        assert api.get(path).is_error(503, "unavailable").headers["Retry-After"]


def test_ready__says_why_not(api):
    api.get("/readyz", role=None).is_error(503, "unavailable")
    api.tell("ready")
    assert api.get("/readyz", role=None).json == {"status": "ready"}
    api.tell("unready", "the Engine is away")
    assert api.get("/readyz", role=None).is_error(503).json["error"]["message"] == "the Engine is away"
    assert api.get("/healthz", role=None).json == {"status": "ok"}


def test_whoami__says_name_and_role(api):
    for role in ROLES:
        assert api.get("/whoami", role=role).json == {"name": f"{role}-name", "role": role}


def test_page__may_load_its_own_files_only(api):
    page = api.get("/", role=None)
    assert page.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    for path in ("/", "/page.css", "/page.js"):
        answer = api.get(path, role=None)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.body


def test_audit__tells_of_each_post(ready):
    ready.post("/service/stop", {"serviceName": "web", "reason": "tidy"}, role="operator")
    ready.post("/pause", {"reason": "not yours"}, role="operator")
    ready.post("/pause", {"token": ready.tokens["admin"]})
    ready.request("POST", "/pause", json_body={})
    ready.post("/nothing%7f")
    ready.get("/status")
    lines = ready.await_line("audit", 5)
    assert [(line["who"], line["role"], line["path"], line["body"], line["status"]) for line in lines] == [
        ("operator-name", "operator", "/service/stop", {"serviceName": "web", "reason": "tidy"}, 200),
        ("operator-name", "operator", "/pause", None, 403),
        ("admin-name", "admin", "/pause", None, 400),
        (None, None, "/pause", None, 401),
        (None, None, "other", None, 404),
    ]
    for line in lines:
        assert line["address"] == "127.0.0.1" and line["method"] == "POST" and line["time"].endswith("Z")
    ready.get("/status")
    assert len(ready.said("audit")) == 5


def test_metrics__count_requests_by_what_there_is(ready):
    ready.get("/status")
    ready.get("/nothing")
    ready.get("/else")
    ready.request("GET", "/status")
    # A request is counted when it is over, which its client may know first.
    for labels, times in (('path="/status",method="GET",code="200"', 1), ('path="/status",method="GET",code="401"', 1),
                          ('path="other",method="GET",code="404"', 2)):
        until(lambda name=f"zpm_api_requests_total{{{labels}}}", n=times: ready.metric(name) == n)
    text = ready.get("/metrics").body.decode()
    assert "zpm_test 1\n" in text
    assert 'zpm_api_rejected_total{reason="credentials"} 1\n' in text
    assert "zpm_api_event_listeners 0\n" in text
    # The fifth is the one that asks.
    assert 'zpm_api_request_seconds_bucket{le="+Inf"} ' in text and "zpm_api_request_seconds_count " in text
    for line in text.splitlines():
        assert line.startswith("# ") or len(line.rsplit(" ", 1)) == 2 and float(line.rsplit(" ", 1)[1]) >= 0
