"""The filter line: words, typed terms, and what it says about the ones it does not understand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.rows import ModelRow
from console.view.filters import LONGEST, fuzzy, parse
from console.view.gpu_fields import GPU_FIELDS
from console.view.model_fields import model_fields
from tests.snapshots import FakeHistory, failed_model, gpu_row, model_row, percentiles, slo

HISTORY = FakeHistory(configs={"ranker": {"triton-0": {"instance_group": [{"gpus": [0, 2]}]}}})
FIELDS = model_fields(HISTORY)
ROWS: list[ModelRow] = [
    model_row("ranker", "7", percentiles=percentiles(183.4), slo=slo(ratio=3.7, burn=21.0), pending=57.0),
    model_row("embed-large", "3", rate=1204.3, error_ratio=0.02, targets=("triton-1",)),
    failed_model("ocr"),
]


def kept(text: str) -> list[str]:
    return [row.model for row in ROWS if parse(text, FIELDS).matches(row)]


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("", ["ranker", "embed-large", "ocr"]),
        ("rnk", ["ranker"]),
        ("EMBED", ["embed-large"]),
        ("emlg", ["embed-large"]),
        ("triton-1", ["embed-large"]),
        ("p99>150", ["ranker"]),
        ("p99<150", ["embed-large"]),
        ("err>1", ["embed-large"]),
        ("rate>=412 rate<500", ["ranker"]),
        ("state=READY", ["ranker", "embed-large"]),
        ("state!=READY", ["ocr"]),
        ("state=unavailable", ["ocr"]),
        ("gpu:0", ["ranker"]),
        ("gpu:2 p99>150", ["ranker"]),
        ("gpu:7", []),
        ("version=7", ["ranker"]),
        ("target:triton-1", ["embed-large"]),
        ("wait>50", ["ranker"]),
        ("burn>14", ["ranker"]),
        ("-ranker", ["embed-large", "ocr"]),
        ("-state=READY", ["ocr"]),
        ("model=ocr", ["ocr"]),
        ('"ocr"', ["ocr"]),
    ],
)
def test_terms_stand_side_by_side_and_all_hold(text: str, models: list[str]) -> None:
    assert kept(text) == models
    assert parse(text, FIELDS).errors == ()


def test_an_unknown_value_satisfies_no_comparison() -> None:
    assert "ocr" not in kept("p99>0")
    assert "ocr" not in kept("p99<1000")
    assert "ocr" not in kept("p99!=5")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("p9>200", "no field p9: did you mean p99?"),
        ("stat=READY", "no field stat: did you mean state?"),
        ("p99>fast", "p99> needs a number, not fast"),
        ("p99>", "p99> needs a value"),
        ("state>READY", "state is a text: use state= or state:"),
    ],
)
def test_a_broken_term_is_named_and_the_others_still_hold(text: str, error: str) -> None:
    filtered = parse(f"{text} rnk", FIELDS)
    assert filtered.errors == (error,)
    assert [row.model for row in ROWS if filtered.matches(row)] == ["ranker"]


def test_a_field_like_nothing_known_is_answered_with_all_there_are() -> None:
    (error,) = parse("zzzzzz>1", FIELDS).errors
    assert error.startswith("no field zzzzzz: use p99 p95")


def test_gpus_have_fields_of_their_own() -> None:
    busy, idle = gpu_row(utilization=0.9), gpu_row(utilization=0.1, node="node-7")
    assert parse("util>50", GPU_FIELDS).matches(busy)
    assert not parse("util>50", GPU_FIELDS).matches(idle)
    assert parse("node=node-7 mem<70 free>29", GPU_FIELDS).matches(idle)


@given(st.text(max_size=40))
def test_no_text_breaks_the_filter(text: str) -> None:
    filtered = parse(text, FIELDS)
    assert all(isinstance(filtered.matches(row), bool) for row in ROWS)


def test_fuzzy_wants_the_order() -> None:
    assert fuzzy("rkr", "ranker")
    assert not fuzzy("rkn", "ranker")


def test_of_a_line_without_end_the_beginning_is_read_and_that_is_said() -> None:
    found = parse("ocr " + "x " * LONGEST, FIELDS)

    assert found.errors == ("only its first 1000 characters are read",)
    assert len(found.tests) == LONGEST / 2 - 1
