"""The page in a real browser, served by the real server: what it shows, asks before doing, and sends."""
import json

import pytest

import page_scenario as scenario
from browser import browsing, driver

ENTER, TAB, ESCAPE = "\ue007", "\ue004", "\ue00c"


@pytest.fixture(scope="module")
def driven():
    with driver() as url:
        yield url


@pytest.fixture(scope="module")
def window(driven):
    """One browser for all tests that can share it, as it takes a second to start."""
    with browsing(driven) as browser:
        yield browser


@pytest.fixture
def page(window, api):
    """Opens the page of a platform in trouble, signed in: page(role)."""
    origin = f"http://127.0.0.1:{api.port}"

    def opened(role="admin", **more):
        scenario.show_all(api, **more)
        window.size(1280, 900)
        window.open(origin)
        window.type("#token", api.tokens[role])
        window.click("#sign-in button")
        window.until_text("#live", "live")
        window.until_text("#history", "9f86d081884c")
        return window

    window.requested()
    window.console()
    yield opened
    others = [url for url in window.requested() if not url.startswith((origin, "data:", "about:", "chrome:"))]
    # The refusals that a test provokes are told of by the browser itself.
    told = [line for line in window.console() if "the server responded with a status of 4" not in line]
    assert not others and not told
    window.js("sessionStorage.clear()")


def asked(api):
    return api.said("command")


def test_page__asks_for_a_token_and_takes_only_a_good_one(window, api, page):
    scenario.show_all(api)
    window.open(f"http://127.0.0.1:{api.port}")
    window.type("#token", "zpm_wrong")
    window.click("#sign-in button")
    window.until_text("#sign-in-error", "not taken")
    assert not window.js("return document.querySelector('#main').checkVisibility()")
    assert window.js("return sessionStorage.length") == 0
    window.js("document.querySelector('#token').value = ''")
    window.type("#token", api.tokens["viewer"])
    window.click("#sign-in button")
    window.until_text("#who", "viewer-name (viewer)")
    assert api.tokens["viewer"] not in window.js("return location.href + document.documentElement.outerHTML")
    window.click("#sign-out")
    window.until_text("#sign-in", "Sign in")
    assert window.js("return sessionStorage.length") == 0


def test_page__shows_each_service_with_its_state_and_why(page):
    browser = page("viewer")
    assert "failed zona-siem 0/2 task 1 on soar-b: exit code 137" in browser.text('[data-key="core"]')
    assert "1 service in trouble zona-siem failed: task 1 on soar-b" in browser.text("#alerts")
    assert "held zona-batch 0/0" in browser.text('[data-key="batch"]')
    assert browser.js("return [...document.querySelectorAll('.tier h3')].map(e => e.textContent)") == [
        "system", "core", "batch", "apps", "ui"]
    assert "not converged" in browser.text("#verdict")
    assert "sha256:c216c606b708" in browser.text("#facts") and "this one leads, term 3" in browser.text("#facts")


def test_page__shows_a_set_without_a_primary_and_who_is_behind(page):
    browser = page("viewer")
    assert "Replica set config has no primary" in browser.text("#alerts")
    assert "electing: no primary" in browser.text('#sets [data-key="config"]')
    said = browser.js("return document.querySelector('#sets [data-key=\"meta\"] title').textContent")
    assert "soar-a:27017 primary, priority 10" in said and "soar-c:27017 secondary, priority 1, 12 s behind" in said
    assert "priority 1 (declared 10)" in browser.js(
        "return document.querySelector('#sets [data-key=\"config\"] svg').textContent")


def test_page__shows_the_plan_with_what_each_change_costs(page):
    browser = page("viewer")
    plan = browser.text("#plan")
    assert "update service zona-case restarts tasks (manifest) environment.LOG_LEVEL info → debug" in plan
    assert "elects another primary" in plan
    assert browser.text("#plan-summary") == "3 changes (1 create, 2 updates), 39 unchanged"


def test_page__shows_what_is_wrong_with_a_manifest_when_it_comes(api, page):
    browser = page("viewer")
    assert "mistakes" not in browser.text("#alerts")
    api.show("status", scenario.status(mistakes=[{"file": "securaa.yaml", "line": 10, "column": 3,
                                                  "message": "unknown field 'imgae'; did you mean 'image'?"}]))
    browser.until_text("#alerts", "securaa.yaml:10:3: unknown field 'imgae'; did you mean 'image'?")
    assert "the last good one stays in force" in browser.text("#alerts")
    assert browser.text("#verdict") == "Manifest has mistakes"


def test_page__events_come_as_they_happen(api, page):
    browser = page("viewer")
    api.tell("publish", "drift", json.dumps({"at": scenario.AT, "text": "service/kafka: removed by somebody"}))
    browser.until_text("#events", "drift service/kafka: removed by somebody")


@pytest.mark.parametrize("role, buttons", [("viewer", 0), ("operator", 1), ("admin", 2)])
def test_page__offers_what_the_role_may_do(page, role, buttons):
    browser = page(role)
    seen = browser.js("""const seen = (s) => [...document.querySelectorAll(s)].some(e => e.checkVisibility());
        return [seen('.row button') && seen('#apply'), seen('#pause') && seen('#history button')]""")
    assert seen == [buttons >= 1, buttons >= 2]


def test_page__stops_a_service_after_asking(api, page):
    browser = page("operator")
    browser.click('[aria-label="Stop kafka"]')
    browser.until_text("#dialog", "Stop kafka?")
    browser.click('#dialog [value="no"]')
    browser.click('[aria-label="Stop kafka"]')
    browser.type("#dialog-reason", "moving house")
    browser.click("#dialog-yes")
    api.await_line("command")
    assert [(c["op"], c["service"], c["reason"]) for c in asked(api)] == [("stop", "kafka", "moving house")]
    browser.until_text("#notice", "kafka is being stopped")


def test_page__can_be_used_by_keyboard_alone(api, page):
    browser = page("operator")
    browser.js("document.querySelector('[aria-label=\"Stop kafka\"]').focus()")
    browser.keys(ENTER)
    browser.until(lambda: browser.js("return document.querySelector('#dialog').open"), "the dialog")
    browser.keys(ESCAPE)
    browser.until(lambda: not browser.js("return document.querySelector('#dialog').open"), "its end")
    assert not asked(api)
    assert browser.js("return document.activeElement.ariaLabel") == "Stop kafka"
    browser.keys(ENTER)
    browser.until(lambda: browser.js("return document.activeElement.id") == "dialog-reason", "the focus in the dialog")
    browser.keys(*"why", TAB, TAB, ENTER)
    api.await_line("command")
    assert (asked(api)[0]["service"], asked(api)[0]["reason"]) == ("kafka", "why")


def test_page__focus_survives_what_comes_meanwhile(api, page):
    browser = page("operator")
    browser.js("document.querySelector('[aria-label=\"Stop redis\"]').focus()")
    services = [s | {"state": "converged", "why": "new"} for s in scenario.SERVICES if s["name"] != "zookeeper"]
    api.show("status", scenario.status(services))
    browser.until(lambda: "zookeeper" not in browser.text("#tiers"), "the new status")
    assert browser.js("return document.activeElement.ariaLabel") == "Stop redis"


def test_page__applies_the_plan_that_was_shown_and_no_other(api, page):
    browser = page("operator")
    browser.click("#apply")
    browser.until_text("#dialog-list", "update service zona-case: restarts tasks")
    api.show("plan", scenario.PLAN | {"changes": scenario.PLAN["changes"][:1]})
    browser.until(lambda: len(browser.js("return [...document.querySelectorAll('#plan > *')].map(e => 1)")) == 1, "it")
    browser.click("#dialog-yes")
    browser.until_text("#notice", "The plan has changed meanwhile")
    assert not asked(api)
    browser.click("#apply")
    browser.click("#dialog-yes")
    api.await_line("command")
    assert asked(api)[0]["op"] == "apply"


def test_page__rolls_back_pauses_and_resumes(api, page):
    browser = page("admin")
    browser.click('[aria-label="Roll back to revision 1"]')
    browser.click("#dialog-yes")
    api.await_line("command")
    browser.until(lambda: not browser.js("return document.querySelector('#dialog').open"), "the end of the dialog")
    browser.click("#pause")
    browser.click("#dialog-yes")
    api.await_line("command", 2)
    api.show("status", scenario.status(paused="paused by alice since 2026-03-01T12:00:00Z"))
    browser.until_text("#alerts", "Paused: nothing is changed paused by alice")
    browser.click("#resume")
    browser.click("#dialog-yes")
    api.await_line("command", 3)
    assert [(c["op"], c["revision"]) for c in asked(api)] == [("rollback", 1), ("pause", 0), ("resume", 0)]


def test_page__shows_text_of_others_as_text(api, page):
    evil = "<img src=x onerror=alert(1)>\u202egnp.exe" + "x" * 300
    browser = page("operator", services=[scenario.service(evil, "core", "failed", 0, 1, why=evil)])
    assert evil[:20] in browser.text("#tiers") and browser.js("return document.images.length") == 0
    assert browser.js("return document.documentElement.scrollWidth <= innerWidth")


def test_page__finds_services_and_hides_what_is_well(page):
    browser = page("viewer")
    browser.click("#only-wrong")
    browser.until(lambda: "redis" not in browser.text("#tiers"), "the wrong ones alone")
    assert "zona-siem" in browser.text("#tiers")
    browser.type("#filter", "kaf")
    browser.until(lambda: "zona-siem" not in browser.text("#tiers"), "the filter")
    assert "kafka" in browser.text("#tiers")
    browser.type("#filter", "nothing-like-it")
    browser.until_text("#none", "Nothing matches")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_page__fits_the_screen(page, width):
    browser = page("admin")
    browser.size(width, 800)
    wide = browser.js("""return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility()
        && !e.closest('.scroll') && !e.closest('svg') && !e.matches('.skip')
        && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))""")
    assert wide == [] and browser.js("return document.documentElement.scrollWidth <= innerWidth")


CONTRAST = """
const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return n.length > 3 && n[3] === 0 ? null : n; };
const light = (c) => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c) return c; }
    return [255, 255, 255]; };
return [...document.querySelectorAll('main *, header *')].filter(e => e.checkVisibility() && !e.closest('svg') &&
    [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(e => {
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.outerHTML.slice(0, 90)]; }).filter(([ratio]) => ratio < 4.5);
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_page__can_be_read_by_day_and_by_night(page, dark):
    browser = page("admin")
    browser.dark(dark)
    ground = browser.js("return getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(17, 22, 29)") == dark
    assert browser.js(CONTRAST) == []
    browser.dark(False)


def test_page__changes_little_for_a_little_change(api, page):
    services = [scenario.service(f"service-{i}", "core") for i in range(300)]
    browser = page("operator", services=services)
    browser.js("""window.seen = 0; new MutationObserver((all) => { window.seen += all.length; })
        .observe(document.querySelector('#tiers'), { subtree: true, childList: true, attributes: true, characterData: true })""")
    services[17] = services[17] | {"state": "failed", "why": "it ended"}
    api.show("status", scenario.status(services))
    browser.until_text('[data-key="service/service-17"]', "it ended")
    assert 0 < browser.js("return window.seen") < 12


def test_page__finds_its_server_again(serve, window):
    api = serve()
    scenario.show_all(api)
    window.open(f"http://127.0.0.1:{api.port}")
    window.type("#token", api.tokens["viewer"])
    window.click("#sign-in button")
    window.until_text("#live", "● live")
    port = api.port
    api.finish()
    window.until_text("#live", "not connected")
    again = serve(listen=f"127.0.0.1:{port}", tokens=json.loads((api.folder / "tokens.yaml").read_text()))
    scenario.show_all(again, services=[scenario.service("born-later", "core")])
    window.until_text("#tiers", "born-later")
    window.until_text("#live", "● live")
    window.js("sessionStorage.clear()")
    window.open("about:blank")
    window.console()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
def test_page__is_taken_a_picture_of(page, api, tmp_path, width, dark):
    browser = page("admin")
    api.tell("publish", "drift", json.dumps({"at": scenario.AT, "text": "service/kafka: removed by somebody"}))
    browser.until_text("#events", "drift")
    browser.size(width, 900)
    browser.dark(dark)
    path = tmp_path / f"page-{width}-{'dark' if dark else 'light'}.png"
    browser.screenshot(path)
    browser.dark(False)
    header = path.read_bytes()[:24]
    assert header[1:4] == b"PNG" and int.from_bytes(header[16:20], "big") == width
