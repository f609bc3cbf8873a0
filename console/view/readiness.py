"""The checks of ``verify``: is a version ready, does it answer, is it what was expected."""

from collections.abc import Iterable, Sequence

from console.domain.run import Verdict
from console.domain.states import Json
from console.domain.text import visible
from console.view.fields import heading, within, words
from console.view.run import check_words, verdict_sign
from console.view.styled import EMPTY, Line, Span, width

_WIDEST = 40
_NEEDED = ("server_ready", "version_ready")


def readiness_lines(verdicts: Sequence[Verdict], cells: int) -> list[Line]:
    """The checks under the target they are about, and how many passed."""
    if not verdicts:
        return [(Span("? ", "warn"), Span("nothing was checked"))]
    wide = min(max(width(visible(check_words(verdict), _WIDEST)) for verdict in verdicts), _WIDEST)
    lines: list[Line] = []
    for subject in subjects(verdicts):
        lines += [heading(visible(subject, 100), cells)]
        for verdict in verdicts:
            if verdict.subject == subject:
                lines += _line(verdict, wide, cells)
    return within([*lines, EMPTY, _total(verdicts)], cells)


def readiness_json(model: str, version: str, verdicts: Sequence[Verdict]) -> dict[str, Json]:
    """The checks for scripts; a check that cannot be known is null."""
    return {
        "model": model,
        "version": version or None,
        "passed": passed(verdicts),
        "checks": [
            {"check": each.check, "subject": each.subject, "passed": each.passed, "detail": each.detail}
            for each in verdicts
        ],
    }


def passed(verdicts: Sequence[Verdict]) -> bool:
    """Whether nothing failed and every target is known to be ready; the other checks may be unknown."""
    needed = [verdict.passed for verdict in verdicts if verdict.check in _NEEDED]
    return bool(needed) and all(needed) and not any(verdict.passed is False for verdict in verdicts)


def subjects(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """Whom the checks are about, each once."""
    return tuple(dict.fromkeys(verdict.subject for verdict in verdicts))


def _line(verdict: Verdict, wide: int, cells: int) -> list[Line]:
    check = visible(check_words(verdict), _WIDEST)
    before: Line = (Span("  "), verdict_sign(verdict), Span(check + " " * (wide - width(check) + 2)))
    word = {True: "passed", False: "failed", None: "unknown"}[verdict.passed]
    return words(f"{word}{': ' if verdict.detail else ''}{verdict.detail}", cells, before=before)


def _total(verdicts: Sequence[Verdict]) -> Line:
    good = sum(verdict.passed is True for verdict in verdicts)
    unknown = sum(verdict.passed is None for verdict in verdicts)
    rest = f", {unknown} cannot be known" if unknown else ""
    well = passed(verdicts)
    sign = Span("✓ ", "good") if well else Span("✗ ", "bad")
    return sign, Span(f"{good} of {len(verdicts)} checks passed{rest}")
