"""Each rehearsed incident must show what its story says, and nothing may be painted: all of it is simulated here."""

from dataclasses import replace

import numpy as np
import pytest

from console.drill import ScenarioError, scenarios
from console.drill.scenario import read_fleet, read_scenario, scenario_named
from console.drill.sim.fleet import Fleet
from console.drill.sim.repository import State
from console.drill.sim.server import Server

WARM_S = 12.0


def play(name: str, until: float) -> Fleet:
    fleet = Fleet(replace(scenario_named(name), warm_s=WARM_S))
    fleet.advance(until)
    return fleet


def server(fleet: Fleet, target: str) -> Server:
    found = fleet.targets[target].server
    assert found is not None
    return found


def p99_ms(fleet: Fleet, target: str, model: str) -> float:
    """p99 of the newest version that serves, over the window of the summaries."""
    here = server(fleet, target)
    quantiles = (
        here.series_of(model, here.models[model].ready[-1]).windows["request"].quantiles(fleet.now, [0.99])
    )
    assert quantiles is not None
    return quantiles[0] * 1e3


def promise_ms(fleet: Fleet, model: str) -> float:
    objective = fleet.scenario.fleet.models[model].objective
    assert objective is not None
    return objective.latency_ms


def failures(fleet: Fleet, target: str, model: str) -> dict[str, int]:
    here = server(fleet, target)
    return {
        reason: number
        for reason, number in here.series_of(model, here.models[model].ready[-1]).failures().items()
        if number
    }


def states(fleet: Fleet, target: str, model: str) -> dict[int, State]:
    return {version: slot.state for version, slot in server(fleet, target).models[model].slots.items()}


def broken(fleet: Fleet, target: str) -> set[str]:
    """Models over their latency objective on a target."""
    models = [name for name in fleet.scenario.fleet.models if name != "tokenizer"]
    return {name for name in models if p99_ms(fleet, target, name) > promise_ms(fleet, name)}


def test_a_quiet_day_keeps_every_promise() -> None:
    fleet = play("healthy", 30.0)

    assert {name: broken(fleet, name) for name in fleet.targets} == {name: set() for name in fleet.targets}
    assert all(route.retried == route.timed_out == 0 for route in fleet.routes.values())
    assert all(target.server and target.server.ready for target in fleet.targets.values())
    assert sum(route.tried for route in fleet.routes.values()) / (30.0 + WARM_S) == pytest.approx(
        852, rel=0.08
    )


def test_a_bad_rollout_breaks_ranker_where_it_was_loaded() -> None:
    before = play("bad-rollout", 89.0)
    assert broken(before, "triton-0") == set()

    fleet = play("bad-rollout", 125.0)
    assert states(fleet, "triton-0", "ranker") == {6: State.UNAVAILABLE, 7: State.READY}
    assert {"ranker", "search"} <= broken(fleet, "triton-0")
    assert p99_ms(fleet, "triton-0", "ranker") > 2 * promise_ms(fleet, "ranker")
    assert failures(fleet, "triton-0", "ranker") == {}


def test_saturation_waits_longer_than_it_computes_and_refuses_uncounted() -> None:
    fleet = play("queue-saturation", 100.0)
    windows = server(fleet, "triton-0").series_of("detector", 2).windows
    waited, computed = (windows[family].quantiles(100.0, [0.5]) for family in ("queue", "compute_infer"))

    assert broken(fleet, "triton-0") == {"detector"}
    assert waited is not None
    assert computed is not None
    assert waited[0] > 2 * computed[0]
    assert fleet.routes["detector"].client_codes["5"] > 100
    assert failures(fleet, "triton-0", "detector") == {}


def test_memory_runs_out_on_one_gpu_and_everything_there_suffers() -> None:
    fleet = play("gpu-memory", 110.0)

    assert fleet.gpus["gpu-1"].free_mib < 100 < fleet.gpus["gpu-0"].free_mib
    assert {"ranker", "embed", "detector"} <= broken(fleet, "triton-1")
    assert "BACKEND" in failures(fleet, "triton-1", "ranker")
    assert broken(fleet, "triton-0") == set()


def test_a_neighbour_stretches_compute_on_its_gpu_alone() -> None:
    fleet = play("noisy-neighbour", 110.0)

    assert fleet.gpus["gpu-2"].sm_active > 0.95
    assert {"detector", "ocr"} <= broken(fleet, "triton-2")
    assert broken(fleet, "triton-3") == set()
    compute = [
        server(fleet, name).series_of("ranker", 6).windows["compute_infer"]
        for name in ("triton-2", "triton-3")
    ]
    slow, usual = (np.mean(window.quantiles(110.0, [0.5])) for window in compute)
    assert slow > 2.5 * usual


def test_a_version_that_cannot_load_leaves_the_old_one_serving_and_the_server_unready() -> None:
    fleet = play("load-failure", 60.0)

    assert states(fleet, "triton-3", "ocr") == {1: State.READY, 2: State.UNAVAILABLE}
    assert "No module named 'cv2'" in server(fleet, "triton-3").models["ocr"].slots[2].reason
    assert not server(fleet, "triton-3").ready
    assert broken(fleet, "triton-3") == set()


def test_retries_multiply_work_that_triton_counts_as_success() -> None:
    fleet = play("gateway-retries", 90.0)
    route = fleet.routes["detector"]

    assert route.timed_out > 2000
    assert route.client_codes["5"] > 200
    assert failures(fleet, "triton-0", "detector") == {}
    done = sum(server(fleet, name).series_of("detector", 2).total("success") for name in fleet.targets)
    assert done > 1.2 * sum(route.client_codes.values())


def test_metrics_go_missing_on_one_target_that_serves_on() -> None:
    fleet = play("metrics-missing", 40.0)

    assert [target.metrics_listening for target in fleet.targets.values()] == [True, True, False, True]
    assert all(target.up for target in fleet.targets.values())


def test_a_target_that_keeps_dying_starts_from_zero() -> None:
    assert not play("crash-loop", 35.0).targets["triton-3"].up

    fleet = play("crash-loop", 56.0)
    mended, steady = (
        server(fleet, name).series_of("ranker", 6).total("success") for name in ("triton-3", "triton-0")
    )
    assert 0 < mended < steady / 2
    assert fleet.routes["ranker"].unconnected > 100
    assert fleet.routes["ranker"].client_codes["5"] == 0


def test_a_dead_stub_fails_every_inference_behind_a_green_light() -> None:
    fleet = play("dead-stub", 80.0)
    here = server(fleet, "triton-1")

    before = play("dead-stub", 42.0)
    done = [server(each, "triton-1").series_of("ocr", 1).total("success") for each in (before, fleet)]
    assert done[0] == done[1]
    assert failures(fleet, "triton-1", "ocr")["BACKEND"] > 50
    assert here.ready
    assert states(fleet, "triton-1", "ocr") == {1: State.READY}


def test_the_same_seed_plays_the_same_drill_however_often_somebody_looks() -> None:
    def trace(seed: int, looks: int) -> list[int]:
        fleet = Fleet(replace(scenario_named("healthy"), warm_s=0.0), seed)
        for look in range(looks):
            fleet.advance(5.0 * (look + 1) / looks)
        return [route.tried for route in fleet.routes.values()]

    assert trace(1, 1) == trace(1, 1) == trace(1, 77)
    assert trace(1, 1) != trace(2, 1)


def test_every_scenario_has_a_title_a_story_and_a_cause() -> None:
    every = scenarios()

    assert every[0].id == "healthy"
    assert len({scenario.id for scenario in every}) == 10
    assert all(scenario.title and scenario.story and scenario.cause for scenario in every)


def test_an_unknown_scenario_names_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="unknown scenario 'bad-rolout': did you mean bad-rollout"):
        scenario_named("bad-rolout")


def test_all_mistakes_of_a_scenario_are_told_at_once() -> None:
    text = """
    title = 3
    storey = "x"
    events = [
      { at = 1, do = "explode" },
      { at = 1, do = "rate", model = "nope", factor = 2 },
      { at = "x", do = "load", model = "ranker", targets = ["triton-9"] },
    ]
    """
    with pytest.raises(ScenarioError) as told:
        read_scenario("mine", text)

    for word in (
        "title: 3 is not a str",
        "storey: unknown, did you mean 'story'?",
        "story: missing",
        "cause: missing",
    ):
        assert word in str(told.value)
    for word in (
        "'explode' is none of",
        "the fleet has no 'nope'",
        "'x' is not a float",
        "the fleet has no 'triton-9'",
    ):
        assert word in str(told.value)


def test_mistakes_of_a_fleet_are_told() -> None:
    with pytest.raises(ScenarioError, match=r"models\.m\.config: missing"):
        read_fleet("mine", "targets = [{ name = 't' }]\n[models.m.versions]\n1 = { fixed_ms = 'x' }")
