"""The Triton control of a fleet whose servers are found: it acts on those of now."""

from dataclasses import replace

import pytest

from console.clock import SystemClock
from console.controls.triton.control import TritonControl, controls
from console.controls.triton.look import Look, Seen
from console.domain.action import Action, ActionKind
from console.domain.fleet import Discovery, Fleet, Target, Tls
from console.domain.plan import ControlError
from console.domain.situation import Situation
from console.transport.http import Http
from console.transport.kit import Kit
from tests.console.controls.test_triton_plans import seen
from tests.snapshots import model_row, snapshot

FLEET = Fleet("shop", discovery=Discovery(kubernetes="app=triton"))
BACK = Action(ActionKind.ROLLBACK, model="multi", version="2", targets=("pod-a",))
POD = Target("pod-a", "http://10.0.0.1:8000", "http://10.0.0.1:8002/metrics", pod="pod-a")


def opened() -> tuple[TritonControl, Kit]:
    kit = Kit(SystemClock(), Http({}, Tls()))
    (made,) = controls(FLEET, kit)
    assert isinstance(made, TritonControl)
    return made, kit


def look() -> tuple[Situation, Look]:
    found: Seen = replace(seen("pod-a"), target=POD)
    rows = [model_row("multi", "3", targets=("pod-a",))]
    return Situation(snapshot(rows, fleet=replace(FLEET, targets=(POD,))), 0.0), Look((found,), {})


def test_a_pod_that_was_found_is_rolled_back_and_one_that_is_not_there_is_unknown() -> None:
    control, kit = opened()
    situation, what = look()

    before = control.propose(BACK, situation, what)
    kit.roster.tell([POD])
    after = control.propose(BACK, situation, what)

    assert before.refusals[0].startswith("no target is called pod-a")
    assert [step.subject for step in after.steps] == ["pod-a/multi"]


async def test_a_step_for_a_pod_that_was_replaced_is_not_made_on_the_new_one() -> None:
    control, kit = opened()
    situation, what = look()
    kit.roster.tell([POD])
    (step,) = control.propose(BACK, situation, what).steps
    kit.roster.tell([replace(POD, url="http://10.0.0.9:8000")])

    with pytest.raises(ControlError, match="is no target any more"):
        await control.apply(step)


def test_a_group_seen_through_prometheus_is_no_server_to_act_on() -> None:
    control, kit = opened()
    situation, what = look()
    kit.roster.tell([replace(POD, scraped=True)])

    assert control.propose(BACK, situation, what).refusals[0].startswith("no target is called pod-a")
