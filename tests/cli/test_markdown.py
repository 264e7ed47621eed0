"""`plan -o markdown`: what a pull request shows, whatever names and values hold."""
import html
import re

import pytest

from zpm_run import platform

NASTY = "a|b <script>alert(1)</script> `c` ```` & @team #1 *d* [e](f) </details> \n```\n\n<details>"


@pytest.fixture
def shop(swarm):
    swarm.content = platform("shop", {"core": {"kafka": {"image": "x", "environment": {"LEVEL": "info"}},
                                               "old": {"image": "x"}}}, defaults={"replicas": 0})
    swarm.zpm.manifest(swarm.content)
    swarm.zpm.apply().exits(0)
    return swarm


def markdown(shop):
    shop.zpm.manifest(shop.content)
    return shop.zpm.run("plan", "-o", "markdown").exits(0).out


def sections(text):
    """What is behind each fold: {summary: the lines in its block}; fails where one is not closed."""
    found = {}
    for part in text.split("\n<details>\n")[1:]:
        match = re.fullmatch(r"<summary>([^<]*)</summary>\n\n(`{3,})diff\n(.*\n)\2\n\n</details>\n", part, re.DOTALL)
        assert match, part
        summary, fence, block = match.groups()
        assert all(not line.startswith("`") for line in block.splitlines())
        assert fence not in block
        found[html.unescape(summary)] = block.splitlines()
    return found


def rows(text):
    """The table as a GFM reader splits it."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [tuple(html.unescape(cell.strip()) for cell in line.strip("|").split("|")) for line in lines]


def test_markdown__is_a_headline_a_table_and_a_fold_for_each_object(shop):
    kafka = shop.content["services"]["core"]["kafka"]
    kafka["environment"] = {"LEVEL": "debug", "NEW": "1"}
    shop.content["volumes"] = {"data": {}}
    del shop.content["services"]["core"]["old"]
    text = markdown(shop)
    assert text.splitlines()[0] == "### shop: 3 changes (1 create, 1 update, 1 delete), 0 unchanged"
    assert rows(text) == [("", "kind", "name", "cost"), ("---",) * 4,
                          ("`+`", "volume", "data", "local"),
                          ("`~`", "service", "kafka", "no task runs"),
                          ("`-`", "service", "old", "unused (orphan)")]
    folds = sections(text)
    assert folds["~ service/kafka, 2 fields"] == [
        "- environment.LEVEL: info", "+ environment.LEVEL: debug", "+ environment.NEW: 1"]
    assert "service/old" not in "".join(folds)


def test_markdown__of_nothing_is_one_line(shop):
    assert markdown(shop) == "shop: no changes, 2 unchanged\n"


def test_markdown__says_what_is_refused_before_all_else_in_a_quote(shop):
    shop.content["networks"] = {"away": {"external": True, "name": "no_where"}}
    text = markdown(shop)
    lines = text.splitlines()
    assert lines[0].startswith("### shop: ") and lines[1] == ""
    quote = [line for line in lines if line.startswith(">")]
    assert quote == lines[2:2 + len(quote)]
    assert "'no_where'" in html.unescape(quote[-1])


def test_markdown__no_value_breaks_out_of_its_place(shop):
    shop.content["services"]["core"]["kafka"]["environment"] = {"LEVEL": NASTY}
    text = markdown(shop)
    folds = sections(text)
    assert len(folds) == 1
    value = NASTY.replace("\n", "\\n")
    assert folds["~ service/kafka, 1 field"] == ["- environment.LEVEL: info", "+ environment.LEVEL: " + value]
    assert text.count("\n<details>\n") == text.count("\n</details>\n") == 1


def test_markdown__no_name_breaks_out_of_its_place(shop):
    """Names of others come from the Engine, which takes more than a manifest does."""
    shop.content["volumes"] = {"data": {"driver": "a|b", "driverOptions": {"type": NASTY, "device": "<b>@team|"}}}
    text = markdown(shop)
    row = rows(text)[-1]
    assert len(row) == 4 and row[3] == NASTY.replace("\n", " ") + " <b>@team|"
    outside = re.sub(r"(`{3,})diff\n.*?\n\1\n", "", text, flags=re.DOTALL)
    assert set(re.findall(r"<[^>]*>", outside)) == {"<details>", "<summary>", "</summary>", "</details>"}
    assert "@" not in outside


def test_markdown__goes_with_the_exit_code_and_is_of_plans_only(shop):
    shop.content["volumes"] = {"data": {}}
    markdown(shop)
    shop.zpm.run("plan", "-o", "markdown", "--exit-code").exits(2)
    shop.zpm.run("status", "-o", "markdown").exits(3)
    shop.zpm.run("apply", "--yes", "-o", "markdown").exits(3)


def test_markdown__reminds_of_what_is_held(shop):
    shop.zpm.run("stop", "kafka", "--reason", "disk | <full>").exits(0)
    text = markdown(shop)
    quote = [html.unescape(line) for line in text.splitlines() if line.startswith(">")]
    assert quote[0] == "> **Held by an operator:**" and len(quote) == 3
    assert quote[2].startswith("> - service kafka: ") and "disk | <full>" in quote[2]
    assert "<full>" not in text


def test_markdown__says_what_is_quarantined(shop):
    shop.content["services"]["core"]["kafka"]["environment"]["LEVEL"] = "debug"
    shop.zpm.manifest(shop.content)
    shop.zpm.apply().exits(0)
    service = shop.state.find_service("shop_kafka")
    tried = service.spec["Labels"]["zpm.spec"]
    service.spec = service.previous
    service.spec["Labels"].update({"zpm.quarantine": tried, "zpm.quarantine.reason": "no *such* luck"})
    text = markdown(shop)
    assert text.startswith("shop: no changes, 2 unchanged\n\n> **Quarantined")
    assert "service kafka: " in text and "no *such* luck" in html.unescape(text) and "*such*" not in text
