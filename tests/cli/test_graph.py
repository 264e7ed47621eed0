"""`zpm graph`: a picture that is valid, complete, and in which nothing lies over another thing."""
import random
import re
import xml.etree.ElementTree as ElementTree

import pytest

import zpm_run
from zpm_run import platform

TIERS = ["system", "core", "batch", "apps", "ui"]
SVG = "{http://www.w3.org/2000/svg}"
KEPT = zpm_run.ROOT / "docs/graph.svg"
QUICKSTART = zpm_run.ROOT / "examples/quickstart/securaa.yaml"


EDGES = {("zookeeper", "kafka"), ("playbook-runner", "web"), ("mongo-cfg-here-18127", "mongos-here-18147")}


class Rect:
    def __init__(self, element):
        self.x, self.y, self.width, self.height = (float(element.get(k)) for k in ("x", "y", "width", "height"))
        self.right, self.bottom = self.x + self.width, self.y + self.height

    def overlaps(self, other):
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def contains(self, other):
        return self.x <= other.x and other.right <= self.right and self.y <= other.y and other.bottom <= self.bottom


class Picture:
    """The SVG as a program sees it: boxes and lanes by name, edges as the points they go through."""

    def __init__(self, text):
        self.root = ElementTree.fromstring(text)
        found = self.root.iter
        self.boxes = {g.get("data-service"): Rect(g.find(f"{SVG}rect")) for g in found(f"{SVG}g")
                      if g.get("class") == "box"}
        self.lanes = {r.get("data-tier"): Rect(r) for r in found(f"{SVG}rect") if r.get("class") == "lane"}
        self.edges = [(e.get("data-from"), e.get("data-to"), points(e.get("d"))) for e in found(f"{SVG}path")
                      if e.get("class") == "edge"]
        self.cards = {g.get("data-set"): g for g in found(f"{SVG}g") if g.get("class") == "set"}
        self.text = [t for t in self.root.itertext() if t.strip()]


def points(path):
    """The ends of a path's straight and curved pieces; of M, C and H, in absolute numbers only."""
    assert re.fullmatch(r"M[-\d ]+([CH][-\d ]+)+", path), path
    found = []
    for command, numbers in re.findall(r"([MCH])([-\d ]+)", path):
        numbers = [float(n) for n in numbers.split()]
        found.append((numbers[0], found[-1][1]) if command == "H" else tuple(numbers[-2:]))
    return found


def draw(zpm, content):
    zpm.manifest(content)
    return Picture(zpm.run("graph").exits(0).out)


def services_of(content):
    return {name: (tier, service) for tier, services in content["services"].items()
            for name, service in services.items()}


def expect_sound(picture, content):
    """All that has to hold of any picture."""
    services = services_of(content)
    assert set(picture.boxes) == set(services)
    assert list(picture.lanes) == [tier for tier in TIERS if content["services"].get(tier)]
    lanes = list(picture.lanes.values())
    assert all(left.right < right.x for left, right in zip(lanes, lanes[1:]))
    boxes = list(picture.boxes.items())
    for i, (name, box) in enumerate(boxes):
        assert picture.lanes[services[name][0]].contains(box), name
        for other, rect in boxes[i + 1:]:
            assert not box.overlaps(rect), f"{name} lies over {other}"
    wanted = {(before, name) for name, (_, service) in services.items() for before in service.get("dependsOn", [])}
    assert {(a, b) for a, b, _ in picture.edges} == wanted and len(picture.edges) == len(wanted)
    for before, name, path in picture.edges:
        expect_line(picture, before, name, path)


def expect_line(picture, before, name, path):
    """From the right side of one box to the left side of another, always to the right, through no box."""
    start, end = picture.boxes[before], picture.boxes[name]
    assert path[0][0] == start.right and start.y <= path[0][1] <= start.bottom
    assert path[-1][0] == end.x and end.y <= path[-1][1] <= end.bottom
    assert all(a[0] < b[0] for a, b in zip(path, path[1:]))
    for (x, y), (to, level) in zip(path, path[1:]):
        for other, box in picture.boxes.items():
            between = x < box.right and box.x < to
            assert not between or (y == level and not box.y <= y <= box.bottom), f"{before} to {name} hits {other}"


def random_platform(seed, n):
    dice = random.Random(seed)
    tiers = {tier: {} for tier in TIERS}
    made = []
    for i in range(n):
        tier = dice.choices(range(5), (10, 45, 15, 20, 10))[0]
        before = [name for name, where in made if where <= tier]
        service = {"image": "x", "networks": dice.sample(["a", "b", "c"], dice.randint(0, 3)),
                   "dependsOn": dice.sample(before, min(len(before), dice.choice([0, 0, 1, 1, 2, 4])))}
        if dice.random() < .3:
            service["volumes"] = [f"v{k}:/{k}" for k in range(dice.randint(1, 5))]
        made.append((f"s{'x' * dice.randint(0, 30)}{i}", tier))
        tiers[TIERS[tier]][made[-1][0]] = service
    return platform("many", {tier: services for tier, services in tiers.items() if services},
                    networks={"a": {}, "b": {}, "c": {}}, volumes={f"v{k}": {} for k in range(5)})


def test_graph__of_the_quickstart_is_sound(zpm):
    picture = Picture(zpm.run("-f", QUICKSTART, "graph").exits(0).out)
    assert {(a, b) for a, b, _ in picture.edges} == EDGES
    assert list(picture.lanes) == TIERS
    for said in ("playbook-runner", "2 replicas", "zookeeper-data", "reports", "securaa"):
        assert said in picture.text


def test_graph__kept_picture_is_current(zpm):
    printed = zpm.run("-f", QUICKSTART, "graph").exits(0).out
    assert KEPT.read_text(encoding="utf-8") == printed, \
        "run: zpm -f examples/quickstart/securaa.yaml graph >docs/graph.svg"


@pytest.mark.parametrize("n", [1, 2, 5, 20, 60])
def test_graph__of_any_platform_is_sound(zpm, n):
    for seed in range(5):
        content = random_platform(seed, n)
        expect_sound(draw(zpm, content), content)


def test_graph__of_two_hundred_services_is_sound_and_no_tower(zpm):
    content = random_platform(7, 200)
    picture = draw(zpm, content)
    expect_sound(picture, content)
    width, height = (int(picture.root.get(side)) for side in ("width", "height"))
    assert 0.5 < width / height < 4


def test_graph__of_many_that_depend_on_nothing_is_no_tower(zpm):
    content = platform("wide", {"core": {f"s{i}": {"image": "x"} for i in range(200)}})
    picture = draw(zpm, content)
    expect_sound(picture, content)
    assert 0.5 < int(picture.root.get("width")) / int(picture.root.get("height")) < 4


def test_graph__a_chain_in_one_tier_runs_to_the_right(zpm):
    chain = {f"s{i}": {"image": "x", "dependsOn": [f"s{i - 1}"] if i else []} for i in range(12)}
    content = platform("chain", {"core": chain})
    picture = draw(zpm, content)
    expect_sound(picture, content)
    assert len({box.y for box in picture.boxes.values()}) == 1  # level, with nothing in its way


def test_graph__is_ordered_so_that_lines_need_not_cross(zpm):
    """Each of the second lane waits for one of the first, declared the other way round."""
    content = platform("twisted", {"system": {f"a{i}": {"image": "x"} for i in range(6)},
                                   "core": {f"b{i}": {"image": "x", "dependsOn": [f"a{5 - i}"]} for i in range(6)}})
    picture = draw(zpm, content)
    expect_sound(picture, content)
    lines = sorted((path[0][1], path[-1][1]) for _, _, path in picture.edges)
    assert all(one[1] < other[1] for one, other in zip(lines, lines[1:]))
    assert all(start == end for start, end in lines)


def test_graph__says_how_many_of_each(zpm):
    picture = draw(zpm, platform("p", {"core": {"many": {"image": "x", "replicas": 3},
                                                "none": {"image": "x", "replicas": 0},
                                                "each": {"image": "x", "mode": "global"}}}))
    assert {"3 replicas", "0 replicas", "global"} <= set(picture.text)


def test_graph__has_a_card_for_each_set_that_lies_over_nothing(zpm):
    names = [f"db-{i}" for i in range(9)]
    hosts = {name: {"address": f"{name}.example.net", "roles": ["active"] if i == 0 else ["db"]}
             for i, name in enumerate(names)}
    members = [*names[:3], {"host": names[3], "arbiter": True}, {"host": names[4], "hidden": True},
               {"host": names[5], "votes": 0}, {"host": names[6], "votes": 0, "delay": "1h"}]
    picture = draw(zpm, platform("p", hosts=hosts, mongo={
        "image": "mongo", "routers": {"port": 27016, "hosts": names[:2]},
        "metaDB": {"replicaSet": "meta", "port": 27017, "members": members},
        "configServers": {"replicaSet": "cfg", "port": 27019, "members": names[:3]},
        "shards": {f"one-{i}": {"replicaSet": f"sh{i}", "port": 27020 + i, "members": names[:3]} for i in range(7)}}))
    assert list(picture.cards) == ["meta", "cfg", *(f"sh{i}" for i in range(7))]
    said = [text.strip() for text in picture.cards["meta"].itertext() if text.strip()]
    assert said == ["meta", "metaDB", *(word for name, about in zip(names, (
        "priority 10", "priority 1", "priority 1", "arbiter", "hidden", "no vote", "delayed"))
        for word in (f"{name}.example.net:27017", about))]
    assert [c.get("class") for c in picture.cards["meta"].iter(f"{SVG}circle")] == ["leads"] + ["follows"] * 6
    rects = [Rect(card.find(f"{SVG}rect")) for card in picture.cards.values()]
    assert not any(a.overlaps(b) for i, a in enumerate(rects) for b in rects[i + 1:])
    assert max(r.right for r in rects) <= int(picture.root.get("width"))


def test_graph__of_an_empty_platform_is_a_picture_too(zpm):
    picture = draw(zpm, platform("empty"))
    assert "empty" in picture.text and not picture.boxes


def test_graph__asks_no_engine_and_takes_the_manifest_from_standard_input(swarm):
    text = swarm.zpm.manifest(random_platform(1, 5)).read_text()
    swarm.zpm.run("graph", "-f", "-", stdin=text).exits(0)
    assert swarm.connections == 0


def test_graph__of_a_manifest_with_mistakes_is_none(zpm):
    zpm.manifest(platform("p", {"core": {"a": {"image": "x", "dependsOn": ["nobody"]}}}))
    assert zpm.run("graph").exits(3).out == ""


def test_graph__uses_nothing_from_elsewhere_and_has_both_grounds(zpm):
    out = zpm.run("-f", QUICKSTART, "graph").exits(0).out
    assert "prefers-color-scheme:dark" in out
    assert "<script" not in out and "@import" not in out and "href" not in out
    assert re.findall(r"https?://[^\"]*", out) == ["http://www.w3.org/2000/svg"]


def test_dot__has_a_cluster_for_each_tier_and_an_edge_for_each_dependency(zpm):
    out = zpm.run("-f", QUICKSTART, "graph", "-o", "dot").exits(0).out
    assert out.startswith('digraph "securaa" {') and out.endswith("}\n")
    assert re.findall(r"subgraph cluster_(\w+) \{", out) == TIERS
    assert set(re.findall(r'"([^"]+)" -> "([^"]+)";', out)) == EDGES
    core = re.search(r"subgraph cluster_core \{(.*?)\n  \}", out, re.DOTALL).group(1)
    assert re.findall(r'^    "([^"]+)" \[', core, re.MULTILINE) == ["playbook-runner", "siem-collector", "utils"]
    assert '"playbook-runner" [label="\\N\\n2 replicas"];' in core
    assert out.count("{") == out.count("}")


@pytest.mark.parametrize("args", [["graph", "-o", "json"], ["graph", "-o", "text"], ["graph", "x"],
                                  ["plan", "-o", "svg"], ["graph", "--engine", "unix:///x"]], ids=" ".join)
def test_graph__wrong_usage_exits_3(zpm, args):
    zpm.manifest(platform("p"))
    assert zpm.run(*args).exits(3).out == ""
