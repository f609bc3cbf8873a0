"""A plan that reads top to bottom: what, on what, by which calls, with which effect, and how it is undone."""

from collections.abc import Iterator

from console.domain.plan import Blast, Part, Plan, Standing, Step
from console.domain.text import visible
from console.view import format as write
from console.view.fields import LONGEST, field, heading, labelled, within, words
from console.view.state_words import state_words
from console.view.styled import EMPTY, Line, Role, Span, clip

SIGNS: dict[Standing, Span] = {
    Standing.SAME: Span("✓ ", "good"),
    Standing.RESTORE: Span("↺ ", "accent"),
    Standing.MUTABLE: Span("! ", "warn"),
    Standing.UNKNOWN: Span("? ", "warn"),
}
CALL_LINES = 6
_UNDO_LINES = 2
_NAMES = 6
_LONGEST_CALL = 10_000_000


def plan_lines(plan: Plan, cells: int, call_lines: int = CALL_LINES) -> list[Line]:
    """The whole plan in lines of at most ``cells``; of a call at most ``call_lines`` (0: all)."""
    sections = (
        _what(plan, cells),
        list(_refused(plan, cells)),
        list(_on_what(plan.blast, cells)),
        _parts(plan.parts, cells),
        list(_steps(plan, cells, call_lines)),
        _said("WARNINGS", Span("▲ ", "warn"), plan.warnings, cells),
        _said("CANNOT BE KNOWN", Span("? ", "warn"), plan.unknown, cells),
    )
    lines: list[Line] = []
    for section in sections:
        lines += [EMPTY, *section] if lines and section else section
    return within(lines, cells)


def call_text(plan: Plan) -> str:
    """Every call of the plan in full, each on lines of its own, as an operator can type it."""
    return "\n".join(typable(step.call) for step in plan.steps)


def typable(call: str) -> str:
    """A call whole, its control and invisible characters but line ends made visible."""
    return "\n".join(visible(line, _LONGEST_CALL) for line in call.splitlines())


def confirm_word(plan: Plan) -> str:
    """What an operator types to confirm: the model that is touched, else what is done."""
    models = plan.blast.models
    return plan.action.model or (models[0] if len(models) == 1 else plan.action.kind.value)


def names(found: tuple[str, ...], most: int = _NAMES) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(visible(name, 60) for name in found[:most]) + more


def share_words(share: float | None) -> str:
    """How much of all requests the models have now."""
    if share is None:
        return "unknown share of the requests"
    return f"{write.percent(share)} % of all requests now"


def _what(plan: Plan, cells: int) -> list[Line]:
    lines = words(plan.goal, cells, role="title")
    if plan.action.reason:
        lines += field("because", plan.action.reason, cells)
    return lines


def _refused(plan: Plan, cells: int) -> Iterator[Line]:
    if plan.refusal:
        yield from words(plan.refusal, cells, before=(Span("✗ cannot run: ", "bad"),))
    elif not plan.steps:
        yield from words("nothing to change: it is already so", cells, before=(Span("✓ ", "good"),))


def _on_what(blast: Blast, cells: int) -> Iterator[Line]:
    if not any((blast.models, blast.targets, blast.dependents)):
        return
    yield heading("ON WHAT", cells)
    if blast.models:
        yield from field("models", names(blast.models), cells)
    if blast.targets:
        yield from field("targets", names(blast.targets), cells)
    if blast.models:
        yield from field("traffic", share_words(blast.share), cells)
    if blast.dependents:
        yield from field("used by", names(blast.dependents), cells, role="warn")


def _parts(parts: tuple[Part, ...], cells: int) -> list[Line]:
    if not parts:
        return []
    wide = max(len(part.name.value) for part in parts)
    lines = [heading("SIX PARTS", cells)]
    for part in parts:
        sign = SIGNS[part.standing]
        detail = f": {part.detail}" if part.detail else ""
        before: Line = (Span("  "), sign, Span(f"{part.name.value:<{wide}}  "))
        lines += words(f"{part.standing.value}{detail}", cells, before=before, role=sign.role)
    return lines


def _steps(plan: Plan, cells: int, most: int) -> Iterator[Line]:
    if not plan.steps:
        return
    yield heading(f"STEPS  {len(plan.steps)}", cells)
    for number, step in enumerate(plan.steps, 1):
        yield from _step(number, step, cells, most)


def _step(number: int, step: Step, cells: int, most: int) -> Iterator[Line]:
    yield from words(step.title, cells, before=(Span(f"{number:>2} ", "accent"),), role="title")
    yield from field("now:", state_words(step.before), cells, indent=3)
    yield from _call("call:", step.call, cells, most)
    yield from field("effect:", step.effect, cells, indent=3)
    if step.inverse is not None:
        yield from _call("undo:", step.inverse.call, cells, min(most, _UNDO_LINES))
    elif step.final:
        yield from field("undo:", f"none: {step.final}", cells, indent=3, role="warn")
    else:
        yield from field("undo:", "nothing to undo", cells, indent=3)


def _call(label: str, call: str, cells: int, most: int) -> Iterator[Line]:
    """A call of several lines keeps them; together they stay within the limit."""
    lines: list[Line] = []
    for each in call[:LONGEST].splitlines() or [""]:
        before = labelled("" if lines else label, 3)
        lines += words(each, cells, before=before, role="accent", most=most)
    if most and len(lines) > most:
        hidden = (Span(clip(f"{'':12}… {len(lines) - most + 1:,} more lines", cells), "dim"),)
        lines = [*lines[: most - 1], hidden]
    yield from lines


def _said(title: str, sign: Span, texts: tuple[str, ...], cells: int) -> list[Line]:
    if not texts:
        return []
    role: Role = "warn" if sign.text.startswith("▲") else ""
    lines = [heading(title, cells)]
    for text in texts:
        lines += words(text, cells, before=(Span("  "), sign), role=role)
    return lines
