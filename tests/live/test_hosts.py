"""What zpm tells of hosts, against what a real Engine says of its node."""


def test_hosts__are_told_as_the_engine_tells_of_its_node(live):
    live.manifest(hosts={"here": {"node": "self", "roles": ["active"]}})
    live.zpm.apply().exits(0)
    host, = live.zpm.run("hosts", "-o", "json").exits(0).json
    node, = live.engine.get("/nodes")
    labels = host["node"].pop("labels")
    assert host["node"] == {"id": node["ID"], "hostname": node["Description"]["Hostname"], "state": "ready",
                            "availability": "active", "manager": True,
                            "engineVersion": node["Description"]["Engine"]["EngineVersion"]}
    assert labels == node["Spec"]["Labels"] and labels["zpm.role.active"] == "true"
