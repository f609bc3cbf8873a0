"""Looks a query over: whether this Triton can ever answer it, and whether the answer means what it says."""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from console.domain.lint_families import family, is_ours, of_triton
from console.domain.lint_fault import Fault, Weight, note
from console.domain.lint_functions import function_faults
from console.domain.lint_names import group_faults, name_faults
from console.domain.lint_nodes import Node, PromqlError, Selector, selectors
from console.domain.lint_promql import parse, tokens
from console.domain.lint_units import shown_notes, unit_faults


class Live(NamedTuple):
    """What one server emits now: the names of its series, and its models."""

    names: frozenset[str]
    models: frozenset[str]
    where: str


def faults(query: str, recorded: Iterable[str] = (), live: Live | None = None) -> list[Fault]:
    """Everything wrong with a query, each fault once, errors first."""
    made = frozenset(recorded)
    try:
        node = parse(query)
    except PromqlError as error:
        found = [note("unreadable", "", f"cannot be read: {error}"), *_names_alone(query, made)]
    else:
        found = list(_all(node, made))
        if live is not None:
            # The server itself tells what is switched on.
            found = [fault for fault in found if fault.id != "needs" or fault.subject.startswith("DCGM")]
            found += _live_faults(node, live)
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda fault: fault.weight is not Weight.ERROR)


def _all(node: Node, recorded: Collection[str]) -> Iterator[Fault]:
    looks = (function_faults, group_faults, unit_faults, shown_notes)
    return chain(name_faults(node, recorded), chain.from_iterable(look(node) for look in looks))


def _names_alone(query: str, recorded: Collection[str]) -> Iterator[Fault]:
    """The names in what is no query as a whole; a name in it may still be one that nobody emits."""
    try:
        found = tokens(query)
    except PromqlError:
        return
    for token in found:
        if token.kind == "name":
            yield from name_faults(Selector(token.text), recorded)


def _live_faults(node: Node, live: Live) -> Iterator[Fault]:
    """What the query asks for and this very server does not have."""
    for selector in selectors(node):
        name = selector.name
        known = family(name)
        if known is not None and name.startswith("nv_") and name not in live.names:
            why = f"{live.where} does not emit {name} now"
            yield Fault("not-emitted", name, why, known.needs or "a model must be loaded that has it")
        elif known is None and is_ours(name) and not of_triton(name) and name not in live.names:
            yield Fault("not-emitted", name, f"{live.where} does not emit {name} now")
        for label, op, value in selector.matchers:
            fixed = "$" not in value and "[[" not in value
            if known is not None and label == "model" and op == "=" and fixed and value not in live.models:
                yield note("no-such-model", name, f'{live.where} has no model "{value}" now')
