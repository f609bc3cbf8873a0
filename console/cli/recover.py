"""``recover``: plans whose console died, what they left, and what to do about it."""

import argparse

from console.cli._act import act, add_acting, refuse_read_only
from console.cli._act_journal import fleet_for, known, plan_of
from console.cli._codes import REFUSED
from console.cli._errors import USAGE, CliError, print_json
from console.cli._fleet import coloured, fleet_of, guessed
from console.cli._hide import hidden
from console.cli._paint import columns, print_lines
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.journal import Entry
from console.view.fields import words
from console.view.journal import unfinished_lines
from console.view.journal_json import entry_object
from console.view.styled import EMPTY, Line, Span

NAME = "recover"
HELP = "list plans that were cut short, go on with one, undo it or mark it as handled: 0 none is left, 1 some are"

_NONE_LEFT, _SOME = 0, 1
_WAYS = "--continue does the rest, --undo takes back what was done, --handled --reason TEXT leaves it to you"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which plan, and what to do about it."""
    parser.add_argument(
        "targets", nargs="*", metavar="[ID] [TARGET]", help="a plan's id or its beginning; servers"
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--continue", dest="go_on", action="store_true", help="do the steps that are left")
    ways.add_argument("--undo", action="store_true", help="take back the steps that were done")
    ways.add_argument(
        "--handled",
        action="store_true",
        help="only write down that people have taken care of it; needs --reason",
    )
    add_acting(parser, targets=False)


def run(options: argparse.Namespace) -> int:
    """List, or settle one."""
    text = _take_id(options)
    if options.handled and not options.reason:
        raise CliError("--handled needs --reason TEXT: what was done about it, for whoever reads the journal")
    fleet = fleet_of(options)
    found = [entry for entry in known(fleet) if entry.unfinished]
    if text:
        found = [plan_of(text, found, fleet, named=not guessed(options))]
    fleet = fleet_for(options, found)
    if not (options.go_on or options.undo or options.handled):
        return _listed(options, fleet, found)
    if len(found) != 1:
        raise CliError(
            "say which plan: several were cut short"
            if found
            else "no plan was cut short: there is nothing to recover",
            "triton-console recover lists them" if found else "",
            code=USAGE if found else REFUSED,
        )
    return _settled(options, fleet, found[0])


def _take_id(options: argparse.Namespace) -> str:
    """The id among the positional words: the first, unless it can only be an address."""
    words = options.targets
    if words and not set(words[0]) & set(".:/,"):
        options.targets = words[1:]
        return str(words[0])
    return ""


def _settled(options: argparse.Namespace, fleet: Fleet, entry: Entry) -> int:
    if options.handled:
        return _handled(options, fleet, entry)
    kind = ActionKind.CONTINUE if options.go_on else ActionKind.UNDO
    return act(options, Action(kind, plan=entry.id, reason=options.reason), fleet)


def _handled(options: argparse.Namespace, fleet: Fleet, entry: Entry) -> int:
    refuse_read_only(fleet)
    if options.dry_run:
        raise CliError("--handled changes nothing but the journal: leave --dry-run away")
    from console.cli._act_recover import handle  # noqa: PLC0415 - HTTP and numpy, once the arguments are good
    from console.cli._loop import run_async  # noqa: PLC0415

    run_async(handle(fleet, entry.id, options.reason))
    if options.json:
        print_json({"handled": entry.id, "reason": options.reason})
    else:
        print(f"{entry.id} is marked as handled")
    return _NONE_LEFT


def _listed(options: argparse.Namespace, fleet: Fleet, found: list[Entry]) -> int:
    """The plans, the steps in flight read back; a read-only console writes nothing, so it only reads the journal."""
    if found and not fleet.read_only:
        from console.cli._act_recover import settled  # noqa: PLC0415 - HTTP and numpy, only for those there are
        from console.cli._loop import run_async  # noqa: PLC0415

        ids = {entry.id for entry in found}
        found = [hidden(e, options.secrets) for e in run_async(settled(fleet)) if e.id in ids]
    if options.json:
        print_json({"unfinished": [entry_object(entry) for entry in found]})
    else:
        print_lines(_lines(found, columns()), colour=coloured(options))
    return _SOME if found else _NONE_LEFT


def _lines(found: list[Entry], cells: int) -> list[Line]:
    if not found:
        return [(Span("✓ ", "good"), Span("no plan was cut short"))]
    lines: list[Line] = []
    for entry in found:
        lines += [*unfinished_lines(entry, cells), EMPTY]
    hint = f"triton-console recover ID and one of: {_WAYS}"
    return [*lines, *words(hint, cells, before=(Span("  → ", "dim"),), role="accent")]
