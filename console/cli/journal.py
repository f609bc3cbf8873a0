"""``journal``: what was changed, by whom, and with which result."""

import argparse
import sys
import time
from collections.abc import Sequence
from itertools import chain

from console.cli._act_journal import reading
from console.cli._errors import print_json
from console.cli._fleet import coloured, fleet_of
from console.cli._paint import columns, print_lines
from console.domain.journal import Damage, Entry, entries
from console.view.journal import damage_lines, entry_lines, journal_rows, journal_text
from console.view.journal_json import journal_object
from console.view.styled import Line

NAME = "journal"
HELP = "list what was changed, newest first, or one plan in full; --verify: 0 whole, 1 not; asks no server"

_WHOLE, _DAMAGED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to look for, and the form of the answer."""
    parser.add_argument(
        "filter",
        nargs="*",
        metavar="WORD",
        help="only plans that have these words; a plan's id shows all of it",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="check that nothing was changed or cut away since it was written",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Read, print; damage is told in any case, and by the exit code with ``--verify``."""
    found = reading(fleet_of(options))
    text, now = " ".join(options.filter), time.time()
    known = entries(found.records)
    if options.json:
        shown = (row.entry for row in journal_rows(known, text, now))
        print_json(dict(journal_object(shown, found.damages)))
    elif options.verify:
        print_lines(damage_lines(found.damages, columns()), colour=coloured(options))
    else:
        print_lines(_lines(known, text, now), colour=coloured(options))
        _warn(found.damages)
    return _DAMAGED if options.verify and found.damages else _WHOLE


def _lines(known: Sequence[Entry], text: str, now: float) -> list[Line]:
    named = [entry for entry in known if text and entry.id.startswith(text)]
    if named:
        return list(chain.from_iterable([*entry_lines(entry, columns()), ()] for entry in named))
    return journal_text(known, text, now, columns())


def _warn(damages: Sequence[Damage]) -> None:
    if damages:
        number = len(damages)
        said = f"the journal is not what was written ({number} place{'s' if number > 1 else ''})"
        print(f"triton-console: {said}  → triton-console journal --verify", file=sys.stderr)
