"""Debian's Chromium without a window, through WebDriver: https://www.w3.org/TR/webdriver2/"""
import base64
import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE = 30
# It shall ask nobody but the page's own server.
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
         "--hide-scrollbars", "--lang=en-US"]


class Browser:
    def __init__(self, url, folder, dark):
        self.url = url
        flags = FLAGS + [f"--user-data-dir={folder}"] + (["--force-dark-mode"] if dark else [])
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": flags}}}})
        self.session = f"/session/{answer['sessionId']}"
        self.dark(dark)

    def call(self, method, path, body=None):
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()[:500]}") from None

    def command(self, method, path, body=None):
        return self.call(method, self.session + path, body)

    def cdp(self, name, **params):
        return self.command("POST", "/goog/cdp/execute", {"cmd": name, "params": params})

    def dark(self, dark):
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme",
                                                          "value": "dark" if dark else "light"}])

    def size(self, width, height):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                 mobile=width < 600)

    def open(self, url):
        self.command("POST", "/url", {"url": url})

    def js(self, script, *args):
        return self.command("POST", "/execute/sync", {"script": script, "args": list(args)})

    def find(self, selector):
        return self.command("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.command("POST", f"/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self.command("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def keys(self, *keys):
        """To whatever has the focus."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.command("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def text(self, selector):
        """What can be seen of it, on one line."""
        seen = self.js("return document.querySelector(arguments[0])?.innerText ?? null", selector)
        return None if seen is None else re.sub(r"\s+", " ", seen).strip()

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not (value := condition()):
            assert time.monotonic() < end, f"{what} did not happen; the page says: {self.text('body')[:2000]}"
            time.sleep(0.02)
        return value

    def until_text(self, selector, text):
        self.until(lambda: text in (self.text(selector) or ""), f"{text!r} in {selector}")

    def console(self):
        return [entry["message"] for entry in self.command("POST", "/se/log", {"type": "browser"})]

    def requested(self):
        """The URLs that were asked for since the last call."""
        found = []
        for entry in self.command("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return found

    def screenshot(self, path):
        size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=True, clip={
            "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1})
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        self.command("DELETE", "")


@contextlib.contextmanager
def driver():
    """The URL of a ChromeDriver of its own."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([shutil.which("chromedriver"), "--port=0"], stdout=log, stderr=log)
        try:
            end = time.monotonic() + PATIENCE
            while True:
                log.seek(0)
                found = re.search(r"started successfully on port (\d+)", log.read())
                if found:
                    break
                assert process.poll() is None and time.monotonic() < end, "chromedriver does not start"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{found.group(1)}"
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextlib.contextmanager
def browsing(url, dark=False):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(url, folder, dark)
        try:
            yield browser
        finally:
            browser.close()
