"""Documents: ETags, what is asked for again, and plans that change under somebody's hands."""
import json
import re


def test_document__comes_with_a_tag_that_changes_with_it(api):
    text = api.show("status", {"a": 1})
    first = api.get("/status")
    assert first.body.decode() == text and first.headers["Content-Type"] == "application/json"
    assert re.fullmatch('"[0-9a-f]{32}"', first.headers["ETag"])
    assert "no-cache" in first.headers["Cache-Control"]
    api.show("status", {"a": 1})
    assert api.get("/status").headers["ETag"] == first.headers["ETag"]
    api.show("status", {"a": 2})
    assert api.get("/status").headers["ETag"] != first.headers["ETag"]


def test_document__is_not_sent_to_who_has_it(api):
    api.show("status", {"a": 1})
    tag = api.get("/status").headers["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', f'"x",{tag},"y"', "*"):
        answer = api.get("/status", headers={"If-None-Match": known})
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag), known
    for other in ('"x"', tag[:-2] + '"', tag.strip('"'), "", "W/"):
        assert api.get("/status", headers={"If-None-Match": other}).status == 200, other


def test_files__have_tags_too(api):
    for path in ("/", "/page.css", "/page.js", "/openapi.json"):
        tag = api.get(path, role=None).headers["ETag"]
        assert api.get(path, role=None, headers={"If-None-Match": tag}).status == 304


def test_apply__of_a_plan_that_has_changed_is_refused(api):
    api.post("/apply", headers={"If-Match": '"x"'}).is_error(412, "plan_has_changed")
    api.show("plan", {"changes": [1]})
    tag = api.get("/plan").headers["ETag"]
    assert api.post("/apply", headers={"If-Match": tag}).status == 200
    api.show("plan", {"changes": [1, 2]})
    api.post("/apply", headers={"If-Match": tag}).is_error(412)
    # A weak tag is none that something is changed by.
    api.post("/apply", headers={"If-Match": "W/" + api.get("/plan").headers["ETag"]}).is_error(412)
    assert api.post("/apply", headers={"If-Match": "*"}).status == 200
    assert api.post("/apply").status == 200
    assert len(api.await_line("command", 3)) == 3


def test_document__that_is_large_is_served_while_it_changes(api):
    texts = [json.dumps({"n": n, "objects": [{"name": f"service-{i}", "state": "converged"} for i in range(4000)]})
             for n in range(2)]
    api.show("status", texts[0])
    connection = api.connection()
    for n in range(20):
        api.show("status", texts[n % 2])
        assert api.get("/status", connection=connection).body.decode() in texts
    connection.close()
