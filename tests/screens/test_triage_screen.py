"""The triage screen: the walk and its evidence, the keys that act on it, and the answers of people."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from console.domain.marker import MarkerKind
from console.domain.rows import AlertState
from console.domain.snapshot import Snapshot
from console.domain.triage import NONE, Advice, Answer, Library, Walk
from tests.parts.knobs import Bench
from tests.parts.triage import ToldTriage
from tests.parts.walks import BOOK, CHANGE, MOVE, P99, PAGE, finding, walk, walked
from tests.screens.acts import confirmed, picture, two_knobs
from tests.screens.stage import SIZES, Stage, staged
from tests.snapshots import HOSTILE_NAMES, NOW, alert, fleet, frozen, snapshot

QUERY = 'nv_inference_request_summary_us{model="ranker",quantile="0.99"}'


def read_only() -> Snapshot:
    return picture(fleet=fleet("triton-0", read_only=True))


@asynccontextmanager
async def triaged(
    told: ToldTriage, shown: Snapshot | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Stage]:
    """A console whose triage answers as told."""
    async with staged(shown or picture(), size) as stage:
        stage.engine.triage = told
        yield stage


async def opened(stage: Stage) -> None:
    await stage.press("4")
    await stage.until("RECOVERED?")


@pytest.mark.parametrize("size", SIZES)
async def test_everything_that_matters_stands_on_the_screen_at_every_size(size: tuple[int, int]) -> None:
    async with staged(picture(), size) as stage:
        await opened(stage)
        assert "✗ ROLLOUT  ranker, 90 % sure" in stage.text
        assert "since 08:51:00Z" in stage.text
        assert "p99-latency auto" in stage.text
        assert "the load of version 7 came 40 s" in stage.text
        assert "YES  version 7 was loaded" in stage.text
        assert "Was there a recent rollout or traf" in stage.text
        assert "Roll back ranker to version 6" in stage.text
        assert "✓ Queue time and pending requests" in stage.text
        assert "? GPU memory and SM" in stage.text
        assert "Is p99 back in its band?  ○ NO  p99 is 183.4 ms" in stage.text
        assert all(len(line) <= size[0] for line in stage.lines)


async def test_the_cursor_stands_on_the_step_that_gave_the_verdict_and_arrows_show_another_ones_evidence() -> (
    None
):
    async with staged(picture()) as stage:
        await opened(stage)
        assert "▸ ▶2" in stage.text
        assert "load of version 7" in stage.text
        await stage.press("k")
        assert "183.4 ms" in stage.line("p99, ranker/7")
        assert "38.2 ms" in stage.line("p99, ranker/7")
        assert "+145.2 ms" in stage.line("p99, ranker/7")
        assert "summary · metrics of triton-0 · 0.8s ago" in stage.text
        assert QUERY[:40] in stage.text


async def test_a_step_that_was_not_asked_says_so() -> None:
    async with staged(picture()) as stage:
        await opened(stage)
        await stage.press("end")
        assert "not asked: an answer before it led elsewhere" in stage.text


async def test_another_step_is_read_from_its_first_figure_on() -> None:
    async with staged(picture()) as stage:
        await opened(stage)
        await stage.press("enter", "j")
        assert "index · triton-0" not in stage.text
        await stage.press("left", "k", "j")
        assert "index · triton-0" in stage.text


async def test_esc_goes_back_to_the_steps_before_it_leaves() -> None:
    async with staged(picture()) as stage:
        await opened(stage)
        await stage.press("enter", "escape")
        assert stage.app.page.where == "triage"
        await stage.press("escape")
        assert stage.app.page.where == "models"


async def test_evidence_names_what_to_switch_on_where_it_is_unknown() -> None:
    async with staged(picture()) as stage:
        await opened(stage)
        await stage.press("enter", "j")
        assert "→ set gpu.dcgm in the fleet's settings" in stage.text


async def test_4_opens_the_selected_model_and_4_again_goes_back_to_where_it_was_opened() -> None:
    async with staged(picture()) as stage:
        await stage.press("end", "4")
        await stage.until("ROLLOUT  embed")
        await stage.press("4")
        assert stage.app.page.where == "models"
        await stage.press("3", "4", "4")
        assert stage.app.page.where == "gpus"
        await stage.press("4", "escape")
        assert stage.app.page.where == "gpus"


async def test_each_new_picture_is_walked_anew() -> None:
    told = ToldTriage()
    async with triaged(told) as stage:
        await opened(stage)
        told.walk = walk("queue", story="the queue grew")
        await stage.show(picture(at=NOW + 1))
        await stage.until("QUEUE  ranker")
        assert [asked.snapshot.at for asked in told.asked] == [NOW, NOW + 1]


async def test_a_picture_that_is_held_is_not_walked_again() -> None:
    told = ToldTriage()
    async with triaged(told) as stage:
        await opened(stage)
        await stage.press("space", "j", "k")
        await stage.show(picture(at=NOW + 1))
        assert len(told.asked) == 1


async def test_pictures_that_come_while_a_walk_takes_its_time_wait_for_it_and_only_the_newest_is_walked() -> (
    None
):
    gate = asyncio.Event()
    told = ToldTriage(held={"ranker": gate})
    async with triaged(told) as stage:
        await stage.press("4")
        await stage.until("looking at ranker")
        for second in (1, 2, 3):
            await stage.show(picture(at=NOW + second))
        gate.set()
        await stage.until("RECOVERED?")
        assert [asked.snapshot.at for asked in told.asked] == [NOW, NOW + 3]


async def test_an_answer_to_an_older_question_is_dropped() -> None:
    class Stubborn(ToldTriage):
        async def look(self, *asked: object, **more: object) -> Walk:
            try:
                return await super().look(*asked, **more)  # type: ignore[arg-type]
            except asyncio.CancelledError:
                return replace(self.walk, model="ranker", verdict="gpu")

    embed = asyncio.Event()
    told = Stubborn(held={"ranker": asyncio.Event(), "embed": embed})
    async with triaged(told) as stage:
        await stage.press("4")
        await stage.until("looking at ranker")
        await stage.press("4", "end", "4")
        await stage.until("looking at embed")
        await stage.pilot.pause()
        assert "GPU  ranker" not in stage.text
        embed.set()
        await stage.until("ROLLOUT  embed")


async def test_a_walk_that_takes_its_time_holds_no_key_up() -> None:
    told = ToldTriage(held={"ranker": asyncio.Event()})
    async with triaged(told) as stage:
        await stage.press("4")
        await stage.until("looking at ranker")
        await stage.press("3")
        assert "UTIL %" in stage.text


async def test_what_went_wrong_is_said_in_place_of_a_walk_and_the_next_picture_tries_again() -> None:
    told = ToldTriage(error=LookupError("there is no runbook p99"))
    async with triaged(told) as stage:
        await stage.press("4")
        await stage.until("there is no runbook p99")
        told.error = None
        await stage.show(picture(at=NOW + 1))
        await stage.until("ROLLOUT")


async def test_what_stood_in_the_way_of_looking_is_said() -> None:
    told = ToldTriage(walk=walk(problems=("mine.toml: no step", "other.toml: no title")))
    async with triaged(told) as stage:
        await stage.press("4")
        await stage.until("! mine.toml: no step  and 1 more")


async def test_nothing_wrong_recommends_nothing() -> None:
    told = ToldTriage(walk=walk(NONE, advice=(), story="", onset=None))
    async with triaged(told) as stage:
        await stage.press("4")
        await stage.until("✓ NONE  ranker")
        assert "nothing needs to be done" in stage.text
        assert "Freeze deploys and capture" not in stage.text


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


def library() -> Library:
    other = replace(BOOK, id="load-failure", title="a model does not load", rank=10)
    return Library({BOOK.id: BOOK, other.id: other}, ("mine.toml: no steps",))


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


# From an alert


async def test_an_alert_opens_the_triage_with_the_runbook_that_names_it() -> None:
    told = ToldTriage(alerts={"model-unavailable": "load-failure"}, library=library())
    fires = alert("embed/3", id="model-unavailable", model="embed", state=AlertState.PAGE)
    async with triaged(told, picture(alerts=(fires,))) as stage:
        await stage.press("6", "enter")
        await stage.until("load-failure")
        assert (told.asked[-1].model, told.asked[-1].runbook) == ("embed", "load-failure")
        await stage.press("4")
        assert stage.app.page.where == "alerts"
        await stage.press("4")
        await stage.until("load-failure")


async def test_acting_is_about_the_model_of_the_triage() -> None:
    fires = alert("embed/3", model="embed")
    async with staged(picture(alerts=(fires,)), before=two_knobs) as stage:
        await stage.press("6", "enter", "t")
        await stage.until("reduce embed to 50 %")


async def test_an_alert_of_a_target_is_about_a_model_that_it_serves() -> None:
    told = ToldTriage()
    fires = alert("triton-0", id="crash-loop", target="triton-0")
    async with triaged(told, picture(alerts=(fires,))) as stage:
        await stage.press("6", "4")
        await stage.until("ROLLOUT  ranker")


# What servers may send


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_hostile_words_are_literal(name: str) -> None:
    found = finding(evidence=(P99._replace(subject=name, source=name, query=name, hint=name),))
    path = (walked(PAGE, Answer.YES, found, reason=name), walked(CHANGE, Answer.YES, found, reason=name))
    told = ToldTriage(walk=walk(name or "x", path=path, advice=(Advice(MOVE, None, name, name, name),)))
    told.walk = replace(told.walk, story=name, problems=(name,))
    async with triaged(told, picture(model=name), (80, 24)) as stage:
        await stage.press("4")
        await stage.until("!")
        await stage.press("a", "y", "Y", "o", "escape")
        assert all(line.isprintable() for line in stage.lines)
        assert "\x1b" not in stage.text


async def test_without_any_model_there_is_a_triage_of_the_fleet() -> None:
    async with staged(snapshot([])) as stage:
        await stage.press("4")
        await stage.until("ROLLOUT")


@pytest.mark.parametrize("size", [(40, 8), (50, 16), (60, 17), (80, 18)])
async def test_a_small_terminal_keeps_the_verdict_and_the_steps(size: tuple[int, int]) -> None:
    async with staged(picture(), size) as stage:
        await stage.press("4")
        await stage.until("ROLLOUT")
        assert "1 Does the m" in stage.text
