"""Runs the zpm binary as a user would, and holds what came of it."""
import json
import os
import pathlib
import subprocess
import time
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 120  # seconds; a command that takes longer hangs


def binary():
    return os.path.abspath(os.environ.get("ZPM_BIN") or ROOT / "build/dev/zpm")


def inside():
    """What runs a command where the Engine's ports are: in a network namespace of the tests' own."""
    return ("nsenter", f"--net={os.environ['ZPM_TEST_NETNS']}") if os.environ.get("ZPM_TEST_NETNS") else ()


@dataclass
class Result:
    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit {self.code} after {self.seconds:.1f} s\n--- stdout\n{self.out}--- stderr\n{self.err}"

    def exits(self, code):
        """Itself; fails with all that was printed when the code is another."""
        assert self.code == code, f"expected exit {code}, got {self}"
        # What a sanitizer has to say goes to standard error.
        assert "Sanitizer" not in self.err and "runtime error" not in self.err, str(self)
        return self

    def change(self, ref):
        """Of `-o json`: the one change of "kind/name"."""
        found = [c for c in self.json["changes"] if f"{c['kind']}/{c['name']}" == ref]
        assert len(found) == 1, f"{len(found)} changes of {ref} in {self}"
        return found[0]

    @property
    def changed(self):
        """Of `-o json`: {"kind/name": action}."""
        return {f"{c['kind']}/{c['name']}": c["action"] for c in self.json["changes"]}


class Zpm:
    prefix = ()  # what runs the command: `nsenter` and its like

    def __init__(self, folder, endpoint=None, env=None):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "securaa.yaml"
        self.env = {k: v for k, v in os.environ.items() if k not in ("DOCKER_HOST", "NO_COLOR", "TERM")}
        self.env["DOCKER_CONFIG"] = str(self.folder / "docker")  # no credentials of the tester's
        self.env.update(env or {})
        if endpoint:
            self.env["DOCKER_HOST"] = endpoint

    def at(self, endpoint):
        """The same with another Engine."""
        return Zpm(self.folder, endpoint, self.env)

    def manifest(self, content):
        """Writes the manifest: text, or a dict, as JSON is YAML too."""
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        self.file.write_text(text, encoding="utf-8")
        return self.file

    def start(self, *args, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                   "cwd": self.folder, "env": self.env, **options}
        return subprocess.Popen([*self.prefix, binary(), *map(str, args)], **options)

    def run(self, *args, stdin=None, timeout=PATIENCE, **options):
        started = time.monotonic()
        if stdin is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(*args, **options)
        return finish(process, started, stdin, timeout)

    # The commands that tests use most.

    def apply(self, *args, **options):
        return self.run("apply", "--yes", "-o", "json", *args, **options)

    def plan(self, *args, **options):
        return self.run("plan", "--exit-code", "-o", "json", *args, **options)

    def status(self, *args, **options):
        return self.run("status", "-o", "json", *args, **options)

    def destroy(self, *args, **options):
        return self.run("destroy", "--yes", "-o", "json", *args, **options)


def finish(process, started, stdin=None, timeout=PATIENCE):
    """What a started command did. Ends it when it does not end by itself."""
    try:
        out, err = process.communicate(stdin.encode() if isinstance(stdin, str) else stdin, timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"{process.args} did not end within {timeout} s\n{decode(out)}{decode(err)}")
    return Result(process.returncode, decode(out), decode(err), time.monotonic() - started)


def decode(data):
    return (data or b"").decode("utf-8")


def platform(name, services=None, **sections):
    """A small manifest: `services` by tier, as in {"core": {"a": {"image": "x"}}}."""
    return {"apiVersion": "zpm/v1", "platform": name, **sections, "services": services or {}}
