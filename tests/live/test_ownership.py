"""zpm changes and removes what carries its platform's label, and nothing else."""


def idle(**more):
    return {"replicas": 0, **more}


def test_orphan__is_removed_and_the_rest_is_left_alone(live):
    services = {"a": idle(), "b": {}}
    content = live.manifest({"core": services}, networks={"n": {}, "old": {}})
    live.zpm.apply().exits(0)
    before = live.engine.versions(live.name)["b"]
    del services["a"], content["networks"]["old"]
    live.zpm.manifest(content)
    plan = live.zpm.plan().exits(2)
    assert plan.changed == {"service/a": "delete", "network/old": "delete"}
    assert {c["reason"] for c in plan.json["changes"]} == {"orphan"}
    assert live.zpm.apply().exits(0).json["engineWrites"] == 2
    assert live.engine.versions(live.name) == {"b": before}
    assert set(live.engine.networks(live.name)) == {"n"}


def test_orphan__that_runs_is_gone_with_its_tasks_when_apply_ends(live):
    services = {"a": {"replicas": 2}, "b": idle()}
    content = live.manifest({"core": services})
    live.zpm.apply().exits(0)
    containers = [t["Status"]["ContainerStatus"]["ContainerID"] for t in live.tasks("a")]
    del services["a"]
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    running = {c["Id"] for c in live.engine.get("/containers/json")}
    assert len(containers) == 2 and not running & set(containers)


def test_orphan__is_kept_when_pruning_is_off(live):
    services = {"a": idle(), "b": idle()}
    content = live.manifest({"core": services}, reconcile={"prune": False})
    live.zpm.apply().exits(0)
    del services["a"]
    live.zpm.manifest(content)
    live.zpm.plan().exits(0)
    live.zpm.apply().exits(0)
    assert set(live.services()) == {"a", "b"}


def test_orphan__more_than_the_cap_are_refused_and_nothing_is_changed(live):
    services = {f"s{i}": idle() for i in range(7)}
    content = live.manifest({"core": services})
    live.zpm.apply().exits(0)
    before = live.engine.versions(live.name)
    content["services"]["core"] = {"s0": services["s0"] | {"labels": {"x": "1"}}}
    live.zpm.manifest(content)
    refused = live.zpm.apply().exits(5)
    assert refused.json["result"] == "refused"
    assert refused.json["engineWrites"] == 0
    assert "maxDeletes" in refused.err and "6" in refused.err
    assert live.engine.versions(live.name) == before

    content["reconcile"] = {"maxDeletes": 6}
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    assert set(live.services()) == {"s0"}


def test_foreign__service_in_the_place_of_ours_is_refused_and_untouched(live):
    live.foreign_service(live.real("a"), labels={"made": "by hand"})
    before = live.engine.service(live.real("a"))
    live.manifest({"core": {"a": idle(), "b": idle()}})
    refused = live.zpm.apply().exits(5)
    assert live.real("a") in refused.err and "label" in refused.err
    assert live.engine.service(live.real("a")) == before
    assert live.services() == {}


def test_foreign__network_and_volume_in_the_place_of_ours_are_refused(live):
    live.foreign("/networks/create", {"Name": live.real("n"), "Driver": "overlay"}, "/networks/{Id}")
    live.foreign("/volumes/create", {"Name": live.real("v")}, "/volumes/{Name}")
    live.manifest({"core": {"a": idle()}}, networks={"n": {}}, volumes={"v": {}})
    refused = live.zpm.apply().exits(5)
    assert live.real("n") in refused.err and live.real("v") in refused.err
    assert live.services() == {}


def test_foreign__service_whose_label_somebody_removed_is_no_longer_ours(live):
    live.manifest({"core": {"a": idle()}})
    live.zpm.apply().exits(0)
    live.change("a", lambda spec: spec["Labels"].pop("zpm.platform"))
    live.undo.append(lambda: live.engine.remove(f"/services/{live.real('a')}"))
    before = live.service("a")
    live.zpm.apply().exits(5)
    assert live.service("a") == before


def test_foreign__service_beside_ours_is_in_no_plan(live):
    live.foreign_service(live.name + "-theirs")
    live.foreign_service(live.real("unlabelled"))
    before = [live.engine.service(name) for name in (live.name + "-theirs", live.real("unlabelled"))]
    live.manifest({"core": {"a": idle()}})
    live.zpm.apply().exits(0)
    live.manifest({})
    assert live.zpm.plan().exits(2).changed == {"service/a": "delete"}
    live.zpm.destroy("--volumes").exits(0)
    assert [live.engine.service(name) for name in (live.name + "-theirs", live.real("unlabelled"))] == before


def test_two_platforms__live_side_by_side_with_the_same_names(live):
    other = live.other()
    for platform in (live, other):
        platform.manifest({"core": {"a": idle(networks=["n"], volumes=["v:/v"])}}, networks={"n": {}},
                          volumes={"v": {}})
        platform.zpm.apply().exits(0)
    before = other.engine.versions(other.name), other.engine.networks(other.name), other.engine.volumes(other.name)
    live.zpm.plan().exits(0)
    live.zpm.destroy("--volumes").exits(0)
    assert (live.services(), live.engine.networks(live.name), live.engine.volumes(live.name)) == ({}, {}, {})
    assert (other.engine.versions(other.name), other.engine.networks(other.name),
            other.engine.volumes(other.name)) == before
    other.zpm.status().exits(0)
    other.zpm.destroy("--volumes").exits(0)
    assert (other.services(), other.engine.networks(other.name), other.engine.volumes(other.name)) == ({}, {}, {})
