"""A registry that keeps images in memory, for one user: `small_registry.py USER:PASSWORD` prints its port.

As much of https://github.com/opencontainers/distribution-spec as an Engine needs to push and to pull.
Needs nothing but Python's standard library.
"""
import base64
import hashlib
import re
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

blobs, manifests, uploads = {}, {}, {}


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def data(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def handle_any(self):
        url, data = urllib.parse.urlsplit(self.path), self.data()
        if self.headers.get("Authorization") != self.server.expected:
            self.reply(401, WWW_Authenticate='Basic realm="small"')
        elif url.path == "/v2/":
            self.reply(200)
        elif match := re.fullmatch("/v2/.*/manifests/(.*)", url.path):
            self.manifest(match[1], data)
        elif "/blobs/uploads/" in url.path:
            self.upload(url, data)
        elif match := re.fullmatch("/v2/.*/blobs/(.*)", url.path):
            self.found(blobs.get(match[1]), "application/octet-stream")
        else:
            self.reply(404)

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = handle_any

    def found(self, data, media):
        if data is None:
            self.reply(404)
        else:
            self.reply(200, data, Content_Type=media, Docker_Content_Digest=digest_of(data))

    def manifest(self, ref, data):
        if self.command == "PUT":
            manifests[ref] = manifests[digest_of(data)] = (data, self.headers["Content-Type"])
            self.reply(201, Docker_Content_Digest=digest_of(data))
        else:
            self.found(*manifests.get(ref, (None, None)))

    def upload(self, url, data):
        if self.command == "POST":
            number = str(len(uploads) + 1)
            uploads[number] = b""
            self.reply(202, Location=f"{url.path}{number}", Range="0-0")
            return
        number = url.path.rsplit("/", 1)[1]
        uploads[number] += data
        if self.command == "PATCH":
            self.reply(202, Location=url.path, Range=f"0-{len(uploads[number]) - 1}")
        else:
            blobs[digest_of(uploads[number])] = uploads[number]
            self.reply(201, Docker_Content_Digest=digest_of(uploads[number]))


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.expected = "Basic " + base64.b64encode(sys.argv[1].encode()).decode()
    print(server.server_port, flush=True)
    server.serve_forever()
