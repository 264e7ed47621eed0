"""Manifests from git repositories on this machine: what is checked out, what is refused, and what stays."""
import hashlib
import json
import os
import pathlib
import signal
import subprocess

import pytest

import zpm_run

PROGRAM = pathlib.Path(zpm_run.binary()).parent / "tests" / "git_sync"
MANIFEST = "apiVersion: zpm/v1\nplatform: demo\n"


class Repository:
    """A repository with a work tree, which is its own server."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *args, **options):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1",
                       "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.net",
                       "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.net"}
        return subprocess.run(["git", *args], cwd=self.folder, env=environment, check=True, text=True,
                              stdout=subprocess.PIPE, **options).stdout.strip()

    def commit(self, files, *options, message="a change"):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, *options)
        return self.git("rev-parse", "HEAD")

    @property
    def url(self):
        return f"file://{self.folder}"


class Sync:
    """Syncs with one repository, into a folder that does not exist yet."""

    def __init__(self, folder, repository):
        self.folder = folder / "state"
        self.repository = repository

    def command(self, verb="sync", **fields):
        fields = {"url": self.repository.url, **fields}
        return [PROGRAM, self.folder, verb, *(f"{name}={value}" for name, value in fields.items())]

    def __call__(self, verb="sync", **fields):
        result = subprocess.run(self.command(verb, **fields), stdout=subprocess.PIPE, timeout=60, check=False)
        return json.loads(result.stdout)

    def trees(self):
        return sorted(path.name for path in self.folder.iterdir() if path.name.startswith(("tree-", "new-")))


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "origin")


@pytest.fixture
def sync(tmp_path, repository):
    return Sync(tmp_path, repository)


def test_sync__checks_out_the_first_commit(sync, repository):
    commit = repository.commit({"securaa.yaml": MANIFEST, "patches/a.yaml": "x"}, message="first\n\nmore")
    revision = sync()
    assert revision["id"] == commit and revision["changed"] and not revision["rewound"]
    assert (revision["author"], revision["summary"]) == ("Ada", "first")
    assert revision["time"] == int(repository.git("log", "-1", "--format=%ct"))
    assert pathlib.Path(revision["manifest"]).read_text() == MANIFEST
    assert (pathlib.Path(revision["tree"]) / "patches/a.yaml").read_text() == "x"


def test_sync__leaves_everything_to_its_owner_alone(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST})
    revision = sync()
    assert sync.folder.stat().st_mode & 0o777 == 0o700
    assert pathlib.Path(revision["manifest"]).stat().st_mode & 0o777 == 0o600


def test_sync__follows_new_commits(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST})
    sync()
    commit = repository.commit({"securaa.yaml": MANIFEST + "# 2\n"})
    revision = sync()
    assert revision["id"] == commit and revision["changed"] and not revision["rewound"]
    assert pathlib.Path(revision["manifest"]).read_text() == MANIFEST + "# 2\n"


def test_sync__of_nothing_new_is_no_change(sync, repository):
    commit = repository.commit({"securaa.yaml": MANIFEST})
    sync()
    revision = sync()
    assert revision["id"] == commit and not revision["changed"]


def test_sync__keeps_the_checkout_before_and_no_older_one(sync, repository):
    commits = []
    for i in range(4):
        commits.append(repository.commit({"securaa.yaml": f"{MANIFEST}# {i}\n"}))
        sync()
    assert sync.trees() == sorted(f"tree-{commit}" for commit in commits[-2:])


def test_sync__tells_of_history_that_was_rewritten(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST})
    repository.commit({"securaa.yaml": MANIFEST + "# old\n"})
    sync()
    commit = repository.commit({"securaa.yaml": MANIFEST + "# new\n"}, "--amend")
    revision = sync()
    assert revision["id"] == commit and revision["changed"] and revision["rewound"]


def test_sync__follows_the_branch_that_is_named(sync, repository):
    commit = repository.commit({"securaa.yaml": MANIFEST})
    repository.git("branch", "release/1.0")
    repository.commit({"securaa.yaml": MANIFEST + "# main\n"})
    assert sync(branch="release/1.0")["id"] == commit


def test_sync__of_a_branch_that_is_gone_keeps_the_last_checkout(sync, repository):
    commit = repository.commit({"securaa.yaml": MANIFEST})
    repository.git("branch", "stable")
    sync(branch="stable")
    repository.git("branch", "-D", "stable")
    result = sync(branch="stable")
    assert result["code"] == "ENOTFOUND" and "no branch 'stable'" in result["error"]
    assert sync("last", branch="stable")["id"] == commit


def test_sync__finds_the_manifest_at_the_path(sync, repository):
    repository.commit({"sites/a/securaa.yaml": MANIFEST, "other.yaml": MANIFEST})
    assert sync(path="sites/a")["manifest"].endswith("/sites/a/securaa.yaml")
    assert sync(path="other.yaml")["manifest"].endswith("/other.yaml")


def test_sync__without_a_manifest_there_keeps_the_last_checkout(sync, repository):
    commit = repository.commit({"securaa.yaml": MANIFEST})
    sync()
    repository.git("rm", "-q", "securaa.yaml")
    repository.commit({"README": "nothing"})
    result = sync()
    assert result["code"] == "ENOTFOUND" and "no manifest at 'securaa.yaml'" in result["error"]
    assert sync("last")["id"] == commit and sync.trees() == [f"tree-{commit}"]


@pytest.mark.parametrize("path", ["/etc", "..", "../x", "a/../../x"])
def test_sync__refuses_a_path_out_of_the_repository(sync, repository, path):
    repository.commit({"securaa.yaml": MANIFEST})
    result = sync(path=path)
    assert result["code"] == "EINVALID" and "leads out of" in result["error"]


def test_sync__while_the_server_is_away_keeps_the_last_checkout(sync, repository):
    commit = repository.commit({"securaa.yaml": MANIFEST})
    sync()
    before = sync("last")
    repository.folder.rename(repository.folder.with_name("away"))
    assert sync()["code"] in ("EUNAVAIL", "ENOTFOUND")
    assert sync("last") == before and before["id"] == commit and not before["changed"]


def test_sync__with_nobody_listening_is_told_with_the_url(sync):
    result = sync(url="https://127.0.0.1:9/x.git")
    assert result["code"] == "EUNAVAIL" and result["error"].startswith("https://127.0.0.1:9/x.git: ")


@pytest.mark.parametrize("url", ["https://user:secret@host.example.net/x", "http://host/x", "ssh://-oProxyCommand=x/y",
                                 "git://host/x", "/srv/x", "--upload-pack=x"])
def test_sync__refuses_other_urls_and_never_shows_them(sync, url):
    result = sync(url=url)
    assert result["code"] == "EINVALID" and "expected a URL" in result["error"] and url not in result["error"]


def test_last__before_any_sync_is_nothing(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST})
    assert sync("last")["code"] == "ENOTFOUND"


def test_sync__of_another_branch_has_nothing_to_do_with_the_first(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST})
    repository.git("checkout", "-q", "--orphan", "other")
    repository.commit({"securaa.yaml": MANIFEST})
    sync(branch="main")
    revision = sync(branch="other")
    assert revision["changed"] and not revision["rewound"]


def test_sync__refuses_a_commit_with_too_many_files(sync, repository):
    commit = repository.commit({"securaa.yaml": MANIFEST})
    sync()
    repository.commit({f"f/{i}": "" for i in range(10001)})
    result = sync()
    assert result["code"] == "EREFUSED" and "more than 10000 files" in result["error"]
    assert sync("last")["id"] == commit and sync.trees() == [f"tree-{commit}"]


def test_sync__refuses_a_commit_with_too_large_files(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST, "large": "x" * (64 * 1024 * 1024)})
    result = sync()
    assert result["code"] == "EREFUSED" and "more than 64 MiB" in result["error"]


@pytest.mark.parametrize("target", ["/etc/passwd", "../x", "sub/../../x", "a/../..", "sub/.."])
def test_sync__refuses_links_that_may_lead_out(sync, repository, target):
    (repository.folder / "link").symlink_to(target)
    repository.commit({"securaa.yaml": MANIFEST})
    result = sync()
    assert result["code"] == "EREFUSED" and "'link': the link leads out" in result["error"]
    assert sync.trees() == []


def test_sync__takes_links_that_stay_inside(sync, repository):
    (repository.folder / "sub").mkdir()
    (repository.folder / "sub" / "link").symlink_to("../real.yaml")
    repository.commit({"real.yaml": MANIFEST})
    revision = sync(path="sub/link")
    assert pathlib.Path(revision["manifest"]).read_text() == MANIFEST


def test_sync__refuses_submodules(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST})
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    repository.git("commit", "-q", "-m", "submodule")
    result = sync()
    assert result["code"] == "EREFUSED" and "submodules" in result["error"]


def test_sync__runs_no_filter(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST, ".gitattributes": "* ident text eol=crlf\n", "f": "$Id$\n"})
    assert (pathlib.Path(sync()["tree"]) / "f").read_bytes() == b"$Id$\n"


def test_sync__refuses_names_that_no_file_can_have(sync, repository):
    blob = repository.git("hash-object", "-w", "--stdin", input=MANIFEST)
    raw = b"100644 ../escaped\0" + bytes.fromhex(blob) + b"100644 securaa.yaml\0" + bytes.fromhex(blob)
    store(repository, "tree", raw)
    tree = hashlib.sha1(b"tree %d\0" % len(raw) + raw).hexdigest()
    commit = repository.git("commit-tree", "-m", "evil", tree)
    repository.git("update-ref", "refs/heads/main", commit)
    assert "code" in sync()
    assert not list(sync.folder.parent.rglob("escaped"))


def store(repository, kind, raw):
    subprocess.run(["git", "hash-object", "-w", "-t", kind, "--literally", "--stdin"], cwd=repository.folder, input=raw,
                   check=True, stdout=subprocess.DEVNULL)


def test_sync__after_a_kill_removes_what_was_half_made(sync, repository):
    commit = repository.commit({f"f/{i}": str(i) for i in range(3000)} | {"securaa.yaml": MANIFEST})
    process = subprocess.Popen(sync.command(), stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None and not list(sync.folder.glob("new-*/f/*")):
            pass
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert [name[:4] for name in sync.trees()] == ["new-"]
    assert sync("last")["code"] == "ENOTFOUND"
    revision = sync()
    assert sync.trees() == [f"tree-{commit}"]
    assert len(list(pathlib.Path(revision["tree"]).rglob("f/*"))) == 3000


def test_sync__joins_what_many_fetches_have_left(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST})
    sync()
    for i in range(60):
        repository.commit({"securaa.yaml": f"{MANIFEST}# {i}\n"})
        sync()
    assert len(list(sync.folder.glob("repository/objects/pack/*.pack"))) < 20
    commit = repository.commit({"securaa.yaml": MANIFEST})
    revision = sync()
    assert revision["id"] == commit and revision["changed"] and not revision["rewound"]
    assert sync.trees() == sorted(f"tree-{id}" for id in repository.git("rev-list", "-2", "HEAD").split())


def test_sync__can_be_canceled(sync, repository):
    repository.commit({f"f/{i}": str(i) for i in range(5000)} | {"securaa.yaml": MANIFEST})
    with subprocess.Popen(sync.command(), stdout=subprocess.PIPE) as process:
        while process.poll() is None and not list(sync.folder.glob("new-*")):
            pass
        process.terminate()
        assert json.loads(process.stdout.read())["code"] == "ECANCELED"
    assert sync.trees() == []


def test_sync__refuses_a_folder_that_others_have_access_to(sync, repository):
    repository.commit({"securaa.yaml": MANIFEST})
    sync.folder.mkdir(mode=0o755)
    assert sync()["code"] == "EREFUSED"


@pytest.fixture
def keys(tmp_path):
    """Keys of two people; only the first may sign."""
    for name in "ada", "eve":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    (tmp_path / "allowed").write_text(f"ada@example.net {(tmp_path / 'ada.pub').read_text()}")
    return tmp_path


def signed_by(repository, key):
    return repository.git("-c", "gpg.format=ssh", "-c", f"user.signingKey={key}", "commit", "-q", "-S",
                          "--allow-empty", "-m", "signed") or repository.git("rev-parse", "HEAD")


def test_verify__takes_commits_that_are_signed(sync, repository, keys):
    repository.commit({"securaa.yaml": MANIFEST})
    commit = signed_by(repository, keys / "ada")
    assert sync(verifySignatures=keys / "allowed")["id"] == commit


@pytest.mark.parametrize("bad", ["none", "unknown"])
def test_verify__refuses_other_commits_and_keeps_the_last_checkout(sync, repository, keys, bad):
    repository.commit({"securaa.yaml": MANIFEST})
    commit = signed_by(repository, keys / "ada")
    sync(verifySignatures=keys / "allowed")
    if bad == "none":
        repository.commit({"securaa.yaml": "evil"})
    else:
        signed_by(repository, keys / "eve")
    result = sync(verifySignatures=keys / "allowed")
    assert result["code"] == "EREFUSED"
    assert ("not signed" if bad == "none" else "names nobody") in result["error"]
    assert sync("last", verifySignatures=keys / "allowed")["id"] == commit


def test_verify__refuses_a_signature_of_something_else(sync, repository, keys):
    repository.commit({"securaa.yaml": MANIFEST})
    signed_by(repository, keys / "ada")
    raw = subprocess.run(["git", "cat-file", "commit", "HEAD"], cwd=repository.folder, check=True,
                         stdout=subprocess.PIPE).stdout.replace(b"\nsigned", b"\nchanged")
    store(repository, "commit", raw)
    repository.git("update-ref", "refs/heads/main", hashlib.sha1(b"commit %d\0" % len(raw) + raw).hexdigest())
    result = sync(verifySignatures=keys / "allowed")
    assert result["code"] == "EREFUSED" and "not valid" in result["error"]


def test_verify__without_its_file_takes_nothing(sync, repository, keys):
    repository.commit({"securaa.yaml": MANIFEST})
    signed_by(repository, keys / "ada")
    result = sync(verifySignatures=keys / "missing")
    assert result["code"] == "EINVALID" and "cannot read" in result["error"]
