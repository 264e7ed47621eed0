"""A member far away: passes connections on, and holds back what comes out of them."""
import contextlib
import socket
import threading
import time


class Delay:
    def __init__(self, listens_at, leads_to):
        self.leads_to, self.seconds = leads_to, 0.0
        self.listener = socket.create_server(listens_at)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                server = socket.create_connection(self.leads_to)
                for pair, late in (((client, server), False), ((server, client), True)):
                    threading.Thread(target=self.copy, args=(*pair, late), daemon=True).start()

    def copy(self, source, target, late):
        with contextlib.suppress(OSError), source, target:
            while data := source.recv(1 << 16):
                if late and self.seconds:
                    time.sleep(self.seconds)
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # or accept() holds on to it
        self.listener.close()
