"""What is possible where a server takes no loads: a rollback by files where it polls, words where it does not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.action import Action, ActionKind
from console.domain.plan import ChangedError, PartName, Standing, StillRunningError
from console.domain.release import Release, ReleasedModel
from console.domain.surfaces import Kubernetes
from console.domain.triton import ControlMode
from tests.parts import models
from tests.parts.load import Stream, under_load
from tests.parts.triton import TritonServer
from tests.parts.triton_control import Desk, undo

BACK = Action(ActionKind.ROLLBACK, model="multi", version="2")
PINNED = "version_policy { specific { versions: [ 2 ] } }"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.write(tmp_path_factory.mktemp("poll") / "repository", "fast", "multi", "ens")


@pytest.fixture(scope="module")
def poller(repository: Path) -> Iterator[TritonServer]:
    """A server that polls every second."""
    with TritonServer.start(repository, "poll", (), ("--repository-poll-secs=1",)) as started:
        yield started


def desk_of(server: TritonServer, repository: Path, **other: object) -> Desk:
    return Desk(server, mode=ControlMode.NONE_OR_POLL, repository=str(repository), files=True, **other)  # type: ignore[arg-type]


async def test_a_rollback_by_files_and_its_undo_fail_no_request(
    poller: TritonServer, repository: Path
) -> None:
    desk = desk_of(poller, repository)
    file = repository / "multi" / "config.pbtxt"
    file.chmod(0o640)
    before = file.read_bytes()
    proposal = await desk.propose(BACK)

    async with under_load(poller.url, Stream("multi", clients=4), Stream("ens")) as (multi, ensemble):
        await desk.run(proposal.steps)
        there = await desk.ready("multi"), file.read_text(), file.stat().st_mode & 0o777
        await desk.run(undo(proposal.steps))
        back = await desk.ready("multi")

    await desk.close()
    assert there == (["2"], f"{before.decode()}{PINNED}\n", 0o640)
    assert (back, file.read_bytes()) == (["3"], before)
    assert (multi.failures, ensemble.failures) == ([], [])
    assert sorted(path.name for path in (repository / "multi").iterdir()) == ["1", "2", "3", "config.pbtxt"]
    assert [path.name for path in repository.parent.iterdir() if path.name.startswith(".")] == []


async def test_the_plan_says_that_only_a_server_that_polls_follows(
    poller: TritonServer, repository: Path
) -> None:
    desk = desk_of(poller, repository)
    proposal = await desk.propose(BACK)
    await desk.close()

    said = " ".join(proposal.warnings)
    assert "this works only if triton-0 polls its repository" in said
    assert "going back to version 2 of multi serves whatever lies in 2/ now" in said
    assert PINNED in proposal.steps[0].call
    assert str(repository / "multi" / "config.pbtxt") in proposal.steps[0].call


async def test_a_release_brings_its_very_file_back(poller: TritonServer, repository: Path) -> None:
    file = repository / "multi" / "config.pbtxt"
    good = file.read_text()
    known = ReleasedModel("multi", ("3",), "", "", {}, good)
    desk = desk_of(poller, repository, release=Release("r1", 0.0, "ana", "", (known,)))
    away = (await desk.propose(BACK)).steps
    await desk.run(away)
    proposal = await desk.propose(replace(BACK, version=""))
    await desk.run(proposal.steps)
    await desk.close()

    assert file.read_text() == good


async def test_a_file_that_somebody_changed_meanwhile_is_left_alone(
    poller: TritonServer, repository: Path
) -> None:
    desk = desk_of(poller, repository)
    file = repository / "multi" / "config.pbtxt"
    before = file.read_text()
    (step,) = (await desk.propose(BACK)).steps
    file.write_text(before + "# by hand\n")
    with pytest.raises(ChangedError):
        await desk.control.apply(step)
    found = file.read_text()
    file.write_text(before)
    await desk.close()

    assert found == before + "# by hand\n"


async def test_loads_are_refused_with_what_is_possible_instead(
    poller: TritonServer, repository: Path
) -> None:
    desk = Desk(poller, mode=ControlMode.NONE_OR_POLL, repository=str(repository))
    refused = [
        (await desk.propose(replace(BACK, kind=kind, values={"instances": 2}))).refusals
        for kind in (ActionKind.UNLOAD, ActionKind.TUNE, ActionKind.REDUCE)
    ]
    back = await desk.propose(BACK)
    await desk.close()

    # The rollback by files speaks for itself.
    assert (back.steps, back.refusals) == ((), ())

    assert all(f"if it polls, change the files in {repository}" in said for (said,) in refused)


async def test_the_mode_is_asked_for_where_the_picture_does_not_know_it(poller: TritonServer) -> None:
    desk = Desk(poller, mode=ControlMode.UNKNOWN)
    proposal = await desk.propose(BACK)
    await desk.close()

    (said,) = proposal.refusals
    assert "the server refuses load and unload" in said
    assert "kubectl rollout undo" in said


async def test_a_server_that_does_not_follow_is_told_as_such(
    triton_none: TritonServer, tmp_path: Path
) -> None:
    repository = models.write(tmp_path / "repository", "fast")
    (repository / "fast" / "2").mkdir()
    file = repository / "fast" / "config.pbtxt"
    file.write_text(file.read_text() + "version_policy { specific { versions: [ 1 ] } }\n")
    desk = desk_of(triton_none, repository)
    (step,) = (await desk.propose(Action(ActionKind.ROLLBACK, model="fast", version="2"))).steps
    with pytest.raises(StillRunningError, match="it polls rarely, not at all, or could not load it"):
        await desk.control.apply(replace(step, timeout_s=1.5))
    away = file.read_text()
    await desk.control.apply(undo([step])[0])
    await desk.close()

    assert PINNED in away
    assert PINNED not in file.read_text()


async def test_in_none_the_workload_that_runs_it_is_named(triton_none: TritonServer) -> None:
    desk = Desk(triton_none, mode=ControlMode.NONE_OR_POLL)
    fleet = replace(desk.fleet, kubernetes=Kubernetes(workload="deployment/triton"))
    desk.control = type(desk.control)(fleet, desk.kit)  # type: ignore[call-arg]
    proposal = await desk.propose(replace(BACK, model="fast"))
    await desk.close()

    assert proposal.steps == ()
    assert "roll back deployment/triton, which runs it" in proposal.refusals[0]


async def test_the_parts_are_told_by_the_files(poller: TritonServer, repository: Path) -> None:
    desk = desk_of(poller, repository)
    parts = {part.name: part for part in (await desk.propose(BACK)).parts}
    await desk.close()

    assert parts[PartName.ARTIFACT].standing is Standing.MUTABLE
    assert parts[PartName.ENGINE].detail == "none here: the model runs on python"
