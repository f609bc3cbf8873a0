import json
from typing import Any

import pytest

from console.domain.gate import Outcome
from console.domain.gate_answers import (
    Agreement,
    Answers,
    Compared,
    Input,
    Output,
    Reply,
    ReplyKind,
    compared,
    difference,
    read_outputs,
)
from console.domain.gate_correctness import correctness
from console.domain.gate_inputs import variants

NAN = float("nan")
ASKED = Input("in.json", {})
DOWN = Reply(ReplyKind.UNREACHABLE, 1.0, error="connection refused")
REFUSED = Reply(ReplyKind.REFUSED, 1.0, error="HTTP 500: boom")
SLOW = Reply(ReplyKind.TIMEOUT, 1.0, error="no answer within 10 s")


TRUTHS = (True, False)


def out(*data: Any, kind: str = "FP32", shape: tuple[int, ...] | None = None) -> dict[str, Output]:
    return {"OUT": Output(kind, shape or (len(data),), list(data))}


def ok(*data: Any) -> Reply:
    return Reply(ReplyKind.OK, 1.0, out(*data))


@pytest.mark.parametrize(
    ("baseline", "candidate"),
    [
        (out(1.0, 2.0), out(1.0005, 2.0)),
        (out(NAN, float("inf")), out(NAN, float("inf"))),
        (out(5, 6, kind="INT64"), out(5, 6, kind="INT64")),
        (out("a", "é", kind="BYTES"), out("a", "é", kind="BYTES")),
        (out([1.0, 2.0], [3.0, 4.0], shape=(2, 2)), out(1.0, 2.0, 3.0, 4.0, shape=(2, 2))),
        (out(*TRUTHS, kind="BOOL"), out(*TRUTHS, kind="BOOL")),
        ({}, out(1.0)),
    ],
)
def test_answers_that_agree(baseline: dict[str, Output], candidate: dict[str, Output]) -> None:
    assert difference(baseline, candidate, 1e-5, 1e-3) == ""


@pytest.mark.parametrize(
    ("baseline", "candidate", "said"),
    [
        (out(1.0, 2.0), out(1.0, 2.1), "OUT[1]: 2.1 against 2 (1 of 2 values differ, at most by 0.1)"),
        (out(1.0), out(NAN), "OUT[0]: nan against 1"),
        (out(float("inf")), out(float("-inf")), "OUT[0]: -inf against inf"),
        (out(1000, kind="INT32"), out(1001, kind="INT32"), "OUT[0]: 1001 against 1000"),
        (out(2**60, kind="INT64"), out(2**60 + 1, kind="INT64"), f"OUT[0]: {2**60 + 1} against {2**60}"),
        (out("cat", kind="BYTES"), out("Cat", kind="BYTES"), "OUT[0]: 'Cat' against 'cat'"),
        (out(1.0), out(1.0, kind="FP16"), "OUT: FP16 against FP32"),
        (out(1.0, 2.0), out(1.0, 2.0, shape=(2, 1)), "OUT: shape [2, 1] against [2]"),
        (out(1.0, 2.0), out(1.0, shape=(2,)), "OUT: 1 values against 2"),
        (out(1.0), {}, "OUT: missing from the answer"),
        (out(1.0), out("x"), "OUT[0]: 'x' against 1"),
    ],
)
def test_answers_that_differ_are_told_by_their_first_difference(
    baseline: dict[str, Output], candidate: dict[str, Output], said: str
) -> None:
    assert difference(baseline, candidate, 1e-5, 1e-3) == said


def test_tolerances_add_up_as_numpy_has_them():
    assert difference(out(100.0), out(100.9), 0.0, 0.01) == ""
    assert difference(out(0.0), out(0.5), 0.5, 0.0) == ""
    assert difference(out(0.0), out(0.5), 0.0, 0.5) != ""


@pytest.mark.parametrize(
    ("first", "candidate", "again", "agreement"),
    [
        (ok(1.0), ok(1.0), ok(1.0), Agreement.SAME),
        (ok(1.0), ok(2.0), ok(1.0), Agreement.DIFFERENT),
        (ok(1.0), ok(1.0), ok(2.0), Agreement.UNSTABLE),
        (ok(1.0), REFUSED, ok(1.0), Agreement.CANDIDATE_FAILS),
        (ok(1.0), SLOW, ok(1.0), Agreement.CANDIDATE_FAILS),
        (ok(1.0), REFUSED, ok(2.0), Agreement.CANDIDATE_FAILS),
        (REFUSED, ok(1.0), REFUSED, Agreement.BASELINE_FAILS),
        (REFUSED, REFUSED, REFUSED, Agreement.BOTH_FAIL),
        (ok(1.0), DOWN, ok(1.0), Agreement.UNREACHABLE),
        (DOWN, REFUSED, DOWN, Agreement.UNREACHABLE),
    ],
)
def test_what_comes_of_three_replies(
    first: Reply, candidate: Reply, again: Reply, agreement: Agreement
) -> None:
    assert compared(ASKED, (first, again), candidate, (1e-5, 1e-3)).agreement is agreement


def verdict(*agreements: Agreement, made_up: bool = False) -> Outcome:
    rows = tuple(Compared(f"in {i}", each, "detail", made_up) for i, each in enumerate(agreements))
    return correctness(Answers(rows, 3 * len(rows))).outcome


def test_one_input_that_differs_fails_and_one_that_says_nothing_leaves_it_unknown():
    same = Agreement.SAME
    assert verdict(same, same) is Outcome.PASS
    assert verdict(same, Agreement.DIFFERENT, Agreement.UNSTABLE) is Outcome.FAIL
    assert verdict(same, Agreement.CANDIDATE_FAILS) is Outcome.FAIL
    for open_ in (Agreement.UNSTABLE, Agreement.BASELINE_FAILS, Agreement.BOTH_FAIL, Agreement.UNREACHABLE):
        assert verdict(same, open_) is Outcome.UNKNOWN


def test_a_made_up_input_that_both_refuse_is_passed_over_where_others_are_answered():
    assert verdict(Agreement.SAME, Agreement.BOTH_FAIL, made_up=True) is Outcome.PASS
    assert verdict(Agreement.BOTH_FAIL, Agreement.BOTH_FAIL, made_up=True) is Outcome.UNKNOWN


def test_answers_that_nobody_asked_for_are_unknown():
    assert correctness(None).outcome is Outcome.UNKNOWN
    assert correctness(Answers(problem="it is decoupled")).why == "it is decoupled"


@pytest.mark.parametrize("text", ["{}", '{"outputs": 3}', '{"outputs": [3]}', '{"outputs": [{"name": "X"}]}'])
def test_an_answer_without_data_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="no outputs"):
        read_outputs(json.loads(text))


def test_made_up_inputs_differ_in_their_values_and_in_nothing_else():
    tensors = [
        {"name": kind, "datatype": kind, "shape": [3], "data": [zero] * 3}
        for kind, zero in (("FP32", 0.0), ("INT8", 0), ("BYTES", ""), ("BOOL", False))
    ]
    found = variants({"inputs": tensors})
    assert [each.name for each in found] == ["zeros", "ones", "mixed values"]
    assert all(each.made_up for each in found)
    for each in found:
        for tensor, original in zip(each.body["inputs"], tensors, strict=True):
            assert (tensor["shape"], len(tensor["data"])) == ([3], 3)
            assert {type(value) for value in tensor["data"]} <= {type(original["data"][0]), int}
    mixed = {tensor["name"]: tensor["data"] for tensor in found[2].body["inputs"]}
    assert all(len(set(mixed[kind])) > 1 for kind in ("FP32", "INT8", "BYTES"))
    assert all(-128 <= value <= 127 for value in mixed["INT8"])
