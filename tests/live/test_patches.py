"""A file of patches moves the services it names, and no task of another."""

NAMES = ("a", "b", "c")


def given(live, name, text):
    file = live.zpm.folder / "patches" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def env_of(live, name):
    return live.spec(name)["TaskTemplate"]["ContainerSpec"].get("Env", [])


def image_of(live, name):
    return live.spec(name)["TaskTemplate"]["ContainerSpec"]["Image"].split("@")[0]


def test_patches__restart_the_named_services_alone_and_go_as_they_came(live):
    live.manifest({"core": {name: {"image": "zpm-demo/app"} for name in NAMES}}, release={"tag": "1.0"})
    live.zpm.apply().exits(0)
    first = {name: live.running(name) for name in NAMES}
    files = [given(live, "1.1.yaml", 'tag: "1.1"\nservices: a\n'),
             given(live, "debug.yaml", "services: [b]\nenvironment: { LOG_LEVEL: debug }\n")]

    plan = live.zpm.plan().exits(2)
    assert plan.changed == {"service/a": "update", "service/b": "update"}
    assert {plan.change(f"service/{name}")["reason"] for name in "ab"} == {"patch"}
    assert live.zpm.apply().exits(0).json["engineWrites"] == 2
    patched = {name: live.running(name) for name in NAMES}
    assert patched["c"] == first["c"]
    assert all(len(patched[name]) == 1 and not patched[name] & first[name] for name in "ab")
    assert (image_of(live, "a"), env_of(live, "b")) == ("zpm-demo/app:1.1", ["LOG_LEVEL=debug"])
    assert live.zpm.apply().exits(0).json["engineWrites"] == 0

    for file in files:
        file.unlink()
    assert live.zpm.apply().exits(0).json["engineWrites"] == 2
    assert (image_of(live, "a"), env_of(live, "b")) == ("zpm-demo/app:1.0", [])
    last = {name: live.running(name) for name in NAMES}
    assert last["c"] == first["c"]
    assert all(len(last[name]) == 1 and not last[name] & patched[name] for name in "ab")
    assert live.zpm.apply().exits(0).json["engineWrites"] == 0
