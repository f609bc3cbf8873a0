"""The gate screen: the checks of two versions, live; nothing is sent until somebody asks for it."""

import pytest

from console.domain.contract import Contract, GateLimits, Held, Rollout
from console.domain.gate_answers import Output, Reply, ReplyKind
from console.domain.marker import MarkerKind
from console.domain.recording import Playback
from console.domain.rows import ReplicaRow
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from console.engine.gate import Trials
from tests.fake_history import FakeHistory
from tests.parts.gates import GOOD, Told
from tests.screens.stage import SIZES, staged
from tests.snapshots import HOSTILE_NAMES, NOW, fleet, marker, model_row, snapshot

OTHER = Reply(ReplyKind.OK, 5.0, {"OUT": Output("FP32", (1,), [1.5])})


def picture(model: str = "ranker", versions: tuple[str, ...] = ("6", "7"), **changes: object) -> Snapshot:
    rows = [model_row(model, version, targets=("triton-0",), ready=1) for version in versions]
    return snapshot(rows, **{"fleet": fleet("triton-0"), **changes})


@pytest.mark.parametrize("size", SIZES)
async def test_the_newest_version_is_judged_against_the_one_before(size: tuple[int, int]) -> None:
    async with staged(picture(), size) as stage:
        await stage.press("v")
        await stage.until("ranker  7 against 6")
        assert "baseline   version 6 on triton-0" in stage.text
        for check in ("p99", "queue", "errors", "gpu_memory", "correctness"):
            assert stage.line(f" {check}  ")
        assert all(len(line) <= size[0] for line in stage.lines)


async def test_a_gate_sends_nothing_until_it_is_asked_and_says_what_it_will_send() -> None:
    async with staged(picture()) as stage:
        told = Told(lambda *_: GOOD)
        stage.engine.trials = Trials(told)
        await stage.press("v", "end")
        await stage.until("not asked: enter sends both sides the same few inputs, about nine inferences")
        assert told.sent == []
        await stage.press("enter")
        await stage.until("the answers to 1 of 1 inputs agree")
        assert told.sent == ["6", "7", "6"]


async def test_another_answer_fails_the_gate_until_the_model_is_loaded_again() -> None:
    async with staged(picture()) as stage:
        stage.engine.trials = Trials(Told(lambda version, _: OTHER if version == "7" else GOOD))
        await stage.press("v", "enter", "end")
        await stage.until("OUT[0]: 1.5 against 1")
        assert "✗ FAIL" in stage.text
        load = marker(MarkerKind.LOAD, at=NOW + 600, model="ranker", version="7")
        await stage.show(picture(at=NOW + 601, markers=(load,)))
        await stage.until("not asked")


async def test_both_sides_can_be_chosen() -> None:
    async with staged(picture(versions=("5", "6", "7"))) as stage:
        await stage.press("v", "b")
        await stage.until("BASELINE")
        await stage.press("down", "enter")
        await stage.until("ranker  7 against 5")
        await stage.press("c")
        await stage.until("CANDIDATE")
        await stage.press("down", "enter")
        await stage.until("ranker  6 against 5")
        await stage.press("y")
        assert "gate --baseline 5 --candidate 6 ranker http://triton-0:8000" in stage.app.clipboard


async def test_one_version_on_two_targets_can_be_compared_too() -> None:
    row = model_row("ranker", "6", targets=("stable", "canary"), ready=2)
    replicas = [
        ReplicaRow(name, row.key, State.READY, "", 1.0, 0.0, 1.0, 2.0, 0.1, 1.0, 0.0, 0.2, stale=False)
        for name in ("stable", "canary")
    ]
    shown = snapshot([row], fleet=fleet("stable", "canary"), history=FakeHistory(replicas))
    async with staged(shown) as stage:
        await stage.press("v")
        await stage.until("ranker has one version: there is nothing to compare")
        await stage.press("c")
        await stage.until("6 on canary")
        await stage.press("down", "down", "enter")
        await stage.until("6@canary against 6@stable")


async def test_limits_are_those_of_the_models_contract() -> None:
    contract = Contract("ranker", rollout=Rollout(gate=GateLimits(p99_ratio=9.0)))
    async with staged(picture(contracts={"ranker": Held(contract)})) as stage:
        await stage.press("v")
        await stage.until("ranker  7 against 6")
        await stage.until("contract   sets p99-ratio 9")


async def test_a_replay_is_judged_by_its_figures_and_asks_nobody() -> None:
    async with staged(picture(playback=Playback("a.tcrec", NOW - 60, NOW + 60))) as stage:
        await stage.press("v", "end")
        await stage.until("a recording holds no answers to compare")
        assert "compare answers" not in stage.lines[-1]


async def test_it_comes_from_the_model_and_from_the_palette_and_goes_back() -> None:
    async with staged(picture()) as stage:
        await stage.press("2", "v")
        await stage.until("ranker  7 against 6")
        await stage.press("escape")
        await stage.until("RATE/s")
        await stage.press("colon", *"watch the gate")
        await stage.until("Watch the gate of two versions")
        await stage.press("down", "enter")
        await stage.until("ranker  7 against 6")


async def test_hostile_names_and_a_fleet_without_models_do_no_harm() -> None:
    for name in HOSTILE_NAMES[:4]:
        async with staged(picture(name), (80, 24)) as stage:
            await stage.press("v", "b", "escape", "c", "escape", "y")
            assert stage.app.is_running
    async with staged(snapshot([])) as stage:
        await stage.press("v", "enter", "b", "c", "y")
        assert stage.app.is_running
