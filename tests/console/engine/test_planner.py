"""What several controls and several targets propose, made into one plan."""

from console.domain.action import Action, ActionKind
from console.domain.plan import Phase, Proposal
from console.domain.situation import Situation
from console.engine.planner import Offer, compose
from tests.parts.knobs import knob_step
from tests.snapshots import snapshot, target_row

BACK = Action(ActionKind.ROLLBACK, model="ranker", version="6")
FREEZE = Action(ActionKind.FREEZE)
SITUATION = Situation(
    snapshot(targets=(target_row("triton-0"), target_row("triton-1"))), now=0.0, plan="k3x9ab"
)


def test_what_is_said_of_several_targets_is_said_once() -> None:
    said = ("triton-0: not ready meanwhile", "triton-1: not ready meanwhile", "the repository is mutable")
    offer = Offer("triton", Proposal(steps=(knob_step("a", 1, 2),), warnings=said))

    plan = compose(BACK, SITUATION, [offer])

    assert plan.warnings == ("triton-0, triton-1: not ready meanwhile", "the repository is mutable")


def test_steps_are_in_the_order_of_their_phases_and_else_as_proposed() -> None:
    first = Offer("one", Proposal(steps=(knob_step("b", 1, 2, phase=Phase.HOLD), knob_step("c", 1, 2))))
    second = Offer("two", Proposal(steps=(knob_step("a", 1, 2, phase=Phase.LIFT), knob_step("d", 1, 2))))

    plan = compose(BACK, SITUATION, [first, second])

    assert [step.subject for step in plan.steps] == ["a", "c", "d", "b"]


def test_one_part_that_cannot_be_done_is_a_warning_beside_the_others() -> None:
    able = Offer("kubernetes", Proposal(steps=(knob_step("a", 1, 2),)))
    unable = Offer("triton", Proposal(refusals=("mode none: load is refused",)))

    assert compose(BACK, SITUATION, [able, unable]).warnings == ("mode none: load is refused",)
    assert compose(BACK, SITUATION, [unable]).refusal == "mode none: load is refused"


def test_a_lock_that_somebody_holds_refuses_the_whole_freeze() -> None:
    pause = Offer("kubernetes", Proposal(steps=(knob_step("a", 1, 2),)))
    lock = Offer("deploy_lock", Proposal(refusals=("frozen already by bob",)))

    plan = compose(FREEZE, SITUATION, [pause, lock])

    assert plan.refusal == "frozen already by bob"
    assert plan.steps == ()


def test_traffic_is_reduced_in_one_place_only() -> None:
    reduce = Action(ActionKind.REDUCE, model="ranker", percent=50.0)
    gateway = Offer("haproxy", Proposal(steps=(knob_step("a", 1, 2),)))
    triton = Offer("triton", Proposal(steps=(knob_step("b", 1, 2),), warnings=("a reload",)))

    plan = compose(reduce, SITUATION, [gateway, triton])

    assert [step.subject for step in plan.steps] == ["a"]
    assert plan.warnings == ()
