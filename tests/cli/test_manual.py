"""The reference in docs/ is made from the schema, and is kept so."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_fields__in_the_manual_are_those_of_the_schema(zpm):
    schema = zpm.run("schema").exits(0).out
    made = subprocess.run([ROOT / "scripts/fields"], input=schema, capture_output=True, text=True, check=True)
    assert (ROOT / "docs/fields.md").read_text() == made.stdout, \
        "stale: zpm schema | scripts/fields > docs/fields.md"
