"""What each target carries, of one model or of all."""

import pytest

from console.domain.fleet import ModelVersion
from tests.parts.rehearsal import Rehearsal


async def test_loads_of_all_models_are_the_sum_of_those_of_each() -> None:
    async with Rehearsal("healthy", bare=True) as drill:
        snapshot = await drill.watch(6.0)
    history = snapshot.history
    models = {row.model for row in snapshot.models}
    whole = history.loads()

    assert [row.target for row in whole] == [row.name for row in snapshot.targets]
    for at, row in enumerate(whole):
        parts = [history.loads(model)[at] for model in models]
        assert row.rate == pytest.approx(sum(part.rate or 0.0 for part in parts))
        assert row.rate > 0
        assert {key for part in parts for key in part.serving} == set(row.serving)
        assert row.p99_ms == max(part.p99_ms for part in parts if part.p99_ms is not None)


async def test_a_load_of_one_model_agrees_with_its_replicas() -> None:
    async with Rehearsal("healthy", bare=True) as drill:
        snapshot = await drill.watch(6.0)
    row = next(row for row in snapshot.models if row.ready and row.rate)
    others = [each for each in snapshot.models if each.model == row.model and each.rate]
    assert len(others) == 1

    replicas = {each.target: each for each in snapshot.history.replicas(row.key)}

    for load in snapshot.history.loads(row.model):
        if load.target in replicas:
            assert load.rate == pytest.approx(replicas[load.target].rate)
            assert load.mean_ms == pytest.approx(replicas[load.target].mean_ms)
            assert load.p99_ms == replicas[load.target].p99_ms


async def test_before_two_polls_no_rate_is_known_and_an_unknown_model_has_no_figures() -> None:
    async with Rehearsal("healthy", bare=True) as drill:
        snapshot = await drill.watch(0.0)
    assert all(row.rate is None and row.mean_ms is None for row in snapshot.history.loads())
    assert all(row.serving for row in snapshot.history.loads())
    nothing = snapshot.history.loads("nobody")
    assert all(row.rate is None and row.serving == () and row.pending is None for row in nothing)
    assert ModelVersion("nobody", "1") not in {key for row in nothing for key in row.serving}
