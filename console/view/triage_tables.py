"""The triage screen's parts: questions and evidence as tables, and what stands around them."""

from collections.abc import Iterable, Sequence

from console.domain.action import Action, ActionKind
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.domain.triage import NONE, Answer, Walk
from console.view import format as write
from console.view.fields import within, words
from console.view.grid import grid
from console.view.shell import action_command
from console.view.styled import Line, Role, Span, clip, joined, plain, width
from console.view.table import Column, Row, Sort, Table, grown
from console.view.triage import (
    AdviceRow,
    PointRow,
    StepRow,
    advice_rows,
    step_row,
    verdict_sign,
    verdict_words,
)
from console.view.triage_evidence import EvidenceRow, time_of_day

_WALKED = Sort("walked")
_STEPS = (
    Column("number", "", 2, "its place in the walk; ▶ gave the verdict"),
    Column("question", "STEP", 12, "the question", "left", grow=200),
    Column("answer", "ANSWER", 8, "yes, no or unknown; * is somebody's own", "left"),
)
_EVIDENCE = (
    Column("what", "EVIDENCE", 11, "which figure, and whose", "left", grow=60),
    Column("now", "NOW", 9, "its value, with the mark of its basis", grow=8),
    Column("baseline", "WAS", 9, "its baseline", grow=8),
    Column("difference", "CHANGE", 9, "now less baseline", drop=1, grow=8),
    Column("age", "AGE", 5, "how long ago it was read", drop=2),
    Column("source", "SOURCE", 8, "where it was read", "left", drop=3, grow=24),
)
_ADVICE = (
    Column("key", "", 2, "its key", "left"),
    Column("text", "RECOMMENDED", 30, "what to do", "left", grow=60),
    Column("why", "BECAUSE", 12, "why", "left", drop=1, grow=200),
)
_FREEZE = "Freeze deploys and capture the window"
_LETTERS = "abcde"
_LINES = 3
_ROOM_FOR_REASONS = 64
_GAP = "  "
_BOOK = 40


def steps_table(rows: Sequence[StepRow], runbook: str = "") -> Table[StepRow]:
    """The questions in the order of the walk; the one that gave the verdict has the cursor at first."""
    columns = tuple(
        c._replace(title=visible(runbook, _BOOK)) if c.id == "question" and runbook else c for c in _STEPS
    )
    lead = next((row.id for row in rows if row.decides), None)
    return Table(columns, rows, lambda row: row.id, _step, _WALKED, lead=lead)


def _step(row: StepRow, _: frozenset[str]) -> Row:
    asked = row.walked is not None
    role: Role = "title" if row.decides else "" if asked else "quiet"
    mark = "▶" if row.decides else " "
    own = "*" if row.overruled else ""
    answer = Span(f"{row.answer.upper()}{own}", row.sign.role if asked else "quiet")
    number = Span(mark, "accent"), Span(str(row.number), "dim" if asked else "quiet")
    return Row((number, (Span(row.question, role),), (answer,)))


def evidence_table(rows: Sequence[EvidenceRow], empty: str) -> Table[EvidenceRow]:
    """The figures behind one answer; ``empty`` says why there are none."""
    columns = tuple(
        grown(each, (f"  {getattr(row, each.id)}" for row in rows)) if each.grow else each
        for each in _EVIDENCE
    )
    nothing = ((Span(empty, "dim"),),)
    return Table(columns, rows, _same_figure, _figure, _WALKED, nothing)


def _same_figure(row: EvidenceRow) -> tuple[str, str, str]:
    return row.evidence.check, row.evidence.what, row.evidence.subject


def _figure(row: EvidenceRow, _: frozenset[str]) -> Row:
    unknown = row.evidence.now is None and row.evidence.at is None
    now: Role = "warn" if unknown else "title" if row.evidence.answer is Answer.YES else ""
    return Row(
        (
            (row.sign, Span(f" {row.what}")),
            (Span(row.now, now),),
            (Span(row.baseline, "dim"),),
            (Span(row.difference),),
            (Span(row.age, "dim"),),
            (Span(row.source, "dim"),),
        )
    )


def recommended(walk: Walk, snapshot: Snapshot) -> tuple[AdviceRow, ...]:
    """What to do, each with its key: freezing first while anything is wrong, and lifting it when nothing is."""
    rows = advice_rows(walk, snapshot.fleet)
    freezing = next((row for row in rows if _freezes(row)), None)
    others = [row for row in rows if not _freezes(row)]
    keyed = [row._replace(key=key) for key, row in zip(_LETTERS, others, strict=False)]
    lock = snapshot.frozen
    frozen = lock is not None and not lock.expired(snapshot.at)
    if walk.verdict == NONE and frozen:
        lifting = Action(ActionKind.UNFREEZE)
        command = action_command(snapshot.fleet, lifting)
        return (
            AdviceRow("f", "Lift the freeze of deploys", "nothing is wrong now", lifting, command),
            *keyed,
        )
    if walk.verdict == NONE or frozen:
        return tuple(keyed)
    if freezing is None:
        action = Action(ActionKind.FREEZE, expires_s=snapshot.fleet.freeze.expires_s)
        command = action_command(snapshot.fleet, action)
        freezing = AdviceRow("", _FREEZE, "nothing else changes while you look", action, command)
    return (freezing._replace(key="f"), *keyed)


def _freezes(row: AdviceRow) -> bool:
    return row.action is not None and row.action.kind is ActionKind.FREEZE


def advice_table(rows: Sequence[AdviceRow], *, acting: bool, empty: str) -> Table[AdviceRow]:
    """What is recommended, with its keys; for those who may only look, with the commands instead."""

    def made(row: AdviceRow, _: frozenset[str]) -> Row:
        key = Span(row.key, "key") if acting else Span("·", "dim")
        return Row(((key,), (Span(row.text),), (Span(row.why, "dim"),)))

    columns = tuple(grown(c, (getattr(row, c.id) for row in rows)) if c.grow else c for c in _ADVICE)
    return Table(columns, rows, lambda row: row.text, made, _WALKED, ((Span(empty, "dim"),),))


def advice_detail(row: AdviceRow, cells: int) -> list[Line]:
    """What its row may have cut, why, and the whole command."""
    lines = words(row.text, cells, most=_LINES) if width(row.text) > _ADVICE[1].width else []
    lines += words(row.why, cells, role="dim", most=_LINES) if row.why else []
    if row.command:
        lines += words(row.command, cells, before=(Span("$ ", "dim"),), role="accent", most=_LINES)
    return within(lines, cells)


def title_lines(walk: Walk, cells: int, *, auto: bool) -> list[Line]:
    """The verdict with the time since its onset and the runbook at the end of its line, then the story."""
    sign = verdict_sign(walk.verdict)
    said: Line = (sign, Span(f" {verdict_words(walk)}", sign.role if walk.verdict != NONE else ""))
    since: Line = ()
    if walk.onset is not None and walk.verdict != NONE:
        ago = write.duration(walk.at - walk.onset)
        since = (Span(f"since {time_of_day(walk.onset)}, {ago}", "dim"),)
    book: Line = (Span(f"{visible(walk.runbook.id, _BOOK)}{' auto' if auto else ''}", "accent"),)
    left = joined([said, since])
    room = cells - width(plain(left)) - width(plain(book))
    line = (*left, Span(" " * room), *book) if room > 1 else left
    return within([line, *(words(walk.story, cells) if walk.story else ())], cells)


def answer_lines(row: StepRow, cells: int, *, short: bool = False) -> list[Line]:
    """The selected question with its answer, why, and who says otherwise; ``short`` keeps the question to a line."""
    before: Line = (row.sign, Span(" "))
    question = clip(row.question, max(cells - 2, 1)) if short else row.question
    lines = words(question, cells, before=before, role="title")
    if row.walked is None:
        return [*lines, (Span("not asked: an answer before it led elsewhere", "dim"),)]
    said = row.reason or "no reason is given"
    lines += words(said, cells, before=(Span(f"{row.answer.upper()}  ", row.sign.role),))
    if row.overruled:
        lines += words(row.overruled, cells, role="warn")
    return within(lines, cells)


def evidence_detail(row: EvidenceRow, cells: int, most: int = _LINES) -> list[Line]:
    """The selected figure's name, what to switch on, how it is known, and what anyone can ask to see the same.

    The query takes at most so many lines.
    """
    age = f"{row.age} ago" if row.age else ""
    known = [part for part in (row.basis, row.about, row.source, age) if part]
    lines = words(row.what, cells, most=2)
    if row.hint:
        lines += words(row.hint, cells, before=(Span("→ ", "warn"),), role="warn", most=_LINES)
    lines += words(" · ".join(known), cells, role="dim", most=1) if known else []
    if row.query and most == 1:
        lines.append((Span("Y ", "key"), Span(clip(row.query, max(cells - 2, 1)), "accent")))
    elif row.query:
        lines += words(row.query, cells, before=(Span("Y ", "key"),), role="accent", most=most)
    return within(lines, cells)


def point_lines(rows: Iterable[PointRow], cells: int) -> tuple[Line, ...]:
    """Every point with its tick, and what was found where there is room for it."""
    found = [((row.sign,), (Span(row.text),), (Span(row.reason, "dim"),)) for row in rows]
    if cells < _ROOM_FOR_REASONS:
        return grid(("", "ALSO LOOKED AT"), [row[:2] for row in found], widest=cells, gap=1)
    return grid(("", "ALSO LOOKED AT", ""), found, gap=1)


def problem_line(problems: Sequence[str]) -> Line:
    """What stood in the way of looking, the first of it in words."""
    if not problems:
        return ()
    more = f"  and {len(problems) - 1} more" if len(problems) > 1 else ""
    return Span("! ", "warn"), Span(f"{visible(problems[0], 300)}{more}", "warn")


def recovery_line(walk: Walk, cells: int) -> Line:
    """Whether it is over, as it is now."""
    if walk.recovery is None:
        return ()
    row = step_row(0, walk.recovery)
    over = walk.recovery.answer is Answer.YES
    role: Role = "good" if over else row.sign.role
    sign = "✓" if over else row.sign.text
    said = (Span(f"{sign} {row.answer.upper()}", role), Span(f"{_GAP}{row.reason}", "dim"))
    return within([(Span("RECOVERED?  ", "title"), Span(f"{row.question}  "), *said)], cells)[0]
