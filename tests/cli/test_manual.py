"""The reference in docs/ is made from what zpm says of itself, and is kept so."""
import json
import pathlib
import subprocess

import pytest

import zpm_run

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_fields__in_the_manual_are_those_of_the_schema(zpm):
    schema = zpm.run("schema").exits(0).out
    made = subprocess.run([ROOT / "scripts/fields"], input=schema, capture_output=True, text=True, check=True)
    assert (ROOT / "docs/fields.md").read_text() == made.stdout, \
        "stale: zpm schema | scripts/fields > docs/fields.md"


def test_manual_page__has_the_commands_and_options_of_the_help():
    made = subprocess.run([ROOT / "scripts/manual", zpm_run.binary()], capture_output=True, text=True, check=True)
    assert (ROOT / "docs/man/zpm.1.scd").read_text() == made.stdout, \
        "stale: scripts/manual build/dev/zpm > docs/man/zpm.1.scd"


def test_manual_page__names_every_command_and_option(zpm):
    page = (ROOT / "docs/man/zpm.1.scd").read_text()
    listed = zpm.run("--help").exits(0).out.partition("commands:\n")[2].partition("\n\n")[0]
    for command in [line.split()[0] for line in listed.splitlines()]:
        assert f"\n*zpm {command}*" in page
        for word in zpm.run(command, "--help").exits(0).out.split():
            assert not word.startswith("--") or word == "--" or f"*{word}*" in page, f"{command} {word}"


def test_manual_page__of_the_manifest_names_every_section(zpm):
    page = (ROOT / "docs/man/securaa.yaml.5.scd").read_text()
    for section in json.loads(zpm.run("schema").exits(0).out)["properties"]:
        assert f"*{section}*" in page


@pytest.mark.parametrize("name", ["zpm.1", "securaa.yaml.5"])
def test_manual_page__is_understood(name):
    with open(ROOT / f"docs/man/{name}.scd", encoding="utf-8") as page:
        assert ".SH NAME\n" in subprocess.run(["scdoc"], stdin=page, capture_output=True, text=True, check=True).stdout
