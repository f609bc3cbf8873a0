"""File, environment and flags made into one frozen Fleet; the only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from console.domain.fleet import Discovery, Fleet, Target
from console.domain.toml_problems import Problem, Problems, nearest
from console.domain.toml_table import Table
from console.settings._around import Around, expanded, is_file, is_there
from console.settings._file import VARIABLE, SettingsError, read, search
from console.settings._fleet import LEAST_REFRESH, MOST_REFRESH, read_fleet
from console.settings._headers import header_flags
from console.settings._person import operator as _operator
from console.settings._person import state_folder
from console.settings._target import named, parse_target

__all__ = [
    "Options",
    "Problem",
    "SettingsError",
    "Terminal",
    "expanded",
    "find",
    "guesses",
    "is_file",
    "is_there",
    "load",
    "nearest",
    "operator",
    "state_folder",
    "terminal",
]

LOCAL = "http://localhost:8000"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about the fleet; None and empty leave it to the file."""

    targets: tuple[str, ...] = ()
    config: str | None = None
    fleet: str | None = None
    read_only: bool = False
    refresh: float | None = None
    headers: tuple[str, ...] = ()


def load(options: Options, environ: Mapping[str, str] | None = None) -> Fleet:
    """The fleet to watch; raises SettingsError with every problem of the file and the flags.

    Targets on the command line make a fleet of their own, and the file is then read only
    when ``config`` or ``fleet`` asks for it: a fleet's credentials go to no server that
    was not listed with them, unless the operator names the fleet.
    """
    around = os.environ if environ is None else environ
    flags = Problems()
    targets = _targets(options.targets, flags)
    headers = header_flags(options.headers, flags)
    if options.refresh is not None and not LEAST_REFRESH <= options.refresh <= MOST_REFRESH:
        flags.add(("--refresh",), f"must be {LEAST_REFRESH:g} to {MOST_REFRESH:g} seconds")
    fleet, problems = _from_file(options, around)
    if flags.found or problems:
        raise SettingsError([*flags.found, *sorted(problems, key=lambda problem: problem.line or 0)])
    return replace(
        fleet,
        targets=targets or fleet.targets,
        through_prometheus=fleet.through_prometheus and not targets,
        discovery=Discovery() if targets else fleet.discovery,
        headers={**fleet.headers, **headers},
        read_only=fleet.read_only or options.read_only,
        refresh=fleet.refresh if options.refresh is None else options.refresh,
        state=fleet.state or str(state_folder()),
    )


def listed(options: Options, environ: Mapping[str, str] | None = None) -> tuple[Fleet, ...]:
    """Every fleet of the settings file that can be understood, in its order, without its secrets; none where there is no file.

    Raises SettingsError where the file cannot be read.
    """
    around = os.environ if environ is None else environ
    path = search(options.config, around.get(VARIABLE))
    if path is None:
        return ()
    values, problems = read(path)
    tables = Table(values, (), problems).table("fleets").tables()
    there = Around(path.parent, around, chosen=False)
    return tuple(read_fleet(name, table, there, needs_targets=False) for name, table in tables)


def find(options: Options, environ: Mapping[str, str] | None = None) -> Path | None:
    """The settings file that ``load`` reads with these options, or None."""
    around = os.environ if environ is None else environ
    if options.targets and not (options.config or options.fleet):
        return None
    return search(options.config, around.get(VARIABLE))


def guesses(options: Options, environ: Mapping[str, str] | None = None) -> bool:
    """Whether nobody named a target, so that ``load`` guesses the local server."""
    return not options.targets and options.fleet is None and find(options, environ) is None


def operator(environ: Mapping[str, str] | None = None) -> str:
    """Who acts, as ``ana@host``: for people to read, it proves nothing."""
    return _operator(os.environ if environ is None else environ)


class Terminal(NamedTuple):
    """What the environment says of the terminal; ``no_color`` as https://no-color.org defines it."""

    term: str
    colorterm: str
    no_color: bool


def terminal(environ: Mapping[str, str] | None = None) -> Terminal:
    """TERM, COLORTERM and NO_COLOR."""
    around = os.environ if environ is None else environ
    return Terminal(around.get("TERM", ""), around.get("COLORTERM", ""), bool(around.get("NO_COLOR")))


def _targets(texts: tuple[str, ...], problems: Problems) -> tuple[Target, ...]:
    targets: dict[str, Target] = {}
    for text in texts:
        try:
            target = parse_target(text)
        except ValueError as error:
            problems.add((), str(error))
        else:
            targets.setdefault(target.url, target)
    return named(targets.values())


def _from_file(options: Options, environ: Mapping[str, str]) -> tuple[Fleet, list[Problem]]:
    path = find(options, environ)
    if path is None:
        if options.fleet is not None:
            message = f"there is no settings file to find {options.fleet} in; pass --config FILE"
            return Fleet(), [Problem(None, "--fleet", message)]
        return Fleet(targets=named([parse_target(LOCAL)])), []
    try:
        values, problems = read(path)
    except SettingsError as error:
        return Fleet(), error.problems
    return _fleet_of(values, path.parent, options, environ, problems), problems.found


def _fleet_of(
    values: dict[str, Any], folder: Path, options: Options, environ: Mapping[str, str], problems: Problems
) -> Fleet:
    document = Table(values, (), problems)
    tables = dict(document.table("fleets").tables())
    chosen = _chosen(options.fleet, list(tables), problems)
    fleets = {
        name: read_fleet(
            name,
            table,
            Around(folder, environ, chosen=name == chosen),
            needs_targets=name != chosen or not options.targets,
        )
        for name, table in tables.items()
    }
    document.close()
    return fleets.get(chosen, Fleet())


def _chosen(wanted: str | None, names: list[str], problems: Problems) -> str:
    if not names:
        problems.add((), 'has no fleet; write [fleets.NAME] and targets = ["http://HOST:8000"] under it')
    elif wanted is None and len(names) > 1:
        problems.found.append(Problem(None, "--fleet", f"say which fleet: {', '.join(names)}"))
    elif wanted is not None and wanted not in names:
        known = nearest(wanted, names) or f"; known are {', '.join(names)}"
        problems.found.append(Problem(None, "--fleet", f"there is no fleet {wanted}{known}"))
    return wanted if wanted is not None else next(iter(names), "")
