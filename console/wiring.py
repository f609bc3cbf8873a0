"""From settings to a running engine and its door: finds sources and controls, sets the clock."""

import importlib
import pkgutil
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import console.controls
import console.sources
from console import __version__, settings
from console.clock import SystemClock
from console.domain.fleet import Fleet, Target
from console.domain.recording import Bounds, RecordingError, Session
from console.domain.triage import Library
from console.engine.door import Door, Parts
from console.engine.drift import DriftSource
from console.engine.engine import Engine, Memory
from console.engine.gate import Trials
from console.engine.incident_source import IncidentSource
from console.engine.journal_source import JournalSource
from console.engine.player import Player
from console.ports import Clock, Control, Journal, Past, Recorder, Recording, Releases, Source
from console.sources._inferences import Inferences
from console.sources._readiness import Readiness
from console.storage.flight import FlightPast, flight_folder, flight_recorder
from console.storage.given import GivenPast
from console.storage.incidents import IncidentFiles
from console.storage.journal import FileJournal, journal_path
from console.storage.recorder import FileRecorder
from console.storage.releases import FileReleases, releases_path
from console.storage.runbooks import load
from console.storage.unrecorded import Unrecorded
from console.transport.http import Http
from console.transport.kit import Kit
from console.transport.prometheus import queries_of
from console.transport.prometheus_past import PrometheusPast
from console.transport.repository import ModelRepository
from console.triage import checks
from console.triage.session import Triage
from console.triage.unasked import Unasked


class Keeping(NamedTuple):
    """What an engine keeps of its watch, and whether it looks for what was before it.

    ``flight`` records into the flight recorder's folder, ``out`` into this file instead, both within the bounds of the
    fleet's flight recorder. ``recall`` looks for history in ``past``, a recording, and in what the fleet has.
    """

    flight: bool = False
    out: Path | None = None
    recall: bool = False
    past: Path | None = None


NOTHING_KEPT = Keeping()


def build(fleet: Fleet, keeping: Keeping = NOTHING_KEPT) -> Engine:
    """An engine on the fleet, its door attached; it opens connections only when it is used.

    Raises RecordingError where ``keeping.out`` cannot be recorded to.
    """
    kit = Kit(SystemClock(), Http(fleet.headers, fleet.tls))
    chance = random.Random()  # noqa: S311 - jitter, and short names for plans
    written, known = journal(fleet), incidents(fleet)
    own: list[Source] = [
        DriftSource(lambda: engine.door.drifts()),  # noqa: PLW0108 - the engine is made of it
        JournalSource(written, kit.clock, fleet),
        IncidentSource(known, fleet),
    ]
    asking = [*open_sources(fleet, kit), *own]
    engine = Engine(fleet, asking, kit.clock, chance, kit.http.close)
    engine.enlist(OpenCrew(fleet, kit))
    parts = Parts(
        controls=open_controls(fleet, kit),
        journal=written,
        releases=releases(fleet),
        repository=ModelRepository(fleet.repository),
        verifier=Readiness(fleet, kit),
        clock=kit.clock,
        random=chance,
        who=settings.operator(),
        incidents=known,
    )
    # What is found before this console records is not its own.
    pasts = open_pasts(fleet, kit, keeping)
    engine.attach(
        Door(fleet, parts, lambda: engine.snapshot),
        Triage(lambda: library(fleet), queries_of(fleet, kit), kit.clock),
        Memory(recorder(fleet, kit.clock, keeping), known, pasts),
        Trials(Inferences(fleet, kit)),
    )
    return engine


def replay(recording: Recording, runbooks: str = "") -> Player:
    """What plays a recording; ``runbooks`` is the folder of a team's own."""
    return Player(recording, SystemClock(), hindsight(runbooks), settings.operator())


def hindsight(runbooks: str = "") -> Triage:
    """The triage of what was recorded: it asks nobody. ``runbooks`` is the folder of a team's own."""
    return Triage(lambda: load(runbooks, checks.names()), Unasked(), SystemClock())


def recorder(fleet: Fleet, clock: Clock, keeping: Keeping) -> Recorder | None:
    """What keeps the watch, None where nothing is to be kept.

    A flight recorder that cannot start says why, and the watch goes on; raises RecordingError where ``out`` cannot be
    recorded to.
    """
    if not (keeping.flight or keeping.out):
        return None
    state, session = Path(fleet.state), Session(fleet, clock.now(), __version__)
    secrets, pinned = fleet.secrets, incidents(fleet).pinned
    if keeping.out is not None:
        return FileRecorder(
            keeping.out, session, Bounds(fleet.flight.seconds, fleet.flight.bytes), secrets, pinned
        )
    try:
        return flight_recorder(state, session, secrets, pinned)
    except RecordingError as error:
        return Unrecorded(flight_folder(state, fleet.name), session.began, str(error))


def open_pasts(fleet: Fleet, kit: Kit, keeping: Keeping) -> list[Past]:
    """Where history is looked for, the first that has any is taken.

    What a Prometheus is all that is seen through remembers more than what was seen of it.
    """
    if not keeping.recall:
        return []
    given: list[Past] = [GivenPast(keeping.past)] if keeping.past else []
    found: list[Past] = [FlightPast(Path(fleet.state), fleet)]
    asked: list[Past] = [PrometheusPast(fleet, kit)] if fleet.prometheus else []
    return [*given, *asked, *found] if fleet.through_prometheus else [*given, *found, *asked]


def journal(fleet: Fleet) -> Journal:
    """The fleet's journal; the fleet's secrets never reach it."""
    return FileJournal(journal_path(Path(fleet.state), fleet.name), fleet.secrets)


def releases(fleet: Fleet) -> Releases:
    """The fleet's known-good releases."""
    return FileReleases(releases_path(Path(fleet.state), fleet.name))


def incidents(fleet: Fleet) -> IncidentFiles:
    """The fleet's incidents."""
    return IncidentFiles(Path(fleet.state), fleet)


def library(fleet: Fleet) -> Library:
    """The runbooks: the console's, and the team's in place of or beside them."""
    return load(fleet.runbooks, checks.names())


def open_sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """Every source that any module of ``console.sources`` has for this fleet."""
    return [source for module in _modules(console.sources) for source in module.sources(fleet, kit)]


class OpenCrew:
    """``Crew``: the sources of each target that is found, of any module of ``console.sources`` that asks servers."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        asking = (module for module in _modules(console.sources) if hasattr(module, "of_each"))
        self._makers = [module.of_each(fleet, kit) for module in asking]
        self._roster = kit.roster

    def of(self, target: Target) -> list[Source]:
        """None for a group that is seen through Prometheus alone: that is no server."""
        return [] if target.scraped else [source for make in self._makers for source in make(target)]

    def tell(self, targets: Sequence[Target]) -> None:
        """Let the kit's roster know."""
        self._roster.tell(targets)


def open_controls(fleet: Fleet, kit: Kit) -> list[Control]:
    """Every control that any module of ``console.controls`` has for this fleet."""
    return [control for module in _modules(console.controls) for control in module.controls(fleet, kit)]


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    """The package's public modules, by name."""
    for name in sorted(each.name for each in pkgutil.iter_modules(package.__path__)):
        if not name.startswith("_"):
            yield importlib.import_module(f"{package.__name__}.{name}")
