"""Untrusted text in Markdown: shown as it is, and nothing in it acts."""

import re

import pytest

from console.view.markdown import block, code, name, table, text

HOSTILE = (
    "a|b",
    "a\\|b",
    "`ls`",
    "``x``",
    "<script>alert(1)</script>",
    "[x](javascript:1)",
    "![x](http://h)",
    "*b* __c__ ~~d~~ $e$",
    "# title",
    "- item",
    "1. item",
    "> quote",
    "&lt;b&gt;",
    "@everyone look",
    "a\nb\x1b[31m\u202e",
    "x" * 10_000,
)


@pytest.mark.parametrize("value", HOSTILE)
def test_text_has_no_markup_html_or_mention_left(value: str) -> None:
    shown = text(value)

    bare = re.sub(r"\\[\\`*\[\]<>~$&_#+=>.)-]", "", shown).replace("`@`", "")
    assert not re.search(r"[`*<>\[\]~$]|(?<!\w)_|&(?=#?\w)|(?<!\w)@\w", bare)
    assert not re.match(r"[#>+=-]|\d+[.)]", bare)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert len(shown) < 1500


@pytest.mark.parametrize("value", HOSTILE)
def test_a_code_span_is_ended_by_nothing_within(value: str) -> None:
    shown = code(value)

    fence = re.match("`+", shown)
    assert fence is not None
    assert shown.endswith(fence.group())
    assert fence.group() not in re.findall("`+", shown[len(fence.group()) : -len(fence.group())])
    assert len(shown) < 200


def test_names_are_readable_in_the_source() -> None:
    assert (
        text("ranker_v2 at 12.5 ms - as before (9.8 → 139 ms)")
        == "ranker_v2 at 12.5 ms - as before (9.8 → 139 ms)"
    )
    assert code("ranker_v2") == "`ranker_v2`"
    assert code("") == "–"
    assert name("m" * 500) == f"`{'m' * 24}…{'m' * 23}`"


@pytest.mark.parametrize("value", HOSTILE)
def test_every_row_of_a_table_has_its_cells(value: str) -> None:
    lines = table(("A", "B", "C"), [(text(value), code(value), name(value)), ("1", "2", "3")])

    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}


def test_columns_stand_under_each_other() -> None:
    assert table(("MODEL", "SERVED"), [("`a`", "1"), ("`名前`", "1,234")], frozenset({1})) == [
        "| MODEL  | SERVED |",
        "| ------ | -----: |",
        "| `a`    |      1 |",
        "| `名前` |  1,234 |",
    ]


def test_a_call_is_whole_and_within_its_fences() -> None:
    lines = block("curl -d '{\n```\n}'\x1b")

    assert lines == ["````", "curl -d '{", "```", "}'\\e", "````"]
    assert block("")[1:-1] == [""]
    assert block("load " + "x" * 300 + " http://h/load", 90)[1].startswith("load xxx")
    assert block("load " + "x" * 300 + " http://h/load", 90)[1].endswith("xx http://h/load")
    assert " … 229 more characters … " in block("load " + "x" * 300 + " http://h/load", 90)[1]
