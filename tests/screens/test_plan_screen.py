"""The plan over the page: what it shows, what it asks, and what runs."""

import asyncio

import pytest

from console.domain.action import ActionKind
from console.domain.fleet import Confirm
from console.domain.lock import Lock
from console.domain.plan import Plan
from tests.parts.knobs import Bench, broken
from tests.screens.acts import READY, confirmed, long_call, picture, refused, release, two_knobs
from tests.screens.stage import SIZES, Stage, staged
from tests.snapshots import HOSTILE_NAMES, NOW


def turned(stage: Stage) -> list[str]:
    return stage.bench.knobs.turned


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("key", "goal"), [("t", "reduce ranker to 50 %"), ("r", "roll ranker back to"), ("f", "freeze")]
)
async def test_one_key_shows_the_plan_and_one_confirmation_runs_it(
    key: str, goal: str, size: tuple[int, int]
) -> None:
    async with staged(picture(), size, before=two_knobs) as stage:
        await stage.press(key)
        await stage.until("Cancel")
        await stage.until(goal)
        await stage.until(READY)
        assert "nothing is changed before you run it" in stage.text
        await stage.press("end")
        assert "turn b to 2" in stage.text
        assert len(stage.lines) == size[1]
        assert turned(stage) == []
        await stage.press("tab", "enter")
        await stage.until("RESULT")
        await stage.until("VERIFIED")
        assert turned(stage) == ["a=2", "b=2"]


async def test_cancel_has_the_keys_and_enter_changes_nothing() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until(READY)
        assert "▸ Cancel ◂" in stage.text
        await stage.press("enter")
        await stage.until("PLAN", gone=True)
        assert turned(stage) == []
        assert not stage.bench.journal.records


def unanswering(bench: Bench) -> None:
    """No plan is ever made from here on."""

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    bench.knobs.survey = never  # type: ignore[method-assign]


async def test_esc_cancels_while_the_plan_is_being_made() -> None:
    def stuck(bench: Bench) -> None:
        two_knobs(bench)
        unanswering(bench)

    async with staged(picture(), before=stuck) as stage:
        await stage.press("t")
        await stage.until("reading back what is so now")
        assert "(Run)" in stage.text
        await stage.press("tab", "enter")
        assert stage.app.page.where == "models"
        assert turned(stage) == []


async def test_the_share_is_changed_in_place_and_the_plan_made_anew() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until("to 50 %")
        await stage.press("left")
        await stage.until("reduce ranker to 25 %")
        await stage.press("3", "3")
        await stage.until("reduce ranker to 33 %")
        await stage.press("right")
        await stage.until("reduce ranker to 50 %")
        await confirmed(stage)
        await stage.until("VERIFIED")
        assert [entry.plan.action.percent for entry in await stage.bench.door.entries()] == [50.0]


async def test_nothing_runs_while_the_plan_on_screen_is_not_the_one_that_was_chosen() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until(READY)
        unanswering(stage.bench)
        await stage.press("left", "tab", "enter")
        assert not stage.bench.journal.records


async def test_rollback_goes_through_releases_and_versions() -> None:
    def good(bench: Bench) -> None:
        two_knobs(bench)
        bench.releases.save(release())

    async with staged(picture(), before=good) as stage:
        await stage.press("r")
        await stage.until("known-good release good-1")
        await stage.press("right")
        await stage.until("roll ranker back to version 6")
        await stage.press("right")
        await stage.until("roll ranker back to version 5")


@pytest.mark.parametrize(("key", "word"), [("t", "ranker"), ("f", "freeze")])
async def test_a_fleet_that_wants_a_word_typed_runs_nothing_without_it(key: str, word: str) -> None:
    async with staged(picture(Confirm.TYPE), (80, 24), before=two_knobs) as stage:
        await stage.press(key)
        await stage.until(f"type {word} to run it")
        assert "▸ Cancel ◂" in stage.text
        await stage.press("tab", *word[:-1], "enter")
        assert "(Run)" in stage.text
        assert turned(stage) == []
        await stage.press(word[-1], "enter")
        await stage.until("VERIFIED")
        assert turned(stage) == ["a=2", "b=2"]


async def test_a_fleet_without_confirmation_has_the_keys_on_run() -> None:
    async with staged(picture(Confirm.NONE), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until("▸ Run ◂")
        assert turned(stage) == []
        await stage.press("enter")
        await stage.until("VERIFIED")


async def test_a_refusal_says_what_to_do_instead_and_has_nothing_to_run() -> None:
    async with staged(picture(), (80, 24), before=refused) as stage:
        await stage.press("r")
        await stage.until("cannot run: mode none: roll the pod back instead")
        assert "▸ Close ◂" in stage.text
        assert "Run" not in stage.text.replace("to run", "")
        await stage.press("tab", "tab", "enter")
        await stage.until("PLAN", gone=True)
        assert not stage.bench.journal.records


async def test_a_plan_that_has_nothing_to_change_says_so() -> None:
    def there(bench: Bench) -> None:
        two_knobs(bench)
        bench.knobs.values.update(a=2, b=2)

    async with staged(picture(), before=there) as stage:
        await stage.press("t")
        await stage.until("it is already so")
        assert "▸ Close ◂" in stage.text


async def test_an_error_of_the_door_is_a_message_with_what_to_do() -> None:
    def failing(bench: Bench) -> None:
        async def plan(_: object) -> Plan:
            raise broken("the socket is gone", "is the gateway running?")

        bench.door.plan = plan  # type: ignore[method-assign]

    async with staged(picture(), before=failing) as stage:
        await stage.press("t")
        await stage.until("✗ the socket is gone")
        assert "→ is the gateway running?" in stage.text
        await stage.press("enter")
        assert stage.app.is_running


async def test_a_defect_behind_the_door_ends_nothing() -> None:
    def failing(bench: Bench) -> None:
        async def plan(_: object) -> Plan:
            raise ZeroDivisionError("[bold]oops[/bold]")

        bench.door.plan = plan  # type: ignore[method-assign]

    async with staged(picture(), before=failing) as stage:
        await stage.press("f")
        await stage.until("ZeroDivisionError: [bold]oops[/bold]")
        assert "please report it" in stage.text


async def test_the_reason_is_typed_and_comes_into_the_journal() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until(READY)
        await stage.press("w", *"p99 y 50", "enter")
        assert "▸ Cancel ◂" in stage.text
        await confirmed(stage)
        await stage.until("VERIFIED")
        assert [entry.reason for entry in await stage.bench.door.entries()] == ["p99 y 50"]


async def test_a_freeze_is_planned_anew_with_its_reason() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("f")
        await stage.until(READY)
        await stage.press("w", *"bad deploy", "enter")
        await stage.until("because  bad deploy")


async def test_while_frozen_f_lifts_the_freeze() -> None:
    lock = Lock("ana", "bad deploy", NOW - 60, NOW + 600, "prod")

    def lifting(bench: Bench) -> None:
        bench.knobs.wanted = {ActionKind.UNFREEZE: {"a": 2}}

    async with staged(picture(frozen=lock), before=lifting) as stage:
        await stage.press("f")
        await stage.until("lift the freeze")


async def test_y_copies_the_exact_calls_and_shift_y_the_command() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until(READY)
        await stage.press("y")
        assert stage.app.clipboard == "turn a to 2\nturn b to 2"
        await stage.press("Y")
        assert "triton-console" in stage.app.clipboard
        assert "reduce --model ranker --to 50" in stage.app.clipboard


async def test_a_long_plan_scrolls_to_its_last_line_on_the_smallest_terminal() -> None:
    async with staged(picture(), (80, 24), before=long_call) as stage:
        await stage.press("t")
        await stage.until(READY)
        assert "who else calls it" not in stage.text
        assert "scroll" in stage.lines[-1]
        await stage.press("end")
        assert "who else calls it" in stage.text
        await stage.press("home")
        assert "reduce ranker to 50 %" in stage.text
        await stage.press("pagedown")
        assert "reduce ranker to 50 %" not in stage.text


@pytest.mark.parametrize("size", [(80, 24), (44, 9), (30, 7), (12, 3)])
async def test_a_small_terminal_keeps_the_safe_way_out(size: tuple[int, int]) -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until(READY)
        await stage.pilot.resize_terminal(*size)
        await stage.pilot.pause()
        assert len(stage.lines) == size[1]
        assert all(len(line) <= size[0] for line in stage.lines)
        await stage.pilot.resize_terminal(120, 40)
        await stage.pilot.pause()
        assert "reduce ranker to 50 %" in stage.text
        await stage.press("escape")
        assert turned(stage) == []
        assert "RATE/s" in stage.text


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
async def test_hostile_model_names_are_literal_in_the_plan_and_can_be_confirmed(name: str) -> None:
    async with staged(picture(Confirm.TYPE, name), (80, 24), before=two_knobs) as stage:
        await stage.press("r")
        await stage.until("to run it")
        text = stage.text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert len(stage.lines) == 24
        word = (
            next(line for line in stage.lines if "to run it" in line).split("type ")[1].split(" to run it")[0]
        )
        await stage.press("tab")
        stage.app.screen.focused.insert_text_at_cursor(word)  # type: ignore[union-attr]
        await stage.press("enter")
        await stage.until("VERIFIED")
        assert turned(stage) == ["a=2", "b=2"]


async def test_markup_in_a_name_is_not_interpreted() -> None:
    async with staged(picture(model="[red]x[/red]"), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until("reduce [red]x[/red] to 50 %")


async def test_an_undo_of_what_somebody_put_back_by_hand_closes_the_plan_that_stands() -> None:
    async with staged(picture(Confirm.TYPE), before=two_knobs) as stage:
        await stage.press("t")
        await stage.until("type ranker to run it")
        await stage.press("tab", *"ranker", "enter")
        await stage.until("VERIFIED")
        await stage.press("escape")
        stage.bench.knobs.values.update(a=1, b=1)
        await stage.press("u")
        await stage.until("is left alone")
        await stage.press("tab", "enter")
        await stage.until("RESULT")
        assert not [entry for entry in await stage.bench.door.entries() if entry.standing]
