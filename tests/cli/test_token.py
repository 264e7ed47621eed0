"""zpm token: what it prints for a person to keep, and what for the file of tokens."""
import base64
import hashlib
import re

import yaml


def make(zpm, *args):
    result = zpm.run("token", *args).exits(0)
    token = result.out.strip()
    entries = yaml.load(result.err.partition("\n")[2], yaml.BaseLoader)
    assert len(entries) == 1
    return token, entries[0]


def test_token__is_random_and_its_line_has_the_hash_only(zpm):
    token, entry = make(zpm, "ci", "--role", "operator")
    assert re.fullmatch("zpm_[A-Za-z0-9_-]{43}", token)
    assert len(base64.urlsafe_b64decode(token[4:] + "=")) == 32
    assert entry == {"name": "ci", "role": "operator", "hash": "sha256:" + hashlib.sha256(token.encode()).hexdigest()}


def test_token__is_another_one_each_time(zpm):
    assert len({make(zpm, "ci", "--role", "viewer")[0] for _ in range(10)}) == 10


def test_token__may_expire(zpm):
    assert make(zpm, "ci", "--role", "admin", "--expires", "2030-02-28")[1]["expires"] == "2030-02-28"
    assert make(zpm, "ci", "--role", "admin", "--expires", "2030-02-28T12:00:00Z")[1]["expires"] == "2030-02-28T12:00:00Z"


def test_token__refuses_what_the_file_of_tokens_would_not_take(zpm):
    for args in [("a b", "--role", "viewer"), ("x" * 101, "--role", "viewer"), ("ci",), ("ci", "--role", "root"),
                 ("ci", "--role", "viewer", "--expires", "tomorrow"),
                 ("ci", "--role", "viewer", "--expires", "2030-02-30"),
                 ("ci", "--role", "viewer", "--expires", "2030-2-3")]:
        result = zpm.run("token", *args).exits(3)
        assert not result.out and "zpm" in result.err
