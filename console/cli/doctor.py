"""``doctor``: what works, what does not, and what to do about it."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from console import settings
from console.cli._check import Check, Status, counted, fail, ok
from console.cli._check_around import around_checks, file_checks
from console.cli._check_fleet import fleet_checks
from console.cli._check_machine import machine_checks
from console.cli._errors import CliError, print_json
from console.cli._fleet import NEXT_STEPS, coloured, fleet_of, guessed, settings_options
from console.cli._observe import observe
from console.cli._paint import print_lines
from console.cli._parser import add_targets
from console.domain.fleet import Fleet
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view.styled import Line, Span

NAME = "doctor"
HELP = "check settings, targets, and what stands around, or a model repository: 0 well, 1 not, 2 nothing reachable"

WELL, UNWELL, UNREACHABLE = 0, 1, 2
_BETWEEN_POLLS_S = 0.5
_MOST_MINUTES = 525_600
_SIGNS = {
    Status.OK: Span("✓ ", "good"),
    Status.WARN: Span("▲ ", "warn"),
    Status.FAIL: Span("✗ ", "bad"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Targets, a repository, and the form of the answer."""
    add_targets(parser)
    parser.add_argument(
        "--repository",
        metavar="PATH",
        type=folder,
        help="check this model repository; servers are asked only where they are named here or in the settings",
    )
    parser.add_argument(
        "--model", action="append", default=[], metavar="MODEL", help="only this model of it; repeatable"
    )
    parser.add_argument(
        "--fresh",
        type=minutes,
        metavar="MINUTES",
        help="tell of files written within the last MINUTES; default: 10, 0: of none",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Check everything, print, and tell the result by the exit code."""
    if options.repository is None and (options.model or options.fresh is not None):
        raise CliError("--model and --fresh are about a repository", "add --repository PATH")
    alone = options.repository is not None and guessed(options)
    checks, fleet = _settings(options, alone=alone)
    snapshot = None
    if fleet is not None and not alone:
        snapshot = observe(fleet, _BETWEEN_POLLS_S)
        checks += [
            *fleet_checks(snapshot, fleet.refresh),
            *_reached(fleet),
            *around_checks(snapshot),
            *_kept(fleet),
        ]
        if not snapshot.up and guessed(options):
            checks.append(fail("fleet", "no target is known but the guess localhost:8000", NEXT_STEPS))
    if options.repository is not None:
        checks += _repository(options, fleet, snapshot)
    if not alone:
        checks += machine_checks(settings.terminal())
    if options.json:
        print_json({"checks": [check._asdict() for check in checks]})
    else:
        print_lines(map(_line, checks), colour=coloured(options))
    if snapshot is not None and not snapshot.up:
        return UNREACHABLE
    return WELL if all(check.status is Status.OK for check in checks) else UNWELL


def folder(text: str) -> Path:
    """A path; raises ArgumentTypeError for an empty one, which an unset variable leaves and nobody means."""
    if not text:
        raise argparse.ArgumentTypeError("names no directory")
    return Path(text)


def minutes(text: str) -> float:
    """A number of minutes, none or more; raises ArgumentTypeError."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= _MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"must be a number of minutes from 0 to {_MOST_MINUTES}")
    return found


def _repository(
    options: argparse.Namespace, fleet: Fleet | None, snapshot: Snapshot | None
) -> Iterator[Check]:
    from console.cli._check_repository import FRESH_MINUTES, repository_checks  # noqa: PLC0415 - protobuf

    fresh = FRESH_MINUTES if options.fresh is None else options.fresh
    yield from repository_checks(options.repository, options.model, fresh * 60, fleet, snapshot)


def _reached(fleet: Fleet) -> list[Check]:
    from console.cli._check_reach import reach_checks  # noqa: PLC0415 - HTTP, once the arguments are good

    return reach_checks(fleet)


def _kept(fleet: Fleet) -> Iterator[Check]:
    from console.cli._check_memory import memory_checks  # noqa: PLC0415 - numpy, once the arguments are good

    yield from file_checks(fleet)
    yield from memory_checks(fleet)


def _settings(options: argparse.Namespace, *, alone: bool) -> tuple[list[Check], Fleet | None]:
    path = settings.find(settings_options(options))
    try:
        fleet = fleet_of(options)
    except settings.SettingsError as error:
        hint = "correct this first: until then no target is asked"
        return [fail("settings", str(problem), hint) for problem in error.problems], None
    if alone:
        return [ok("settings", "no target is named, so no server is asked")], fleet
    said = f"{path} is valid" if path else "no settings file is used; every value has its default"
    watched = counted(len(fleet.targets), "target")
    if fleet.discovery:
        watched = f"{watched} and those that are found" if fleet.targets else "its targets are looked for"
    if fleet.through_prometheus:
        watched = "seen through Prometheus"
    return [ok("settings", f"{said}; fleet {fleet.name}, {watched}")], fleet


def _line(check: Check) -> Line:
    subject = f"{visible(check.subject, 60)}: " if check.subject else ""
    hint = (Span(f"  → {visible(check.hint, 400)}", "accent"),) if check.hint else ()
    text = Span(f"{subject}{visible(check.message, 400)}")
    return (_SIGNS[check.status], Span(f"{check.id:<20} ", "dim"), text, *hint)
