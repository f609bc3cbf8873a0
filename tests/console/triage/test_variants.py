"""Incidents that no scenario rehearses: several changes at once, trouble that is over, a console that opens late."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from console.drill.scenario import read_scenario
from tests.console.triage.test_scenarios import told, triage
from tests.parts.rehearsal import Rehearsal

SLOW = "{ fixed_ms = 14, item_ms = 6, sm = 0.3, memory_mib = 2900, load_s = 4.5 }"
AS_FAST = "{ fixed_ms = 3.6, item_ms = 0.38, sm = 0.24, memory_mib = 2700, load_s = 4.0 }"


def rollout(at: float, spec: str = SLOW, targets: Sequence[str] = ()) -> str:
    return event(at - 10, "publish", "ranker", version=7, spec=spec) + event(
        at, "load", "ranker", targets=list(targets)
    )


def event(at: float, do: str, model: str = "", **values: object) -> str:
    keys = {"at": at, "do": f'"{do}"'} | ({"model": f'"{model}"'} if model else {}) | values
    return "[[events]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


@dataclass(frozen=True)
class Variant:
    """Events, when the watch begins, and what each model's verdict is at which second."""

    events: str
    since: float
    verdicts: dict[float, dict[str, str]]


VARIANTS = {
    "a canary": Variant(
        rollout(40, targets=["triton-1"]), 10, {70: {"ranker": "rollout", "search": "rollout"}}
    ),
    "a good rollout, then a surge elsewhere": Variant(
        rollout(20, AS_FAST) + event(50, "rate", "detector", factor=8.5, over_s=5),
        0,
        {80: {"ranker": "none", "detector": "queue"}},
    ),
    "a surge on a bad rollout": Variant(
        rollout(40) + event(60, "rate", "ranker", factor=3.0, over_s=5), 10, {85: {"ranker": "rollout"}}
    ),
    "a burst that is over": Variant(
        event(40, "rate", "detector", factor=9.0) + event(50, "rate", "detector", factor=1.0),
        10,
        {70: {"detector": "queue"}, 150: {"detector": "none"}},
    ),
    "one restart": Variant(event(40, "crash", target='"triton-3"', down_s=11), 10, {75: {"ranker": "none"}}),
    "one dead stub of two": Variant(
        event(40, "kill_stub", "ocr", instance=0, targets=["triton-1"]), 10, {70: {"ocr": "dead_stub"}}
    ),
    "a rollout before the console opened": Variant(
        rollout(20), 120, {140: {"ranker": "rollout", "search": "rollout"}}
    ),
    "a surge before the console opened": Variant(
        event(20, "rate", "detector", factor=8.5), 120, {140: {"detector": "queue"}}
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
async def test_the_verdict_is_what_an_engineer_would_say(name: str) -> None:
    variant = VARIANTS[name]
    scenario = read_scenario("variant", f'title = "t"\nstory = "s"\ncause = "c"\n{variant.events}')
    async with Rehearsal(scenario, refresh=2.0) as rehearsal:
        await rehearsal.skip(variant.since)
        now = variant.since
        for at, wanted in variant.verdicts.items():
            snapshot = await rehearsal.watch(at - now)
            now = at
            found = {model: await triage().look(snapshot, model) for model in wanted}
            assert {model: walk.verdict for model, walk in found.items()} == wanted, told(found)
