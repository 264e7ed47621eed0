"""Reading and writing small collections, on one member and on all."""
import pymongo
import pytest
from mongo_servers import MAJORITY, code_of, until


@pytest.fixture
def goods(make_set):
    return make_set(1).initiate()[0].client.shop.goods


def ids(cursor):
    return [d["_id"] for d in cursor]


def test_find_by_operators(goods):
    goods.insert_many([{"_id": i, "n": i * 10, "tag": "even" if i % 2 == 0 else "odd"} for i in range(6)])
    assert ids(goods.find({"tag": "odd"}).sort("_id", 1)) == [1, 3, 5]
    assert ids(goods.find({"n": {"$gt": 10, "$lte": 40}}).sort("n", -1)) == [4, 3, 2]
    assert ids(goods.find({"_id": {"$in": [5, 0, 9]}}).sort("_id", 1)) == [0, 5]
    assert ids(goods.find({"tag": {"$ne": "even"}, "n": {"$gte": 30}}).sort("_id", 1)) == [3, 5]
    assert ids(goods.find({"$or": [{"_id": 0}, {"n": 50.0}]}).sort("_id", 1)) == [0, 5]
    assert ids(goods.find({"none": {"$exists": False}}).sort([("tag", -1), ("_id", 1)]).limit(4)) == [1, 3, 5, 0]
    assert ids(goods.find({"none": None}).sort("_id", 1).skip(4)) == [4, 5]


def test_find_within_documents_and_arrays(goods):
    goods.insert_many([{"_id": 1, "a": {"b": 1}}, {"_id": 2, "a": {"b": 2}}, {"_id": 3, "a": [1, 2]}])
    assert ids(goods.find({"a.b": 2})) == [2]
    assert ids(goods.find({"a": {"b": 1}})) == [1]
    assert ids(goods.find({"a": 2})) == [3]


def test_unknown_operator_is_refused(goods):
    goods.insert_one({"a": 1})
    assert code_of(list, goods.find({"a": {"$near-enough": 1}})) == 2


def test_projection(goods):
    goods.insert_one({"_id": 1, "a": 1, "b": 2})
    assert goods.find_one({}, {"a": 1}) == {"_id": 1, "a": 1}
    assert goods.find_one({}, {"b": 0}) == {"_id": 1, "a": 1}


def test_update_sets_and_unsets(goods):
    goods.insert_one({"_id": 1, "a": 1, "b": 2})
    result = goods.update_one({"_id": 1}, {"$set": {"a": 5, "c.d": 6}, "$unset": {"b": 1}, "$inc": {"n": 2}})
    assert (result.matched_count, result.modified_count) == (1, 1)
    assert goods.find_one() == {"_id": 1, "a": 5, "c": {"d": 6}, "n": 2}
    assert goods.update_one({"_id": 1}, {"$set": {"a": 5}}).modified_count == 0
    assert goods.update_one({"_id": 2}, {"$set": {"a": 5}}).matched_count == 0


def test_update_of_many(goods):
    goods.insert_many([{"_id": i} for i in range(3)])
    assert goods.update_many({"_id": {"$gt": 0}}, {"$set": {"x": 1}}).modified_count == 2


def test_upsert_starts_from_the_query(goods):
    result = goods.update_one({"_id": "a", "kind": "k"}, {"$set": {"x": 1}, "$setOnInsert": {"y": 2}}, upsert=True)
    assert result.upserted_id == "a"
    assert goods.find_one() == {"_id": "a", "kind": "k", "x": 1, "y": 2}
    goods.update_one({"_id": "a"}, {"$set": {"x": 3}, "$setOnInsert": {"y": 9}}, upsert=True)
    assert goods.find_one() == {"_id": "a", "kind": "k", "x": 3, "y": 2}


def test_replace_keeps_the_id(goods):
    goods.insert_one({"_id": 1, "a": 1})
    goods.replace_one({"a": 1}, {"b": 2})
    assert goods.find_one() == {"_id": 1, "b": 2}


def test_unknown_modifier_is_refused(goods):
    goods.insert_one({"_id": 1})
    assert code_of(goods.update_one, {"_id": 1}, {"$frobnicate": {"a": 1}}) == 9


def test_delete_one_and_many(goods):
    goods.insert_many([{"_id": i} for i in range(5)])
    assert goods.delete_one({}).deleted_count == 1
    assert goods.delete_many({"_id": {"$gte": 3}}).deleted_count == 2
    assert ids(goods.find().sort("_id", 1)) == [1, 2]


def test_same_id_twice_is_refused(goods):
    goods.insert_one({"_id": 1})
    assert code_of(goods.insert_one, {"_id": 1}) == 11000
    with pytest.raises(pymongo.errors.BulkWriteError) as error:
        goods.insert_many([{"_id": 2}, {"_id": 1}, {"_id": 3}])
    assert error.value.details["nInserted"] == 1
    assert ids(goods.find().sort("_id", 1)) == [1, 2]


def test_find_and_modify(goods):
    goods.insert_many([{"_id": 1, "n": 5}, {"_id": 2, "n": 7}])
    assert goods.find_one_and_update({}, {"$inc": {"n": 1}}, sort=[("n", -1)]) == {"_id": 2, "n": 7}
    after = pymongo.ReturnDocument.AFTER
    assert goods.find_one_and_update({"_id": 2}, {"$set": {"n": 0}}, return_document=after) == {"_id": 2, "n": 0}
    assert goods.find_one_and_update({"_id": 3}, {"$set": {"n": 1}}) is None
    new = goods.find_one_and_update({"_id": 3}, {"$set": {"n": 1}}, upsert=True, return_document=after)
    assert new == {"_id": 3, "n": 1}
    assert goods.find_one_and_delete({"_id": 1}) == {"_id": 1, "n": 5}
    assert ids(goods.find().sort("_id", 1)) == [2, 3]


def test_databases_and_collections_are_listed_and_dropped(goods):
    goods.insert_one({})
    goods.database.other.insert_one({})
    client = goods.database.client
    assert "shop" in client.list_database_names()
    assert sorted(goods.database.list_collection_names()) == ["goods", "other"]
    goods.drop()
    assert goods.database.list_collection_names() == ["other"]
    client.drop_database("shop")
    assert "shop" not in client.list_database_names()


def test_writes_reach_all_members(three):
    all_of_them = pymongo.WriteConcern(3, wtimeout=10000)
    goods = three.primary.client.shop.get_collection("goods", write_concern=all_of_them)
    goods.insert_one({"_id": 1, "a": 1})
    goods.update_one({"_id": 1}, {"$set": {"a": 2}})
    for secondary in three.secondaries:
        assert secondary.reads("shop", "goods").find_one() == {"_id": 1, "a": 2}


def test_secondary_takes_no_writes_and_reads_only_if_allowed(three):
    secondary = three.secondaries[0]
    assert code_of(secondary.client.shop.goods.insert_one, {}) == 10107
    assert code_of(secondary.client.shop.command, "find", "goods") in (13435, 0)


def test_write_concern_that_times_out(three):
    three.secondaries[0].stop(kill=True)
    goods = three.primary.client.shop.get_collection("goods", write_concern=pymongo.WriteConcern(3, wtimeout=100))
    with pytest.raises(pymongo.errors.WTimeoutError) as error:
        goods.insert_one({"_id": 1})
    assert error.value.code == 64
    assert three.primary.client.shop.goods.find_one() == {"_id": 1}


def test_write_concern_that_nobody_can_meet(three):
    goods = three.primary.client.shop.get_collection("goods", write_concern=pymongo.WriteConcern(4))
    with pytest.raises(pymongo.errors.WriteConcernError) as error:
        goods.insert_one({})
    assert error.value.code == 100


def test_majority_is_enough(three):
    three.secondaries[0].stop(kill=True)
    goods = three.primary.client.shop.get_collection("goods", write_concern=MAJORITY)
    goods.insert_one({"_id": 1})
    other = next(s for s in three.secondaries if s.process.poll() is None)
    until(lambda: other.reads("shop", "goods").find_one() == {"_id": 1}, "the document")
