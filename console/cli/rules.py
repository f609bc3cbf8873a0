"""``rules``: the console's alerts as Prometheus rules, and unit tests of them."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any

from console.cli._errors import CliError
from console.cli._fleet import fleet_of

NAME = "rules"
HELP = "print the alerts as Prometheus rules from the fleet's objectives, or --tests of them; asks no server"

_JOB = "triton"
_FILE = "triton-rules.yml"
_LITERAL = re.compile(r"[\w./:-]+")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to print, and how Prometheus knows the servers."""
    parser.add_argument(
        "--format", choices=("prometheus",), default="prometheus", help="the form of the rules"
    )
    parser.add_argument(
        "--job", default=_JOB, metavar="REGEX", help=f"the scrape jobs that are Tritons (default: {_JOB})"
    )
    parser.add_argument(
        "--tests",
        nargs="?",
        const=_FILE,
        metavar="RULES_FILE",
        help=f"print unit tests for promtool instead, of rules in this file (default: {_FILE})",
    )


def run(options: argparse.Namespace) -> int:
    """Print one YAML document."""
    fleet = fleet_of(options)
    job = _regular(options.job)
    from console.view.rules import head, rule_file  # noqa: PLC0415 - once the arguments are good
    from console.view.rules_tests import test_file  # noqa: PLC0415 - only --tests needs it

    if options.tests is not None:
        if not _LITERAL.fullmatch(options.job):
            raise CliError("--tests needs the literal name of one job: --job triton")
        _print(test_file(fleet, job, options.tests), ())
    else:
        _print(rule_file(fleet, job), head(fleet))
    return 0


def _regular(text: str) -> str:
    """A regular expression as it stands in quotes of PromQL."""
    try:
        re.compile(text)
    except re.error as error:
        raise CliError(f"--job is no regular expression: {error}") from None
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _print(document: dict[str, Any], comments: Sequence[str]) -> None:
    """YAML on stdout, what has several lines as literal text."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - only here

    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    for line in comments:
        print(f"# {line}")
    yaml.dump(_literal(document), sys.stdout)


def _literal(value: Any) -> Any:
    from ruamel.yaml.scalarstring import LiteralScalarString  # noqa: PLC0415 - YAML is slow to import, and only rules write it

    if isinstance(value, dict):
        return {name: _literal(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_literal(each) for each in value]
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value
