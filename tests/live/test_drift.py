"""What somebody changed by hand: the plan shows it by name, apply takes it back, and then the
Engine holds what it held before. One test for each kind of field."""
import os
import subprocess

import pytest

from engine_api import meaning

# A service that has everything and runs nothing, so that a change is quick.
IDLE = {
    "replicas": 0,
    "command": ["serve"],
    "environment": {"A": "1", "B": "2"},
    "labels": {"team": "core"}, "containerLabels": {"layer": "front"},
    "healthcheck": {"test": ["CMD", "/demo", "--check"], "interval": "1s", "timeout": "2s", "retries": 2,
                    "startPeriod": "5s"},
    "resources": {"limits": {"cpus": 0.5, "memory": "64m", "pids": 100},
                  "reservations": {"cpus": 0.1, "memory": "16m"}},
    "volumes": ["data:/data", "/srv:/srv:ro", {"type": "tmpfs", "target": "/cache", "size": "16m", "mode": 1023}],
    "placement": {"constraints": ["node.role == manager"], "preferences": ["node.labels.rack"],
                  "maxReplicasPerNode": 3},
    "networks": {"main": {"aliases": ["also"]}},
    "endpointMode": "dnsrr",
    "ports": [{"target": 8080, "published": 18471, "mode": "host"}],
    "restart": {"condition": "on-failure", "delay": "1s", "maxAttempts": 3, "window": "10s"},
    "update": {"parallelism": 2, "delay": "1s", "monitor": "2s", "failureAction": "continue",
               "maxFailureRatio": 0.25, "order": "start-first"},
    "rollback": {"parallelism": 2},
    "stopSignal": "SIGINT", "user": "1000", "workingDir": "/tmp", "hostname": "idle",
    "extraHosts": {"gate": "10.1.2.3"}, "dns": ["10.0.0.53"], "dnsSearch": ["example.net"],
    "dnsOptions": ["ndots:2"], "capAdd": ["NET_ADMIN"], "capDrop": ["MKNOD"], "init": True, "readOnly": True,
    "tty": True, "logging": {"driver": "json-file", "options": {"max-size": "1m"}},
    "sysctls": {"net.core.somaxconn": "512"}, "ulimits": {"nofile": {"soft": 1000, "hard": 2000}},
}


@pytest.fixture(scope="module")
def platform(shared):
    """Applied once, with a network of somebody else's beside it."""
    shared.manifest({"core": {"idle": IDLE, "runs": {"environment": {"A": "1"}, "labels": {"team": "core"}}}},
                    networks={"main": {}}, volumes={"data": {}})
    shared.zpm.apply().exits(0)
    shared.engine.call("POST", "/networks/create", {"Name": shared.name + "-foreign", "Driver": "overlay"})
    shared.undo.append(lambda: shared.engine.remove(f"/networks/{shared.name}-foreign"))
    shared.baseline = {name: shared.spec(name) for name in ("idle", "runs")}
    return shared


@pytest.fixture
def drifting(platform):
    """Whatever a test leaves behind is not the next one's trouble."""
    yield platform
    for name, spec in platform.baseline.items():
        if meaning(platform.spec(name)) != meaning(spec):
            platform.change(name, lambda live, spec=spec: (live.clear(), live.update(spec)))


# `docker service update` sorts these anew, which means nothing.
UNORDERED = {"Mounts", "Env", "Networks", "Ports", "Hosts", "Aliases", "Constraints", "CapabilityAdd",
             "CapabilityDrop", "Ulimits"}


def meant(value, key=None):
    """A spec without what says nothing: emptiness, and the order of what is a set."""
    value = meaning(value)
    if isinstance(value, list):
        items = [meant(item) for item in value]
        return sorted(items, key=str) if key in UNORDERED else items
    return {k: meant(v, k) for k, v in value.items()} if isinstance(value, dict) else value


def docker_update(platform, name, *args):
    command = ["docker", "-H", platform.engine.endpoint, "service", "update", "--detach", "--quiet",
               "--no-resolve-image", *(arg.format(platform=platform.name) for arg in args), platform.real(name)]
    env = {k: v for k, v in os.environ.items() if k not in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env)
    assert done.returncode == 0, done.stderr


def expect_taken_back(platform, name, path):
    """`path`: the field as the plan names it, or its beginning when it ends with a dot."""
    before = meant(platform.baseline[name])
    assert meant(platform.spec(name)) != before, "the change by hand changed nothing"
    planned = platform.zpm.plan().exits(2)
    change = planned.change(f"service/{name}")
    paths = [field["path"] for field in change["fields"]]
    assert change["reason"] == "drift"
    assert change["action"] == "update"
    assert len(planned.json["changes"]) == 1
    assert [p for p in paths if p == path or (path.endswith(".") and p.startswith(path))], paths
    assert len(paths) == 1, f"more than what was changed: {paths}"
    assert paths[0] in platform.zpm.run("plan").exits(0).out

    applied = platform.zpm.apply().exits(0).json
    assert applied["result"] == "converged"
    assert applied["engineWrites"] == 1
    assert meant(platform.spec(name)) == before
    platform.zpm.plan().exits(0)


BY_DOCKER = [
    ("env added", "runs", "environment.X", ["--env-add", "X=1"]),
    ("env changed", "idle", "environment.A", ["--env-add", "A=2"]),
    ("env removed", "idle", "environment.B", ["--env-rm", "B"]),
    ("label added", "runs", "labels.hand", ["--label-add", "hand=made"]),
    ("label changed", "idle", "labels.team", ["--label-add", "team=other"]),
    ("label removed", "idle", "labels.team", ["--label-rm", "team"]),
    ("container label", "idle", "containerLabels.hand", ["--container-label-add", "hand=made"]),
    ("limit", "idle", "resources.limits.memory", ["--limit-memory", "128m"]),
    ("limit of cpus", "idle", "resources.limits.cpus", ["--limit-cpu", "0.75"]),
    ("reservation", "idle", "resources.reservations.memory", ["--reserve-memory", "32m"]),
    ("mount added", "idle", "volumes./more", ["--mount-add", "type=tmpfs,target=/more"]),
    ("mount of a foreign volume", "idle", "volumes./more", ["--mount-add", "type=volume,source=x,target=/more"]),
    ("mount removed", "idle", "volumes./data", ["--mount-rm", "/data"]),
    ("constraint", "idle", "placement.constraints", ["--constraint-add", "node.platform.os==linux"]),
    ("preference", "idle", "placement.preferences", ["--placement-pref-add", "spread=node.labels.zone"]),
    ("replicas", "runs", "replicas", ["--replicas", "2"]),
    ("image", "runs", "image", ["--image", "zpm-demo/app:1.1"]),
    ("network added", "idle", "networks.", ["--network-add", "{platform}-foreign"]),
    ("network removed", "idle", "networks.main", ["--network-rm", "{platform}_main"]),
    ("healthcheck", "idle", "healthcheck.retries", ["--health-retries", "9"]),
    ("healthcheck interval", "idle", "healthcheck.interval", ["--health-interval", "3s"]),
    ("port", "idle", "ports.", ["--publish-add", "published=18472,target=9090,mode=host"]),
    ("restart condition", "idle", "restart.condition", ["--restart-condition", "any"]),
    ("restart attempts", "idle", "restart.maxAttempts", ["--restart-max-attempts", "7"]),
    ("update order", "idle", "update.order", ["--update-order", "stop-first"]),
    ("update parallelism", "idle", "update.parallelism", ["--update-parallelism", "1"]),
    ("rollback monitor", "idle", "rollback.monitor", ["--rollback-monitor", "9s"]),
    ("stop signal", "idle", "stopSignal", ["--stop-signal", "SIGTERM"]),
    ("stop grace period", "idle", "stopGracePeriod", ["--stop-grace-period", "9s"]),
    ("user", "idle", "user", ["--user", "0"]),
    ("working folder", "idle", "workingDir", ["--workdir", "/"]),
    ("host name", "idle", "hostname", ["--hostname", "other"]),
    ("extra host", "idle", "extraHosts.hand", ["--host-add", "hand:10.9.9.9"]),
    ("name server", "idle", "dns", ["--dns-add", "10.0.0.54"]),
    ("capability", "idle", "capAdd", ["--cap-add", "SYS_TIME"]),
    ("init", "idle", "init", ["--init=false"]),
    ("read only", "idle", "readOnly", ["--read-only=false"]),
    ("terminal", "idle", "tty", ["--tty=false"]),
    ("log option", "idle", "logging.options.max-size", ["--log-driver", "json-file", "--log-opt", "max-size=2m"]),
    ("sysctl", "idle", "sysctls.net.core.somaxconn", ["--sysctl-add", "net.core.somaxconn=1024"]),
    ("ulimit", "idle", "ulimits.", ["--ulimit-add", "nproc=100"]),
    ("arguments", "idle", "command", ["--args", "other"]),
    ("endpoint mode", "idle", "endpointMode", ["--endpoint-mode", "vip"]),
]


@pytest.mark.parametrize("name, path, args", [case[1:] for case in BY_DOCKER], ids=[case[0] for case in BY_DOCKER])
def test_drift__docker_service_update_is_shown_and_taken_back(drifting, name, path, args):
    docker_update(drifting, name, *args)
    expect_taken_back(drifting, name, path)


def container(spec):
    return spec["TaskTemplate"]["ContainerSpec"]


# What the manifest has no word for.
UNKNOWN = [
    ("privileges", lambda s: container(s).update(Privileges={"SELinuxContext": {"Disable": True}})),
    ("standard input", lambda s: container(s).update(OpenStdin=True)),
    ("groups", lambda s: container(s).update(Groups=["1", "2"])),
    ("options of a network", lambda s: s["TaskTemplate"]["Networks"][0].update(DriverOpts={"hand": "made"})),
]


@pytest.mark.parametrize("edit", [case[1] for case in UNKNOWN], ids=[case[0] for case in UNKNOWN])
def test_drift__a_field_that_zpm_does_not_know_is_shown_and_taken_back(drifting, edit):
    drifting.change("idle", edit)
    expect_taken_back(drifting, "idle", "engine.")


BY_API = [
    ("alias", "networks.main.aliases",
     lambda s: s["TaskTemplate"]["Networks"][0]["Aliases"].append("third")),
    ("mount made writable", "volumes./srv.readOnly",
     lambda s: next(m for m in container(s)["Mounts"] if m["Target"] == "/srv").update(ReadOnly=False)),
    ("size of tmpfs", "volumes./cache.size",
     lambda s: next(m for m in container(s)["Mounts"] if m["Target"] == "/cache")["TmpfsOptions"]
     .update(SizeBytes=2 ** 20)),
    ("healthcheck removed", "healthcheck.", lambda s: container(s).pop("Healthcheck")),
    ("limits removed", "resources.limits.", lambda s: s["TaskTemplate"]["Resources"].pop("Limits")),
    ("logging removed", "logging.", lambda s: s["TaskTemplate"].pop("LogDriver")),
    ("update settings removed", "update.", lambda s: s.pop("UpdateConfig")),
    ("tasks per node", "placement.maxReplicasPerNode",
     lambda s: s["TaskTemplate"]["Placement"].update(MaxReplicas=9)),
    ("entrypoint", "entrypoint", lambda s: container(s).update(Command=["/bin/sh"])),
    ("failure ratio", "update.maxFailureRatio", lambda s: s["UpdateConfig"].update(MaxFailureRatio=0.5)),
]


@pytest.mark.parametrize("path, edit", [case[1:] for case in BY_API], ids=[case[0] for case in BY_API])
def test_drift__a_change_through_the_api_is_shown_and_taken_back(drifting, path, edit):
    drifting.change("idle", edit)
    before = drifting.baseline["idle"]
    change = drifting.zpm.plan().exits(2).change("service/idle")
    paths = [field["path"] for field in change["fields"]]
    assert change["reason"] == "drift"
    assert paths and all(p == path or (path.endswith(".") and p.startswith(path)) for p in paths), paths
    drifting.zpm.apply().exits(0)
    assert meaning(drifting.spec("idle")) == meaning(before)


def test_drift__what_drifted_beside_a_change_of_the_manifest_goes_with_it(live):
    content = live.manifest({"core": {"a": {"replicas": 0, "environment": {"A": "1"}}}})
    live.zpm.apply().exits(0)
    live.change("a", lambda s: container(s)["Env"].append("X=1"))
    content["services"]["core"]["a"]["environment"] = {"A": "2"}
    live.zpm.manifest(content)
    change = live.zpm.plan().exits(2).change("service/a")
    assert change["reason"] == "manifest"
    assert {f["path"]: (f["old"], f["new"]) for f in change["fields"]} == {
        "environment.A": ("1", "2"), "environment.X": ("1", None)}
    live.zpm.apply().exits(0)
    assert container(live.spec("a"))["Env"] == ["A=2"]


def test_drift__a_service_removed_by_hand_is_made_again(live):
    live.manifest({"core": {"a": {"replicas": 0}, "b": {"replicas": 0}}})
    live.zpm.apply().exits(0)
    live.engine.remove(f"/services/{live.real('a')}")
    change = live.zpm.plan().exits(2).change("service/a")
    assert (change["action"], change["reason"]) == ("create", "missing")
    assert live.zpm.apply().exits(0).json["engineWrites"] == 1
    assert set(live.services()) == {"a", "b"}


def test_drift__a_forced_restart_by_hand_is_no_drift(live):
    live.manifest({"core": {"a": {"replicas": 0}}})
    live.zpm.apply().exits(0)
    live.change("a", lambda s: s["TaskTemplate"].update(ForceUpdate=3))
    live.zpm.plan().exits(0)
