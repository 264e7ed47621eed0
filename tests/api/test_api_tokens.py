"""Who is let in: tokens of the file, JSON Web Tokens and the webhook's signatures, and who is not."""
import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api_served import entry, new_token, until

SECRET = "s" * 40


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def by_key(serve, key):
    return serve(jwt={"publicKey": "issuer.pem", "issuer": "https://login", "audience": "zpm"},
                 files={"issuer.pem": pem(key)})


@pytest.fixture
def by_secret(serve):
    return serve(jwt={"secret": "jwt.secret"}, tokens=None, files={"jwt.secret": SECRET + "\n"})


def claims(**more):
    said = {"sub": "alice", "role": "operator", "iss": "https://login", "aud": "zpm", "exp": int(time.time()) + 600,
            **more}
    return {name: value for name, value in said.items() if value is not None}


def bare(**more):
    return claims(iss=None, aud=None, **more)


def who(api, token):
    return api.request("GET", "/whoami", token=token)


def refused(api, *tokens):
    for token in tokens:
        who(api, token).is_error(401, "unauthorized")


def part(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_token__that_is_nearly_right_is_refused(api):
    token = api.tokens["viewer"]
    refused(api, token[:-1] + ("A" if token[-1] != "A" else "B"), token + "A", token[:-1], "", "zpm_",
            hashlib.sha256(token.encode()).hexdigest())
    assert who(api, token).status == 200


@pytest.mark.parametrize("header", ["{}", "Basic {}", "bearer{}", "Token {}", "Bearer  {}", "Bearer {}, Bearer {}"])
def test_token__goes_in_one_header_only(api, header):
    token = api.tokens["viewer"]
    api.request("GET", "/whoami", headers={"Authorization": header.replace("{}", token)}).is_error(401)


def test_token__goes_in_no_url_and_no_cookie(api):
    token = api.tokens["viewer"]
    for path in (f"/whoami?token={token}", f"/whoami?access_token={token}"):
        answer = api.request("GET", path)
        assert answer.status in (400, 401) and token.encode() not in answer.body
    answer = api.request("POST", f"/{token}", json_body={}, headers={"Cookie": f"token={token}"})
    answer.is_error(404)
    assert token.encode() not in answer.body


def test_token__scheme_is_in_any_case(api):
    assert api.request("GET", "/whoami", headers={"Authorization": f"bEARER {api.tokens['admin']}"}).status == 200


def test_token__that_looks_like_a_password_is_none(serve):
    served = serve(tokens=[entry("old", "admin", "hunter2")])
    refused(served, "hunter2")


def test_token__expires(serve):
    over, soon = new_token(), new_token()
    served = serve(tokens=[entry("over", "admin", over, expires="2020-01-01"),
                           entry("soon", "admin", soon, expires="2120-01-01T12:00:00Z")])
    refused(served, over)
    assert who(served, soon).json == {"name": "soon", "role": "admin", "expires": "2120-01-01T12:00:00Z"}


def test_token__is_taken_from_a_reload_on(api):
    added = new_token()
    refused(api, added)
    api.write_tokens([entry("added", "viewer", added)])
    assert api.reload() == "done"
    assert who(api, added).json["name"] == "added"
    refused(api, api.tokens["admin"])


@pytest.mark.parametrize("content, mistake", [
    ("- {name: a, role: root, hash: x}", "role: expected viewer, operator or admin"),
    ("- {name: a, role: admin}", "'hash' is missing"),
    ("- {name: a, role: admin, token: zpm_x, hash: 'sha256:" + "0" * 64 + "'}", "unknown field 'token'"),
    ("{a: b}", "expected a list"),
    ("- {name: a, role: admin, hash: 'sha256:" + "0" * 64 + "', expires: 2026-02-30}", "there is no day"),
    ("[", "tokens.yaml:"),
])
def test_tokens__that_are_no_tokens_change_nothing(api, content, mistake):
    (api.folder / "tokens.yaml").write_text(content)
    assert mistake in api.reload()
    assert who(api, api.tokens["admin"]).status == 200


def test_tokens__that_others_can_write_are_refused(api):
    (api.folder / "tokens.yaml").chmod(0o622)
    assert "others than its owner can write it" in api.reload()


def test_secrets__that_others_can_read_are_refused(by_secret):
    (by_secret.folder / "jwt.secret").chmod(0o640)
    assert "others than its owner have access" in by_secret.reload()
    (by_secret.folder / "jwt.secret").chmod(0o600)
    (by_secret.folder / "jwt.secret").write_text("short")
    assert "at least 32" in by_secret.reload()


def test_jwt__of_the_issuer_is_taken(by_key, key):
    said = claims()
    answer = who(by_key, jwt.encode(said, key, "RS256"))
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(said["exp"]))
    assert answer.json == {"name": "alice", "role": "operator", "expires": expires}
    assert who(by_key, jwt.encode(claims(aud=["other", "zpm"]), key, "RS256")).status == 200
    assert who(by_key, jwt.encode(claims(role=["viewer", "admin", "x"]), key, "RS256")).json["role"] == "admin"
    assert who(by_key, jwt.encode(claims(nbf=int(time.time()) - 5), key, "RS256")).status == 200


def test_jwt__without_a_role_may_nothing(by_key, key):
    for role in (None, "root", 3, {"admin": True}, []):
        who(by_key, jwt.encode(claims(role=role), key, "RS256")).is_error(403)


def test_jwt__that_is_not_for_us_is_refused(by_key, key):
    refused(by_key, *(jwt.encode(claims(**wrong), key, "RS256") for wrong in (
        {"aud": "other"}, {"aud": None}, {"aud": ["other"]}, {"iss": "https://else"}, {"iss": None}, {"sub": None},
        {"sub": ""}, {"sub": "x" * 201})))


def test_jwt__is_taken_in_its_time_only(by_key, key):
    now = int(time.time())
    refused(by_key, *(jwt.encode(claims(**wrong), key, "RS256") for wrong in (
        {"exp": now - 1}, {"exp": None}, {"exp": 0}, {"exp": -5}, {"nbf": now + 300}, {"exp": 1e300})))


def test_jwt__with_odd_times_is_refused(by_key, key):
    # jwt.encode() itself would not write these.
    head = part({"alg": "RS256", "typ": "JWT"})
    for wrong in ({"exp": "9999999999"}, {"exp": True}, {"nbf": "0"}, {"exp": [9999999999]}):
        body = head + "." + part(claims(**wrong))
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(body.encode(), key)
        refused(by_key, body + "." + base64.urlsafe_b64encode(signature).decode().rstrip("="))


def test_jwt__without_a_signature_is_refused(by_key, key):
    body = part(claims())
    signed = jwt.encode(claims(), key, "RS256")
    refused(by_key, f"{part({'alg': 'none'})}.{body}.", f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.x",
            f"{part({'alg': 'None'})}.{body}.x", f"{part({'alg': 'RS256'})}.{body}.",
            signed.rsplit(".", 1)[0] + ".", signed.rsplit(".", 1)[0] + "." + "A" * 342)


def test_jwt__signed_with_the_public_key_as_a_secret_is_refused(by_key, key):
    head = part({"alg": "HS256", "typ": "JWT"})
    body = f"{head}.{part(claims())}"
    for secret in (pem(key), pem(key).strip()):
        signature = hmac.new(secret, body.encode(), hashlib.sha256).digest()
        refused(by_key, body + "." + base64.urlsafe_b64encode(signature).decode().rstrip("="))


def test_jwt__of_other_algorithms_is_refused(by_key, key):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    curve = ec.generate_private_key(ec.SECP256R1())
    refused(by_key, jwt.encode(claims(), key, "RS512"), jwt.encode(claims(), other, "RS256"),
            jwt.encode(claims(), curve, "ES256"), jwt.encode(claims(), SECRET, "HS256"),
            jwt.encode(claims(), key, "RS256", headers={"crit": ["exp"]}))


def test_jwt__that_was_altered_is_refused(by_key, key):
    head, _, signature = jwt.encode(claims(), key, "RS256").split(".")
    refused(by_key, f"{head}.{part(claims(role='admin'))}.{signature}", "..", "a.b.c", f"{head}..{signature}",
            "." * 5, "a" * 9000 + ".b.c")


def test_jwt__by_a_secret(by_secret):
    assert who(by_secret, jwt.encode(bare(), SECRET, "HS256")).json["name"] == "alice"
    # One that names an audience is for somebody else, as this one has no name of its own.
    refused(by_secret, jwt.encode(bare() | {"aud": "zpm"}, SECRET, "HS256"), jwt.encode(bare(), "t" * 40, "HS256"),
            jwt.encode(bare(), SECRET, "HS512"), jwt.encode(bare(), SECRET + "\n", "HS256"))


def test_jwt__by_a_key_that_was_replaced_is_refused(by_secret):
    token = jwt.encode(bare(), SECRET, "HS256")
    assert who(by_secret, token).status == 200
    (by_secret.folder / "jwt.secret").write_text("n" * 40)
    assert by_secret.reload() == "done"
    refused(by_secret, token)


def test_jwt__key_has_to_be_one(by_key):
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    curve = ec.generate_private_key(ec.SECP256R1())
    for content in (pem(weak), pem(curve), b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        (by_key.folder / "issuer.pem").write_bytes(content)
        assert "no public RSA key" in by_key.reload()
    (by_key.folder / "issuer.pem").write_bytes(b"x")
    assert "not PEM" in by_key.reload()


def sign(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
def hooked(serve):
    return serve(webhook={"secret": "hook"}, files={"hook": SECRET + "\n"})


def hook(api, body, source=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.request("POST", "/webhook", body=body, headers=headers, source=source)


def test_webhook__that_is_signed_is_taken(hooked):
    for body in (b"{}", b"payload=%7B%7D", b"x" * 300000):
        assert hook(hooked, body, X_Hub_Signature_256=sign(SECRET, body)).status == 200
    assert hook(hooked, b"{}", X_Gitlab_Token=SECRET).status == 200
    commands = hooked.await_line("command", 4)
    assert [(command["op"], command["by"]) for command in commands] == [("webhook", "webhook")] * 4
    assert hooked.await_line("audit", 4)[0]["who"] == "webhook"


def test_webhook__that_is_not_signed_right_is_refused(hooked):
    body = b"{}"
    right = sign(SECRET, body)
    for wrong in (sign("other", body), sign(SECRET, b"{ }"), right[:-1], right.upper(), right[7:], "sha256=", ""):
        hook(hooked, body, X_Hub_Signature_256=wrong).is_error(401)
    hook(hooked, body).is_error(401)
    hook(hooked, body, X_Gitlab_Token="x").is_error(401)
    # Not even with another way to prove who it is.
    hooked.request("POST", "/webhook", "admin", body=body).is_error(401)
    assert not hooked.said("command")
    assert {line["who"] for line in hooked.await_line("audit", 10)} == {None}


def test_webhook__is_not_there_unless_declared(api):
    body = b"{}"
    hook(api, body, X_Hub_Signature_256=sign("", body)).is_error(404)
    hook(api, body, X_Gitlab_Token="").is_error(404)


def test_failed_logins__lock_an_address_out_for_a_while(api):
    for _ in range(10):
        refused(api, new_token())
    answer = who(api, new_token()).is_error(429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 6
    who(api, api.tokens["admin"]).is_error(429)
    # Others are not concerned, nor what takes no token.
    assert api.request("GET", "/whoami", "admin", source="127.0.0.2").status == 200
    assert api.get("/healthz", role=None).status == 200
    until(lambda: who(api, api.tokens["admin"]).status == 200)


def test_requests__without_a_token_lock_nobody_out(api):
    for _ in range(30):
        api.request("GET", "/status").is_error(401)
    assert who(api, api.tokens["admin"]).status == 200
