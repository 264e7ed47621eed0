"""An unchanged manifest is an empty plan and not one write, with every field there is in use."""
import pathlib
import shutil

import pytest
import yaml

FILE = pathlib.Path(__file__).parent / "every-field.yaml"
# Sections of services, and those that need a database, which the demo image is not: their fields are in
# tests/cli/corpus.
APART = {"services", "defaults", "mongo", "apps", "features"}
# Fields that say something about other fields; the Engine is never told of them by name.
NOT_SENT = {"name", "adopt", "pin", "args", "envFile", "dependsOn", "runsOn", "when", "setup"}


@pytest.fixture(scope="module")
def applied(shared):
    """The manifest with every field, applied once under a name of its own."""
    shutil.copytree(FILE.parent, shared.zpm.folder, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    manifest = yaml.safe_load(FILE.read_text())
    sections = {key: value for key, value in manifest.items() if key != "platform"}
    sections["hosts"]["here"]["engine"]["endpoint"] = shared.engine.endpoint
    sections["hosts"]["here"]["node"] = shared.engine.get("/nodes")[0]["Description"]["Hostname"]
    shared.zpm.manifest({**sections, "platform": shared.name})
    for kind in ("secret", "config"):
        shared.foreign(f"/{kind}s/create", {"Name": f"every-field-{kind}", "Data": "eA=="}, f"/{kind}s/{{ID}}")
    shared.planned = shared.zpm.plan().exits(2).json
    shared.zpm.apply().exits(0)
    return shared


def resolve(schema, node):
    while "$ref" in node:
        found = schema
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = {**found, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def forms(schema, node):
    """A node of the schema and what it says as alternatives."""
    node = resolve(schema, node)
    yield node
    for key in ("anyOf", "oneOf", "allOf"):
        for child in node.get(key, ()):
            yield from forms(schema, child)


def properties(schema, node):
    return {name: child for form in forms(schema, node) for name, child in form.get("properties", {}).items()}


def leaves(schema, node, path=()):
    """Every field of an object of the schema, as a path; what is in a list or a map counts as "*"."""
    named = properties(schema, node)
    for name, child in named.items():
        yield from leaves(schema, child, path + (name,))
    below = [form[key] for form in forms(schema, node) for key in ("items", "additionalProperties")
             if isinstance(form.get(key), dict)]
    deeper = {leaf for child in below for leaf in leaves(schema, child, path + ("*",)) if leaf[-1] != "*"}
    yield from deeper
    if not named and not deeper:
        yield path


def used(value, path=()):
    if isinstance(value, dict):
        for key, child in value.items():
            yield from used(child, path + (key,))
            yield from used(child, path + ("*",))
    elif isinstance(value, list):
        for child in value:
            yield from used(child, path + ("*",))
    yield path


def service_node(schema):
    tiers = properties(schema, properties(schema, schema)["services"])
    return next(form["additionalProperties"] for form in forms(schema, tiers["core"])
                if isinstance(form.get("additionalProperties"), dict))


def test_every_field__the_manifest_uses_each_of_them(zpm):
    schema = zpm.run("schema").exits(0).json
    manifest = yaml.safe_load(FILE.read_text())
    services = manifest["services"]
    wanted = {("services", "*", "*") + path for path in leaves(schema, service_node(schema))}
    for name, node in properties(schema, schema).items():
        wanted |= {(name,)} | (set(leaves(schema, node, (name,))) if name not in APART else set())
    # The last excludes another one.
    wanted -= {("mongo",), ("apps",), ("api", "jwt", "secret")}

    assert len(wanted) > 90, "the schema was not understood"
    assert not sorted(".".join(path) for path in wanted - set(used(manifest)))
    assert set(services) == set(properties(schema, properties(schema, schema)["services"]))


def test_every_field__each_reaches_the_engine_with_a_value_that_is_no_default(applied):
    schema = applied.zpm.run("schema").exits(0).json
    told = {path.split(".")[0] for change in applied.planned["changes"] if change["kind"] == "service"
            for path in (field["path"] for field in change["fields"])}

    assert set(properties(schema, service_node(schema))) - NOT_SENT <= told


def test_apply_twice__the_second_writes_nothing(applied):
    before = applied.engine.versions(applied.name)
    specs = {name: service["Spec"] for name, service in applied.services().items()}

    again = applied.zpm.apply().exits(0).json
    assert again["engineWrites"] == 0
    assert again["result"] == "converged"
    assert again["changes"] == []
    assert applied.engine.versions(applied.name) == before
    assert {name: service["Spec"] for name, service in applied.services().items()} == specs


def test_apply_twice__the_plan_is_empty_and_the_status_is_converged(applied):
    plan = applied.zpm.plan().exits(0).json
    assert plan["changes"] == []
    assert plan["summary"]["unchanged"] >= len(applied.services())
    status = applied.zpm.status().exits(0).json
    assert {o["state"] for o in status["objects"]} == {"converged"}


def test_every_field__is_imported_so_that_nothing_is_to_do(applied):
    imported = applied.zpm.folder / "imported.yaml"
    imported.write_text(applied.zpm.run("import", "--platform", applied.name).exits(0).out)
    plan = applied.zpm.run("plan", "--exit-code", "-o", "json", "-f", imported).exits(0).json
    assert plan["changes"] == [] and "refused" not in plan
    assert plan["summary"]["unchanged"] >= len(applied.services())


def test_every_field__is_destroyed_with_all_that_was_made(applied):
    applied.zpm.destroy("--volumes").exits(0)
    left = (applied.services(), applied.engine.networks(applied.name), applied.engine.volumes(applied.name),
            applied.engine.files("secrets", applied.name), applied.engine.files("configs", applied.name))
    assert left == ({}, {}, {}, {}, {})
    assert applied.engine.get("/nodes")[0]["Spec"]["Labels"] == {}
