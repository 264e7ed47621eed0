"""What a person gets with TAB: real shells at a pseudo-terminal, and what they ask zpm for."""
import os
import signal
import subprocess
import time

import pytest

import zpm_run
from terminal import PATIENCE, Terminal
from zpm_run import platform

# Beside TAB a key that puts in all candidates, and one that writes down what the line is.
SETUP = {
    "bash": r"""source <(zpm completion bash)
bind '"\C-t": insert-completions'; bind -x '"\C-g": printf "%s\n" "$READLINE_LINE" >>"$HOME/lines"'
""",
    "zsh": r"""bindkey -e; fpath=($HOME/functions $fpath); autoload -U compinit; compinit -D
show() { print -r -- "$BUFFER" >>$HOME/lines }; zle -N show; bindkey '^G' show
zle -C all complete-word _generic; bindkey '^T' all
zstyle ':completion:all::::' completer _all_matches _complete
zstyle ':completion:all:*' insert true
""",
}
START = {"bash": ["bash", "--noprofile", "--norc", "-i"], "zsh": ["zsh", "-f", "-i"]}
CLEAR, ALL, SHOW, TAB = "\x15", "\x14", "\x07", "\t"


class Shell:
    """A shell that completes zpm, in a folder."""

    def __init__(self, name, zpm):
        self.name, self.zpm, self.lines = name, zpm, zpm.folder / "lines"
        for folder in ("tools", "functions"):
            (zpm.folder / folder).mkdir()
        os.symlink(zpm_run.binary(), zpm.folder / "tools" / "zpm")
        (zpm.folder / "functions" / "_zpm").write_text(zpm.run("completion", "zsh").exits(0).out)
        (zpm.folder / "setup").write_text(SETUP[name])
        self.lines.touch()
        self.env = {**zpm.env, "PATH": f"{zpm.folder}/tools:{os.environ['PATH']}", "HOME": str(zpm.folder)}
        self.terminal = Terminal(self, columns=1000)
        self.terminal.type(". ./setup; echo read''y\n")
        self.terminal.wait_for("ready\r\n")

    def start(self, **options):
        """As Terminal starts zpm, which this shell takes the place of."""
        return subprocess.Popen(START[self.name], cwd=self.zpm.folder, **options)

    def line(self, keys):
        """What the line is after some keys."""
        known = self.lines.read_text()
        self.terminal.type(CLEAR + keys + SHOW)
        deadline = time.monotonic() + PATIENCE
        while not self.lines.read_text()[len(known):].endswith("\n"):
            self.terminal.read(0.05)
            assert time.monotonic() < deadline, f"no line after {keys!r}; shown: {self.terminal.shown!r}"
        return self.lines.read_text()[len(known):-1]

    def tab(self, text):
        return self.line(text + TAB)

    def all(self, text):
        """The candidates for the last word."""
        return self.line(text + ALL)[text.rindex(" ") + 1:].split()

    def end(self):
        os.killpg(self.terminal.process.pid, signal.SIGKILL)
        self.terminal.finish()


@pytest.fixture(params=["bash", "zsh"])
def shell(request, zpm):
    zpm.manifest(platform("shop", {"core": {"web": {"image": "x"}, "worker": {"image": "x"}},
                                   "ui": {"board": {"image": "x"}}},
                          volumes={"data": {}}, hosts={"north": {"roles": ["active"]}, "south": {"roles": ["passive"]}}))
    shell = Shell(request.param, zpm)
    yield shell
    shell.end()


def test_tab__completes_commands_and_options(shell):
    assert shell.tab("zpm sch") == "zpm schema "
    assert shell.tab("zpm plan --exit") == "zpm plan --exit-code "
    assert shell.tab("zpm --fi") == "zpm --file "


def test_tab__knows_all_commands_and_their_options(shell, zpm):
    help_text = zpm.run("--help").exits(0).out
    commands = [line.split()[0] for line in help_text.splitlines() if line.startswith("  ")][:-1]
    assert set(shell.all("zpm ")) >= {"apply", "completion"} and set(shell.all("zpm ")) <= set(commands)
    options = zpm.run("logs", "--help").exits(0).out
    offered = shell.all("zpm logs --")
    assert "--follow" in offered and "--yes" not in offered
    assert all(option in options for option in offered if option != "--help")


def test_tab__offers_the_formats_that_a_command_has(shell):
    assert sorted(shell.all("zpm plan -o ")) == ["json", "markdown", "text"]
    assert shell.tab("zpm graph -o d") == "zpm graph -o dot "
    assert shell.tab("zpm plan --output=j") == "zpm plan --output=json "


def test_tab__offers_services_of_the_manifest(shell):
    assert sorted(shell.all("zpm restart ")) == ["board", "web", "worker"]
    assert sorted(shell.all("zpm restart web ")) == ["board", "worker"]
    assert shell.tab("zpm logs b") == "zpm logs board "
    assert shell.tab("zpm exec board -- b") == "zpm exec board -- b"


def test_tab__reads_the_manifest_that_the_line_names(shell, zpm):
    zpm.file.rename(zpm.folder / "other.yaml")
    assert shell.all("zpm restart ") == []
    assert shell.tab("zpm -f other.yaml restart b") == "zpm -f other.yaml restart board "
    assert shell.tab("zpm restart --file=other.yaml b") == "zpm restart --file=other.yaml board "
    assert shell.tab("zpm restart -f ~/other.yaml b") == "zpm restart -f ~/other.yaml board "


def test_tab__offers_kinds_and_then_objects_as_targets(shell):
    assert shell.tab("zpm plan --target vol") == "zpm plan --target volume/"
    assert shell.tab("zpm plan --target volume/") == "zpm plan --target volume/data "
    assert shell.tab("zpm plan --target=service/b") == "zpm plan --target=service/board "


def test_tab__offers_hosts_to_fail_over_to(shell):
    assert shell.tab("zpm failover --to s") == "zpm failover --to south "


def test_tab__offers_files_where_one_is_named(shell, zpm):
    (zpm.folder / "a plan.json").touch()
    assert shell.tab("zpm plan -f secu") == "zpm plan -f securaa.yaml "
    assert shell.tab("zpm apply a") == "zpm apply a\\ plan.json "
    assert shell.tab("zpm plan --var-file=secu") == "zpm plan --var-file=securaa.yaml "


def test_tab__with_a_manifest_full_of_mistakes_says_nothing(shell, zpm):
    zpm.manifest("platform: [\n")
    before = len(shell.terminal.shown)
    assert shell.tab("zpm restart b") == "zpm restart b"
    assert "securaa.yaml" not in shell.terminal.shown[before:]


def complete(zpm, *words, **options):
    return zpm.run("__complete", *words, **options).exits(0)


def test_complete__asks_no_engine(swarm):
    swarm.zpm.manifest(platform("shop", {"core": {"web": {"image": "x"}}}))
    assert complete(swarm.zpm, "restart", "").out == "web\tcore\n"
    assert swarm.connections == 0


def test_complete__does_not_wait_for_standard_input(zpm):
    zpm.manifest(platform("shop", {"core": {"web": {"image": "x"}}}, secrets={"key": {"file": "-"}}))
    read, write = os.pipe()
    try:
        result = complete(zpm, "-f", "-", "restart", "", stdin=None, timeout=20)
        assert (result.out, result.err) == ("", "")
        process = zpm.start("__complete", "restart", "", stdin=read)
        assert zpm_run.finish(process, time.monotonic(), timeout=20).exits(0).err == ""
    finally:
        os.close(read)
        os.close(write)


@pytest.mark.parametrize("words", [[], ["nonsense", ""], ["plan", "--nonsense", ""], ["-f", "nowhere", "restart", ""],
                                   ["version", ""], ["--set", "A", "restart", ""], ["plan", "-"], ["--=", "--="]],
                         ids=" ".join)
def test_complete__of_anything_fails_not_and_says_nothing_of_mistakes(zpm, words):
    assert complete(zpm, *words).err == ""


def test_complete__is_in_no_help(zpm):
    assert "__complete" not in zpm.run("--help").exits(0).out


def test_completion__of_a_shell_without_one_says_which_have(zpm):
    result = zpm.run("completion", "fish").exits(3)
    assert "bash" in result.err and "zsh" in result.err


def test_completion__is_a_script_without_findings(zpm):
    script = zpm.run("completion", "bash").exits(0).out
    done = subprocess.run(["shellcheck", "-s", "bash", "-"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
