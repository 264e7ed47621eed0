"""`zpm run` in the background: what it has said so far, and ended whatever happens."""
import contextlib
import signal
import time

from engine_api import until
from zpm_run import finish


class Running:
    def __init__(self, zpm, *args):
        self.log = zpm.folder / f"run-{time.monotonic_ns()}.log"
        self.started = time.monotonic()
        with open(self.log, "wb") as log:
            self.process = zpm.start("run", *args, stdout=log, stderr=log)

    @property
    def lines(self):
        return self.log.read_text(encoding="utf-8").splitlines()

    def said(self, event, text=""):
        """How often it has told of such an event."""
        return sum(1 for line in self.lines if line.split()[:1] == [event] and text in line)

    def await_said(self, event, text="", times=1, patience=30):
        def happened():
            assert self.process.poll() is None, f"it has ended: {self.lines}"
            return self.said(event, text) >= times
        try:
            until(happened, patience, f"{times}x {event} {text}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it said: {self.lines}") from None

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return finish(self.process, self.started, timeout=30)


@contextlib.contextmanager
def running(zpm, *args):
    run = Running(zpm, *args)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()
