"""Secrets and configs: named after their content, moved over to, and removed when nobody needs them any more."""
import os
import re
import stat

import pytest

from scripted_engine import on
from zpm_run import platform

FIRST, SECOND, THIRD = "the first value", "the second value", "the third value"
FILES = ("secrets", "configs")


class Shop:
    """A platform with one secret and one config, both of the same content, seen by the service `web`."""

    def __init__(self, swarm):
        self.swarm, self.zpm, self.state = swarm, swarm.zpm, swarm.state
        self.services = {"web": {"image": "web", "secrets": ["key"], "configs": [{"source": "conf", "target": "/c"}]}}
        self.sections = {"secrets": {"key": {"file": "key.txt"}}, "configs": {"conf": {"file": "conf.txt"}}}

    def declare(self):
        self.zpm.manifest(platform("shop", {"core": self.services}, **self.sections))

    def content(self, text):
        for name, mode in (("key.txt", 0o600), ("conf.txt", 0o644)):
            path = self.zpm.folder / name
            path.write_text(text)
            path.chmod(mode)

    def apply(self, text=None):
        if text is not None:
            self.content(text)
        self.declare()
        return self.zpm.apply().exits(0)

    def names(self, kind):
        """Without what zpm remembers."""
        return sorted(f.spec["Name"] for f in getattr(self.state, kind).all.values()
                      if "zpm.record" not in f.spec["Labels"])

    def contents(self, kind):
        return {getattr(self.state, kind).data(name).decode() for name in self.names(kind)}

    def seen(self, kind):
        """What the tasks of web would see: file name -> content."""
        single = kind[:-1].title()
        listed = self.state.find_service("shop_web").spec["TaskTemplate"]["ContainerSpec"].get(kind.title(), [])
        by_id = getattr(self.state, kind).all
        assert all(by_id[f[single + "ID"]].spec["Name"] == f[single + "Name"] for f in listed)
        return {f["File"]["Name"]: getattr(self.state, kind).data(f[single + "Name"]).decode() for f in listed}


@pytest.fixture
def shop(swarm):
    return Shop(swarm)


def test_create__names_carry_the_version_and_the_service_sees_the_content(shop):
    shop.apply(FIRST)
    assert re.fullmatch(r"shop_key-[0-9a-f]{12}", *shop.names("secrets"))
    assert re.fullmatch(r"shop_conf-[0-9a-f]{12}", *shop.names("configs"))
    assert shop.seen("secrets") == {"key": FIRST} and shop.seen("configs") == {"/c": FIRST}
    spec = shop.state.find_service("shop_web").spec["TaskTemplate"]["ContainerSpec"]
    assert spec["Secrets"][0]["File"] == {"Name": "key", "UID": "0", "GID": "0", "Mode": 0o444}


def test_create__twice_changes_nothing(shop):
    shop.apply(FIRST)
    assert shop.apply().json["engineWrites"] == 0


def test_create__comes_before_the_service(shop):
    shop.apply(FIRST)
    lines = [str(request) for request in shop.swarm.writes]
    assert lines[-1] == "POST /services/create" and len(lines) == 3


def test_version__of_a_secret_is_no_plain_digest_and_differs_from_platform_to_platform(shop):
    shop.apply(FIRST)
    secret, config = shop.names("secrets")[0][-12:], shop.names("configs")[0][-12:]
    assert secret != config  # of the same content
    shop.zpm.manifest(platform("other", {}, secrets={"key": {"file": "key.txt"}}))
    shop.zpm.apply().exits(0)
    assert len({name[-12:] for name in shop.names("secrets")}) == 2


def test_rotation__moves_the_service_over_and_keeps_what_a_rollback_needs(shop):
    shop.apply(FIRST)
    shop.content(SECOND)
    plan = shop.zpm.plan().exits(2)
    assert {c.split("@")[0]: a for c, a in plan.changed.items()} == {
        "secret/key": "create", "config/conf": "create", "service/web": "update"}
    assert plan.change("service/web")["impact"] == "restart"
    assert sorted(plan.change("service/web")["after"]) == ["config/conf", "secret/key"]
    shop.apply()
    for kind in FILES:
        assert set(shop.seen(kind).values()) == {SECOND}
        assert shop.contents(kind) == {FIRST, SECOND}
    assert shop.apply().json["engineWrites"] == 0


def test_rotation__old_version_goes_when_the_next_change_leaves_no_way_back_to_it(shop):
    shop.apply(FIRST)
    shop.apply(SECOND)
    result = shop.apply(THIRD)
    assert len([c for c in result.json["changes"] if c["action"] == "delete"]) == 2
    for kind in FILES:
        assert shop.contents(kind) == {SECOND, THIRD}
    shop.services["web"]["environment"] = {"X": "1"}
    shop.apply()
    for kind in FILES:
        assert shop.contents(kind) == {THIRD}
    assert shop.apply().json["engineWrites"] == 0


def test_rotation__deletes_last(shop):
    shop.apply(FIRST)
    shop.apply(SECOND)
    del shop.swarm.requests[:]
    shop.apply(THIRD)
    writes = [request.method for request in shop.swarm.writes]
    assert writes == ["POST", "POST", "POST", "DELETE", "DELETE"]


def test_rotation__version_a_task_still_has_is_kept(shop):
    """As after a paused update: neither spec names it, and a task of an older one still runs."""
    shop.apply(FIRST)
    old = {kind: shop.names(kind) for kind in FILES}
    service = shop.state.find_service("shop_web")
    first = service.spec
    shop.apply(SECOND)
    shop.services["web"]["labels"] = {"x": "1"}  # restarts nothing, and PreviousSpec names the second
    for task in service.tasks:
        if not task.gone:
            task.spec = first["TaskTemplate"]
    result = shop.apply()
    assert [c["name"] for c in result.json["changes"]] == ["web"]
    for kind in FILES:
        assert set(old[kind]) < set(shop.names(kind))
    service.tasks[-1].spec = service.spec["TaskTemplate"]
    result = shop.apply()
    assert [c["action"] for c in result.json["changes"]] == ["delete", "delete"]


def test_rotation__version_that_somebody_elses_service_uses_is_kept(shop):
    shop.apply(FIRST)
    name = shop.names("secrets")[0]
    secret = shop.state.secrets.find(name)
    listed = [{"SecretID": secret.id, "SecretName": name, "File": {"Name": "k", "UID": "0", "GID": "0", "Mode": 256}}]
    shop.state.service_create({"Name": "theirs", "TaskTemplate": {
        "ContainerSpec": {"Image": "x", "Secrets": listed}}})
    for text in (SECOND, THIRD):
        shop.apply(text)
    assert shop.contents("secrets") == {FIRST, SECOND, THIRD}
    assert shop.contents("configs") == {SECOND, THIRD}


def test_rotation__does_not_count_as_deleting(shop):
    shop.sections["reconcile"] = {"maxDeletes": 0}
    for text in (FIRST, SECOND, THIRD):
        shop.apply(text)
    assert shop.contents("secrets") == {SECOND, THIRD}


def test_undeclared__goes_when_nobody_uses_it(shop):
    shop.apply(FIRST)
    shop.services["web"] = {"image": "web"}
    del shop.sections["secrets"], shop.sections["configs"]
    shop.apply()
    assert shop.contents("secrets") == {FIRST}  # the way back
    shop.services["web"] = {"image": "web", "environment": {"X": "1"}}
    shop.apply()
    assert shop.names("secrets") == shop.names("configs") == []


def test_changed_by_hand__file_mode_is_drift(shop):
    shop.apply(FIRST)
    service = shop.state.find_service("shop_web")
    service.spec["TaskTemplate"]["ContainerSpec"]["Secrets"][0]["File"]["Mode"] = 0o400
    plan = shop.zpm.plan().exits(2)
    assert [(f["path"], f["old"], f["new"]) for f in plan.change("service/web")["fields"]] == [
        ("secrets.key.mode", 256, 292)]
    shop.apply()
    assert service.spec["TaskTemplate"]["ContainerSpec"]["Secrets"][0]["File"]["Mode"] == 0o444


def test_labels__are_changed_in_place(shop):
    shop.apply(FIRST)
    for kind, name in (("secrets", "key"), ("configs", "conf")):
        shop.sections[kind][name]["labels"] = {"team": "blue"}
    result = shop.apply()
    assert result.changed == {"secret/key": "update", "config/conf": "update"}
    for kind in FILES:
        spec = next(iter(getattr(shop.state, kind).all.values())).spec
        assert spec["Labels"]["team"] == "blue" and spec["Labels"]["zpm.platform"] == "shop"
    assert shop.apply().json["engineWrites"] == 0


def test_destroy__removes_every_version(shop):
    shop.apply(FIRST)
    shop.apply(SECOND)
    shop.zpm.destroy().exits(0)
    assert shop.names("secrets") == shop.names("configs") == []


def test_external__is_used_by_its_name_and_never_touched(shop):
    made = shop.state.secrets.create({"Name": "theirs", "Data": "eA=="})
    shop.sections["secrets"]["key"] = {"external": True, "name": "theirs"}
    shop.apply(FIRST)
    assert shop.seen("secrets") == {"key": "x"}
    shop.zpm.destroy().exits(0)
    assert list(shop.state.secrets.all) == [made["ID"]]


def test_external__that_is_not_there_is_refused_before_any_write(shop):
    shop.sections["secrets"]["key"] = {"external": True, "name": "theirs"}
    shop.content(FIRST)
    shop.declare()
    result = shop.zpm.apply().exits(5)
    assert "theirs" in result.err and shop.swarm.writes == []


def test_foreign__of_the_same_name_is_refused(shop):
    shop.apply(FIRST)
    secret = next(iter(shop.state.secrets.all.values()))
    secret.spec["Labels"] = {}
    result = shop.zpm.apply().exits(5)
    assert secret.spec["Name"] in result.err


@pytest.mark.parametrize("source", ["environment", "standard input", "content"])
def test_content__comes_from(shop, source):
    shop.content(FIRST)
    if source == "environment":
        shop.sections["configs"]["conf"] = {"environment": "CONF"}
        shop.zpm.env["CONF"] = SECOND
    elif source == "standard input":
        shop.sections["configs"]["conf"] = {"file": "-"}
    else:
        shop.sections["configs"]["conf"] = {"content": SECOND}
    shop.declare()
    shop.zpm.apply(stdin=SECOND).exits(0)
    assert shop.seen("configs") == {"/c": SECOND}


def test_content__is_kept_byte_by_byte(shop):
    data = bytes(range(256)) * 1999  # just below the limit
    shop.content("")
    (shop.zpm.folder / "key.txt").write_bytes(data)
    shop.sections["configs"] = {"conf": {"content": "x"}}
    shop.declare()
    shop.zpm.apply().exits(0)
    assert shop.state.secrets.data(shop.names("secrets")[0]) == data


def test_secret__is_shown_nowhere(shop):
    secret = "tops3cret-value-of-the-key"
    shop.sections["configs"] = {"conf": {"content": "x"}}
    said = []
    shop.content(secret)
    shop.declare()
    for command in ("validate", "plan", "apply --yes", "status", "plan -o json", "apply --yes -o json", "destroy --yes"):
        result = shop.zpm.run(*command.split())
        said.append(result.out + result.err)
    assert len(said) == 7 and not [text for text in said if secret in text]
    encoded = "dG9wczNjcmV0LXZhbHVlLW9mLXRoZS1rZXk="
    carriers = [request for request in shop.swarm.requests if encoded in str(request.body)]
    assert [on("POST", "/secrets/create")(request) for request in carriers] == [True]
    assert not [request for request in shop.swarm.requests if secret in str((request.path, request.query, request.body))]


def test_secret__that_others_can_read_gets_a_warning_and_a_config_none(shop):
    shop.content(FIRST)
    shop.declare()
    assert "warning" not in shop.zpm.run("validate").exits(0).err
    path = shop.zpm.folder / "key.txt"
    path.chmod(0o640)
    result = shop.zpm.run("validate").exits(0)
    assert re.search(r"securaa\.yaml:\d+:\d+: warning: secrets\.key\.file: others can read '.*key\.txt' \(mode 0640\)",
                     result.err)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640


@pytest.mark.parametrize("section,name,expected", [
    ({"file": "nowhere.txt"}, "file", "cannot open 'nowhere.txt': No such file or directory"),
    ({"file": "/"}, "file", "'/' is not an ordinary file"),
    ({"file": "/dev/zero"}, "file", "'/dev/zero' is not an ordinary file"),
    ({"file": "empty.txt"}, "file", "has no content"),
    ({"file": "large.txt"}, "file", "less than 500 KiB"),
    ({"environment": "NOT_SET_ANYWHERE"}, "environment", "has no variable 'NOT_SET_ANYWHERE'"),
], ids=["missing", "a folder", "a device", "empty", "too large", "no such variable"])
def test_content__that_cannot_be_had_is_a_mistake_with_its_position(shop, section, name, expected):
    (shop.zpm.folder / "empty.txt").touch()
    (shop.zpm.folder / "large.txt").write_bytes(b"x" * 500 * 1024)
    shop.zpm.manifest(platform("shop", secrets={"key": section}))
    result = shop.zpm.apply().exits(3)
    assert re.search(rf"securaa\.yaml:\d+:\d+: secrets\.key\.{name}: .*{re.escape(expected)}", result.err)
    assert shop.swarm.requests == []


def test_content__from_standard_input_twice_or_beside_the_manifest_is_a_mistake(shop):
    shop.zpm.manifest(platform("shop", secrets={"a": {"file": "-"}, "b": {"file": "-"}}))
    assert "for another one already" in shop.zpm.apply(stdin="x").exits(3).err
    result = shop.zpm.run("apply", "--yes", "-f", "-", stdin=shop.zpm.file.read_text())
    assert "standard input is the manifest itself" in result.exits(3).err
