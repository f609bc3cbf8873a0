"""Every rehearsed incident has a true cause; triage must name it from what the fleet shows, at any seed and load."""

from typing import NamedTuple

import pytest

from console.domain.triage import Answer, Walk
from console.drill import scenarios
from console.storage.runbooks import load
from console.triage import checks
from console.triage.session import Triage
from tests.parts.clock import HandClock
from tests.parts.rehearsal import Rehearsal

SEEDS = (0, 1, 2)
LOADS = (0.6, 1.0)


class Look(NamedTuple):
    """From which second on a scenario is watched, for how long, and whose page it is."""

    since: float
    seconds: float
    models: tuple[str, ...]


LOOKS = {
    "bad-rollout": Look(60, 60, ("ranker", "search")),
    "crash-loop": Look(10, 85, ("ranker",)),
    "dead-stub": Look(10, 60, ("ocr",)),
    "gateway-retries": Look(15, 65, ("detector",)),
    "gpu-memory": Look(25, 60, ("ranker", "embed")),
    "healthy": Look(0, 50, ("ranker", "search", "ocr")),
    "load-failure": Look(20, 60, ("ocr",)),
    "metrics-missing": Look(10, 40, ("ranker",)),
    "noisy-neighbour": Look(15, 60, ("detector", "ocr")),
    "queue-saturation": Look(10, 75, ("detector",)),
}


def triage() -> Triage:
    return Triage(lambda: load("", checks.names()), None, HandClock())


async def walks(scenario: str, seed: int, load: float, *, bare: bool = False) -> dict[str, Walk]:
    """What triage says of each model after the scenario was watched."""
    look = LOOKS[scenario]
    async with Rehearsal(scenario, seed, load, refresh=2.0, bare=bare) as rehearsal:
        await rehearsal.skip(look.since)
        snapshot = await rehearsal.watch(look.seconds)
    return {model: await triage().look(snapshot, model) for model in look.models}


def told(found: dict[str, Walk]) -> str:
    """The walks in words, for a test that fails."""
    return "\n".join(
        f"{model}: {walk.runbook.id} → {walk.verdict}\n"
        + "\n".join(f"  {each.step.id} {each.answer}: {each.reason}" for each in walk.path)
        for model, walk in found.items()
    )


def test_every_scenario_is_looked_at() -> None:
    assert set(LOOKS) == {each.id for each in scenarios()}


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scenario", scenarios(), ids=lambda each: each.id)
async def test_the_verdict_is_the_true_cause(scenario: object, seed: int, load: float) -> None:
    found = await walks(scenario.id, seed, load)
    assert {model: walk.verdict for model, walk in found.items()} == dict.fromkeys(found, scenario.cause), (
        told(found)
    )


async def test_a_rollout_is_told_with_its_time_its_targets_and_the_version_to_go_back_to() -> None:
    found = await walks("bad-rollout", 0, 1.0)
    walk = found["search"]
    step = walk.path[-1]
    assert step.step.id == "change"
    assert "ranker v7 READY on triton-0" in step.reason
    assert walk.onset is not None
    # The first load ends at 94.5 s; polls come every two.
    assert walk.onset - 1_700_000_000.0 == pytest.approx(96.0, abs=2.5)
    assert "ranker v7 READY" in walk.story
    rollback = walk.advice[0].action
    assert rollback is not None
    assert (rollback.kind, rollback.model, rollback.version) == ("rollback", "ranker", "6")


async def test_a_server_alone_tells_as_much_as_it_can() -> None:
    """Without a gateway, an exporter, probes and objectives, what Triton itself says must do."""
    for scenario in ("bad-rollout", "queue-saturation", "dead-stub", "healthy"):
        found = await walks(scenario, 0, 1.0, bare=True)
        cause = next(each.cause for each in scenarios() if each.id == scenario)
        assert {walk.verdict for walk in found.values()} == {cause}, told(found)


async def test_every_answer_says_where_it_comes_from() -> None:
    """Basis, source, age and a query for each figure; an unknown one says what to switch on."""
    for scenario in ("bad-rollout", "noisy-neighbour", "gateway-retries"):
        for walk in (await walks(scenario, 0, 1.0)).values():
            for finding in (finding for step in walk.path for finding in step.findings):
                assert finding.reason
                for each in finding.evidence:
                    if each.answer is Answer.UNKNOWN:
                        assert each.hint or each.query, each
                    elif each.now is not None:
                        assert all((each.basis, each.source, each.query)), each
                        assert each.age_s is not None or each.source == "polls", each
