"""Two hundred random services: what zpm sends and what the Engine shows of it mean the same, in whatever order."""
import copy
import random

import pytest

SEED, COUNT = 20, 200
NETWORKS = ["n1", "n2", "n3"]
VOLUMES = ["v1", "v2", "v3"]
FILES = ["f1", "f2", "f3"]
WORDS = ["alpha", "beta", "gamma", "two words", "a=b", "ünï", '"quoted"', "$$5", "1.50", "true", "", "\ttab"]


class Maker:
    """Services of random fields with random values, all of them such as the Engine takes."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.port = 20000

    def some(self, values, least=1):
        return self.dice.sample(values, self.dice.randint(least, len(values)))

    def pairs(self, values=WORDS):
        return {f"KEY_{key}": self.dice.choice(values) for key in self.some(list("abcdef"))}

    def duration(self):
        return self.dice.choice(["1s", "1.5s", "2m", "750ms", "1h1m1s"])

    def published(self):
        self.port += 1
        return {"target": self.dice.randint(1, 65535), "published": self.port, "mode": "host",
                "protocol": self.dice.choice(["tcp", "udp", "sctp"])}

    def mounts(self):
        made = [{"source": v, "target": f"/{v}", "readOnly": self.dice.random() < .5,
                 "noCopy": self.dice.random() < .5} for v in self.some(VOLUMES)]
        made += [{"type": "bind", "source": "/srv", "target": "/srv",
                  "propagation": self.dice.choice(["private", "rslave", "shared"])},
                 {"type": "tmpfs", "target": "/t", "size": "8m", "mode": 0o1777}]
        return self.some(made)

    def files(self):
        return [{"source": f, "target": f"/etc/{f}", "uid": str(self.dice.randint(0, 9)), "gid": "7",
                 "mode": self.dice.choice([0o400, 0o440, 0o444])} for f in self.some(FILES)]

    def update(self):
        return {"parallelism": self.dice.randint(0, 3), "delay": self.duration(), "monitor": self.duration(),
                "failureAction": self.dice.choice(["pause", "continue"]), "order": self.dice.choice(["stop-first", "start-first"]),
                "maxFailureRatio": self.dice.choice([0, 0.1, 0.25, 0.333, 1])}

    def limits(self):
        return {"cpus": self.dice.choice([0.001, 0.5, 2]), "memory": self.dice.choice(["8m", "1g"])}

    def service(self):
        dice = self.dice
        fields = {
            "entrypoint": lambda: ["/demo", *self.some(WORDS)],
            "command": lambda: self.some(WORDS),
            "environment": self.pairs,
            "ports": lambda: [self.published() for _ in range(dice.randint(1, 3))],
            "volumes": self.mounts,
            "networks": lambda: [{"name": n, "aliases": self.some(["x", "y", "z"])} for n in self.some(NETWORKS)],
            "secrets": self.files,
            "configs": self.files,
            "endpointMode": lambda: "dnsrr",
            "healthcheck": lambda: {"test": dice.choice(["true", ["CMD", "/demo", "--check"], ["NONE"]]),
                                    "interval": self.duration(), "retries": dice.randint(1, 5)},
            "labels": self.pairs,
            "containerLabels": self.pairs,
            "restart": lambda: {"condition": dice.choice(["any", "none", "on-failure"]), "delay": self.duration(),
                                "maxAttempts": dice.randint(0, 3), "window": self.duration()},
            "update": self.update,
            "rollback": self.update,
            "resources": lambda: {"limits": {**self.limits(), "pids": dice.randint(1, 100)}},
            "placement": lambda: {
                "constraints": self.some(["node.role == manager", "node.platform.os == linux", "node.labels.a != b"]),
                "preferences": self.some(["node.labels.rack", "node.labels.zone"]),
                "maxReplicasPerNode": dice.randint(0, 3)},
            "stopGracePeriod": self.duration,
            "stopSignal": lambda: dice.choice(["SIGINT", "SIGTERM", "SIGUSR1"]),
            "user": lambda: dice.choice(["1000", "demo", "demo:demo"]),
            "workingDir": lambda: "/tmp",
            "hostname": lambda: "box",
            "extraHosts": lambda: {"db": "10.0.0.1", "six": "fe80::1"},
            "dns": lambda: self.some(["10.0.0.2", "10.0.0.3"]),
            "dnsSearch": lambda: self.some(["a.example.net", "b.example.net"]),
            "dnsOptions": lambda: self.some(["ndots:2", "rotate"]),
            "capAdd": lambda: self.some(["NET_ADMIN", "SYS_TIME", "SYS_NICE"]),
            "capDrop": lambda: self.some(["MKNOD", "CHOWN"]),
            "init": lambda: dice.random() < .5,
            "readOnly": lambda: dice.random() < .5,
            "tty": lambda: dice.random() < .5,
            "logging": lambda: {"driver": "json-file", "options": {"max-size": "1m", "max-file": "2"}},
            "sysctls": lambda: {"net.ipv4.ip_unprivileged_port_start": "80", "net.core.somaxconn": "512"},
            "ulimits": lambda: {"nofile": {"soft": 100, "hard": 200}, "nproc": 50},
        }
        return {"replicas": 0, **{name: fields[name]() for name in self.some(list(fields))}}


def turned(value, dice, ordered=("entrypoint", "command", "test", "preferences", "dns", "dnsSearch", "dnsOptions"), key=""):
    """The same with every map, and every list that is a set, in another order."""
    if isinstance(value, dict):
        items = [(k, turned(v, dice, ordered, k)) for k, v in value.items()]
        return dict(dice.sample(items, len(items)))
    if isinstance(value, list) and key not in ordered:
        return dice.sample([turned(v, dice, ordered) for v in value], len(value))
    return value


@pytest.fixture(scope="module")
def applied(shared):
    maker = Maker(SEED)
    services = {f"s{i}": maker.service() for i in range(COUNT)}
    shared.content = shared.manifest(
        {"core": services}, networks={n: {} for n in NETWORKS}, volumes={v: {} for v in VOLUMES},
        secrets={f: {"environment": "PATH"} for f in FILES}, configs={f: {"content": f} for f in FILES},
        reconcile={"maxDeletes": COUNT})
    shared.zpm.apply("--parallel", "16").exits(0)
    return shared


def test_random__what_the_engine_shows_is_what_was_sent(applied):
    assert len(applied.services()) == COUNT
    plan = applied.zpm.plan()
    assert plan.code == 0, [c for c in plan.json["changes"]][:3]
    assert applied.zpm.apply("--no-wait").exits(0).json["engineWrites"] == 0


def test_random__another_order_in_the_manifest_is_no_change(applied):
    applied.zpm.manifest(turned(copy.deepcopy(applied.content), random.Random(1)))
    plan = applied.zpm.plan()
    applied.zpm.manifest(applied.content)
    assert plan.code == 0, [c for c in plan.json["changes"]][:3]


def test_random__another_order_on_the_engine_is_no_change(applied):
    dice = random.Random(2)
    ordered = ("Command", "Args", "Test", "Preferences", "Nameservers", "Search", "Options")
    for service in applied.services().values():
        spec = turned(service["Spec"], dice, ordered)
        applied.engine.call("POST", f"/services/{service['ID']}/update", spec, version=str(service["Version"]["Index"]))
    plan = applied.zpm.plan()
    assert plan.code == 0, [c for c in plan.json["changes"]][:3]
