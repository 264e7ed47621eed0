"""zpm at a pseudo-terminal."""
import errno
import fcntl
import os
import pty
import select
import struct
import termios
import time

PATIENCE = 30


class Terminal:
    """zpm at a terminal of so many columns and rows."""

    def __init__(self, zpm, *args, columns=80, rows=24, **env):
        self.shown = ""
        self.main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = zpm.start(*args, stdin=side, stdout=side, stderr=side, start_new_session=True,
                                 env={**zpm.env, "TERM": "xterm", **env})
        os.close(side)

    def read(self, timeout):
        if not select.select([self.main], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.main, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # how Linux says that the other side is closed
                raise
            data = b""
        self.shown += data.decode("utf-8")
        return bool(data)

    def wait_for(self, text):
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, f"'{text}' never came; shown: {self.shown!r}"
            assert self.read(0.2) or self.process.poll() is None, f"'{text}' never came; shown: {self.shown!r}"

    def type(self, text):
        os.write(self.main, text.encode())

    def finish(self, patience=PATIENCE):
        """The exit code, when all has been shown."""
        deadline = time.monotonic() + patience
        while self.read(0.2) or self.process.poll() is None:
            assert time.monotonic() < deadline, f"no end; shown: {self.shown!r}"
        os.close(self.main)
        return self.process.wait(PATIENCE)
