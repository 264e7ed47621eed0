"""TLS in front of a scripted Engine, and certificates to talk to it with, made by openssl."""
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading

SUBJECT = {"engine": "subjectAltName=IP:127.0.0.1", "late": "subjectAltName=IP:127.0.0.1",
           "elsewhere": "subjectAltName=DNS:manager.example.net"}


class Authority:
    """A CA in a folder, with the certificates it signs beside it: NAME.pem and NAME.key."""

    def __init__(self, folder):
        self.dir = folder
        folder.mkdir(parents=True)
        self.openssl("req", "-x509", "-subj", "/CN=test CA", "-days", "2", *self.new_key("ca"), "-out", "ca.pem")

    def openssl(self, *args):
        subprocess.run(["openssl", *args], cwd=self.dir, check=True, capture_output=True)

    def new_key(self, name):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key"

    def sign(self, name, days=2):
        """A certificate: of an Engine where the name is one of SUBJECT's, else of a client."""
        self.openssl("req", "-subj", f"/CN={name}", *self.new_key(name), "-out", f"{name}.csr")
        (self.dir / f"{name}.ext").write_text(SUBJECT.get(name, "extendedKeyUsage=clientAuth") + "\n")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", str(days), "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        return self

    def path(self, file):
        return str(self.dir / file)

    def docker_folder(self, client):
        """A folder with the names that DOCKER_CERT_PATH is to have."""
        folder = self.dir / f"docker-{client}"
        folder.mkdir()
        for source, name in (("ca.pem", "ca.pem"), (f"{client}.pem", "cert.pem"), (f"{client}.key", "key.pem")):
            shutil.copy(self.dir / source, folder / name)
        return str(folder)


class TlsEngine:
    """Hands what comes in by TLS on to the scripted Engine's socket. Asks for a client's certificate."""

    def __init__(self, path, authority, name="engine"):
        self.path = path
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(authority.path(f"{name}.pem"), authority.path(f"{name}.key"))
        self.context.load_verify_locations(authority.path("ca.pem"))
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.relay, args=self.listener.accept()[:1], daemon=True).start()

    def relay(self, plain):
        with contextlib.suppress(OSError), self.context.wrap_socket(
                plain, server_side=True, do_handshake_on_connect=False) as secure:
            try:
                secure.do_handshake()
            except ssl.SSLError:
                # What the client has sent by now is read, or the reset would overtake the reason.
                with socket.socket(fileno=secure.detach()) as failed:
                    failed.shutdown(socket.SHUT_WR)
                    while failed.recv(65536):
                        pass
                return
            self.hand_on(secure)

    def hand_on(self, secure):
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self.path)
            # A TLS socket may not be read and written by two threads: one request at a time, as they come.
            secure.settimeout(0.01)
            engine.settimeout(0.01)
            while pump(secure, engine) and pump(engine, secure):
                pass


def pump(source, target):
    """Hands over what there is; False at its end."""
    try:
        data = source.recv(65536)
    except (TimeoutError, ssl.SSLWantReadError):
        return True
    if data:
        target.settimeout(None)
        target.sendall(data)
        target.settimeout(0.01)
    return bool(data)
