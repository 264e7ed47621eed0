"""What runs without zpm is taken over as it runs; two platforms are told apart."""
from engine_api import until


def test_adopt__of_what_an_import_found_restarts_no_task(live):
    name = live.real("web")
    network = live.foreign("/networks/create", {"Name": live.real("n"), "Driver": "overlay"}, "/networks/{Id}")
    live.foreign("/volumes/create", {"Name": live.real("v")}, "/volumes/{Name}")
    live.foreign("/services/create", {
        "Name": name, "Labels": {"made": "by hand"}, "Mode": {"Replicated": {"Replicas": 1}},
        "EndpointSpec": {"Mode": "dnsrr"},
        "TaskTemplate": {"ContainerSpec": {"Image": "zpm-demo/app:1.0", "Hostname": "{{.Node.Hostname}}",
                                           "StopGracePeriod": 2 * 10 ** 9,
                                           "Mounts": [{"Type": "volume", "Source": live.real("v"), "Target": "/v"}]},
                         "Networks": [{"Target": network["Id"], "Aliases": ["web"]}]}}, "/services/{ID}")
    tasks = until(lambda: live.engine.running(name), what="the task")
    before = live.engine.spec(name)["TaskTemplate"]

    live.zpm.manifest(live.zpm.run("import", "--all", "--platform", live.name).exits(0).out)
    plan = live.zpm.plan("--target", "service/web").exits(2)
    assert plan.changed == {"service/web": "adopt"}
    assert plan.change("service/web")["impact"] == "in-place"
    assert live.zpm.apply("--target", "service/web").exits(0).json["engineWrites"] == 1
    assert live.engine.spec(name)["TaskTemplate"] == before
    assert live.engine.running(name) == tasks
    assert set(live.services()) == {"web"}


def test_import__of_two_platforms_with_the_same_names_tells_them_apart(live):
    other = live.other()
    for platform, image in ((live, "zpm-demo/app:1.0"), (other, "zpm-demo/app:1.1")):
        platform.manifest({"core": {"a": {"image": image, "replicas": 0, "networks": ["n"], "volumes": ["v:/v"]}}},
                          networks={"n": {}}, volumes={"v": {}})
        platform.zpm.apply().exits(0)
    for platform in (live, other):
        platform.zpm.manifest(platform.zpm.run("import", "--platform", platform.name).exits(0).out)
        plan = platform.zpm.plan().exits(0).json
        assert plan["platform"] == platform.name and plan["summary"]["unchanged"] == 3
