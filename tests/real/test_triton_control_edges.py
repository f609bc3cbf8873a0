"""Where a change of a real server goes wrong, or needs a credential, or a release says where to go."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.action import Action, ActionKind
from console.domain.plan import ControlError, Part, PartName, Standing, StillRunningError
from console.domain.probe import ProbeOutcome
from console.domain.release import Release, ReleasedModel
from console.transport.digests import digest_folder
from tests.parts import models
from tests.parts.load import Stream, send, under_load
from tests.parts.triton import TritonServer
from tests.parts.triton_control import NAME, Desk, undo
from tests.snapshots import model_row, probe_summary

BACK = Action(ActionKind.ROLLBACK, model="multi", version="2")
SECRET = "wq7-not-for-any-text"
RESTRICTED = ("model-repository", "model-config", "statistics", "metadata")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return models.write(tmp_path / "repository", "fast", "multi", "ens")


@pytest.fixture
def server(repository: Path) -> Iterator[TritonServer]:
    """A server of one test's own."""
    with TritonServer.start(repository, load=("fast", "multi")) as started:
        yield started


async def test_a_load_that_never_ends_hangs_nothing_of_ours(server: TritonServer, repository: Path) -> None:
    (repository / "multi" / "2" / "model.py").unlink()
    desk = Desk(server)
    (step,) = (await desk.propose(BACK)).steps

    async with under_load(server.url, Stream("multi", clients=2)) as (tally,):
        with pytest.raises(StillRunningError, match="goes on by itself: version 2 is loading"):
            await desk.control.apply(replace(step, timeout_s=2.0))
        with pytest.raises(ControlError, match="version 2 is loading"):
            await desk.control.read(step)
        again = await desk.propose(replace(BACK, version="1"))
        async with asyncio.timeout(2):
            await desk.close()

    assert tally.failures == []
    assert again.steps == ()
    assert "a load of multi from here is still under way" in again.refusals[0]


async def test_cancelling_leaves_the_load_to_the_server(server: TritonServer) -> None:
    desk = Desk(server)
    (step,) = (await desk.propose(BACK)).steps
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await desk.control.apply(step)

    for _ in range(200):
        if await desk.ready("multi") == ["2"]:
            break
        await asyncio.sleep(0.1)
    ready = await desk.ready("multi")
    await desk.close()

    assert ready == ["2"]


async def test_a_dead_process_that_serves_the_wanted_version_is_started_anew(server: TritonServer) -> None:
    server.kill_stubs("multi")
    await send(server.url, Stream("multi"))
    dead = probe_summary(
        ProbeOutcome.ERROR, target=NAME, detail="HTTP 500: Stub process 'multi_0_0' is not healthy."
    )
    desk = Desk(
        server, rows=(model_row("multi", "3", targets=(NAME,), probes=(dead._replace(target=NAME),)),)
    )
    proposal = await desk.propose(replace(BACK, version="3"))
    await desk.run(proposal.steps)
    async with under_load(server.url, Stream("multi")) as (tally,):
        await asyncio.sleep(0.2)
    await desk.close()

    assert [step.change["op"] for step in proposal.steps] == ["unload", "load"]
    assert "the model's process is dead although it says READY" in " ".join(proposal.warnings)
    assert tally.ok > 0
    assert tally.failures == []


async def test_a_release_brings_config_and_version_back_parts_first(
    server: TritonServer, repository: Path
) -> None:
    desk = Desk(server, repository=str(repository))
    good = await desk.serving("multi")
    digests = digest_folder(repository / "multi" / "3", lambda _: None)
    text = json.dumps(dict(good.config or {}), sort_keys=True)
    known = ReleasedModel("multi", ("3",), text, "", {"3": digests}, None)
    desk.release = Release("r1", 0.0, "ana", "", (known,))
    await desk.run((await desk.propose(BACK)).steps)
    await desk.run(
        (await desk.propose(Action(ActionKind.TUNE, model="multi", values={"instances": 2}))).steps
    )

    proposal = await desk.propose(replace(BACK, version=""))
    await desk.run(proposal.steps)
    back = await desk.serving("multi")
    (repository / "multi" / "3" / "model.py").write_text("# another\n")
    after = await desk.propose(replace(BACK, version="", unload_first=True))
    same = await desk.propose(replace(BACK, version=""))
    await desk.close()

    assert _part(proposal.parts, PartName.ARTIFACT).standing is Standing.RESTORE
    assert _part(proposal.parts, PartName.CONFIG).standing is Standing.RESTORE
    assert (back.ready, back.config) == (
        ("3",),
        {**(good.config or {}), "version_policy": {"specific": {"versions": [3]}}},
    )
    assert _part(after.parts, PartName.ARTIFACT).detail == (
        "multi/3: its files are not as when they were good: model.py"
    )
    assert "serves whatever lies in 3/ now" in " ".join(after.warnings)
    assert same.steps == ()


async def test_restricted_endpoints_open_with_the_header_over_both_protocols(repository: Path) -> None:
    flags = (
        f"--http-restricted-api={','.join(RESTRICTED)}:admin-key={SECRET}",
        f"--grpc-restricted-protocol={','.join(RESTRICTED)}:admin-key={SECRET}",
    )
    with TritonServer.start(repository, load=("fast", "multi"), flags=flags) as restricted:
        without = Desk(restricted)
        refused = await without.propose(BACK)
        await without.close()
        calls = []
        for grpc in (True, False):
            desk = Desk(restricted, grpc=grpc, headers={"admin-key": SECRET})
            proposal = await desk.propose(BACK)
            await desk.run(proposal.steps)
            await desk.run(undo(proposal.steps))
            await desk.close()
            calls.append(proposal.steps[0].call)
            assert SECRET not in str(proposal)

    assert refused.steps == ()
    assert "credential missing" in refused.refusals[0]
    assert """-H 'triton-grpc-protocol-admin-key: '"$ADMIN_KEY\"""" in calls[0]
    assert """-H 'admin-key: '"$ADMIN_KEY\"""" in calls[1]


async def test_an_ensemble_with_a_missing_part_is_not_loaded_over(server: TritonServer) -> None:
    desk = Desk(server)
    await desk.run((await desk.propose(Action(ActionKind.LOAD, model="ens"))).steps)
    ensemble = await desk.serving("ens")
    config = json.dumps(dict(ensemble.config or {}))
    known = ReleasedModel("ens", ("1",), config.replace('"fast"', '"gone"'), "", {}, None)
    desk.release = Release("r1", 0.0, "ana", "", (known,))
    proposal = await desk.propose(Action(ActionKind.ROLLBACK, model="ens"))
    await desk.close()

    assert proposal.steps == ()
    assert "gone, which it calls, is not ready: a load now would unload ens" in " ".join(proposal.refusals)


async def test_a_target_that_does_not_answer_is_named(server: TritonServer) -> None:
    desk = Desk(server)
    server.kill()
    proposal = await desk.propose(BACK)
    await desk.close()

    assert proposal.steps == ()
    assert "triton-0: index: connection refused" in proposal.refusals[0]


def _part(parts: tuple[Part, ...], name: PartName) -> Part:
    return next(part for part in parts if part.name is name)
