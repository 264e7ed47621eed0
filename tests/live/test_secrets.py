"""A rotated secret reaches the tasks; the way back stays open as long as Swarm knows one; then the old one goes."""
import base64

from engine_api import until


def declare(live, value, **service):
    path = live.zpm.folder / "key"
    path.write_text(value)
    path.chmod(0o600)
    service = {"secrets": [{"source": "key", "mode": 0o400}], "configs": [{"source": "conf", "target": "/conf"}],
               # Ends when the file is not what the config says it should be.
               "entrypoint": ["sh", "-c", '[ "$(cat /run/secrets/key)" = "$(cat /conf)" ] && exec /demo'], **service}
    return live.manifest({"core": {"a": service}}, secrets={"key": {"file": "key"}}, configs={"conf": {"content": value}})


def versions(live):
    return [set(live.engine.files(kind, live.name)) for kind in ("secrets", "configs")]


def in_use(live):
    container = live.spec("a")["TaskTemplate"]["ContainerSpec"]
    return [{container["Secrets"][0]["SecretName"]}, {container["Configs"][0]["ConfigName"]}]


def data(live, names):
    """What the config says, which the task compares with the secret before it goes on."""
    config = live.engine.get(f"/configs/{next(iter(names[1]))}")
    return base64.b64decode(config["Spec"]["Data"]).decode()


def test_rotation__reaches_the_tasks_and_leaves_the_way_back_open_until_there_is_none(live):
    declare(live, "first")
    live.zpm.apply().exits(0)
    first = versions(live)
    assert in_use(live) == first and data(live, first) == "first"

    declare(live, "second")
    live.zpm.apply().exits(0)
    second = in_use(live)
    assert data(live, second) == "second" and len(live.running("a")) == 1
    assert versions(live) == [a | b for a, b in zip(first, second)]
    assert live.zpm.apply().exits(0).json["engineWrites"] == 0

    # As `docker service rollback` does.
    service = live.service("a")
    live.engine.call("POST", f"/services/{service['ID']}/update", service["Spec"],
                     version=str(service["Version"]["Index"]), rollback="previous")
    until(lambda: live.service("a").get("UpdateStatus", {}).get("State") == "rollback_completed", what="the rollback")
    assert in_use(live) == first and len(live.running("a")) == 1

    live.zpm.apply().exits(0)
    assert in_use(live) == second
    declare(live, "second", environment={"NEXT": "1"})
    live.zpm.apply().exits(0)
    assert versions(live) == in_use(live) == second
    assert live.zpm.apply().exits(0).json["engineWrites"] == 0


def test_rotation__that_breaks_the_service_is_rolled_back_with_the_old_version_there(live):
    update = {"failureAction": "rollback", "monitor": "3s"}
    content = declare(live, "first", update=update)
    live.zpm.apply().exits(0)
    first = in_use(live)
    content = declare(live, "second", update=update)
    content["configs"]["conf"]["content"] = "something else"
    live.zpm.manifest(content)
    live.zpm.apply("--timeout", "2m").exits(4)
    until(lambda: in_use(live) == first and len(live.running("a")) == 1, what="the way back")
    assert data(live, first) == "first"
