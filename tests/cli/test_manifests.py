"""Every manifest that is delivered is one: those in manifests/ and in examples/."""
import pytest
import zpm_run

FILES = sorted([*(zpm_run.ROOT / "manifests").glob("*.yaml"), *(zpm_run.ROOT / "examples").glob("*/*.yaml")])
PARTS = [path for path in FILES if "apiVersion:" not in path.read_text(encoding="utf-8")]
WHOLE = [path for path in FILES if path not in PARTS]


def name(path):
    return str(path.relative_to(zpm_run.ROOT))


@pytest.mark.parametrize("path", WHOLE, ids=name)
def test_manifest__is_valid_and_wise(zpm, path):
    result = zpm.run("-f", path, "validate").exits(0)
    assert result.err == ""


def test_manifests__parts_are_included_by_a_whole_one():
    whole = "".join(path.read_text(encoding="utf-8") for path in WHOLE)
    assert [name(path) for path in PARTS if path.name not in whole] == []


def test_manifests__the_reference_is_among_them():
    assert zpm_run.ROOT / "manifests/securaa.yaml" in WHOLE
