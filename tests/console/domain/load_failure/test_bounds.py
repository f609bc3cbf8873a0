"""Whatever is pasted: an answer, bounded, and never an exception."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.load_failure import judge as judging
from console.domain.load_failure.blocks import MOST_MODELS
from console.domain.load_failure.causes import CAUSES
from console.domain.load_failure.explain import LONGEST, explain
from console.domain.text import visible
from tests.console.domain.load_failure.recorded import recorded

FRAGMENTS = (
    "failed to load '",
    "' version 1: ",
    '{"error":"',
    "| a | 1 | ",
    "|   |   | ",
    "E0101 00:00:01.000001 1 a.cc:1] ",
    "\\n",
    "\n",
    '"',
    "'",
    "\x1b[31m",
    "loading: m:1",
    "At:\n",
    "\u202e",
    "\ud800",
    "Traceback\n",
    '[{"name":',
)
TEXTS = st.lists(
    st.sampled_from(FRAGMENTS)
    | st.text(max_size=20)
    | st.sampled_from([each.text for each in recorded("messages")]),
    max_size=12,
).map("".join)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_text_has_an_answer(text):
    found = explain(text)
    assert found.cause in CAUSES
    assert len(found.evidence) <= 303
    assert len(found.advice) < 1000
    assert visible(found.evidence, 2000) == found.evidence
    json.dumps([found.cause, found.part, found.evidence, found.advice, found.model])


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n", "[]", "{}", "null", "[1, null, {}]", '{"error": 3}', '{"error": null}', "[" * 100_000, '{"a":' * 50_000, "| " * 50_000, "'" * 100_000, "\0" * 1000],
    ids=range(14),
)  # fmt: skip
def test_what_says_nothing_is_unknown(text):
    assert explain(text).cause == "unknown"


def test_of_a_text_too_long_the_end_is_read_and_that_is_said():
    root = "\nModuleNotFoundError: No module named 'cv2'"
    assert explain("x" * LONGEST + root).cut
    assert explain("x" * LONGEST + root).cause == "python_import"
    assert explain(root + "\n" + "x" * LONGEST).cause == "unknown"
    assert not explain(root).cut


def test_every_message_is_judged_once_however_many_models_fail(monkeypatch):
    judged = []
    real = judging._innermost
    monkeypatch.setattr(judging, "_innermost", lambda plain: judged.append(plain) or real(plain))
    lines = [
        f"E0101 00:00:01.000001 1 a.cc:1] failed to load 'm{n}' version 1: Internal: odd {n}"
        for n in range(1000)
    ]
    found = explain("\n".join(lines))
    assert found.cause == "unknown"
    assert len(found.others) == MOST_MODELS - 1
    assert len(judged) <= len(lines)


def test_what_the_text_names_is_harmless():
    found = explain("failed to load '\x1b[31mm' version 1: Internal: No module named '\x1b]0;x\x07cv2\u202e'")
    assert visible(found.evidence, 2000) == found.evidence
    assert visible(found.model, 2000) == found.model
    assert visible(found.advice, 2000) == found.advice
