"""Asks the API of a `zpm run` so often a second over kept connections, and says how long it takes."""
import http.client
import re
import threading
import time


class Load:
    def __init__(self, port, token, clients, rate, seconds):
        self.port, self.token = port, token
        self.clients, self.rate, self.seconds = clients, rate, seconds
        self.times, self.errors, self.lock = [], 0, threading.Lock()

    def client(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        every = self.clients / self.rate
        begin = time.monotonic() + every * number / self.clients
        times, errors = [], 0
        for i in range(int(self.seconds / every)):
            # The clock of the plan, so that a slow answer does not make the load lighter.
            time.sleep(max(0, begin + i * every - time.monotonic()))
            asked = time.monotonic()
            connection.request("GET", "/status", headers={"Authorization": f"Bearer {self.token}"})
            response = connection.getresponse()
            response.read()
            times.append(time.monotonic() - asked)
            errors += response.status != 200
        with self.lock:
            self.times += times
            self.errors += errors

    def run(self):
        """The 99th percentile in milliseconds, and how many were not answered with 200."""
        threads = [threading.Thread(target=self.client, args=(i,)) for i in range(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 1000 * sorted(self.times)[int(len(self.times) * 0.99)], self.errors


def metric(port, token, name):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
    text = connection.getresponse().read().decode()
    connection.close()
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M).group(1))
