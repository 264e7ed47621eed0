"""Shards through a router."""
from mongo_servers import code_of, until


def add_all(cluster):
    for shard in cluster.shards:
        cluster.router.admin("addShard", shard.url)


def test_router_says_what_it_is(cluster):
    hello = cluster.router.hello
    assert hello["msg"] == "isdbgrid" and hello["ismaster"] is True
    assert "setName" not in hello


def test_shard_is_added_once(cluster):
    shard = cluster.shards[0]
    assert cluster.router.admin("addShard", shard.url)["shardAdded"] == "shard0"
    assert cluster.router.admin("addShard", shard.url)["shardAdded"] == "shard0"
    assert list(cluster.listed) == ["shard0"]
    assert cluster.listed["shard0"]["host"] == shard.url


def test_shard_of_another_name_is_refused(cluster):
    add_all(cluster)
    assert cluster.router.refusal("addShard", cluster.shards[0].url, name="other") == 20


def test_name_that_is_taken_is_refused(cluster):
    cluster.router.admin("addShard", cluster.shards[0].url, name="mine")
    assert cluster.router.refusal("addShard", cluster.shards[1].url, name="mine") == 20


def test_set_of_another_name_is_refused(cluster):
    host = cluster.shards[0][0].host
    assert cluster.router.refusal("addShard", f"wrong/{host}") in (96, 133)
    assert cluster.listed == {}


def test_set_that_was_never_initiated_is_refused(cluster):
    from mongo_servers import ReplicaSet
    fresh = ReplicaSet(cluster.folder, "fresh", 1, ("--shardsvr",))
    cluster.sets.append(fresh)
    assert cluster.router.refusal("addShard", fresh.url) in (96, 133, 10107)
    assert cluster.listed == {}


def test_config_servers_are_no_shard(cluster):
    assert cluster.router.refusal("addShard", cluster.config.url) in (2, 96)


def test_unknown_shard_is_not_removed(cluster):
    add_all(cluster)
    assert cluster.router.refusal("removeShard", "none") == 70


def test_last_shard_stays(cluster):
    cluster.router.admin("addShard", cluster.shards[0].url)
    assert cluster.router.refusal("removeShard", "shard0") == 20


def test_empty_shard_goes_in_two_calls(cluster):
    add_all(cluster)
    assert cluster.router.admin("removeShard", "shard1")["state"] == "started"
    assert cluster.listed["shard1"]["draining"] is True
    until(lambda: cluster.router.admin("removeShard", "shard1")["state"] == "completed", "the removal")
    assert list(cluster.listed) == ["shard0"]
    assert cluster.router.refusal("removeShard", "shard1") == 70


def place(cluster):
    """A database with one document: its shard, and the other one."""
    cluster.router.client.shop.goods.insert_one({"_id": 1})
    home = cluster.router.client.config.databases.find_one({"_id": "shop"})["primary"]
    return home, next(name for name in cluster.listed if name != home)


def test_draining_waits_for_chunks_and_databases(cluster):
    add_all(cluster)
    home, other = place(cluster)
    cluster.router.admin("enableSharding", "shop")
    cluster.router.admin("shardCollection", "shop.items", key={"_id": 1})
    for middle in (10, 20, 30):
        cluster.router.admin("split", "shop.items", middle={"_id": middle})
    started = cluster.router.admin("removeShard", home)
    assert started["state"] == "started" and started["dbsToMove"] == ["shop"]
    ongoing = cluster.router.admin("removeShard", home)
    assert ongoing["state"] == "ongoing" and ongoing["remaining"]["dbs"] == 1
    # The balancer does the chunks; the database has to be moved.
    until(lambda: cluster.router.admin("removeShard", home)["remaining"]["chunks"] == 0, "the chunks")
    cluster.router.admin("movePrimary", "shop", to=other)
    until(lambda: cluster.router.admin("removeShard", home)["state"] == "completed", "the removal")
    assert cluster.router.client.shop.goods.find_one() == {"_id": 1}


def test_draining_needs_the_balancer(cluster):
    add_all(cluster)
    home, _ = place(cluster)
    cluster.router.admin("enableSharding", "shop")
    cluster.router.admin("shardCollection", "shop.items", key={"_id": 1})
    cluster.router.admin("balancerStop")
    assert cluster.router.admin("balancerStatus")["mode"] == "off"
    cluster.router.admin("removeShard", home)
    chunks = cluster.router.admin("removeShard", home)["remaining"]["chunks"]
    assert chunks >= 1
    cluster.router.admin("balancerStart")
    assert cluster.router.admin("balancerStatus")["mode"] == "full"
    until(lambda: cluster.router.admin("removeShard", home)["remaining"]["chunks"] == 0, "the chunks")


def test_moved_database_is_on_its_new_shard(cluster):
    add_all(cluster)
    home, other = place(cluster)
    cluster.router.admin("movePrimary", "shop", to=other)
    holder = next(s for s in cluster.shards if s.name == other)
    assert holder[0].client.shop.goods.find_one() == {"_id": 1}
    assert next(s for s in cluster.shards if s.name == home)[0].client.shop.goods.find_one() is None
    assert code_of(cluster.router.admin, "movePrimary", "shop", to="none") in (70, 96)


def test_another_router_knows_the_same(cluster):
    add_all(cluster)
    cluster.router.client.shop.goods.insert_one({"_id": 1})
    second = cluster.add_router()
    assert {s["_id"] for s in second.admin("listShards")["shards"]} == {"shard0", "shard1"}
    assert second.client.shop.goods.find_one() == {"_id": 1}
    assert {"config", "shop"} <= set(second.client.list_database_names())


def test_router_passes_writes_on(cluster):
    add_all(cluster)
    goods = cluster.router.client.shop.goods
    goods.insert_many([{"_id": i} for i in range(3)])
    goods.update_one({"_id": 1}, {"$set": {"a": 1}})
    goods.delete_one({"_id": 2})
    assert list(goods.find().sort("_id", 1)) == [{"_id": 0}, {"_id": 1, "a": 1}]
    assert goods.find_one_and_update({"_id": 0}, {"$set": {"b": 1}}) == {"_id": 0}


def test_write_without_a_shard_is_refused(cluster):
    assert code_of(cluster.router.client.shop.goods.insert_one, {}) == 70
