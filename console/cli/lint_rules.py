"""``lint-rules``: finds queries in rules and dashboards that this Triton can never answer."""

import argparse

from console.cli._errors import print_json
from console.cli._fleet import coloured, fleet_of
from console.cli._lint_load import queries
from console.cli._paint import print_lines
from console.domain.lint import faults
from console.domain.lint_fault import Weight
from console.view.lint import Finding, count, lint_lines, lint_object

NAME = "lint-rules"
HELP = "find queries in Prometheus rules or Grafana dashboards that never match: 0 none, 1 some; notes do not count"

_CLEAN, _FAULTY = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, and a server to hold them against."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="rules (YAML) or a dashboard (JSON); - is stdin"
    )
    parser.add_argument(
        "--against",
        dest="targets",
        action="append",
        default=[],
        metavar="TARGET",
        help="a live Triton: say also what this very server does not emit",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Read everything, print what is wrong, and tell it by the exit code."""
    server = None
    if options.targets:
        from console.cli._lint_live import live  # noqa: PLC0415 - HTTP, only where it is asked for

        server = live(fleet_of(options))
    read = [(name, queries(name)) for name in options.files]
    recorded = frozenset().union(*(found.recorded for _, found in read))
    findings = [
        Finding(name, query, wrong)
        for name, found in read
        for query in found.queries
        if (wrong := tuple(faults(query.text, recorded, server)))
    ]
    asked = sum(len(found.queries) for _, found in read)
    if options.json:
        print_json(lint_object(findings, asked))
    else:
        print_lines(lint_lines(findings, asked), colour=coloured(options))
    return _FAULTY if count(findings, Weight.ERROR) else _CLEAN
