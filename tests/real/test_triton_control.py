"""Rollback, load, unload and tuning on a real server, mostly while it is asked."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from console.domain.action import Action, ActionKind
from console.domain.plan import ChangedError, ControlError
from tests.parts import models
from tests.parts.load import Stream, under_load
from tests.parts.triton import TritonServer
from tests.parts.triton_control import Desk, undo

MODELS = ("fast", "multi", "slow", "ens")
BACK = Action(ActionKind.ROLLBACK, model="multi", version="2")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """An explicit server with an ensemble; each test leaves it as it found it."""
    repository = models.write(tmp_path_factory.mktemp("control") / "repository", *MODELS, "queue")
    with TritonServer.start(repository, load=MODELS) as started:
        yield started


@pytest.fixture
async def desk(server: TritonServer) -> AsyncIterator[Desk]:
    opened = Desk(server, configs={"ens": await config(server, "ens")})
    yield opened
    await opened.close()


async def config(server: TritonServer, model: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/v2/models/{model}/config") as answer,
    ):
        found: dict[str, Any] = await answer.json(content_type=None)
        return found


@pytest.mark.parametrize("grpc", [True, False], ids=["grpc", "http"])
async def test_a_rollback_and_its_undo_fail_no_request(server: TritonServer, *, grpc: bool) -> None:
    desk = Desk(server, grpc=grpc)
    before = await config(server, "multi")
    proposal = await desk.propose(BACK)

    async with under_load(server.url, Stream("multi", clients=4), Stream("ens")) as (multi, ensemble):
        await desk.run(proposal.steps)
        assert await desk.ready("multi") == ["2"]
        await desk.run(undo(proposal.steps))
        assert await desk.ready("multi") == ["3"]
        sent = multi.ok

    await desk.close()
    assert sent > 100
    assert (multi.failures, ensemble.failures) == ([], [])
    assert await config(server, "multi") == before


async def test_the_load_goes_over_grpc_where_that_port_is_this_servers(desk: Desk) -> None:
    (step,) = (await desk.propose(BACK)).steps

    assert step.call.startswith("grpcurl -plaintext -proto grpc_service.proto -d ")
    assert step.call.endswith(f"{desk.server.grpc} inference.GRPCInferenceService/RepositoryModelLoad")


async def test_another_servers_grpc_port_is_not_used(server: TritonServer, triton: TritonServer) -> None:
    desk = Desk(server)
    (target,) = desk.fleet.targets
    stranger = replace(desk.fleet, targets=(replace(target, grpc=triton.grpc),))
    desk.control = type(desk.control)(stranger, desk.kit)  # type: ignore[call-arg]

    proposal = await desk.propose(BACK)
    await desk.close()

    assert proposal.steps[0].call.startswith("curl ")
    assert f"another server answers at {triton.grpc}" in " ".join(proposal.warnings)


async def test_over_http_the_plan_says_what_freezes_and_carries_the_whole_config(
    server: TritonServer,
) -> None:
    desk = Desk(server, grpc=False)
    proposal = await desk.propose(BACK)
    await desk.close()

    (step,) = proposal.steps
    assert "every keep-alive connection that shares its server thread freezes" in " ".join(proposal.warnings)
    assert step.call.startswith("curl -fsS -X POST ")
    sent = json.loads(str(step.change["config"]))
    served = await config(server, "multi")
    assert sent == {**served, "version_policy": {"specific": {"versions": [2]}}}


async def test_without_a_version_it_goes_to_the_one_that_served_before(desk: Desk) -> None:
    steps = (await desk.propose(BACK)).steps
    await desk.run(steps)
    proposal = await desk.propose(replace(BACK, version=""))
    await desk.run(undo(steps))

    (step,) = proposal.steps
    assert step.after["ready"] == ["3"]  # type: ignore[index, call-overload]
    assert "which does not make it good" in proposal.warnings[0]


async def test_where_it_serves_that_version_already_there_is_nothing_to_do(desk: Desk) -> None:
    proposal = await desk.propose(replace(BACK, version="3"))

    assert (proposal.steps, proposal.refusals) == ((), ())


async def test_somebody_elses_change_in_between_stops_the_step(desk: Desk) -> None:
    (step,) = (await desk.propose(BACK)).steps
    await desk.run([step])
    with pytest.raises(ChangedError) as caught:
        await desk.control.apply(step)
    await desk.run(undo([step]))

    assert isinstance(caught.value.actual, dict)
    assert caught.value.actual["ready"] == ["2"]


async def test_a_part_of_a_config_is_never_sent(desk: Desk, server: TritonServer) -> None:
    (step,) = (await desk.propose(BACK)).steps
    partial = json.dumps({"name": "multi", "version_policy": {"specific": {"versions": [2]}}})
    with pytest.raises(ControlError, match="the config was not sent: it has no input"):
        await desk.control.apply(replace(step, change={**step.change, "config": partial}))

    assert await desk.ready("multi") == ["3"]
    assert "loading: multi:2" not in server.log.rpartition("loading: multi:3")[2]


async def test_a_missing_version_is_refused_and_the_old_one_serves_on(desk: Desk) -> None:
    proposal = await desk.propose(replace(BACK, version="9"))
    assert "whether version 9 lies in the server's repository" in " ".join(proposal.unknown)

    async with under_load(desk.server.url, Stream("multi", clients=2)) as (tally,):
        with pytest.raises(ControlError, match="at least one version must be available"):
            await desk.control.apply(proposal.steps[0])

    assert tally.failures == []
    assert await desk.ready("multi") == ["3"]


async def test_with_a_readable_repository_a_missing_version_is_refused_at_once(server: TritonServer) -> None:
    desk = Desk(server, repository=str(_repository(server)))
    proposal = await desk.propose(replace(BACK, version="9"))
    await desk.close()

    assert (proposal.steps, proposal.refusals) == (
        (),
        ("triton-0: version 9 of multi is not in the repository",),
    )


async def test_unloading_a_part_takes_its_ensemble_along_and_the_undo_brings_both_back(desk: Desk) -> None:
    proposal = await desk.propose(Action(ActionKind.UNLOAD, model="multi"))
    await desk.run(proposal.steps)
    gone = await desk.ready("multi"), await desk.ready("ens")
    await desk.run(undo(proposal.steps))

    assert (proposal.dependents, gone) == (("ens",), ([], []))
    assert (await desk.ready("multi"), await desk.ready("ens")) == (["3"], ["1"])


async def test_load_and_its_undo(desk: Desk) -> None:
    proposal = await desk.propose(Action(ActionKind.LOAD, model="queue"))
    await desk.run(proposal.steps)
    loaded = await desk.ready("queue")
    await desk.run(undo(proposal.steps))

    assert (loaded, await desk.ready("queue")) == (["1"], [])


async def test_unload_first_states_its_gap_first_and_brings_the_ensemble_back(desk: Desk) -> None:
    proposal = await desk.propose(replace(BACK, unload_first=True))
    await desk.run(proposal.steps)
    there = await desk.ready("multi"), await desk.ready("ens")
    await desk.run(undo(proposal.steps))

    assert (
        "every request for multi fails from the unload until the load is done (1.3 s" in proposal.warnings[0]
    )
    assert there == (["2"], ["1"])
    assert (await desk.ready("multi"), await desk.ready("ens")) == (["3"], ["1"])


async def test_instances_queue_delay_and_queue_size_change_without_a_failed_request(desk: Desk) -> None:
    before = await config(desk.server, "slow")
    values = {"instances": 2, "queue_delay_us": 5000, "queue_size": 50}
    proposal = await desk.propose(Action(ActionKind.TUNE, model="slow", values=values))

    async with under_load(desk.server.url, Stream("slow", clients=4, batched=True)) as (tally,):
        await desk.run(proposal.steps)
        set_ = await config(desk.server, "slow")
        await desk.run(undo(proposal.steps))

    assert tally.failures == []
    assert set_["instance_group"][0]["count"] == 2
    assert set_["dynamic_batching"]["max_queue_delay_microseconds"] == 5000
    assert set_["dynamic_batching"]["default_queue_policy"]["max_queue_size"] == 50
    assert await config(desk.server, "slow") == before


async def test_tuning_does_not_serve_a_version_that_was_put_there_since(desk: Desk) -> None:
    repository = _repository(desk.server)
    shutil.copytree(repository / "multi" / "3", repository / "multi" / "4")
    tune = Action(ActionKind.TUNE, model="multi", values={"instances": 2})
    seen = []
    for known in (None, str(repository)):
        other = Desk(desk.server, repository=known)
        proposal = await other.propose(tune)
        await other.run(proposal.steps)
        seen.append(await other.ready("multi"))
        await other.run(undo(proposal.steps))
        seen.append(await other.ready("multi"))
        await other.close()
    shutil.rmtree(repository / "multi" / "4")

    assert seen == [["3"]] * 4
    assert (await config(desk.server, "multi"))["version_policy"] == {"latest": {"num_versions": 1}}


async def test_admission_bounds_the_queue_and_the_undo_lifts_it(desk: Desk) -> None:
    before = await config(desk.server, "slow")
    proposal = await desk.propose(Action(ActionKind.REDUCE, model="slow", percent=50))
    await desk.run(proposal.steps)
    policy = (await config(desk.server, "slow"))["dynamic_batching"]["default_queue_policy"]
    await desk.run(undo(proposal.steps))

    assert policy["max_queue_size"] > 0
    assert policy["timeout_action"] == "REJECT"
    assert "how many are refused" in " ".join(proposal.unknown)
    assert await config(desk.server, "slow") == before


async def test_a_second_load_from_here_waits_for_the_first(desk: Desk) -> None:
    (step,) = (await desk.propose(BACK)).steps
    first = asyncio.create_task(desk.control.apply(step))
    await asyncio.sleep(0.3)
    with pytest.raises(ControlError, match="still under way"):
        await desk.control.apply(replace(step, before={}))
    await first
    await desk.run(undo([step]))


def _repository(server: TritonServer) -> Path:
    words = [word for word in server._command if word.startswith("--model-repository=")]
    return Path(words[0].partition("=")[2])
