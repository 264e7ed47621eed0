"""tcp:// with TLS: whose certificate is accepted, and what is said of those that are not."""
import os
import socketserver
import subprocess
import threading

import pytest

from tls_engine import Authority, TlsEngine
from zpm_run import Zpm, platform


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("tls") / "ours")
    return authority.sign("engine").sign("elsewhere").sign("zpm").sign("late", days=-1)


@pytest.fixture(scope="session")
def theirs(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls") / "theirs").sign("engine").sign("zpm")


@pytest.fixture
def run(swarm, tmp_path, ours):
    """Plans on an Engine behind TLS with the certificates of the manifest."""
    def run(authority=ours, name="engine", tls=None, env=None):
        with TlsEngine(swarm.socket, authority, name) as engine:
            zpm = Zpm(tmp_path, env=env)
            content = {"endpoint": engine.endpoint, "timeout": "10s"}
            if tls is not None:
                content["tls"] = tls
            zpm.manifest(platform("p", {"core": {"a": {"image": "x:1"}}}, engine=content))
            return zpm.plan()
    return run


class PlainText(socketserver.BaseRequestHandler):
    """What an Engine without TLS says to the first words of a TLS client."""

    def handle(self):
        self.request.recv(65536)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request")


def files(authority, client="zpm", ca="ca.pem"):
    return {"ca": authority.path(ca), "cert": authority.path(f"{client}.pem"), "key": authority.path(f"{client}.key")}


def refused(swarm, result, *words):
    result.exits(1)
    assert all(word in result.err for word in words), str(result)
    assert result.err.count("\n") == 1 and swarm.requests == []


def test_tls__both_certificates_good(swarm, run, ours):
    assert run(tls=files(ours)).exits(2).changed == {"service/a": "create"}
    assert "GET /swarm" in swarm.lines()


def test_tls__paths_are_beside_the_manifest(run, ours, tmp_path):
    os.symlink(ours.dir, tmp_path / "tls")
    run(tls={"ca": "tls/ca.pem", "cert": "tls/zpm.pem", "key": "tls/zpm.key"}).exits(2)


def test_tls__of_the_environment_as_docker_has_it(run, ours):
    run(env={"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": ours.docker_folder("zpm")}).exits(2)


def test_tls__of_the_environment_in_the_home_folder(run, ours, tmp_path):
    os.symlink(ours.dir, tmp_path / ".docker")
    for name in ("cert", "key"):
        source = ours.dir / {"cert": "zpm.pem", "key": "zpm.key"}[name]
        (ours.dir / f"{name}.pem").write_bytes(source.read_bytes())
    run(env={"DOCKER_TLS_VERIFY": "1", "HOME": str(tmp_path)}).exits(2)


def test_tls__an_engine_of_another_ca_is_refused(swarm, run, ours, theirs):
    tls = {**files(theirs), "ca": ours.path("ca.pem")}
    refused(swarm, run(authority=theirs, tls=tls), "the certificate of the Docker Engine at tcp://127.0.0.1:",
            "not accepted", "self-signed certificate", "engine.tls.ca")


def test_tls__an_engine_without_a_ca_given_has_to_be_one_the_system_trusts(swarm, run, ours):
    refused(swarm, run(tls={"cert": ours.path("zpm.pem"), "key": ours.path("zpm.key")}),
            "the certificate of the Docker Engine", "not accepted")


def test_tls__an_expired_engine_is_refused(swarm, run, ours):
    refused(swarm, run(name="late", tls=files(ours)), "the certificate of the Docker Engine", "expired")


def test_tls__an_engine_of_another_name_is_refused(swarm, run, ours):
    refused(swarm, run(name="elsewhere", tls=files(ours)), "the certificate of the Docker Engine", "127.0.0.1")


def test_tls__no_certificate_of_its_own_is_said(swarm, run, ours):
    refused(swarm, run(tls={"ca": ours.path("ca.pem")}), "does not accept this side's certificate",
            "certificate required", "engine.tls.cert")


def test_tls__a_certificate_of_its_own_that_is_refused_is_said(swarm, run, ours, theirs):
    refused(swarm, run(tls={**files(theirs), "ca": ours.path("ca.pem")}), "does not accept this side's certificate")
    refused(swarm, run(tls=files(ours, client="late")), "does not accept this side's certificate", "expired")


def test_tls__an_engine_that_does_not_speak_it(swarm, run, ours, tmp_path):
    with socketserver.TCPServer(("127.0.0.1", 0), PlainText) as plain:
        threading.Thread(target=plain.handle_request, daemon=True).start()
        zpm = Zpm(tmp_path, f"tcp://127.0.0.1:{plain.server_address[1]}")
        zpm.manifest(platform("p", engine={"tls": files(ours)}))
        refused(swarm, zpm.plan(), "no TLS with the Docker Engine")


@pytest.mark.parametrize("missing", ["ca", "cert", "key"])
def test_tls__a_file_that_is_not_there_is_named(swarm, run, ours, missing):
    tls = {**files(ours), missing: "/nowhere/file.pem"}
    refused(swarm, run(tls=tls), "'/nowhere/file.pem': No such file or directory")


def test_tls__a_key_with_a_password_asks_nobody(swarm, run, ours):
    subprocess.run(["openssl", "pkey", "-in", "zpm.key", "-aes256", "-passout", "pass:x", "-out", "locked.key"],
                   cwd=ours.dir, check=True)
    refused(swarm, run(tls={**files(ours), "key": ours.path("locked.key")}), "cannot be used", "engine.tls")


def test_tls__a_key_that_others_can_read_is_warned_of(run, ours, tmp_path):
    key = tmp_path / "open.key"
    key.write_bytes((ours.dir / "zpm.key").read_bytes())
    for mode, warned in ((0o600, False), (0o400, False), (0o640, True), (0o604, True)):
        key.chmod(mode)
        result = run(tls={**files(ours), "key": "open.key"}).exits(2)
        assert ("warning" in result.err and str(key.name) in result.err) == warned, oct(mode)


def test_tls__certificate_and_key_belong_together(zpm):
    for one, other in (("cert", "key"), ("key", "cert")):
        zpm.manifest(platform("p", engine={"tls": {one: "x.pem"}}))
        result = zpm.run("validate").exits(3)
        assert f"'{other}' is missing" in result.err


def test_tls__a_unix_socket_needs_none(swarm, ours):
    swarm.zpm.env["DOCKER_TLS_VERIFY"] = "1"
    swarm.zpm.manifest(platform("p", engine={"tls": files(ours)}))
    swarm.zpm.plan().exits(0)
