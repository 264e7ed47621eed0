"""Networks and volumes: made before what needs them, as declared, and others' left to them."""
import time

from engine_api import meaning


def container(live, name):
    return live.spec(name)["TaskTemplate"]["ContainerSpec"]


def task_container(live, name):
    return live.tasks(name)[0]["Status"]["ContainerStatus"]["ContainerID"]


def test_volume__is_made_before_the_service_that_needs_it(live):
    since = time.time()
    live.manifest({"core": {"a": {"volumes": ["data:/data"]}}}, volumes={"data": {}})
    live.zpm.apply().exits(0)
    seen = [(e["Type"], e["Action"]) for e in live.engine.events(since, type=["volume", "service"])
            if live.name in e["Actor"]["ID"] or e["Actor"]["Attributes"].get("name", "").startswith(live.name)]
    assert seen.index(("volume", "create")) < seen.index(("service", "create"))
    mounts = live.engine.get(f"/containers/{task_container(live, 'a')}/json")["Mounts"]
    assert [(m["Name"], m["Destination"]) for m in mounts] == [(live.real("data"), "/data")]


def test_volume__removed_by_hand_is_made_again_as_declared(live):
    live.manifest({"core": {"a": {"replicas": 0, "volumes": ["data:/data"]}}},
                  volumes={"data": {"labels": {"kept": "yes"}}})
    live.zpm.apply().exits(0)
    live.engine.remove(f"/volumes/{live.real('data')}")
    plan = live.zpm.plan().exits(2)
    assert plan.changed == {"volume/data": "create"}
    assert live.zpm.apply().exits(0).json["engineWrites"] == 1
    assert live.engine.volumes(live.name)["data"]["Labels"]["kept"] == "yes"


def test_volume__nfs_options_reach_the_engine_as_declared(live):
    live.manifest({"core": {"a": {"replicas": 0, "volumes": ["reports:/reports"]}}}, volumes={
        "reports": {"nfs": {"server": "nas.example.net", "path": "/exports/reports",
                            "options": "rw,nfsvers=4.1,hard"}}})
    live.zpm.apply().exits(0)
    wanted = {"type": "nfs", "device": ":/exports/reports", "o": "addr=nas.example.net,rw,nfsvers=4.1,hard"}
    assert live.engine.volume(live.real("reports"))["Options"] == wanted
    # Every other node that runs a task makes the volume from what the mount says.
    mount = container(live, "a")["Mounts"][0]
    assert mount["VolumeOptions"]["DriverConfig"] == {"Name": "local", "Options": wanted}
    live.zpm.plan().exits(0)


def test_volume__no_longer_declared_is_kept(live):
    content = live.manifest({"core": {"a": {"replicas": 0}}}, volumes={"data": {}})
    live.zpm.apply().exits(0)
    content["volumes"] = {}
    live.zpm.manifest(content)
    live.zpm.apply().exits(0)
    assert live.engine.volume(live.real("data"))


def test_volume__of_somebody_else_is_used_when_it_is_declared_external(live):
    name = live.name + "-theirs"
    live.foreign("/volumes/create", {"Name": name}, "/volumes/{Name}")
    live.manifest({"core": {"a": {"replicas": 0, "volumes": ["theirs:/theirs"]}}},
                  volumes={"theirs": {"external": True, "name": name}})
    live.zpm.apply().exits(0)
    assert container(live, "a")["Mounts"][0]["Source"] == name
    live.zpm.destroy("--volumes").exits(0)
    assert live.engine.volume(name)


def test_network__of_somebody_else_is_used_when_it_is_declared_external(live):
    name = live.name + "-theirs"
    made = live.foreign("/networks/create", {"Name": name, "Driver": "overlay"}, "/networks/{Id}")
    live.manifest({"core": {"a": {"replicas": 0, "networks": ["theirs"]}}},
                  networks={"theirs": {"external": True, "name": name}})
    live.zpm.apply().exits(0)
    assert live.spec("a")["TaskTemplate"]["Networks"][0]["Target"] == made["Id"]
    live.zpm.plan().exits(0)
    live.zpm.destroy().exits(0)
    assert live.engine.network(name)["Id"] == made["Id"]


def test_network__declared_external_that_is_not_there_is_refused(live):
    live.manifest({"core": {"a": {"replicas": 0, "networks": ["theirs"]}}},
                  networks={"theirs": {"external": True, "name": live.name + "-nowhere"}})
    refused = live.zpm.apply().exits(5)
    assert live.name + "-nowhere" in refused.err
    assert live.services() == {}


def test_network__is_made_as_declared(live):
    live.manifest({}, networks={"n": {"attachable": True, "internal": True, "labels": {"a": "b"},
                                      "ipam": [{"subnet": "10.213.7.0/24", "gateway": "10.213.7.1",
                                                "ipRange": "10.213.7.128/25"}]}})
    live.zpm.apply().exits(0)
    network = live.engine.networks(live.name)["n"]
    assert (network["Driver"], network["Attachable"], network["Internal"]) == ("overlay", True, True)
    assert meaning(network["IPAM"]["Config"]) == [{"Subnet": "10.213.7.0/24", "Gateway": "10.213.7.1",
                                                   "IPRange": "10.213.7.128/25"}]
    assert network["Labels"]["a"] == "b"
    live.zpm.plan().exits(0)


def test_network__the_hosts_own_can_be_used(live):
    live.manifest({"core": {"a": {"networks": ["host"]}}})
    live.zpm.apply().exits(0)
    live.zpm.plan().exits(0)
    assert live.zpm.apply().exits(0).json["engineWrites"] == 0


def test_service__answers_to_its_own_name_beside_the_platforms(live):
    live.manifest({"core": {"db": {"networks": ["n"], "endpointMode": "dnsrr"},
                            "probe": {"networks": {"n": {"aliases": ["looker"]}}, "endpointMode": "dnsrr",
                                      "dependsOn": ["db"], "entrypoint": ["/bin/sh", "-c"],
                                      "command": ["wget -q -O - http://db:8080/ && exec /demo"]}}},
                  networks={"n": {}})
    live.zpm.apply().exits(0)
    assert live.spec("probe")["TaskTemplate"]["Networks"][0]["Aliases"] == ["probe", "looker"]
