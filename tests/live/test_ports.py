"""Published ports, which only one service may hold at a time."""


def ports(live, name):
    return {(p["PublishedPort"], p["TargetPort"], p["PublishMode"])
            for p in live.service(name)["Endpoint"].get("Ports", [])}


def test_port__changed_in_the_manifest_is_changed_on_the_engine(live):
    content = live.manifest({"core": {"a": {"replicas": 0, "ports": ["18481:8080"]}}})
    live.zpm.apply().exits(0)
    assert ports(live, "a") == {(18481, 8080, "ingress")}
    content["services"]["core"]["a"]["ports"] = ["18482:8080"]
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    assert ports(live, "a") == {(18482, 8080, "ingress")}
    live.zpm.plan().exits(0)


def test_port__of_a_service_that_is_removed_goes_to_a_new_one_in_one_apply(live):
    live.manifest({"core": {"old": {"ports": ["18483:8080"]}, "stays": {"replicas": 0}}})
    live.zpm.apply().exits(0)
    live.manifest({"core": {"new": {"ports": ["18483:8080"]}, "stays": {"replicas": 0}}})
    result = live.zpm.apply().exits(0)
    assert result.changed == {"service/new": "create", "service/old": "delete"}
    assert ports(live, "new") == {(18483, 8080, "ingress")}
    assert set(live.services()) == {"new", "stays"}


def test_port__given_up_by_one_service_goes_to_another_in_one_apply(live):
    live.manifest({"core": {"a": {"replicas": 0}, "b": {"replicas": 0, "ports": ["18484:8080"]}}})
    live.zpm.apply().exits(0)
    live.manifest({"core": {"a": {"replicas": 0, "ports": ["18484:8080"]}, "b": {"replicas": 0}}})
    live.zpm.apply().exits(0)
    assert ports(live, "a") == {(18484, 8080, "ingress")}
    assert ports(live, "b") == set()


def test_port__on_the_host_itself_moves_to_a_new_service_in_one_apply(live):
    port = {"target": 8080, "published": 18485, "mode": "host"}
    live.manifest({"core": {"old": {"ports": [port]}}})
    live.zpm.apply().exits(0)
    live.manifest({"core": {"new": {"ports": [port]}}})
    result = live.zpm.apply().exits(0)
    assert result.seconds < 30
    assert len(live.running("new")) == 1


def test_port__on_the_host_itself_is_kept_over_an_update(live):
    service = {"ports": [{"target": 8080, "published": 18486, "mode": "host"}], "environment": {"A": "1"}}
    content = live.manifest({"core": {"a": service}})
    live.zpm.apply().exits(0)
    service["environment"]["A"] = "2"
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    assert len(live.running("a")) == 1


def test_port__that_the_engine_chooses_is_no_drift(live):
    live.manifest({"core": {"a": {"replicas": 0, "ports": ["8080"]}}})
    live.zpm.apply().exits(0)
    assert len(ports(live, "a")) == 1
    live.zpm.plan().exits(0)


def test_port__that_a_foreign_service_holds_fails_with_the_engines_reason(live):
    name = live.name + "-theirs"
    live.foreign_service(name)
    live.engine.change(name, lambda spec: spec.update(
        EndpointSpec={"Ports": [{"TargetPort": 8080, "PublishedPort": 18487}]}))
    live.manifest({"core": {"a": {"replicas": 0, "ports": ["18487:8080"]}, "b": {"replicas": 0}}})
    result = live.zpm.apply().exits(4)
    assert "already in use" in result.change("service/a")["error"]
    assert result.change("service/b")["status"] == "done"
