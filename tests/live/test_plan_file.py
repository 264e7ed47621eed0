"""A saved plan on a real Swarm, whose version indices also count what Swarm does by itself."""


def test_plan_file__is_refused_after_a_scale_by_hand_and_applied_when_nothing_moved(live):
    content = live.manifest({"core": {"a": {}, "b": {"replicas": 0}}}, volumes={"v": {}})
    live.zpm.apply().exits(0)
    content["services"]["core"]["b"]["labels"] = {"by": "manifest"}
    content["services"]["core"]["c"] = {"image": "zpm-demo/app:1.0", "replicas": 0}
    live.zpm.manifest(content)
    live.zpm.run("plan", "--out", "stale").exits(0)
    then = live.service("a")["Version"]["Index"]
    live.change("a", lambda spec: spec["Mode"]["Replicated"].update(Replicas=0))
    # Swarm itself may count on; what zpm names is what it saw.
    before = live.spec("b")
    result = live.zpm.run("apply", "stale").exits(5)
    assert f"service/a: version {then} then, " in result.err
    assert "service/b" not in result.err
    assert live.spec("b") == before and set(live.services()) == {"a", "b"}

    live.zpm.run("plan", "--out", "good").exits(0)
    live.zpm.run("apply", "good").exits(0)
    assert live.spec("b")["Labels"]["by"] == "manifest"
    assert len(live.running("a")) == 1 and set(live.services()) == {"a", "b", "c"}
    live.zpm.plan().exits(0)
