"""From settings to a running engine: finds the sources, sets the clock."""

import importlib
import pkgutil
import random

import console.sources
from console.clock import SystemClock
from console.domain.fleet import Fleet
from console.engine.engine import Engine
from console.ports import Source
from console.transport.http import Http
from console.transport.kit import Kit


def build(fleet: Fleet) -> Engine:
    """An engine on the fleet; it opens connections only when it runs."""
    clock = SystemClock()
    http = Http(fleet.headers, fleet.tls)
    return Engine(fleet, open_sources(fleet, Kit(clock, http)), clock, random.Random(), http.close)  # noqa: S311 - jitter


def open_sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """Every source that any module of ``console.sources`` has for this fleet."""
    names = [m.name for m in pkgutil.iter_modules(console.sources.__path__) if not m.name.startswith("_")]
    found: list[Source] = []
    for name in sorted(names):
        module = importlib.import_module(f"console.sources.{name}")
        found.extend(module.sources(fleet, kit))
    return found
