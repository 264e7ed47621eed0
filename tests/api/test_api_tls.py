"""TLS: what is spoken, what is not, and a certificate that is replaced."""
import datetime
import http.client
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api_served import PATIENCE, Answer, Served, read_all


def certificate(name):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.utcnow()
    cert = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256()))
    return (cert.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                              serialization.NoEncryption()))


@pytest.fixture(scope="module")
def pair():
    return certificate("zpm.test")


@pytest.fixture
def secure(serve, pair):
    return serve(tls={"cert": "api.crt", "key": "api.key"}, files={"api.crt": pair[0], "api.key": pair[1]})


def trusting(pem):
    context = ssl.create_default_context(cadata=pem.decode())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def ask(served, context, path="/healthz", name="zpm.test", method="GET", body=None, headers=None):
    """The answer, and the version of TLS."""
    raw = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    with context.wrap_socket(raw, server_hostname=name) as connection.sock:
        version = connection.sock.version()
        connection.request(method, path, body=body, headers=headers or {})
        return Answer(connection.getresponse()), version


@pytest.mark.parametrize("version, name", [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")])
def test_tls__of_today_is_spoken(secure, pair, version, name):
    context = trusting(pair[0])
    context.minimum_version = context.maximum_version = version
    answer, spoken = ask(secure, context)
    assert (answer.status, spoken) == (200, name)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_tls__of_yesterday_is_not(secure, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Else the client itself would not.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises((ssl.SSLError, ConnectionError)):
        ask(secure, context)


def test_tls__is_not_left_out(secure):
    sock = secure.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        assert b"HTTP/1.1 200" not in read_all(sock)
    except ConnectionError:
        pass
    sock.close()


def test_tls__carries_tokens_bodies_and_events(secure, pair):
    token = {"Authorization": f"Bearer {secure.tokens['admin']}"}
    large = secure.show("status", {"a": "x" * 1_000_000})
    assert ask(secure, trusting(pair[0]), "/status", headers=token)[0].body.decode() == large
    answer, _ = ask(secure, trusting(pair[0]), "/pause", method="POST", body=b'{"reason":"' + b"x" * 200 + b'"}',
                    headers={**token, "Content-Type": "application/json"})
    assert answer.status == 200
    secure.tell("publish", "leads", '{"n":1}')
    raw = socket.create_connection(("127.0.0.1", secure.port), timeout=PATIENCE)
    with trusting(pair[0]).wrap_socket(raw, server_hostname="zpm.test") as sock:
        sock.sendall(secure.head_of("GET", "/events", Last_Event_ID=0))
        data = b""
        while b'data: {"n":1}\n\n' not in data:
            data += sock.recv(4096)


def test_tls__certificate_is_replaced_by_a_reload(secure, pair):
    other = certificate("other.test")
    with pytest.raises(ssl.SSLError):
        ask(secure, trusting(other[0]), name="other.test")
    (secure.folder / "api.crt").write_bytes(other[0])
    # The key is still the one before.
    assert "do they belong together?" in secure.reload()
    (secure.folder / "api.crt").write_bytes(pair[0])
    assert secure.reload() == secure.reload() == "done"
    (secure.folder / "api.crt").write_bytes(other[0])
    assert ask(secure, trusting(pair[0]))[0].status == 200
    (secure.folder / "api.key").write_bytes(other[1])
    assert secure.reload() == "done"
    assert ask(secure, trusting(other[0]), name="other.test")[0].status == 200
    with pytest.raises(ssl.SSLError):
        ask(secure, trusting(pair[0]))


def test_tls__files_that_are_none_are_refused(secure, pair):
    for name, content in (("api.key", b"-----BEGIN x"), ("api.key", b"x"), ("api.crt", b"-----BEGIN CERTIFICATE-----\nAAAA")):
        (secure.folder / "api.crt").write_bytes(pair[0])
        (secure.folder / "api.key").write_bytes(pair[1])
        (secure.folder / name).write_bytes(content)
        assert "api.tls" in secure.reload()
    (secure.folder / "api.key").chmod(0o644)
    assert "others than its owner have access" in secure.reload()
    assert ask(secure, trusting(pair[0]))[0].status == 200


def start_fails(folder, **section):
    served = Served(folder, **section)
    code = served.process.wait(PATIENCE)
    text = (folder / "stderr").read_text()
    served.errors.close()
    assert code != 0 and "Sanitizer" not in text
    return text


def test_start__without_what_it_needs_says_so(tmp_path, pair):
    (tmp_path / "api.crt").write_bytes(pair[0])
    (tmp_path / "api.key").write_bytes(certificate("x")[1])
    (tmp_path / "api.key").chmod(0o600)
    tls = {"cert": "api.crt", "key": "api.key"}
    assert "do they belong together?" in start_fails(tmp_path, tls=tls)
    assert "No such file" in start_fails(tmp_path, tls={"cert": "none", "key": "api.key"})
    assert "without TLS everybody" in start_fails(tmp_path, listen="0.0.0.0:0")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"cannot listen at 127.0.0.1:{port}: Address already in use" in start_fails(
            tmp_path, listen=f"127.0.0.1:{port}")


def test_start__elsewhere_than_on_this_machine_is_for_the_daring(serve):
    served = serve(listen="0.0.0.0:0", insecure=True)
    assert served.get("/healthz").status == 200


def test_start__on_ipv6(serve):
    served = serve(listen="[::1]:0")
    connection = http.client.HTTPConnection("::1", served.port, timeout=PATIENCE)
    connection.request("POST", "/healthz", body="")
    assert connection.getresponse().status == 405
    assert served.await_line("audit")[0]["address"] == "::1"
    connection.close()
