"""``report``: the facts of a post-mortem, from what was recorded and journalled."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli._errors import CliError, print_json
from console.cli._fleet import coloured, fleet_of
from console.domain.text import visible
from console.settings import expanded, is_there

if TYPE_CHECKING:
    from console.cli._report_case import Subject
    from console.domain.redaction import Redaction
    from console.domain.report import Facts

NAME = "report"
HELP = "write the facts of a post-mortem in Markdown, from an incident or from any recording; asks no server"

WRITTEN, NO_DATA = 0, 2
_ERASE = "\r\x1b[K"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What it is about, and what is written."""
    parser.add_argument(
        "incident",
        nargs="?",
        metavar="INCIDENT",
        default="",
        help="an incident's id, its bundle, or any recording; default: the newest incident",
    )
    parser.add_argument(
        "--from",
        dest="since",
        metavar="TIME",
        default="",
        help="from there on: 10:41:07 (UTC), an ISO date, +00:12:31",
    )
    parser.add_argument("--to", dest="until", metavar="TIME", default="", help="up to there")
    parser.add_argument(
        "--out", metavar="FILE", default="", help="write it to a new file instead of the terminal"
    )
    parser.add_argument(
        "--redact",
        action="store_true",
        help="stand-ins for the names of hosts and people, the same throughout",
    )
    parser.add_argument(
        "--bundle",
        metavar="FILE",
        default="",
        help="write the incident's bundle to a new file instead of a report",
    )
    parser.add_argument("--json", action="store_true", help="the facts as one JSON object")
    parser.add_argument("--list", action="store_true", help="list the incidents")


def run(options: argparse.Namespace) -> int:
    """Gather the facts and write them."""
    if options.list:
        return _listed(options)
    for name in (options.out, options.bundle):
        if name and is_there(expanded(name)):
            raise CliError(f"{visible(name)} exists", "name a new file, or remove that one")
    from console.cli._report_case import subject_of  # noqa: PLC0415 - numpy, once the arguments are good

    with subject_of(options) as subject:
        if options.bundle:
            return _bundled(options, subject)
        facts = _facts(options, subject)
    if options.json:
        from console.view.report_json import facts_object  # noqa: PLC0415 - text needs another view

        return _json(options, facts_object(facts))
    from console.view.report import report  # noqa: PLC0415 - JSON needs another view

    return _written(options, "\n".join(report(facts)) + "\n")


def _facts(options: argparse.Namespace, subject: "Subject") -> "Facts":
    import asyncio  # noqa: PLC0415 - for nothing before the arguments are known to be good

    from console import wiring  # noqa: PLC0415
    from console.cli._hide import hidden  # noqa: PLC0415
    from console.engine.inquest import inquest, unrecorded  # noqa: PLC0415

    if subject.recording is None:
        facts = unrecorded(subject.fleet, subject.case)
    else:
        triage = wiring.hindsight(subject.fleet.runbooks)
        try:
            facts = asyncio.run(inquest(subject.recording, subject.case, triage.look, _progress()))
        finally:
            if sys.stderr.isatty():
                print(_ERASE, end="", file=sys.stderr, flush=True)
        tape = facts.tape
        facts = replace(facts, tape=tape and tape._replace(path=subject.opens or tape.path))
    facts = hidden(facts, options.secrets)
    return _redacted(facts, subject) if options.redact else facts


def _redacted(facts: "Facts", subject: "Subject") -> "Facts":
    """With stand-ins; where the file lies is nobody's business either."""
    redaction = _learned(subject)
    for value in (facts.fleet, [done.entry.who for done in facts.done], facts.incident):
        redaction.learn(value)
    tape = facts.tape
    named = replace(facts, tape=tape and tape._replace(path=Path(tape.path).name))
    return redaction.value(named)


def _learned(subject: "Subject") -> "Redaction":
    from console.domain.redaction import Redaction  # noqa: PLC0415 - only some ask for it

    case = subject.case
    redaction = Redaction.of(subject.fleet, list(case.records), list(case.releases), case.incident)
    if subject.recording is not None:
        redaction.learn([*subject.recording.sessions, *subject.recording.walks])
        for frame in subject.recording.frames(case.window.since, case.window.until, sparse=True):
            redaction.learn(frame)
    return redaction


def _bundled(options: argparse.Namespace, subject: "Subject") -> int:
    from console.domain.redaction import Redaction  # noqa: PLC0415 - only some ask for it
    from console.storage._files import advice  # noqa: PLC0415
    from console.storage.bundle import Given, write_bundle  # noqa: PLC0415

    case = subject.case
    if case.incident is None:
        raise CliError(
            "a bundle is made of an incident, and this recording is none", "triton-console report --list"
        )
    name = subject.recording.sessions[-1].fleet.name if subject.recording is not None else subject.fleet.name
    given = Given(name, subject.recording, case.records, case.releases, case.missing)
    path = expanded(options.bundle)
    try:
        manifest = write_bundle(path, case.incident, given, redact=Redaction() if options.redact else None)
    except OSError as error:
        raise CliError(
            f"{visible(options.bundle)} cannot be written: {advice(error)}", id="file", code=1
        ) from error
    if options.json:
        print_json({"bundle": str(path), "incident": case.incident.id, "missing": list(manifest.missing)})
        return WRITTEN
    print(
        f"{visible(str(path), 500)}: the bundle of {visible(case.incident.id, 40)}, {path.stat().st_size:,} bytes"
    )
    for said in manifest.missing:
        print(f"triton-console: not in it: {visible(said, 500)}", file=sys.stderr)
    return WRITTEN


def _json(options: argparse.Namespace, value: dict[str, object]) -> int:
    if not options.out:
        print_json(value)
        return WRITTEN
    import json  # noqa: PLC0415 - only some ask for it

    return _written(options, json.dumps(value, allow_nan=False, indent=2) + "\n")


def _written(options: argparse.Namespace, text: str) -> int:
    """On the terminal, or in a file that its owner alone may read: it names hosts and people."""
    if not options.out:
        print(text, end="")
        return WRITTEN
    from console.storage._files import advice, replace_private  # noqa: PLC0415 - only some ask for it

    path = expanded(options.out)
    try:
        replace_private(path, text.encode())
    except OSError as error:
        raise CliError(
            f"{visible(options.out)} cannot be written: {advice(error)}", id="file", code=1
        ) from error
    print(f"{visible(str(path), 500)}: {len(text.splitlines()):,} lines", file=sys.stderr)
    return WRITTEN


def _progress() -> Callable[[float], None]:
    """Says on a terminal how much of the window was played."""
    if not sys.stderr.isatty():
        return lambda _: None
    shown = -1

    def tell(share: float) -> None:
        nonlocal shown
        if int(share * 100) != shown:
            shown = int(share * 100)
            print(f"{_ERASE}reading the window: {shown} %", end="", file=sys.stderr, flush=True)

    return tell


def _listed(options: argparse.Namespace) -> int:
    from console.cli._paint import columns, print_lines  # noqa: PLC0415 - a report is printed as it is
    from console.cli._record_progress import size_text  # noqa: PLC0415
    from console.storage.incidents import IncidentFiles, bundle_path  # noqa: PLC0415
    from console.view.incidents import incident_table  # noqa: PLC0415
    from console.view.report_json import incident_object  # noqa: PLC0415

    fleet = fleet_of(options)
    state = Path(fleet.state)
    files = IncidentFiles(state, fleet)
    known = files.all()
    bundles = {each.id: path for each in known if (path := bundle_path(state, each.id)).is_file()}
    if options.json:
        listed = [
            {**incident_object(i), "bundle": str(bundles[i.id]) if i.id in bundles else None}
            for i in reversed(known)
        ]
        print_json({"incidents": listed, "problems": list(files.problems())})
        return WRITTEN
    sizes = {name: size_text(path.stat().st_size) for name, path in bundles.items()}
    print_lines(incident_table(known, sizes, time.time(), columns()), colour=coloured(options))
    for said in files.problems():
        print(f"triton-console: left out: {visible(said, 500)}", file=sys.stderr)
    return WRITTEN
