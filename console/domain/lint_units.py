"""Units: what a limit in a query means, and whether anything can ever pass it."""

import math
from collections.abc import Iterator

from console.domain.lint_families import MS, US, Dimension
from console.domain.lint_fault import Fault, note
from console.domain.lint_measure import Quantity, constant, measure
from console.domain.lint_nodes import COMPARISONS, Binary, Node, children

# Nobody promises less than this, or more: another unit was meant.
_LEAST_S, _PLAUSIBLE_S, _MOST_S = 50e-6, 1e-3, 3600.0
_LEAST_BYTES, _MOST_BYTES = 2.0**20, 2.0**45
_WORDS = {US: "µs", MS: "ms", 1.0: "s", 0.01: "per cent", 2.0**20: "MiB"}


def unit_faults(node: Node) -> Iterator[Fault]:
    """Limits that nothing or everything passes, anywhere in the tree."""
    if isinstance(node, Binary) and node.op in COMPARISONS:
        limit = constant(node.right)
        measured, op = (node.left, node.op) if limit is not None else (node.right, _turned(node.op))
        limit = constant(node.left) if limit is None else limit
        found = measure(measured) if limit is not None else None
        if found is not None and limit is not None:
            yield from _limit_faults(found, op, limit)
    for child in children(node):
        yield from unit_faults(child)


def _turned(op: str) -> str:
    return op.translate(str.maketrans("<>", "><"))


def _limit_faults(found: Quantity, op: str, limit: float) -> Iterator[Fault]:
    if found.raw:
        yield _raw(found, limit)
    elif found.per_s or limit == 0 or not math.isfinite(limit):
        return
    elif found.dimension is Dimension.TIME:
        yield from _time(found, limit)
    elif found.dimension is Dimension.SHARE:
        yield from _share(found, op, limit)
    elif found.dimension is Dimension.BYTES:
        yield from _bytes(found, limit)


def _raw(found: Quantity, limit: float) -> Fault:
    why = f"{found.name} only grows since its server began: a limit of it is passed once and for ever"
    instead = _rated(found)
    # "has ever had one" is a question that may be meant, though not of failures.
    asked = limit == 0 and not found.failed
    return (
        note("raw-counter", found.name, why, instead)
        if asked
        else Fault("raw-counter", found.name, why, instead)
    )


def _rated(found: Quantity) -> str:
    if found.dimension is Dimension.TIME:
        return f"rate({found.name}[5m]) / rate(nv_inference_request_success[5m])  (µs a request)"
    return f"rate({found.name}[5m])"


def _time(found: Quantity, limit: float) -> Iterator[Fault]:
    seconds = limit * found.scale
    if _PLAUSIBLE_S <= seconds <= _MOST_S or limit < 0:
        return
    why = f"{found.name} comes in {_word(found.scale)} here: {limit:g} is {_spoken(seconds)}"
    if seconds > _MOST_S:
        yield Fault("unit", found.name, why, "a limit in that unit")
        return
    # What was written is likely seconds below 10, and milliseconds above.
    meant = limit if limit < 10 else limit * MS
    instead = f"{meant / found.scale:g} for {_spoken(meant)}"
    odd = seconds < _LEAST_S
    yield Fault("unit", found.name, why, instead) if odd else note("unit", found.name, why, instead)


def _share(found: Quantity, op: str, limit: float) -> Iterator[Fault]:
    share = limit * found.scale
    whole = 1 / found.scale
    if share > 1:
        never = "nothing is" if op in {">", ">=", "=="} else "everything is"
        why = f"{found.name} goes from 0 to {whole:g} here: {never} {op} {limit:g}"
        yield Fault("unit", found.name, why, f"{limit / 100 * whole:g} for {limit:g} %" if whole == 1 else "")
    elif whole > 10 and 0 < limit <= 1:
        why = f"{found.name} goes from 0 to {whole:g} here: {limit:g} is {share * 100:g} %"
        yield Fault("unit", found.name, why, f"{limit * whole:g} for {limit * 100:g} %")


def _bytes(found: Quantity, limit: float) -> Iterator[Fault]:
    size = limit * found.scale
    unit = (
        "MiB"
        if found.scale == 2.0**20
        else "bytes"
        if found.scale == 1
        else f"units of {found.scale:g} bytes"
    )
    if 0 < size < _LEAST_BYTES:
        why = f"{found.name} comes in {unit} here: {limit:g} is next to nothing"
        yield Fault(
            "unit", found.name, why, "a share needs the total: used / total > 0.9" if limit <= 1 else ""
        )
    elif size > _MOST_BYTES:
        yield Fault(
            "unit",
            found.name,
            f"{found.name} comes in {unit} here: no GPU has {limit:g}",
            f"{limit / 2**20:g}",
        )


def shown_notes(node: Node) -> Iterator[Fault]:
    """Counters of time that are shown as they stand, or divided so: the sum or the mean since the server began."""
    shown = measure(node)
    if shown is not None and shown.raw and shown.dimension is Dimension.TIME:
        why = f"{shown.name} only grows since its server began: it is no duration of now"
        yield note("raw-shown", shown.name, why, _rated(shown))
    yield from _mean_notes(node)


def _mean_notes(node: Node) -> Iterator[Fault]:
    if isinstance(node, Binary) and node.op == "/":
        mine, other = measure(node.left), measure(node.right)
        if mine is not None and other is not None and mine.raw and other.raw:
            why = f"{mine.name} / {other.name} is the mean since the server began; it hardly moves in an incident"
            yield note("raw-mean", mine.name, why, f"rate({mine.name}[5m]) / rate({other.name}[5m])")
    for child in children(node):
        yield from _mean_notes(child)


def _word(scale: float) -> str:
    return next(
        (word for known, word in _WORDS.items() if math.isclose(known, scale)), f"units of {scale:g} s"
    )


def _spoken(seconds: float) -> str:
    for size, word in ((1.0, "s"), (MS, "ms"), (US, "µs")):
        if seconds >= size:
            return f"{seconds / size:g} {word}"
    return f"{seconds / US:g} µs"
