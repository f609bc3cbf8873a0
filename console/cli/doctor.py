"""``doctor``: what works, what does not, and what to do about it."""

import argparse
from collections.abc import Iterator

from console import settings
from console.cli._check import Check, Status, counted, fail, ok
from console.cli._check_around import around_checks, file_checks
from console.cli._check_fleet import fleet_checks
from console.cli._check_machine import machine_checks
from console.cli._errors import print_json
from console.cli._fleet import NEXT_STEPS, coloured, fleet_of, guessed, settings_options
from console.cli._observe import observe
from console.cli._paint import print_lines
from console.cli._parser import add_targets
from console.domain.fleet import Fleet
from console.domain.text import visible
from console.view.styled import Line, Span

NAME = "doctor"
HELP = "check settings, targets, permissions, what stands around, and terminal: 0 well, 1 not, 2 nothing reachable"

WELL, UNWELL, UNREACHABLE = 0, 1, 2
_BETWEEN_POLLS_S = 0.5
_SIGNS = {
    Status.OK: Span("✓ ", "good"),
    Status.WARN: Span("▲ ", "warn"),
    Status.FAIL: Span("✗ ", "bad"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Targets, and the form of the answer."""
    add_targets(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Check everything, print, and tell the result by the exit code."""
    checks, fleet = _settings(options)
    reached = True
    if fleet is not None:
        snapshot = observe(fleet, _BETWEEN_POLLS_S)
        reached = snapshot.up > 0
        checks += [*fleet_checks(snapshot), *_reached(fleet), *around_checks(snapshot), *_kept(fleet)]
        if not reached and guessed(options):
            checks.append(fail("fleet", "no target is known but the guess localhost:8000", NEXT_STEPS))
    checks += machine_checks(settings.terminal())
    if options.json:
        print_json({"checks": [check._asdict() for check in checks]})
    else:
        print_lines(map(_line, checks), colour=coloured(options))
    if not reached:
        return UNREACHABLE
    return WELL if all(check.status is Status.OK for check in checks) else UNWELL


def _reached(fleet: Fleet) -> list[Check]:
    from console.cli._check_reach import reach_checks  # noqa: PLC0415 - HTTP, once the arguments are good

    return reach_checks(fleet)


def _kept(fleet: Fleet) -> Iterator[Check]:
    from console.cli._check_memory import memory_checks  # noqa: PLC0415 - numpy, once the arguments are good

    yield from file_checks(fleet)
    yield from memory_checks(fleet)


def _settings(options: argparse.Namespace) -> tuple[list[Check], Fleet | None]:
    path = settings.find(settings_options(options))
    try:
        fleet = fleet_of(options)
    except settings.SettingsError as error:
        hint = "correct this first: until then no target is asked"
        return [fail("settings", str(problem), hint) for problem in error.problems], None
    said = f"{path} is valid" if path else "no settings file is used; every value has its default"
    watched = counted(len(fleet.targets), "target")
    return [ok("settings", f"{said}; fleet {fleet.name}, {watched}")], fleet


def _line(check: Check) -> Line:
    subject = f"{visible(check.subject, 60)}: " if check.subject else ""
    hint = (Span(f"  → {visible(check.hint, 400)}", "accent"),) if check.hint else ()
    text = Span(f"{subject}{visible(check.message, 400)}")
    return (_SIGNS[check.status], Span(f"{check.id:<20} ", "dim"), text, *hint)
