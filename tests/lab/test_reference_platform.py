"""manifests/securaa.yaml on three real nodes: the whole platform, its database, and the apps that it asks for."""
import pathlib
import shutil
import subprocess

import zpm_run

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACTIVE = 4


def site(lab, name, path):
    """What differs from site to site. Checks are rare, as forty of them share one machine."""
    values = {"REGISTRY": "zpm-demo", "TAG": "1.0", "MONGO_IMAGE": "mongo-standin:1.0", "CHECK_INTERVAL": "2s"}
    for letter, node in zip("ABC", lab.nodes):
        values[f"NODE_{letter}"], values[f"ADDRESS_{letter}"] = node, lab.nodes[node].address
    path.write_text("".join(f'{key}: "{value}"\n' for key, value in values.items()))


def copy_manifest(folder, name):
    """Under a platform's name of the test's own."""
    for source in (ROOT / "manifests").glob("*.yaml"):
        shutil.copy(source, folder)
    main = folder / "securaa.yaml"
    main.write_text(main.read_text().replace("platform: securaa\n", f"platform: {name}\n", 1))


def load(lab, status, *args):
    """Into whoever is primary, from inside the lab's network."""
    primary = next(o["primary"] for o in status["objects"] if (o["kind"], o["name"]) == ("replica-set", "meta"))
    return subprocess.run([*lab.inside("m1"), str(ROOT / "examples/platform/load"), "--server", primary, *args],
                          check=True, timeout=60, capture_output=True, text=True).stdout


def said_everywhere(lab, platform, results):
    """All that zpm has printed, and all that the Swarm knows."""
    engine = lab.engine("m1")
    known = [engine.get(path) for path in ("/services", "/tasks", "/configs", "/networks", "/nodes")]
    return "".join(r.out + r.err for r in results) + str(known)


def test_reference_platform__converges_with_its_apps(lab, platform):
    site(lab, platform.name, platform.zpm.folder / "site.yaml")
    copy_manifest(platform.zpm.folder, platform.name)
    zpm = platform.zpm_at("m1")
    zpm.prefix = lab.inside("m1")
    run = lambda *args, code=0: zpm.run(*args, "--var-file", "site.yaml", timeout=400).exits(code)
    results = [run("validate"), run("plan"), run("apply", "--yes", "-o", "json")]
    assert results[-1].json["result"] == "converged"
    assert len(lab.engine("m1").services(platform.name)) >= 45
    load(lab, run("status", "-o", "json").json, "--executable", "app", "--active", str(ACTIVE))
    results += [run("plan", "-o", "json"), run("apply", "--yes", "-o", "json"), run("integrations"), run("tenants")]
    apps = [name for name in lab.engine("m1").services(platform.name) if name.endswith(tuple("0123456789"))
            and "tenant" in name]
    assert len(apps) == ACTIVE
    assert all(len(platform.nodes_of(name, "m1")) == 1 for name in apps)
    again = run("apply", "--yes", "-o", "json").json
    assert (again["engineWrites"], again["mongoWrites"], again["changes"]) == (0, 0, [])
    results.append(run("status"))
    passwords = subprocess.run([ROOT / "examples/platform/load", "--passwords"], check=True, capture_output=True,
                               text=True).stdout.split()
    said = said_everywhere(lab, platform, results)
    assert len(passwords) > 100 and [p for p in passwords if p in said] == []
