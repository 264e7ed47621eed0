"""Volumes that are not as declared: recreated with their users where no data is lost, refused where it would be."""
import pytest

from zpm_run import platform

OLD, NEW = "rw,nfsvers=4.1", "ro,nfsvers=4.2"


def nfs(options, **fields):
    return {"nfs": {"server": "nas.example.net", "path": "/x", "options": options}, **fields}


class Shop:
    def __init__(self, swarm):
        self.swarm, self.zpm, self.state = swarm, swarm.zpm, swarm.state
        self.services = {"user": {"image": "x", "volumes": ["v:/v"]}, "other": {"image": "x"},
                         "after": {"image": "x", "dependsOn": ["user"]}}

    def declare(self, volume):
        self.zpm.manifest(platform("p", {"core": self.services}, volumes={"v": volume}))

    def applied(self, volume):
        self.declare(volume)
        self.zpm.apply().exits(0)
        del self.swarm.requests[:]
        return self

    def options(self):
        return self.state.volumes["p_v"]["Options"]

    def writes(self):
        return [f"{r.method} {r.path.split('/')[1]}" for r in self.swarm.writes]


@pytest.fixture
def shop(swarm):
    return Shop(swarm)


def test_nfs__is_recreated_and_its_users_with_it(shop):
    shop.applied(nfs(OLD)).declare(nfs(NEW))
    plan = shop.zpm.plan().exits(2)
    assert plan.changed == {"volume/v": "replace", "service/user": "replace"}
    change = plan.change("volume/v")
    assert change["impact"] == "restart"
    assert [(f["path"], f["new"]) for f in change["fields"]] == [("driverOptions.o", f"addr=nas.example.net,{NEW}")]
    assert "refused" not in plan.json
    shop.zpm.apply().exits(0)
    assert shop.options()["o"] == f"addr=nas.example.net,{NEW}"
    assert shop.writes() == ["DELETE services", "DELETE volumes", "POST volumes", "POST services"]
    assert shop.zpm.apply().exits(0).json["engineWrites"] == 0


def test_nfs__changed_by_hand_is_recreated_too(shop):
    shop.applied(nfs(OLD))
    shop.state.volumes["p_v"]["Options"]["o"] = "addr=elsewhere,rw"
    plan = shop.zpm.plan().exits(2)
    assert plan.change("volume/v")["reason"] == "drift"
    shop.zpm.apply().exits(0)
    assert shop.options()["o"] == f"addr=nas.example.net,{OLD}"


@pytest.mark.parametrize("policy", ["refuse", "keep"])
def test_nfs__policy_says_otherwise(shop, policy):
    shop.applied(nfs(OLD, onChange=policy))
    shop.state.volumes["p_v"]["Options"]["o"] = "addr=elsewhere,rw"
    result = shop.zpm.apply().exits(5 if policy == "refuse" else 0)
    assert shop.swarm.writes == [] and shop.options()["o"] == "addr=elsewhere,rw"
    if policy == "refuse":
        assert "onChange: refuse" in result.err
        assert "onChange: refuse" in shop.zpm.apply("--allow-data-risk").exits(5).err


def test_local__with_data_is_refused_and_nothing_is_touched(shop):
    shop.applied({}).declare(nfs(NEW))
    plan = shop.zpm.plan().exits(2)
    assert plan.change("volume/v")["impact"] == "data-risk"
    result = shop.zpm.apply().exits(5)
    assert "--allow-data-risk" in result.err and shop.swarm.writes == [] and shop.options() is None


def test_local__is_replaced_when_its_data_is_given_up(shop):
    shop.applied({}).declare(nfs(NEW))
    shop.zpm.apply("--allow-data-risk").exits(0)
    assert shop.options()["type"] == "nfs"


def test_local__that_only_mounts_something_holds_no_data(shop):
    def bound(device):
        return {"driverOptions": {"type": "none", "o": "bind", "device": device}}
    shop.applied(bound("/srv/a")).declare(bound("/srv/b"))
    assert shop.zpm.plan().exits(2).change("volume/v")["impact"] == "restart"
    shop.zpm.apply().exits(0)
    assert shop.options()["device"] == "/srv/b"


def test_recreate__of_another_driver_needs_consent(shop):
    shop.applied({"driver": "vendor", "onChange": "recreate"}).declare(
        {"driver": "vendor", "driverOptions": {"a": "1"}, "onChange": "recreate"})
    shop.zpm.apply().exits(5)
    shop.zpm.apply("--allow-data-risk").exits(0)
    assert shop.options() == {"a": "1"}


def test_recreate__an_orphan_that_uses_it_goes_first(shop):
    shop.applied(nfs(OLD))
    del shop.services["user"], shop.services["after"]
    shop.declare(nfs(NEW))
    shop.zpm.apply().exits(0)
    assert shop.writes()[:3] == ["DELETE services", "DELETE volumes", "POST volumes"]
    assert shop.options()["o"].endswith(NEW) and "p_user" not in shop.swarm.services()


def test_recreate__killed_half_way_is_finished_by_the_next_apply(shop):
    shop.applied(nfs(OLD)).declare(nfs(NEW))
    shop.state.service_remove("p_user")
    shop.state.volume_remove("p_v")
    shop.zpm.apply().exits(0)
    assert shop.options()["o"].endswith(NEW) and "p_user" in shop.swarm.services()
