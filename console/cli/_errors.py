"""What a command that cannot go on says: one line, or one JSON object, and never a traceback."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from console.domain.secret import Secret, redact
from console.domain.text import visible

USAGE = 64
INTERNAL = 70
INTERRUPTED = 130
BROKEN_PIPE = 141


class CliError(Exception):
    """Ends the command with an exit code; ``id`` is stable, ``hint`` says what to do."""

    def __init__(self, message: str, hint: str = "", *, id: str = "usage", code: int = USAGE) -> None:  # noqa: A002 - the name users see in the JSON
        super().__init__(message)
        self.id = id
        self.hint = hint
        self.code = code


def report(error: CliError, *, as_json: bool, hidden: Iterable[Secret] = ()) -> int:
    """Say what is wrong, on stderr or as JSON on stdout, the secrets left out; returns the exit code."""
    secrets = list(hidden)
    message, hint = (visible(redact(text, secrets), 1000) for text in (str(error), error.hint))
    if as_json:
        print_json({"error": {"id": error.id, "message": message, "hint": hint}})
    else:
        print(f"triton-console: {message}{f'  → {hint}' if hint else ''}", file=sys.stderr)
    return error.code


def report_settings(problems: Iterable[Any], *, as_json: bool) -> int:
    """Say every problem of the settings, a line each; returns the exit code."""
    found = list(problems)
    if as_json:
        message = "; ".join(str(problem) for problem in found)
        listed = [problem._asdict() for problem in found]
        hint = "correct each of the problems"
        print_json({"error": {"id": "settings", "message": message, "hint": hint, "problems": listed}})
    else:
        for problem in found:
            print(f"triton-console: {problem}", file=sys.stderr)
    return USAGE


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on stdout, pure ASCII, so that no text in it can act on a terminal."""
    print(json.dumps(value, allow_nan=False, indent=2 if sys.stdout.isatty() else None))
