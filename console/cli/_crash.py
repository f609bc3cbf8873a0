"""Where the traceback of an unexpected error goes: a private file that can be attached to a report."""

import os
import secrets
import traceback
from collections.abc import Iterable
from pathlib import Path

from console.cli._errors import INTERNAL, CliError
from console.domain.secret import Secret, redact
from console.settings import state_folder


def crashed(error: BaseException, hidden: Iterable[Secret]) -> CliError:
    """The error to show instead, after the traceback went to a file without the secrets."""
    number = secrets.token_hex(3)
    text = "".join(traceback.format_exception(error))
    said = f"an unexpected {type(error).__name__} ended the command (report {number})"
    try:
        path = _write(state_folder() / f"crash-{number}.txt", redact(text, hidden))
    except OSError:
        hint = "please report it; its details could not be written to the state folder"
    else:
        hint = f"please report it with {path}"
    return CliError(said, hint, id="internal", code=INTERNAL)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path
