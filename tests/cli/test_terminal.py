"""What a person at a terminal sees and is asked, on a pseudo-terminal."""
import os
import re
import signal

import pytest

from scripted_engine import Hang, on
from terminal import Terminal
from zpm_run import platform

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def shop(swarm):
    swarm.zpm.manifest(platform("shop", {"core": {"a": {"image": "x"}, "b": {"image": "x", "dependsOn": ["a"]}}}))
    return swarm


def screen(shown, columns):
    """What stays on the terminal: enough of one for what zpm sends."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", shown):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            while len(lines) <= row:
                lines.append("")
        elif part.startswith("\x1b"):
            number, letter = part[2:-1], part[-1]
            if letter == "A":
                row -= int(number or 1)
                assert row >= 0, "moved above where it began"
            elif letter == "J":
                lines[row] = lines[row][:column]
                del lines[row + 1:]
            elif letter == "K":
                lines[row] = lines[row][:column]
            else:
                assert letter == "m", f"unknown sequence {part!r}"
        else:
            lines[row] = lines[row][:column] + part + lines[row][column + len(part):]
            column += len(part)
            assert column <= columns, f"a line of {column} columns wraps: {lines[row]!r}"
    return lines


@pytest.mark.parametrize("answer", ["y\n", "yes\n"])
def test_consent__given_at_the_terminal_applies(shop, answer):
    terminal = Terminal(shop.zpm, "apply")
    terminal.wait_for("[y/N]")
    assert shop.writes == []
    terminal.type(answer)
    assert terminal.finish() == 0
    assert set(shop.services()) == {"shop_a", "shop_b"}


@pytest.mark.parametrize("answer", ["n\n", "\n", "yep sure why not, go on please\n", "\x04"],
                         ids=["no", "nothing", "something else", "end of input"])
def test_consent__not_given_changes_nothing(shop, answer):
    terminal = Terminal(shop.zpm, "apply")
    terminal.wait_for("[y/N]")
    terminal.type(answer)
    assert terminal.finish() == 1
    assert shop.writes == []


def test_consent__shows_the_plan_before_it_asks(shop):
    terminal = Terminal(shop.zpm, "apply")
    terminal.wait_for("[y/N]")
    before = terminal.shown[:terminal.shown.index("[y/N]")]
    assert "2 changes" in before and "service" in before
    terminal.type("n\n")
    terminal.finish()


def test_consent__to_lose_data_is_asked_for_by_name(shop):
    shop.zpm.manifest(platform("shop", volumes={"data": {}}))
    shop.zpm.apply().exits(0)
    terminal = Terminal(shop.zpm, "destroy", "--volumes")
    terminal.wait_for("[y/N]")
    assert "data" in terminal.shown.splitlines()[-1]
    terminal.type("n\n")
    assert terminal.finish() == 1
    assert set(shop.state.volumes) == {"shop_data"}


def test_consent__interrupted_changes_nothing(shop):
    terminal = Terminal(shop.zpm, "apply")
    terminal.wait_for("[y/N]")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.finish() != 0
    assert shop.writes == []


def hold(shop):
    """Keeps the first look at the tasks waiting, so that there is something in flight to see."""
    shop.tasks("shop_a", *["starting"] * 4, "running")
    return shop.inject(Hang(), on("POST", "/services/create"))


def test_progress__without_a_terminal_says_now_and_then_what_is_waited_for(shop):
    shop.tasks("shop_a", "starting")
    process = shop.zpm.start("apply", "--yes")
    for line in process.stderr:
        if line.startswith(b"still"):
            break
    process.kill()
    process.communicate()
    assert re.fullmatch(rb"still   service/a \(1[0-9] s\): 0 of 1 tasks run: starting.*\n", line), line


def test_progress__is_redrawn_in_place_with_a_bar_the_time_and_what_is_in_flight(shop):
    held = hold(shop)
    terminal = Terminal(shop.zpm, "apply", "--yes")
    held.wait_hit()
    terminal.wait_for("create service/a  1 s")
    assert re.search(r"\[[^]]*\] 0/2  1 s", terminal.shown)
    held.release()
    terminal.wait_for("] 1/2")
    assert terminal.finish() == 0
    assert re.search(r"\x1b\[[0-9]+A", terminal.shown), "nothing was redrawn"
    left = screen(terminal.shown, 80)
    # What was drawn live is gone; what happened stays.
    assert not [line for line in left if "█" in line or "·" in line]
    assert [ESCAPE.sub("", line).split()[:2] for line in left if "done " in line and " s)" in line] == [
        ["done", "service/a"], ["done", "service/b"]]


def test_progress__is_cut_to_a_narrow_window(shop):
    held = hold(shop)
    terminal = Terminal(shop.zpm, "apply", "--yes", columns=24, rows=6)
    held.wait_hit()
    terminal.wait_for("create service/a")
    held.release()
    assert terminal.finish() == 0
    lines = re.split(r"[\r\n]+", ESCAPE.sub("", terminal.shown))
    drawn = [line for line in lines if "create service" in line or "█" in line]
    assert drawn and max(map(len, drawn)) <= 24


def test_progress__quiet_draws_nothing(shop):
    terminal = Terminal(shop.zpm, "apply", "--yes", "--quiet", NO_COLOR="1")
    assert terminal.finish() == 0
    assert "\x1b" not in terminal.shown


def test_progress__on_a_dumb_terminal_is_plain_lines(shop):
    terminal = Terminal(shop.zpm, "apply", "--yes", TERM="dumb", NO_COLOR="1")
    assert terminal.finish() == 0
    assert "\x1b" not in terminal.shown
    assert "create service/a" in terminal.shown and "done" in terminal.shown


def test_colour__is_on_at_a_terminal_and_off_with_no_color(shop):
    terminal = Terminal(shop.zpm, "plan")
    assert terminal.finish() == 0
    assert "\x1b[32m+" in terminal.shown
    terminal = Terminal(shop.zpm, "plan", NO_COLOR="1")
    assert terminal.finish() == 0
    assert "\x1b" not in terminal.shown


def test_colour__is_off_on_a_dumb_terminal(shop):
    terminal = Terminal(shop.zpm, "plan", TERM="dumb")
    assert terminal.finish() == 0
    assert "\x1b" not in terminal.shown


def test_interrupt__at_the_terminal_ends_with_4_and_a_clean_screen(shop):
    shop.tasks("shop_a", "starting")
    terminal = Terminal(shop.zpm, "apply", "--yes", columns=120)
    terminal.wait_for("create service/a  1 s")
    os.killpg(terminal.process.pid, signal.SIGINT)
    terminal.wait_for("zpm: interrupted")
    terminal.wait_for("create service/a  2 s")
    shop.tasks("shop_a", "running")
    assert terminal.finish() == 4
    assert terminal.shown.count("zpm: interrupted") == 1
    assert set(shop.services()) == {"shop_a"}
    left = [ESCAPE.sub("", line) for line in screen(terminal.shown, 120)]
    assert not [line for line in left if "█" in line or "·" in line or line.startswith("  create")], left


def test_status__watch_looks_again_until_it_is_interrupted(shop):
    shop.zpm.apply().exits(0)
    terminal = Terminal(shop.zpm, "status", "--watch")
    terminal.wait_for("2 of 2 objects converged")
    shop.tasks("shop_a", "starting")
    terminal.wait_for("1 of 2 objects converged")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.finish() == 4
