"""On a real Engine: options of a volume change only by replacing it, and nothing with data is replaced unasked."""

def memory(size):
    """Mounted by the local driver like NFS, and as little to lose."""
    return {"driverOptions": {"type": "tmpfs", "device": "tmpfs", "o": f"size={size}"}}


def nfs(options):
    return {"nfs": {"server": "127.0.0.1", "path": "/nowhere", "options": options}}


def options(live, name="v"):
    return live.engine.volumes(live.name)[name]["Options"]


def test_options__change_by_replacing_the_volume_under_its_users(live):
    content = live.manifest({"core": {"a": {"volumes": ["v:/v"]}, "b": {}}}, volumes={"v": memory("1m"), "w": nfs("rw")})
    live.zpm.apply().exits(0)
    before = live.engine.versions(live.name)
    content["volumes"] = {"v": memory("2m"), "w": nfs("ro,nfsvers=4.1")}
    live.zpm.manifest(content)
    plan = live.zpm.plan().exits(2)
    assert plan.changed == {"volume/v": "replace", "volume/w": "replace", "service/a": "replace"}
    live.zpm.apply().exits(0)
    assert options(live)["o"] == "size=2m" and options(live, "w")["o"] == "addr=127.0.0.1,ro,nfsvers=4.1"
    assert len(live.running("a")) == 1 and live.engine.versions(live.name)["b"] == before["b"]
    assert live.zpm.apply().exits(0).json["engineWrites"] == 0


def test_local_volume__with_data_is_kept_until_the_data_is_given_up(live):
    content = live.manifest({"core": {"a": {"volumes": ["v:/v"]}}}, volumes={"v": {}})
    live.zpm.apply().exits(0)
    created = live.engine.volumes(live.name)["v"]["CreatedAt"]
    content["volumes"]["v"] = memory("1m")
    live.zpm.manifest(content)
    result = live.zpm.apply().exits(5)
    assert "--allow-data-risk" in result.err
    assert live.engine.volumes(live.name)["v"]["CreatedAt"] == created and len(live.running("a")) == 1
    live.zpm.apply("--allow-data-risk").exits(0)
    assert options(live)["o"] == "size=1m" and len(live.running("a")) == 1


def test_nfs__that_cannot_be_mounted_is_told_of_with_the_reason(live):
    live.manifest({"core": {"a": {"volumes": ["v:/v"]}}}, volumes={"v": nfs("rw,nfsvers=4.1,soft,timeo=1,retrans=1")})
    result = live.zpm.apply("--timeout", "2m").exits(4)
    error = result.change("service/a")["error"]
    assert "mount" in error, error
    assert result.seconds < 60
