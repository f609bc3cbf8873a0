"""Whether a model is down, told from a rollout that is under way."""

from console.domain.rows import ModelRow
from console.domain.triage import Answer
from console.domain.triton import State
from console.triage.checks.not_serving import check
from console.triage.scene import Scene
from tests.parts.memory import Served, scene
from tests.snapshots import down_target, failed_model, model_row, snapshot, target_row


def answer(*rows: ModelRow) -> Answer:
    return check(Scene(snapshot(rows, [target_row(), target_row("triton-1")]), rows[0].model)).answer


def test_a_rollout_under_way_is_no_outage() -> None:
    both = ("triton-0", "triton-1")
    new = model_row(state=State.LOADING, ready=1, targets=both)
    old = model_row(version="6", state=State.UNLOADING, ready=1, targets=both)
    assert answer(new, old) is Answer.NO


def test_a_model_that_is_ready_nowhere_is_down() -> None:
    assert answer(failed_model("ranker")) is Answer.YES


def test_a_model_whose_targets_all_went_away_is_unreachable() -> None:
    found = check(scene(Served(on=("triton-9",)), targets=[down_target(), target_row()]))
    assert (found.answer, found.verdict, found.target) == (Answer.YES, "unreachable", "triton-9")
    assert "connection refused" in found.reason
