"""`logs`: what is asked for, and what becomes of the stream that is answered."""
import signal
import time

import pytest

from scripted_engine import Answer, CloseEarly, Stream, frame, on
from zpm_run import finish, platform

LOGS = on("GET", r"/services/\w+/logs")
OUT, ERR, SYSTEM = 1, 2, 3


@pytest.fixture
def shop(swarm):
    swarm.zpm.manifest(platform("shop", {"core": {
        "kafka": {"image": "x", "replicas": 2}, "agent": {"image": "x", "mode": "global"},
        "shell": {"image": "x", "tty": True}, "mute": {"image": "x", "logging": {"driver": "none"}}}}))
    swarm.zpm.apply("--no-wait").exits(0)
    del swarm.requests[:]
    return swarm


def details(shop, service, slot=0):
    task = shop.state.find_service("shop_" + service).tasks[slot].id
    return f"com.docker.swarm.node.id={shop.state.node},com.docker.swarm.task.id={task} ".encode()


def test_logs__lines_go_where_they_were_written_with_task_and_node(shop):
    first, second = details(shop, "kafka"), details(shop, "kafka", 1)
    stream = frame(OUT, first + b"hello\n") + frame(ERR, second + b"oh no\n") + frame(OUT, second + b"bye\n")
    shop.inject(Stream(*[stream[i:i + 3] for i in range(0, len(stream), 3)]), LOGS)
    result = shop.zpm.run("logs", "kafka").exits(0)
    assert result.out == "kafka.1@scripted | hello\nkafka.2@scripted | bye\n"
    assert result.err == "kafka.2@scripted | oh no\n"


def test_logs__asks_for_all_of_it_unless_told_otherwise(shop):
    shop.inject(Stream(), LOGS, times=None)
    shop.zpm.run("logs", "kafka").exits(0)
    shop.zpm.run("logs", "kafka", "--tail", "5", "--since", "1m", "--timestamps").exits(0)
    plain, narrow = (r.query for r in shop.requests if LOGS(r))
    assert plain == {"stdout": "1", "stderr": "1", "details": "1"}
    since = float(narrow.pop("since"))
    assert narrow == {**plain, "tail": "5", "timestamps": "1"}
    assert abs(since + 60 - time.time()) < 30


def test_logs__timestamps_stand_first(shop):
    shop.inject(Stream(frame(OUT, b"2026-05-04T03:02:01.5Z " + details(shop, "kafka") + b"hello\n")), LOGS)
    assert shop.zpm.run("logs", "kafka", "--timestamps").exits(0).out == \
        "2026-05-04T03:02:01.5Z kafka.1@scripted | hello\n"


def test_logs__a_long_line_in_pieces_is_one_line(shop):
    mine, other = details(shop, "kafka"), details(shop, "kafka", 1)
    shop.inject(Stream(frame(OUT, mine + b"a" * 70000), frame(OUT, mine + b"b\n"), frame(OUT, mine + b"open"),
                       frame(OUT, other + b"other\n")), LOGS)
    assert shop.zpm.run("logs", "kafka").exits(0).out.splitlines() == [
        "kafka.1@scripted | " + "a" * 70000 + "b", "kafka.1@scripted | open", "kafka.2@scripted | other"]


def test_logs__of_a_terminal_has_no_frames(shop):
    line = details(shop, "shell") + b"hello\r\n"
    shop.inject(Stream(line[:9], line[9:] + line[:-7] + b"rest"), LOGS)
    assert shop.zpm.run("logs", "shell").exits(0).out == "shell.1@scripted | hello\r\nshell.1@scripted | rest"


def test_logs__of_a_global_service_and_of_nobody_known(shop):
    shop.inject(Stream(frame(OUT, details(shop, "agent") + b"a\n"),
                       frame(OUT, b"com.docker.swarm.task.id=unheard-of b\n")), LOGS)
    assert shop.zpm.run("logs", "agent").exits(0).out == "agent@scripted | a\nb\n"


def test_logs__the_engines_own_words_are_an_error(shop):
    shop.inject(Stream(frame(OUT, details(shop, "kafka") + b"a\n"),
                       frame(SYSTEM, b"Error grabbing logs: warning: incomplete log stream\n")), LOGS)
    result = shop.zpm.run("logs", "kafka").exits(1)
    assert "incomplete log stream" in result.err and "| a" in result.out


def test_logs__a_refusal_is_the_engines(shop):
    shop.inject(Answer(500, "logs command requires a log driver that can be read"), LOGS)
    assert "log driver that can be read" in shop.zpm.run("logs", "kafka").exits(1).err


def test_logs__that_are_not_kept_say_so(shop):
    shop.inject(Stream(), LOGS)
    assert "logging driver is 'none'" in shop.zpm.run("logs", "mute").exits(1).err


@pytest.mark.parametrize("bytes_", [b"\x09\0\0\0\0\0\0\1x", b"\1\0\0\0\xff\xff\xff\xffx", b"no frames at all"])
def test_logs__what_is_no_stream_is_refused(shop, bytes_):
    shop.inject(Stream(bytes_), LOGS)
    assert "not made of frames" in shop.zpm.run("logs", "kafka").exits(1).err


def test_logs__an_answer_that_breaks_off_is_an_error(shop):
    shop.inject(CloseEarly(carried_out=False), LOGS)
    assert "broke off its answer" in shop.zpm.run("logs", "kafka").exits(1).err


def test_logs__follow_shows_at_once_and_ends_well_with_an_interrupt(shop):
    shop.inject(Stream(frame(OUT, details(shop, "kafka") + b"hello\n"), endless=True), LOGS)
    process = shop.zpm.start("logs", "-F", "kafka")
    assert process.stdout.readline() == b"kafka.1@scripted | hello\n"
    process.send_signal(signal.SIGINT)
    finish(process, 0).exits(0)
    assert next(r for r in shop.requests if LOGS(r)).query["follow"] == "1"


def test_logs__unknown_service_names_the_nearest(shop):
    assert "did you mean 'kafka'?" in shop.zpm.run("logs", "kafak").exits(3).err
