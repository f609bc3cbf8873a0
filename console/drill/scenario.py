"""Reads fleets and scenarios from their TOML files and checks every key of them."""

import difflib
import tomllib
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from importlib.resources import files
from typing import Any, Union, get_args, get_origin, get_type_hints

from console.drill.spec import (
    Crash,
    Event,
    FleetSpec,
    Gateway,
    GpuSpec,
    KillStub,
    Leak,
    Load,
    Metrics,
    ModelSpec,
    Publish,
    Rate,
    Scenario,
    TargetSpec,
    Tenant,
    Unload,
)

# What a scenario calls an event, and what it becomes.
EVENTS: dict[str, type[Event]] = {
    "publish": Publish,
    "load": Load,
    "unload": Unload,
    "rate": Rate,
    "tenant": Tenant,
    "leak": Leak,
    "kill_stub": KillStub,
    "crash": Crash,
    "metrics": Metrics,
    "gateway": Gateway,
}


class ScenarioError(ValueError):
    """A scenario or fleet that is not there or not well written; the message says all that is wrong."""


def scenarios() -> tuple[Scenario, ...]:
    """Every scenario that comes with the console, ``healthy`` first, then by id."""
    names = sorted(_names("scenarios"), key=lambda name: (name != "healthy", name))
    return tuple(scenario_named(name) for name in names)


def scenario_named(name: str) -> Scenario:
    """The scenario of that id; raises ScenarioError with the nearest names."""
    known = _names("scenarios")
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or sorted(known)
        raise ScenarioError(f"unknown scenario '{name}': did you mean {', '.join(near)}?")
    return read_scenario(name, _read("scenarios", name))


def read_scenario(name: str, text: str) -> Scenario:
    """A scenario from its TOML; raises ScenarioError that lists every problem."""
    table = tomllib.loads(text)
    problems: list[str] = []
    fleet_name = table.pop("fleet", "retail")
    fleet = read_fleet(fleet_name, _read("fleets", fleet_name))
    rows = table.pop("events", [])
    events = tuple(_event(row, f"events[{number}]", problems) for number, row in enumerate(rows))
    made: Any = _made(Scenario, {"id": name, "fleet": fleet, **table, "events": ()}, name, problems)
    problems += _strangers(events, fleet)
    if problems:
        raise ScenarioError(f"{name}: " + "; ".join(problems))
    return Scenario(made.id, made.title, made.story.strip(), made.cause, fleet, events, made.warm_s)


def read_fleet(name: str, text: str) -> FleetSpec:
    """A fleet from its TOML; raises ScenarioError that lists every problem."""
    table = tomllib.loads(text)
    problems: list[str] = []
    gpus = {row.pop("id"): _made(GpuSpec, row, "gpus", problems) for row in table.pop("gpus", [])}
    targets = tuple(_made(TargetSpec, row, "targets", problems) for row in table.pop("targets", []))
    models = {
        model: _made(ModelSpec, row, f"models.{model}", problems)
        for model, row in table.pop("models", {}).items()
    }
    fleet = _made(FleetSpec, {"targets": (), "models": {}, **table}, name, problems)
    if problems:
        raise ScenarioError(f"{name}: " + "; ".join(problems))
    return FleetSpec(targets, models, gpus, fleet.gateway)


def _event(row: dict[str, Any], where: str, problems: list[str]) -> Event:
    kind = row.pop("do", "")
    if kind not in EVENTS:
        problems.append(f"{where}.do: '{kind}' is none of {', '.join(EVENTS)}")
        return Event(at=0.0)
    made: Event = _made(EVENTS[kind], row, where, problems)
    return made


def _strangers(events: tuple[Event, ...], fleet: FleetSpec) -> list[str]:
    """Names in events that the fleet does not have."""
    known = {
        "model": set(fleet.models),
        "target": {target.name for target in fleet.targets},
        "gpu": set(fleet.gpus),
    }
    found = []
    for number, event in enumerate(events):
        for name, names in known.items():
            value = getattr(event, name, None)
            if value is not None and value not in names:
                found.append(f"events[{number}].{name}: the fleet has no '{value}'")
        missing = set(getattr(event, "targets", ())) - known["target"]
        found += [f"events[{number}].targets: the fleet has no '{name}'" for name in sorted(missing)]
    return found


def _made(kind: type, table: Mapping[str, Any], where: str, problems: list[str]) -> Any:
    """A dataclass from a table: unknown, missing and mistyped keys go to ``problems``."""
    hints = get_type_hints(kind)
    known = {entry.name: entry for entry in fields(kind)}
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            problems.append(f"{where}.{name}: unknown" + (f", did you mean '{near[0]}'?" if near else ""))
    values = {}
    for name, entry in known.items():
        if name in table:
            values[name] = _value(hints[name], table[name], f"{where}.{name}", problems)
        elif entry.default is MISSING and entry.default_factory is MISSING:
            problems.append(f"{where}.{name}: missing")
            values[name] = None
    return kind(**values)


def _value(hint: Any, value: Any, where: str, problems: list[str]) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return value if isinstance(value, hint) else _made(hint, value, where, problems)
    if isinstance(hint, type):
        wanted = (int, float) if hint is float else hint
        if not isinstance(value, wanted) or (hint is not bool and isinstance(value, bool)):
            problems.append(f"{where}: {value!r} is not a {hint.__name__}")
        return value
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _value(inner[0], value, where, problems)
    if origin is tuple:
        return tuple(_value(inner[0], item, where, problems) for item in value)
    if origin is Mapping and is_dataclass(inner[1]):
        return {inner[0](key): _value(inner[1], item, where, problems) for key, item in value.items()}
    return value


def _names(folder: str) -> set[str]:
    place = files("console.drill") / folder
    return {entry.name.removesuffix(".toml") for entry in place.iterdir() if entry.name.endswith(".toml")}


def _read(folder: str, name: str) -> str:
    if name not in _names(folder):
        raise ScenarioError(f"there is no '{name}' among the {folder}")
    return (files("console.drill") / folder / f"{name}.toml").read_text(encoding="utf-8")
