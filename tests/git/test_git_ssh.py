"""A repository behind an ssh server of the test's own."""
import getpass
import socket
import subprocess

import pytest

from test_sync import MANIFEST, Repository, Sync

CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path.with_name(path.name + ".pub").read_text().strip()


class Server:
    """One sshd with one host key, which lets one key in."""

    def __init__(self, folder):
        self.port = free_port()
        self.folder = folder
        self.host_key = key(folder / "host")
        (folder / "authorized").write_text(key(folder / "user") + "\n")
        (folder / "sshd.conf").write_text(CONFIGURATION.format(port=self.port, folder=folder))
        self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd.conf"],
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "Server listening" in line:
                return
        raise RuntimeError("sshd does not start")

    def known(self, name, text, host=None):
        path = self.folder / name
        path.write_text(f"{host or f'[127.0.0.1]:{self.port}'} {text}\n")
        return path

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


@pytest.fixture
def server(tmp_path):
    subprocess.run(["mkdir", "-p", "/run/sshd"], check=True)
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def sync(tmp_path, server):
    repository = Repository(tmp_path / "origin")
    repository.commit({"securaa.yaml": MANIFEST})
    sync = Sync(tmp_path, repository)
    sync.fields = {"url": f"ssh://{getpass.getuser()}@127.0.0.1:{server.port}{repository.folder}",
                   "sshKey": tmp_path / "user"}
    return sync


def test_ssh__a_known_server_is_fetched_from(sync, server):
    revision = sync(**sync.fields, knownHosts=server.known("known", server.host_key))
    assert revision["id"] == sync.repository.git("rev-parse", "HEAD")


def test_ssh__needs_no_home(sync, server, monkeypatch):
    monkeypatch.delenv("HOME")
    assert "id" in sync(**sync.fields, knownHosts=server.known("known", server.host_key))


def test_ssh__names_that_are_hashed_are_known(sync, server):
    known = server.known("known", server.host_key)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", known], check=True, stderr=subprocess.DEVNULL)
    assert "127.0.0.1" not in known.read_text()
    assert "id" in sync(**sync.fields, knownHosts=known)


def test_ssh__a_server_with_another_key_is_refused(sync, server):
    result = sync(**sync.fields, knownHosts=server.known("known", key(server.folder / "other")))
    assert result["code"] == "EREFUSED" and "not in knownHosts" in result["error"]


def test_ssh__a_key_of_another_port_is_refused(sync, server):
    result = sync(**sync.fields, knownHosts=server.known("known", server.host_key, "127.0.0.1"))
    assert result["code"] == "EREFUSED"


def test_ssh__a_key_that_is_revoked_is_refused(sync, server):
    known = server.known("known", server.host_key)
    known.write_text(known.read_text() + "@revoked * " + server.host_key + "\n")
    assert sync(**sync.fields, knownHosts=known)["code"] == "EREFUSED"


def test_ssh__without_known_hosts_nobody_is_asked(sync):
    result = sync(**sync.fields)
    assert result["code"] == "EREFUSED" and "no knownHosts" in result["error"]


def test_ssh__a_key_that_the_server_does_not_take_is_told(sync, server):
    key(server.folder / "stranger")
    fields = {**sync.fields, "sshKey": server.folder / "stranger"}
    result = sync(**fields, knownHosts=server.known("known", server.host_key))
    assert result["code"] == "EREFUSED"


def test_ssh__a_key_that_others_can_read_is_refused(sync, server):
    (server.folder / "user").chmod(0o644)
    result = sync(**sync.fields, knownHosts=server.known("known", server.host_key))
    assert result["code"] == "EINVALID" and "chmod 600" in result["error"]
