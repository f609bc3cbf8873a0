"""The triage screen: the walk and its evidence, the keys that act on it, and the answers of people."""

import asyncio
from dataclasses import replace

import pytest

from console.domain.rows import AlertState
from console.domain.triage import NONE, Advice, Answer, Walk
from tests.parts.triage import ToldTriage
from tests.parts.walks import CHANGE, MOVE, P99, PAGE, finding, walk, walked
from tests.screens.acts import picture, two_knobs
from tests.screens.stage import SIZES, staged
from tests.screens.triaged import library, opened, triaged
from tests.snapshots import HOSTILE_NAMES, NOW, alert, snapshot

QUERY = 'nv_inference_request_summary_us{model="ranker",quantile="0.99"}'


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
