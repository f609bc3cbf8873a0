"""From settings to a running engine and its door: finds sources and controls, sets the clock."""

import importlib
import pkgutil
import random
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import console.controls
import console.sources
from console import settings
from console.clock import SystemClock
from console.domain.fleet import Fleet
from console.domain.triage import Library
from console.engine.door import Door, Parts
from console.engine.drift import DriftSource
from console.engine.engine import Engine
from console.ports import Control, Journal, Releases, Source
from console.sources._readiness import Readiness
from console.storage.journal import FileJournal, journal_path
from console.storage.releases import FileReleases, releases_path
from console.storage.runbooks import load
from console.transport.http import Http
from console.transport.kit import Kit
from console.transport.prometheus import queries_of
from console.transport.repository import ModelRepository
from console.triage import checks
from console.triage.session import Triage


def build(fleet: Fleet) -> Engine:
    """An engine on the fleet, its door attached; it opens connections only when it is used."""
    kit = Kit(SystemClock(), Http(fleet.headers, fleet.tls))
    chance = random.Random()  # noqa: S311 - jitter, and short names for plans
    drift = DriftSource(lambda: engine.door.drifts())  # noqa: PLW0108 - the engine is made of it
    engine = Engine(fleet, [*open_sources(fleet, kit), drift], kit.clock, chance, kit.http.close)
    parts = Parts(
        controls=open_controls(fleet, kit),
        journal=journal(fleet),
        releases=releases(fleet),
        repository=ModelRepository(fleet.repository),
        verifier=Readiness(fleet, kit),
        clock=kit.clock,
        random=chance,
        who=settings.operator(),
    )
    engine.attach(
        Door(fleet, parts, lambda: engine.snapshot, engine.mark),
        Triage(lambda: library(fleet), queries_of(fleet, kit), kit.clock),
    )
    return engine


def journal(fleet: Fleet) -> Journal:
    """The fleet's journal; the fleet's secrets never reach it."""
    secrets = (*fleet.headers.values(), *fleet.freeze.headers.values())
    return FileJournal(journal_path(Path(fleet.state), fleet.name), secrets)


def releases(fleet: Fleet) -> Releases:
    """The fleet's known-good releases."""
    return FileReleases(releases_path(Path(fleet.state), fleet.name))


def library(fleet: Fleet) -> Library:
    """The runbooks: the console's, and the team's in place of or beside them."""
    return load(fleet.runbooks, checks.names())


def open_sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """Every source that any module of ``console.sources`` has for this fleet."""
    return [source for module in _modules(console.sources) for source in module.sources(fleet, kit)]


def open_controls(fleet: Fleet, kit: Kit) -> list[Control]:
    """Every control that any module of ``console.controls`` has for this fleet."""
    return [control for module in _modules(console.controls) for control in module.controls(fleet, kit)]


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    """The package's public modules, by name."""
    for name in sorted(each.name for each in pkgutil.iter_modules(package.__path__)):
        if not name.startswith("_"):
            yield importlib.import_module(f"{package.__name__}.{name}")
