"""The journal on a screen: every plan, newest first, found by any of its words; one plan with all it did."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from console.domain.instant import utc
from console.domain.journal import Damage, Entry
from console.domain.plan import Step
from console.domain.run import Outcome, Run, StepRun
from console.domain.states import holds
from console.domain.text import visible
from console.view import format as write
from console.view.fields import field, heading, labelled, within, words
from console.view.plan import names
from console.view.run import RESULTS, SIGNS, effect_lines, outcome_words, step_line, verdict_lines
from console.view.run import share_words as counted
from console.view.state_words import state_words
from console.view.styled import EMPTY, Line, Role, Span
from console.view.table import Column, Row, Sort, Table, grown, lay, places

COLUMNS = (
    Column("id", "ID", 6, "what undo and recover take", "left", grow=20),
    Column("when", "WHEN (UTC)", 14, "when it began", "left", drop=3),
    Column("who", "WHO", 8, "who did it", "left", drop=4, grow=16),
    Column("what", "WHAT", 20, "its goal", "left", grow=200),
    Column("result", "RESULT", 12, "how it ended", "left", grow=8),
    Column("standing", "SINCE THEN", 17, "whether its changes still stand", "left", drop=2, grow=23),
)


class JournalRow(NamedTuple):
    """One plan as texts; ``role`` is that of its result."""

    entry: Entry
    when: str
    who: str
    what: str
    result: str
    standing: str
    role: Role


def journal_rows(entries: Iterable[Entry], text: str, now: float) -> tuple[JournalRow, ...]:
    """The plans that have every word of ``text`` anywhere, newest first; ``now`` is epoch seconds."""
    wanted = text.casefold().split()
    rows = []
    for entry in entries:
        said = _searched(entry).casefold() if wanted else ""
        if all(word in said for word in wanted):
            rows.append(_row(entry, now))
    return tuple(reversed(rows))


def journal_table(entries: Iterable[Entry], text: str, now: float) -> Table[JournalRow]:
    """The same rows as a table to draw."""
    rows = journal_rows(entries, text, now)
    nothing = "no plan in the journal has these words"
    empty = nothing if text.strip() else "the journal is empty: nothing was changed yet"
    fitted = tuple(
        grown(column, (_text(row, column.id) for row in rows)) if column.grow else column
        for column in COLUMNS
    )
    return Table(
        fitted, rows, lambda row: row.entry.id, _cells, Sort("when", reversed=True), ((Span(empty, "dim"),),)
    )


def journal_text(entries: Iterable[Entry], text: str, now: float, cells: int) -> list[Line]:
    """The table as lines of at most ``cells``."""
    table = journal_table(entries, text, now)
    if not table.items:
        return within(table.empty, cells)
    placed = places(table.columns, cells)
    titles = Row(tuple((Span(column.title, "dim"),) for column in table.columns))
    return [
        lay(row, table.columns, placed, cells)
        for row in (titles, *(_cells(row, frozenset()) for row in table.items))
    ]


def entry_lines(entry: Entry, cells: int) -> list[Line]:
    """One plan of the journal with everything that is written of it, in lines of at most ``cells``."""
    word, role, about = _result(entry)
    lines = words(entry.plan.goal, cells, role="title")
    lines += field("id", entry.id, cells)
    lines += field("when", when(entry.at), cells)
    lines += field("who", f"{entry.who} on {entry.runner.host}, process {entry.runner.pid}", cells)
    lines += field("because", entry.reason or "no reason was given", cells)
    lines += field("targets", names(_addresses(entry)) or "none", cells)
    lines += [EMPTY, heading("STEPS", cells), *_steps(entry, cells), EMPTY]
    lines += words(entry.message or about, cells, before=(Span(f"{word}  ", role),))
    lines += verdict_lines(entry.verdicts, cells)
    if entry.measured is not None:
        lines += field("share", counted(entry.measured), cells)
    lines += effect_lines(entry.effects, cells)
    if since := _since(entry):
        lines += field("then", since, cells)
    return within(lines, cells)


def unfinished_lines(entry: Entry, cells: int) -> list[Line]:
    """A plan whose console died: what was done, what was not, and what is so now."""
    began = f"{when(entry.at)} by {entry.who} on {entry.runner.host}, process {entry.runner.pid}"
    lines = words(entry.plan.goal, cells, before=(Span("? UNFINISHED  ", "warn"),), role="title")
    lines += field("id", entry.id, cells)
    lines += field("began", began, cells)
    for number, (step, run) in enumerate(zip(entry.plan.steps, entry.steps, strict=True), 1):
        before: Line = (Span("  "), SIGNS[run.outcome], Span(f"{number} ", "dim"))
        lines += words(f"{step.title}: {_done(step, run)}", cells, before=before)
        if run.message:
            lines += words(run.message, cells, before=(Span(" " * 8),), role="dim")
    if not entry.touched:
        lines += words("nothing was changed", cells, before=(Span("  "),))
    return within(lines, cells)


def damage_lines(damages: Sequence[Damage], cells: int) -> list[Line]:
    """Each place where the journal is not what was written; one line of all well without any."""
    if not damages:
        return [(Span("✓ ", "good"), Span("the journal is whole: every record follows from the one before"))]
    lines: list[Line] = []
    for damage in damages:
        where = f"line {damage.line}: " if damage.line else ""
        lines += words(f"{where}{damage.message}", cells, before=(Span("✗ ", "bad"),))
    return within(lines, cells)


def as_run(entry: Entry) -> Run:
    """The entry as the run that it was."""
    return Run(
        entry.id,
        entry.plan,
        entry.steps,
        entry.result,
        entry.message,
        entry.verdicts,
        entry.measured,
        entry.effects,
    )


def when(at: float) -> str:
    """A moment (epoch seconds) as date and time, UTC: ``2025-03-01 10:41:07Z``."""
    return utc(at)


def _addresses(entry: Entry) -> tuple[str, ...]:
    """The addresses alone of what the command line takes as targets."""
    return tuple(text.partition(",")[0] for text in entry.targets.values())


def _row(entry: Entry, now: float) -> JournalRow:
    word, role, _ = _result(entry)
    if entry.unfinished:
        word = f"{word} {write.age(now - entry.at)}"
    return JournalRow(
        entry,
        utc(entry.at, "%m-%d %H:%M:%S"),
        visible(entry.who, 40),
        visible(entry.plan.goal),
        word,
        visible(_since(entry)),
        role,
    )


def _result(entry: Entry) -> tuple[str, Role, str]:
    if entry.unfinished:
        return "? UNFINISHED", "warn", "its end is not written: it runs, or its console died"
    return ("– CUT SHORT", "dim", "its console died") if entry.open else RESULTS[entry.result]


def _since(entry: Entry) -> str:
    """What became of it after it ended."""
    parts = [
        f"undone by {entry.undone}" if entry.undone else "",
        f"continued by {entry.continued}" if entry.continued else "",
        f"handled, {entry.handled}" if entry.handled else "",
    ]
    said = "; ".join(part for part in parts if part)
    return said or ("stands" if entry.standing and not entry.undoing else "")


def _searched(entry: Entry) -> str:
    action = entry.plan.action
    texts = [entry.id, when(entry.at), entry.who, entry.reason, entry.plan.goal, entry.message]
    texts += [entry.result.value, "unfinished" if entry.open else "", entry.runner.host, _since(entry)]
    texts += [
        action.kind.value,
        action.model,
        *entry.plan.blast.models,
        *entry.targets,
        *entry.targets.values(),
    ]
    for step, run in zip(entry.plan.steps, entry.steps, strict=True):
        texts += [step.title, step.control, step.subject, step.call, run.outcome.value, run.message]
    return "\n".join(texts)


def _cells(row: JournalRow, _: frozenset[str]) -> Row:
    roles: dict[str, Role] = {"id": "accent", "when": "dim", "result": row.role}
    return Row(tuple((Span(_text(row, column.id), roles.get(column.id, "")),) for column in COLUMNS))


def _text(row: JournalRow, column: str) -> str:
    return visible(row.entry.id, 40) if column == "id" else str(getattr(row, column))


def _steps(entry: Entry, cells: int) -> Iterator[Line]:
    for number, (step, run) in enumerate(zip(entry.plan.steps, entry.steps, strict=True), 1):
        yield from step_line(number, step, run, cells, entry.at)
        yield from words(step.call, cells, before=labelled("call:", 6), role="accent", most=3)
        if run.before is not None or run.after is not None:
            changed = f"{state_words(run.before, 80)} → {state_words(run.after, 80)}"
            yield from field("state:", changed, cells, indent=6)


def _done(step: Step, run: StepRun) -> str:
    """What is known of a step of a dead console, and what the world says."""
    if run.outcome is Outcome.WAITING:
        return "not begun"
    if run.outcome is Outcome.UNKNOWN:
        said = "begun, and nobody knows whether it was done"
        return said if run.after is None else f"{said}: now {state_words(run.after, 80)}"
    now = run.after
    if now is None:
        return outcome_words(run, 0.0)
    if holds(step.after, now):
        return f"done: now {state_words(now, 80)}"
    if holds(step.before, now):
        return f"not done: still {state_words(now, 80)}"
    return f"{run.outcome.value}: now {state_words(now, 80)}, which is neither as before nor as planned"
