"""Batches of documents, and the cursors between them."""
import pymongo
import pytest
from bson.int64 import Int64
from mongo_servers import code_of


@pytest.fixture
def goods(make_set):
    return make_set(1).initiate()[0].client.shop.goods


def fill(goods, n):
    goods.insert_many([{"_id": i} for i in range(n)])


def find(goods, **more):
    """The cursor's id, and the first batch."""
    cursor = goods.database.command("find", goods.name, sort={"_id": 1}, **more)["cursor"]
    return cursor["id"], [d["_id"] for d in cursor["firstBatch"]]


def more_of(goods, cursor, **more):
    cursor = goods.database.command("getMore", cursor, collection=goods.name, **more)["cursor"]
    return cursor["id"], [d["_id"] for d in cursor["nextBatch"]]


def refusal(goods, cursor, collection=None, **more):
    return code_of(goods.database.command, "getMore", cursor, collection=collection or goods.name, **more)


def test_find__first_batch_has_a_hundred_and_one(goods):
    fill(goods, 250)
    cursor, batch = find(goods)
    assert cursor and batch == list(range(101))
    assert more_of(goods, cursor) == (0, list(range(101, 250)))


def test_find__all_in_one_batch_needs_no_cursor(goods):
    fill(goods, 100)
    assert find(goods) == (0, list(range(100)))


def test_find__of_nothing_needs_no_cursor(goods):
    assert find(goods) == (0, [])
    assert find(goods, batchSize=0) == (0, [])


def test_find__batch_of_the_asked_size(goods):
    fill(goods, 10)
    cursor, batch = find(goods, batchSize=4)
    assert cursor and batch == [0, 1, 2, 3]
    assert more_of(goods, cursor, batchSize=3) == (cursor, [4, 5, 6])
    assert more_of(goods, cursor, batchSize=30) == (0, [7, 8, 9])


def test_find__empty_batch_opens_a_cursor(goods):
    fill(goods, 3)
    cursor, batch = find(goods, batchSize=0)
    assert cursor and batch == []
    assert more_of(goods, cursor) == (0, [0, 1, 2])


def test_find__limit_ends_the_cursor(goods):
    fill(goods, 10)
    cursor, batch = find(goods, batchSize=4, limit=6)
    assert more_of(goods, cursor, batchSize=4) == (0, [4, 5])


def test_find__single_batch_opens_none(goods):
    fill(goods, 10)
    assert find(goods, batchSize=4, singleBatch=True) == (0, [0, 1, 2, 3])


def test_find__negative_batch_size_is_refused(goods):
    fill(goods, 3)
    assert code_of(goods.database.command, "find", goods.name, batchSize=-1) == 2
    cursor, _ = find(goods, batchSize=1)
    assert refusal(goods, cursor, batchSize=-1) == 2


def test_find__batch_ends_before_an_answer_is_too_large(goods):
    goods.insert_many([{"_id": i, "text": "x" * (5 << 20)} for i in range(5)])
    cursor, batch = find(goods)
    assert cursor and batch == [0, 1, 2]
    assert more_of(goods, cursor) == (0, [3, 4])


def test_driver__reads_all_batches(goods):
    fill(goods, 2500)
    assert [d["_id"] for d in goods.find(batch_size=7).sort("_id", 1)] == list(range(2500))


def test_get_more__cursor_that_is_used_up_is_not_found(goods):
    fill(goods, 5)
    cursor, _ = find(goods, batchSize=3)
    more_of(goods, cursor)
    assert refusal(goods, cursor) == 43


def test_get_more__unknown_cursor_is_not_found(goods):
    fill(goods, 5)
    assert refusal(goods, Int64(12345)) == 43


def test_get_more__of_another_collection_is_refused(goods):
    fill(goods, 5)
    cursor, _ = find(goods, batchSize=3)
    assert refusal(goods, cursor, "other") == 13
    assert more_of(goods, cursor) == (0, [3, 4])


def test_get_more__cursor_does_not_outlive_its_server(make_set):
    server = make_set(1).initiate()[0]
    fill(server.client.shop.goods, 5)
    cursor, _ = find(server.client.shop.goods, batchSize=3)
    server.restart()
    assert refusal(server.reads("shop", "goods"), cursor) == 43


def test_get_more__two_cursors_know_nothing_of_each_other(goods):
    fill(goods, 6)
    first, _ = find(goods, batchSize=1)
    second, _ = find(goods, batchSize=3)
    assert first != second
    assert more_of(goods, first) == (0, [1, 2, 3, 4, 5])
    assert more_of(goods, second) == (0, [3, 4, 5])


def test_kill_cursors__says_which_there_were(goods):
    fill(goods, 5)
    cursor, _ = find(goods, batchSize=3)
    unknown = Int64(12345)
    result = goods.database.command("killCursors", goods.name, cursors=[cursor, unknown])
    assert (result["cursorsKilled"], result["cursorsNotFound"]) == ([cursor], [unknown])
    assert refusal(goods, cursor) == 43


def test_cursor__of_a_secondary(three):
    fill(three.primary.client.shop.get_collection("goods", write_concern=pymongo.WriteConcern(3)), 300)
    secondary = three.secondaries[0].reads("shop", "goods")
    assert len(list(secondary.find(batch_size=50))) == 300


def test_cursor__through_a_router(cluster):
    cluster.router.admin("addShard", cluster.shards[0].url)
    goods = cluster.router.client.shop.goods
    fill(goods, 300)
    assert len(list(goods.find(batch_size=50))) == 300
