"""Checks of what the console stands on: terminal, Python, packages, state folder."""

import codecs
import importlib.metadata
import os
import platform
import sys
import tempfile
from collections.abc import Iterator

from console import __version__
from console.cli._check import Check, fail, ok, warn
from console.settings import Terminal, state_folder

PACKAGES = (
    "aiohttp",
    "msgspec",
    "numpy",
    "nvidia-ml-py",
    "platformdirs",
    "plotext",
    "prometheus-api-client",
    "protobuf",
    "ruamel.yaml",
    "textual",
    "textual-plotext",
    "tritonclient",
)
"""The distributions that pyproject.toml requires."""

_SMALLEST = (80, 24)


def machine_checks(terminal: Terminal) -> Iterator[Check]:
    """Every check that needs no fleet."""
    size = _size()
    if size is None:
        yield ok("terminal.type", "not run in a terminal, so none was looked at")
    else:
        yield _type(terminal)
        yield _room(size)
        yield _colour(terminal)
    yield _encoding()
    yield ok("python", f"triton-console {__version__} on Python {platform.python_version()}")
    yield _packages()
    yield _state()


def _size() -> os.terminal_size | None:
    for stream in (sys.__stdin__, sys.__stderr__, sys.__stdout__):
        try:
            return os.get_terminal_size(stream.fileno()) if stream else None
        except (OSError, ValueError):
            continue
    return None


def _type(terminal: Terminal) -> Check:
    if terminal.term in {"", "dumb", "unknown"}:
        return fail(
            "terminal.type",
            f"TERM is {terminal.term or 'not set'}: nothing can be drawn",
            "set it to what your terminal is, mostly: export TERM=xterm-256color",
        )
    return ok("terminal.type", f"TERM is {terminal.term}")


def _room(size: os.terminal_size) -> Check:
    said = f"{size.columns}×{size.lines} cells"
    if size.columns < _SMALLEST[0] or size.lines < _SMALLEST[1]:
        return warn("terminal.size", said, "make it 80×24 or larger: below, only the table is shown")
    return ok("terminal.size", said)


def _colour(terminal: Terminal) -> Check:
    if terminal.no_color:
        return ok("terminal.colour", "NO_COLOR is set: signs and words carry every meaning")
    if terminal.colorterm in {"truecolor", "24bit"}:
        return ok("terminal.colour", "16 million colours")
    if "256" in terminal.term or "direct" in terminal.term:
        return ok("terminal.colour", "256 colours")
    return warn("terminal.colour", "8 or 16 colours", "if your terminal can more: export TERM=xterm-256color")


def _encoding() -> Check:
    encoding = sys.stdout.encoding or "none"
    try:
        good = codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        good = False
    if good:
        return ok("terminal.encoding", "UTF-8")
    return warn("terminal.encoding", f"{encoding}, so signs show as escapes", "export LC_ALL=C.UTF-8")


def _packages() -> Check:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return fail("packages", f"missing: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    return ok("packages", ", ".join(found))


def _state() -> Check:
    folder = state_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return fail("state", f"{folder} is not writable: {error.strerror}", "make it writable for this user")
    return ok("state", f"{folder} is writable")
