"""Request headers; their values are secrets from the environment, a file, or the line itself."""

import re
from collections.abc import Iterable

from console.domain.secret import Secret
from console.domain.toml_problems import Problems
from console.domain.toml_table import Table
from console.settings._around import Around, read_bounded, reason

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_LONGEST = 16 * 1024


def headers(table: Table, around: Around) -> dict[str, Secret]:
    """The headers of ``[fleets.NAME.headers]``: text, ``{env = "NAME"}`` or ``{file = "PATH"}`` each."""
    found: dict[str, Secret] = {}
    for name in table:
        value = secret(table, name, around)
        wrong = _wrong(name, value.reveal() if value is not None else "")
        if wrong:
            table.problem(name, wrong)
        elif value is not None:
            found[name] = value
    return found


def secret(table: Table, key: str, around: Around) -> Secret | None:
    """A secret: text, ``{env = "NAME"}`` or ``{file = "PATH"}``; None where there is none, or none that can be had."""
    value = table.raw(key)
    if isinstance(value, dict):
        value = _looked_up(table.table(key), around)
    elif value is not None and not isinstance(value, str):
        table.problem(key, 'must be text, { env = "NAME" } or { file = "PATH" }')
        return None
    return None if value is None else Secret(value)


def header_flags(flags: Iterable[str], problems: Problems) -> dict[str, Secret]:
    """The headers of ``--header 'NAME: VALUE'``; a problem never quotes the value."""
    found: dict[str, Secret] = {}
    for flag in flags:
        name, colon, value = (part.strip() for part in flag.partition(":"))
        wrong = _wrong(name, value) if colon else "write it as --header 'NAME: VALUE'"
        if wrong:
            problems.add(("--header",), wrong)
        else:
            found[name] = Secret(value)
    return found


def _looked_up(table: Table, around: Around) -> str | None:
    env, file = table.text("env"), table.text("file")
    table.close()
    if (env is None) == (file is None):
        table.problems.add(table.path, 'write { env = "NAME" } or { file = "PATH" }')
        return None
    if not around.chosen:
        return None
    if env is not None:
        if env not in around.environ:
            table.problem("env", f"the environment has no variable {env}")
        return around.environ.get(env)
    try:
        return read_bounded(around.file(str(file)), _LONGEST).decode().strip()
    except (OSError, ValueError) as error:
        table.problem("file", f"{file}: {reason(error)}")
        return None


def _wrong(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        return "is not a header name: letters, digits and - only"
    if not _VALUE.fullmatch(value) or len(value) > _LONGEST:
        return "its value has a line break, a control character or is too long"
    return ""
