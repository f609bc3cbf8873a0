"""The keys of the triage screen: acting on the verdict, answering for oneself, copying."""

import pytest

from console.domain.marker import MarkerKind
from console.domain.snapshot import Snapshot
from console.domain.triage import NONE, Answer
from tests.parts.knobs import Bench
from tests.parts.triage import ToldTriage
from tests.parts.walks import CHANGE, PAGE, walk, walked
from tests.screens.acts import confirmed, picture, two_knobs
from tests.screens.stage import SIZES, Stage, staged
from tests.screens.triaged import library, opened, triaged
from tests.snapshots import NOW, fleet, frozen

QUERY = 'nv_inference_request_summary_us{model="ranker",quantile="0.99"}'


def read_only() -> Snapshot:
    return picture(fleet=fleet("triton-0", read_only=True))


# The keys that act


async def test_a_opens_the_plan_of_the_first_recommended_action_and_it_runs_through_the_door() -> None:
    def able(bench: Bench) -> None:
        two_knobs(bench)

    async with staged(picture(), before=able) as stage:
        await opened(stage)
        await stage.press("a")
        await stage.until("roll ranker back to version 6")
        await confirmed(stage)
        await stage.until("VERIFIED")
        assert stage.bench.knobs.values == {"a": 2, "b": 2}


async def test_f_freezes_first_and_once_frozen_it_is_not_recommended_again() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await opened(stage)
        assert "f  Freeze deploys and capture" in stage.text
        await stage.press("f")
        await stage.until("PLAN")
        assert "freeze" in stage.text
        await stage.press("escape")
        await stage.show(picture(at=NOW + 1, frozen=frozen()))
        await stage.until("Freeze deploys and capture", gone=True)


async def test_enter_on_a_recommended_action_opens_its_plan() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await opened(stage)
        await stage.press("left", "j", "enter")
        await stage.until("roll ranker back to version 6")


async def test_what_people_must_do_is_copied() -> None:
    async with staged(picture()) as stage:
        await opened(stage)
        await stage.press("b")
        assert stage.app.clipboard == "kubectl edit deployment/triton"


async def test_a_letter_without_an_action_does_nothing() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await opened(stage)
        await stage.press("c", "d", "e")
        assert "PLAN" not in stage.text
        assert not stage.app.clipboard


@pytest.mark.parametrize("size", SIZES)
async def test_read_only_shows_commands_and_no_acting_key(size: tuple[int, int]) -> None:
    async with staged(read_only(), size, before=two_knobs) as stage:
        await opened(stage)
        await stage.press("a", "b", "f")
        assert "PLAN" not in stage.text
        assert not any(line.split()[:1] in (["f"], ["a"], ["b"]) for line in stage.lines)
        await stage.press("left", "j")
        assert "triton-console" in stage.text
        assert "rollback --model ranker" in stage.text
        await stage.press("enter")
        assert "rollback --model ranker --to-version 6" in stage.app.clipboard
        assert not stage.bench.journal.records


# Deciding for oneself


async def overrule(stage: Stage, note: str, *keys: str) -> None:
    await stage.press("o")
    await stage.until("OVERRULE")
    await stage.press(*note, "enter", *keys, "enter")


async def test_o_overrules_the_selected_step_with_a_note_and_says_so_on_the_timeline() -> None:
    told = ToldTriage()
    async with triaged(told) as stage:
        await opened(stage)
        await overrule(stage, "known", "right")
        await stage.pilot.pause()
        own = told.asked[-1].overrules["change"]
        assert (own.answer, own.note, own.who) == (Answer.NO, "known", "ana@bastion")
        assert told.asked[-1].runbook == "p99-latency"
        written = [m for m in stage.engine.markers if "change: ana@bastion says no: known" in m.detail]
        assert [(marker.kind, marker.model) for marker in written] == [(MarkerKind.TRIAGE, "ranker")]


async def test_a_verdict_is_remembered_with_its_walk_once_and_again_after_somebody_answered() -> None:
    told = ToldTriage()
    async with triaged(told) as stage:
        await opened(stage)
        assert stage.engine.walks == []
        for later in (1, 2, 3):
            await stage.show(picture(at=NOW + later))
        assert [each.verdict for each in stage.engine.walks] == ["rollout"]
        await overrule(stage, "known")
        for later in (4, 5):
            await stage.show(picture(at=NOW + later))
        assert [each.verdict for each in stage.engine.walks] == ["rollout", "rollout"]


async def test_an_overruled_step_is_marked_and_shift_o_takes_it_back() -> None:
    told = ToldTriage()
    own = walked(PAGE, Answer.NO, overruled=None)
    async with triaged(told) as stage:
        await opened(stage)
        await overrule(stage, "known")
        said = told.asked[-1].overrules["change"]
        told.walk = walk(path=(own, walked(CHANGE, Answer.YES, overruled=said)))
        await stage.show(picture(at=NOW + 1))
        await stage.until("YES*")
        assert "overruled by ana@bastion" in stage.text
        await stage.press("O")
        await stage.pilot.pause()
        assert not told.asked[-1].overrules
        assert "takes the answer back" in stage.engine.markers[-1].detail


async def test_without_a_reason_nothing_is_overruled_and_esc_leaves_it() -> None:
    told = ToldTriage()
    async with triaged(told) as stage:
        await opened(stage)
        await stage.press("o")
        await stage.until("(Yes)")
        await stage.press("enter", "tab", "escape")
        assert "OVERRULE" not in stage.text
        assert not stage.engine.markers


async def test_an_answer_belongs_to_its_model() -> None:
    told = ToldTriage()
    async with triaged(told) as stage:
        await opened(stage)
        await overrule(stage, "known")
        await stage.press("4", "end", "4")
        await stage.until("ROLLOUT  embed")
        assert not told.asked[-1].overrules


async def test_a_step_that_was_not_asked_cannot_be_overruled() -> None:
    async with staged(picture()) as stage:
        await opened(stage)
        await stage.press("end", "o")
        assert "OVERRULE" not in stage.text


@pytest.mark.parametrize("size", SIZES)
async def test_tab_walks_another_runbook_and_auto_comes_back(size: tuple[int, int]) -> None:
    told = ToldTriage(library=library())
    async with triaged(told, size=size) as stage:
        await opened(stage)
        await stage.press("tab")
        await stage.until("RUNBOOKS")
        assert "mine.toml: no steps" in stage.text
        await stage.press("down", "enter")
        await stage.until("load-failure", gone=False)
        await stage.until("auto", gone=True)
        assert told.asked[-1].runbook == "load-failure"
        await stage.press("tab", "home", "k", "k", "k", "enter")
        await stage.until("p99-latency auto")
        assert told.asked[-1].runbook == ""


async def test_a_verdict_is_written_once_two_walks_agree_and_again_when_it_changes() -> None:
    told = ToldTriage()
    async with triaged(told) as stage:
        await opened(stage)
        assert not stage.engine.markers
        for second in (1, 2, 3):
            await stage.show(picture(at=NOW + second))
        assert [m.detail.partition(",")[0] for m in stage.engine.markers] == ["p99-latency says rollout"]
        told.walk = walk(NONE, story="")
        for second in (4, 5):
            await stage.show(picture(at=NOW + second))
        assert "p99-latency says none" in stage.engine.markers[-1].detail
        assert len(stage.engine.markers) == 2


# Copying


async def test_y_copies_the_command_that_walks_the_same_and_shift_y_the_query() -> None:
    async with triaged(ToldTriage(library=library())) as stage:
        await opened(stage)
        await stage.press("y")
        assert stage.app.clipboard.startswith(
            "triton-console --fleet prod triage ranker http://triton-0:8000"
        )
        assert "--runbook" not in stage.app.clipboard
        await stage.press("k", "Y")
        assert stage.app.clipboard == QUERY
        await stage.press("tab", "down", "enter", "y")
        assert "triage --runbook load-failure ranker" in stage.app.clipboard
