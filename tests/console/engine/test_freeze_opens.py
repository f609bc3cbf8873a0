"""A freeze that holds opens an incident; what goes wrong with that never undoes the freeze."""

from pathlib import Path

import pytest

from console.domain.action import Action, ActionKind
from console.domain.plan import ControlError
from console.domain.run import Result, Run
from console.engine.door import Door
from console.storage.incidents import IncidentFiles
from tests.parts.knobs import Bench, Knobs, bench
from tests.snapshots import snapshot

TURNS = {kind: {"a": 2} for kind in (ActionKind.FREEZE, ActionKind.REDUCE)}
FREEZE = Action(ActionKind.FREEZE, reason="p99 of ranker is up")


@pytest.fixture
def stand() -> Bench:
    return bench(snapshot(), Knobs(wanted=TURNS))


@pytest.fixture
def incidents(stand: Bench, tmp_path: Path) -> IncidentFiles:
    return IncidentFiles(tmp_path, stand.fleet, stand.clock.now)


async def _ran(stand: Bench, incidents: IncidentFiles, action: Action = FREEZE) -> Run:
    door = Door(stand.fleet, stand.door._parts._replace(incidents=incidents), stand.door._see)
    return await door.run(await door.plan(action))


async def test_a_freeze_opens_an_incident_with_its_reason(stand: Bench, incidents: IncidentFiles) -> None:
    run = await _ran(stand, incidents)

    (incident,) = incidents.all()
    assert run.result is Result.VERIFIED
    assert run.message == f"every step was read back; incident {incident.id} is open"
    assert (incident.by, incident.why, incident.plan) == ("ana@bastion", "p99 of ranker is up", run.id)
    assert incident.closed is None


async def test_a_freeze_within_an_incident_opens_no_other(stand: Bench, incidents: IncidentFiles) -> None:
    opened = incidents.open("bob@desk", "a page")

    await _ran(stand, incidents)

    assert incidents.all() == (opened,)


async def test_a_freeze_that_failed_and_any_other_action_open_none(
    stand: Bench, incidents: IncidentFiles
) -> None:
    await _ran(stand, incidents, Action(ActionKind.REDUCE, model="ranker", percent=50))
    stand.knobs.values["a"] = 1
    stand.knobs.held["a"] = ControlError("no route to the cluster")
    failed = await _ran(stand, incidents)

    assert failed.result is Result.FAILED
    assert incidents.all() == ()


async def test_a_freeze_stands_and_says_so_when_no_incident_can_be_opened(
    stand: Bench, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("not a folder")

    run = await _ran(stand, IncidentFiles(tmp_path / "state" / "deeper", stand.fleet, stand.clock.now))

    assert run.result is Result.VERIFIED
    assert stand.knobs.values["a"] == 2
    assert "deploys are frozen, but no incident can be opened" in run.message
    assert "a part of its path is not a folder" in run.message
