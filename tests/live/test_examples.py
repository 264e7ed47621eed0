"""Every example does what its README says: each command in it is run, in a copy of the folder, and has
to print what is shown there."""
import os
import re
import shutil
import subprocess

import pytest

from zpm_run import ROOT, binary, inside

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/securaa.yaml"))
BLOCK = re.compile(r"^```\w*\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = re.compile(r"\d+\.\d s$", re.MULTILINE)  # the one thing that differs from run to run


def value(path, pattern):
    return re.findall(pattern, (path / "securaa.yaml").read_text(), re.MULTILINE)


def sessions(readme):
    """The commands of a README and what each is shown to print."""
    for block in BLOCK.findall(readme):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


@pytest.fixture(params=EXAMPLES, ids=[path.name for path in EXAMPLES])
def example(request, engine, tmp_path):
    platform = value(request.param, r"^platform: *(\S+)")[0]
    engine.sweep(platform)
    yield request.param, platform, shutil.copytree(request.param, tmp_path / "example")
    engine.sweep(platform)


def run(command, folder, engine):
    env = {**os.environ, "DOCKER_HOST": engine.endpoint, "PATH": f"{folder.parent}:{os.environ['PATH']}"}
    done = subprocess.run([*inside(), "bash", "-o", "pipefail", "-c", command], cwd=folder, env=env, capture_output=True,
                          text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def test_examples__there_are_at_least_three_each_with_a_readme():
    folders = [path for path in (ROOT / "examples").iterdir() if path.is_dir()
               and path.name not in ("images", "platform")]
    assert len(EXAMPLES) >= 3 and sorted(folders) == EXAMPLES
    assert all((path / "README.md").exists() for path in EXAMPLES)


def test_example__does_what_its_readme_says(example, engine):
    source, platform, folder = example
    os.symlink(binary(), folder.parent / "zpm")
    commands = list(sessions((source / "README.md").read_text()))
    words = [command.split()[:2] for command, _ in commands]
    assert [["zpm", verb] in words for verb in ("plan", "apply", "status", "destroy")] == [True] * 4
    converged = 0
    for command, shown in commands:
        code, out, err = run(command, folder, engine)
        assert code == 0, f"$ {command}\nexit {code}\n{out}{err}"
        assert SECONDS.sub("N s", out) == SECONDS.sub("N s", shown), f"$ {command}\nprints\n{out}"
        if command.startswith("zpm apply"):
            # Then it is as declared, and stays so.
            assert run("zpm status", folder, engine)[0] == 0
            assert '"engineWrites": 0' in run("zpm apply --yes -o json", folder, engine)[1]
            # What runs gives a manifest that means the same.
            imported = f"zpm import --platform {platform} >imported.yaml && zpm plan --exit-code -f imported.yaml"
            assert run(imported, folder, engine)[0] == 0
            converged += 1
    assert converged
    assert engine.services(platform) == engine.networks(platform) == engine.volumes(platform) == {}


def test_examples__can_live_beside_each_other():
    names = [name for path in EXAMPLES for name in value(path, r"^platform: *(\S+)")]
    ports = [port for path in EXAMPLES for port in value(path, r"published: *(\d+)")]
    assert len(set(names)) == len(names) == len(EXAMPLES)
    assert len(set(ports)) == len(ports)
