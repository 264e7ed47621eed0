"""The OpenAPI document: is it one, and does the server do as it says, whatever is asked?"""
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from api_served import ROLES

DOCUMENTS = ["status", "plan", "history", "integrations", "tenants"]
PROPERTIES = settings(max_examples=150, deadline=None, database=None, derandomize=True,
                      suppress_health_check=list(HealthCheck))


@pytest.fixture
def served(serve):
    served = serve(webhook={"secret": "hook"}, files={"hook": "x" * 20})
    for name in DOCUMENTS:
        served.show(name, {"of": name})
    served.tell("ready")
    return served


@pytest.fixture
def document(served):
    return json.loads(served.get("/openapi.json", role=None).body)


def operations(document):
    return [(path, method, what) for path, methods in document["paths"].items() for method, what in methods.items()]


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def schemas_in(value):
    """All that stands where the standard wants a schema."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "schema":
                yield item
            else:
                yield from schemas_in(item)
    if isinstance(value, list):
        for item in value:
            yield from schemas_in(item)


def test_openapi__has_the_form_of_its_standard(document):
    assert document["openapi"] == "3.1.0"
    assert set(document) <= {"openapi", "info", "paths", "components", "servers", "tags", "security"}
    assert document["info"]["title"] and document["info"]["version"]
    ids = [what["operationId"] for _, _, what in operations(document)]
    assert len(ids) == len(set(ids)) == len(operations(document))
    for path, method, what in operations(document):
        assert re.fullmatch(r"/[a-z./]*", path) and method in ("get", "post")
        assert what["summary"] and what["responses"]
        assert set(what) <= {"operationId", "summary", "security", "parameters", "requestBody", "responses", "x-role"}
        for parameter in what["parameters"]:
            assert parameter["in"] == "header" and parameter["name"] and parameter["schema"]
            assert parameter["name"] not in ("Accept", "Content-Type", "Authorization")
        for status, answer in what["responses"].items():
            assert re.fullmatch("[2-5][0-9][0-9]", status) and answer["description"]
            assert set(answer) <= {"description", "headers", "content"}
        assert ("requestBody" in what) == (method == "post")


def test_openapi__refers_to_what_is_there_and_to_all_of_it(document):
    used = set(references(document))
    assert used == {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    schemes = document["components"]["securitySchemes"]
    for _, _, what in operations(document):
        for one in what["security"]:
            assert set(one) <= set(schemes)
        assert bool(what["security"]) == ("x-role" in what)


def test_openapi__schemas_are_schemas(document):
    for schema in [*schemas_in(document), *document["components"]["schemas"].values()]:
        Draft202012Validator.check_schema(schema)


def test_openapi__promises_errors_of_one_form(document):
    for path, _, what in operations(document):
        for status, answer in what["responses"].items():
            if int(status) >= 400:
                assert answer["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}, path
        for status in ("200", "400", "429"):
            assert status in what["responses"]
        assert ("401" in what["responses"]) == ("x-role" in what or path == "/webhook")
        assert ("403" in what["responses"]) == ("x-role" in what)


def validate(document, schema, value):
    resolved = {**schema, "components": document["components"]}
    Draft202012Validator(resolved).validate(value)


def check(document, path, method, answer):
    """The answer is one of those that are promised."""
    what = document["paths"][path][method]
    assert str(answer.status) in what["responses"], (path, answer.status, answer.body)
    content = what["responses"][str(answer.status)].get("content")
    if not content:
        assert not answer.body
        return
    (kind, media), = content.items()
    assert answer.headers["Content-Type"].split(";")[0] == kind
    if kind == "application/json":
        validate(document, media["schema"], answer.json)


def valid(schema):
    """Values that the schema of a body allows."""
    members = {}
    for name, member in schema["properties"].items():
        if member["type"] == "integer":
            members[name] = st.integers(member["minimum"], member["maximum"])
        else:
            members[name] = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=member["minLength"],
                                    max_size=member["maxLength"])
    required = schema.get("required", [])
    return st.fixed_dictionaries({name: members[name] for name in required},
                                 optional={name: value for name, value in members.items() if name not in required})


ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


def bodies(document):
    return [(path, what["requestBody"]["content"]["application/json"]["schema"])
            for path, method, what in operations(document) if method == "post" and path != "/webhook"]


def test_server__takes_what_the_document_allows(served, document):
    connection = served.connection()

    @PROPERTIES
    @given(st.data())
    def run(data):
        path, schema = data.draw(st.sampled_from(bodies(document)))
        body = data.draw(valid(schema))
        validate(document, schema, body)
        answer = served.post(path, body, connection=connection)
        assert answer.status == 200 or body.get("serviceName") == "missing", (path, body, answer.body)
        check(document, path, "post", answer)

    run()
    connection.close()


def test_server__refuses_what_the_document_does_not_allow(served, document):
    @PROPERTIES
    @given(st.data())
    def run(data):
        path, schema = data.draw(st.sampled_from(bodies(document)))
        names = st.sampled_from([*schema["properties"], "reason", "x"]) | st.text()
        body = data.draw(st.dictionaries(names, ANYTHING, max_size=3) | ANYTHING)
        # What a member may hold is in the schema; that NaN is no JSON is not.
        text = json.dumps(body)
        allowed = Draft202012Validator(schema).is_valid(body) and not re.search("NaN|Infinity", text)
        # 1.0 is an integer to JSON Schema, and none to a reader of revisions.
        if isinstance(body, dict) and isinstance(body.get("revision"), float):
            allowed = False
        answer = served.request("POST", path, "admin", body=text, headers={"Content-Type": "application/json"})
        assert (answer.status == 200) == allowed, (path, text, answer.body)
        check(document, path, "post", answer)

    run()


def test_server__answers_garbage_as_the_document_says(served, document):
    @PROPERTIES
    @given(st.data())
    def run(data):
        path, method, what = data.draw(st.sampled_from(operations(document)))
        if path == "/events":
            return
        role = data.draw(st.sampled_from([None, *ROLES]))
        body = data.draw(st.binary(max_size=200)) if method == "post" else None
        headers = {"Content-Type": data.draw(st.sampled_from(["application/json", "text/plain"]))} if body is not None else {}
        for parameter in what["parameters"]:
            if data.draw(st.booleans()):
                headers[parameter["name"]] = data.draw(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
        # Not too often from one address: it would be locked out.
        source = f"127.0.{data.draw(st.integers(1, 250))}.{data.draw(st.integers(1, 250))}"
        answer = served.request(method.upper(), path, role, body=body, headers=headers, source=source)
        check(document, path, method, answer)

    run()


def test_server__answers_unknown_paths_with_errors(served):
    @PROPERTIES
    @given(st.text(st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters="?#"), max_size=40))
    def run(path):
        answer = served.get("/x" + path)
        assert answer.status in (400, 404)
        if answer.headers["Content-Type"] == "application/json":
            answer.is_error(answer.status)

    run()
