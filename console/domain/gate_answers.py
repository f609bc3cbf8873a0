"""Answers of two versions to the same inputs, compared output by output."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from console.domain.answer import flat
from console.domain.text import visible

# More answers than these are never compared in one go.
INPUTS_MOST = 100
_SHOWN = 60


class Output(NamedTuple):
    """One output of an answer; ``data`` is nested as the server sent it."""

    datatype: str
    shape: tuple[int, ...]
    data: Any


class ReplyKind(StrEnum):
    """How an inference ended; ``REFUSED`` is an error that the server answered, ``UNREACHABLE`` says nothing of the model."""

    OK = "ok"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"


class Reply(NamedTuple):
    """What came back of one inference after ``took_ms``: the outputs by name, or the words of the error."""

    kind: ReplyKind
    took_ms: float
    outputs: Mapping[str, Output] = {}
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was answered."""
        return self.kind is ReplyKind.OK


class Input(NamedTuple):
    """The body of a v2 inference and what to call it; ``made_up`` where nobody wrote it for this model."""

    name: str
    body: Mapping[str, Any]
    made_up: bool = False


class Agreement(StrEnum):
    """What came of one input."""

    SAME = "same"
    DIFFERENT = "different"
    CANDIDATE_FAILS = "candidate fails"
    BASELINE_FAILS = "baseline fails"
    BOTH_FAIL = "both fail"
    UNSTABLE = "baseline differs from itself"
    UNREACHABLE = "unreachable"


class Compared(NamedTuple):
    """One input and what came of it."""

    input: str
    agreement: Agreement
    detail: str = ""
    made_up: bool = False


class Answers(NamedTuple):
    """All inputs that were compared, with ``sent`` inferences; ``problem`` says why there are none."""

    compared: tuple[Compared, ...] = ()
    sent: int = 0
    problem: str = ""


def compared(
    asked: Input, baseline: Sequence[Reply], candidate: Reply, limits: tuple[float, float]
) -> Compared:
    """The baseline's two replies and the candidate's to one input; ``limits`` are tolerance and rtol."""

    def said(agreement: Agreement, detail: str = "") -> Compared:
        return Compared(asked.name, agreement, visible(detail, 300), asked.made_up)

    first, again = baseline
    lost = next((r for r in (first, again, candidate) if r.kind is ReplyKind.UNREACHABLE), None)
    if lost is not None:
        return said(Agreement.UNREACHABLE, lost.error)
    if not (first.ok and again.ok):
        agreement = Agreement.BASELINE_FAILS if candidate.ok else Agreement.BOTH_FAIL
        return said(agreement, (again if first.ok else first).error)
    if not candidate.ok:
        return said(Agreement.CANDIDATE_FAILS, candidate.error)
    unstable = difference(first.outputs, again.outputs, *limits)
    if unstable:
        return said(Agreement.UNSTABLE, unstable)
    found = difference(first.outputs, candidate.outputs, *limits)
    return said(Agreement.DIFFERENT, found) if found else said(Agreement.SAME)


def read_outputs(answer: Mapping[str, Any]) -> dict[str, Output]:
    """The outputs of a v2 answer by name; raises ValueError where it has none that can be read."""
    rows = answer.get("outputs")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) and "data" in row for row in rows):
        raise ValueError("the answer has no outputs in JSON")
    return {str(row.get("name")): _output(row) for row in rows}


def _output(row: Mapping[str, Any]) -> Output:
    shape = row.get("shape")
    sizes = tuple(size for size in shape if type(size) is int) if isinstance(shape, list) else ()
    return Output(str(row.get("datatype")), sizes, row["data"])


def difference(
    baseline: Mapping[str, Output], candidate: Mapping[str, Output], tolerance: float, rtol: float
) -> str:
    """How the candidate's outputs differ from the baseline's, as *this against that*; empty where they do not.

    Floating point may differ by ``tolerance`` + ``rtol`` × the baseline's value, and NaN equals NaN; all else must be
    equal. Outputs that the baseline lacks are not looked at.
    """
    for name, want in baseline.items():
        got = candidate.get(name)
        shown = visible(name, _SHOWN)
        if got is None:
            return f"{shown}: missing from the answer"
        if got.datatype != want.datatype:
            return f"{shown}: {visible(got.datatype, 20)} against {visible(want.datatype, 20)}"
        if got.shape != want.shape:
            return f"{shown}: shape {list(got.shape)} against {list(want.shape)}"
        found = _data_differs(got, want, tolerance, rtol)
        if found:
            return f"{shown}{found}"
    return ""


def _data_differs(got: Output, want: Output, tolerance: float, rtol: float) -> str:
    ours, theirs = list(flat(got.data)), list(flat(want.data))
    if len(ours) != len(theirs):
        return f": {len(ours)} values against {len(theirs)}"
    if want.datatype.startswith(("FP", "BF")):
        wrong, most = _numbers_differ(ours, theirs, tolerance, rtol)
    else:
        wrong, most = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b], ""
    if not wrong:
        return ""
    at = wrong[0]
    many = f" ({len(wrong):,} of {len(ours):,} values differ{most})" if len(ours) > 1 else ""
    return f"[{at}]: {_written(ours[at])} against {_written(theirs[at])}{many}"


def _numbers_differ(
    ours: list[Any], theirs: list[Any], tolerance: float, rtol: float
) -> tuple[list[int], str]:
    try:
        a, b = np.array(ours, dtype=np.float64), np.array(theirs, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return [i for i, (x, y) in enumerate(zip(ours, theirs, strict=True)) if x != y], ""
    wrong = np.flatnonzero(~np.isclose(a, b, rtol=rtol, atol=tolerance, equal_nan=True))
    with np.errstate(invalid="ignore"):
        apart = np.abs(a[wrong] - b[wrong])
    finite = apart[np.isfinite(apart)]
    return wrong.tolist(), f", at most by {finite.max():.3g}" if len(finite) else ""


def _written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return visible(repr(value), _SHOWN)
