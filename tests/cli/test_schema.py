"""The JSON Schema and the parser take the same manifests, as seen by a validator that is not ours."""
import json
import pathlib

import jsonschema
import pytest
import ruamel.yaml
import zpm_run

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
KEPT = zpm_run.ROOT / "schemas/securaa.schema.json"
EVERY_FIELD = zpm_run.ROOT / "tests/live/every-field.yaml"
CANNOT_SEE = "# schema: cannot see"

ACCEPTED = sorted(CORPUS.glob("accept/*.yaml")) + [EVERY_FIELD]
REJECTED = sorted(CORPUS.glob("reject/*.yaml"))


def load(path):
    """As YAML 1.2 with its core schema, which is what zpm reads."""
    return ruamel.yaml.YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    return zpm_run.Zpm(tmp_path_factory.mktemp("schema")).run("schema").exits(0).out


@pytest.fixture(scope="module")
def validator(printed):
    return jsonschema.Draft202012Validator(json.loads(printed))


def test_schema__is_valid_by_the_meta_schema(printed):
    schema = json.loads(printed)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_schema__kept_copy_is_current(printed):
    assert KEPT.read_text(encoding="utf-8") == printed, f"run: zpm schema >{KEPT.relative_to(zpm_run.ROOT)}"


def test_schema__all_references_lead_somewhere(printed):
    schema = json.loads(printed)

    def references(value):
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"]
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                yield from references(item)

    used = {reference.removeprefix("#/$defs/") for reference in references(schema)}
    assert used == set(schema["$defs"])


def test_schema__every_field_is_explained(printed):
    schema = json.loads(printed)
    shapes = {"manifest": schema, **{name: shape for name, shape in schema["$defs"].items() if "properties" in shape}}
    silent = [f"{name}.{field}" for name, shape in shapes.items() for field, what in shape["properties"].items()
              if not what.get("description")]
    assert not silent


def test_schema__every_field_is_used_in_the_example_of_all(printed):
    """tests/live/every-field.yaml is applied to a real Engine: a new field has to be added there.

    Those of mongo, and of what its database decides on, are not, for want of a real mongod; they are in the corpus.
    """
    in_mongo = {"mongo", "apps"}
    schema = json.loads(printed)
    unused = []

    def walk(value, form, path):
        if "$ref" in form:
            form = schema["$defs"][form["$ref"].removeprefix("#/$defs/")]
        for choice in form.get("anyOf", []):
            walk(value, choice, path)
        if isinstance(value, list) and "items" in form:
            for item in value:
                walk(item, form["items"], path)
        if isinstance(value, dict) and isinstance(form.get("additionalProperties"), dict):
            for item in value.values():
                walk(item, form["additionalProperties"], path)
        if isinstance(value, dict) and "properties" in form:
            for name, below in form["properties"].items():
                seen.setdefault((id(form), name), [path + "." + name, False])
                if name in value:
                    seen[(id(form), name)][1] = True
                    walk(value[name], below, path + "." + name)

    seen = {}
    for path in [EVERY_FIELD, CORPUS / "accept/api.yaml", *CORPUS.glob("accept/mongo*.yaml")]:
        wanted = in_mongo | {"features"} if path.name.startswith("mongo") else in_mongo ^ set(schema["properties"])
        walk({key: value for key, value in load(path).items() if key in wanted}, schema, "")
    unused = [path for path, used in seen.values() if not used]
    # What these have is what a service has.
    services = (".defaults.", ".apps.fromIntegrations.template.")
    assert [path for path in unused if not path.startswith(services)] == []


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_schema__takes_what_the_parser_takes(path, validator, zpm):
    zpm.run("-f", path.name, "validate", cwd=path.parent).exits(0)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(load(path))] == []


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_schema__refuses_what_the_parser_refuses(path, validator, zpm):
    lines = path.read_text(encoding="utf-8").splitlines()
    result = zpm.run("-f", path.name, "validate", cwd=path.parent).exits(3)
    assert result.err == f"{path.name}:{lines[0].removeprefix('# expect: ')}\n"
    try:
        seen = [error.message for error in validator.iter_errors(load(path))]
    except ruamel.yaml.error.YAMLError:
        seen = []
    if lines[1] == CANNOT_SEE:
        assert not seen, "the schema sees it after all: take the second line out"
    else:
        assert seen


def test_schema__corpus_is_there():
    assert len(ACCEPTED) > 25
    assert len(REJECTED) > 25
