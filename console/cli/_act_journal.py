"""Plans of the journal for the commands that follow one: found by id, and on the targets they ran on."""

import argparse
from collections.abc import Iterable, Sequence

from console.cli._codes import REFUSED
from console.cli._errors import CliError
from console.cli._fleet import fleet_of, guessed
from console.domain.fleet import Fleet
from console.domain.journal import Entry, JournalReading, entries
from console.domain.text import visible

LAST = "last"
_SHOWN = 5


def reading(fleet: Fleet) -> JournalReading:
    """All of the fleet's journal; needs no server."""
    from console import wiring  # noqa: PLC0415 - HTTP and numpy, once the arguments are good

    return wiring.journal(fleet).read()


def known(fleet: Fleet) -> tuple[Entry, ...]:
    """The plans of the fleet's journal, oldest first."""
    return entries(reading(fleet).records)


def plan_of(text: str, found: Sequence[Entry], fleet: Fleet, *, named: bool) -> Entry:
    """The plan of that id, of an id that begins so, or the newest that stands for ``last``; raises CliError.

    Where the fleet's targets were ``named``, the last is the newest of theirs.
    """
    if text == LAST:
        return _last([entry for entry in found if not named or entry.concerns(fleet)])
    matching = [entry for entry in found if entry.id == text] or [
        entry for entry in found if entry.id.startswith(text)
    ]
    if len(matching) == 1:
        return matching[0]
    if matching:
        ids = ", ".join(visible(entry.id, 40) for entry in matching[:_SHOWN])
        raise CliError(
            f"{text} begins the ids of several plans: {ids}", "write more of it", id="unknown_plan"
        )
    raise CliError(
        f"the journal of the fleet {fleet.name} has no plan {text}",
        "triton-console journal lists them; another fleet's: --fleet NAME",
        id="unknown_plan",
    )


def fleet_for(options: argparse.Namespace, followed: Iterable[Entry]) -> Fleet:
    """The fleet of the options; where nobody named any, with the targets that these plans ran on."""
    texts = {text: None for entry in followed for text in entry.targets.values()}
    if guessed(options) and texts:
        options.targets = list(texts)
    return fleet_of(options)


def _last(found: Sequence[Entry]) -> Entry:
    standing = [e for e in found if e.standing and not e.undoing]
    if not standing:
        raise CliError(
            "no plan of the journal stands: there is nothing to undo",
            "triton-console journal lists what was done; an undo can be undone by its id",
            id="unknown_plan",
            code=REFUSED,
        )
    return standing[-1]
