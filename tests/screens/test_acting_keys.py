"""Where the acting keys are, and where there are none."""

import pytest

from console.domain.action import ActionKind
from console.domain.fleet import ModelVersion
from console.domain.triage import NONE
from screens.commands import COMMAND_TABLE
from tests.parts.knobs import Bench
from tests.parts.walks import walk
from tests.screens.acts import confirmed, died, picture, ran, two_knobs
from tests.screens.stage import SIZES, Stage, staged
from tests.snapshots import fleet, snapshot

ACTING = [command for command in COMMAND_TABLE if command.acting]
WORDS = ("freeze", "reduce", "rollback", "undo", "known-good", "Roll", "Unload", "traffic back", "instances")


def read_only() -> dict[str, object]:
    return {"fleet": fleet("triton-0", read_only=True)}


@pytest.mark.parametrize("size", SIZES)
async def test_the_footer_shows_the_keys_that_act(size: tuple[int, int]) -> None:
    async with staged(picture(), size) as stage:
        assert "f freeze  t reduce  r rollback  u undo  ? help" in stage.lines[-1]


async def test_read_only_has_no_acting_key_and_no_hint_of_one_anywhere() -> None:
    async with staged(picture(**read_only()), (200, 60), before=two_knobs) as stage:
        # What is recommended is shown in read-only too, as commands.
        stage.engine.triage.walk = walk(NONE, advice=())
        before = stage.lines[1:]
        keys = [command.keys for command in ACTING if command.keys]
        for screen in ("1", "2", "3", "4", "1", "5", "6"):
            await stage.press(screen, *keys)
            assert "PLAN" not in stage.text
            assert not any(word in stage.lines[-1] for word in WORDS)
            await stage.press("question_mark")
            assert not any(word in stage.text for word in WORDS)
            await stage.press("escape")
        await stage.press("1")
        assert stage.lines[1:] == before
        assert not stage.bench.journal.records


async def test_the_palette_of_read_only_knows_no_acting_command() -> None:
    async with staged(picture(**read_only()), (200, 60)) as stage:
        await stage.press("colon")
        await stage.until("Models")
        await stage.pilot.pause(0.3)
        assert not any(word in stage.text for word in WORDS)


async def test_the_journal_can_be_read_in_read_only() -> None:
    def prepared(bench: Bench) -> None:
        bench.door.read_only = False

    async with staged(picture(**read_only()), before=prepared) as stage:
        await stage.press("5")
        await stage.until("nothing was changed yet")


async def test_read_only_remarks_on_what_is_unfinished_and_asks_nothing() -> None:
    async def prepared(bench: Bench) -> None:
        two_knobs(bench)
        bench.door.read_only = False
        await died(bench)

    async with staged(picture(**read_only()), before=prepared) as stage:
        await stage.until("1 unfinished in the journal")
        assert "UNFINISHED PLAN" not in stage.text


async def palette(stage: Stage, title: str) -> None:
    await stage.press("colon", *title)
    await stage.until(title)
    await stage.pilot.pause(0.2)
    await stage.press("down", "enter")


@pytest.mark.parametrize(
    ("title", "goal"),
    [
        ("Unload the selected", "unload ranker"),
        ("Load the selected", "load ranker"),
        ("Change the number of instances", "instances = 1"),
        ("Change the queue delay", "queue_delay_us = 0"),
        ("Change the queue size", "queue_size = 32"),
    ],
)
async def test_what_has_no_key_is_in_the_palette(title: str, goal: str) -> None:
    def able(bench: Bench) -> None:
        kinds = (ActionKind.UNLOAD, ActionKind.LOAD, ActionKind.TUNE)
        bench.knobs.wanted = {kind: {"a": 2} for kind in kinds}

    async with staged(picture(), before=able) as stage:
        await palette(stage, title)
        await stage.until(goal)
        await confirmed(stage)
        await stage.until("VERIFIED")


async def test_the_traffic_that_was_taken_is_given_back_from_the_palette() -> None:
    async def reduced(bench: Bench) -> None:
        two_knobs(bench)
        await ran(bench, percent=25.0)

    async with staged(picture(), before=reduced) as stage:
        await palette(stage, "Give the traffic back")
        await stage.until("STEPS")
        await confirmed(stage)
        await stage.until("VERIFIED")
        assert stage.bench.knobs.values == {"a": 1, "b": 1}


async def test_restoring_without_anything_reduced_says_so() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await palette(stage, "Give the traffic back")
        await stage.until("no traffic is reduced")


async def test_a_key_that_needs_a_model_says_that_none_is_selected() -> None:
    async with staged(snapshot([])) as stage:
        for key in ("t", "r"):
            await stage.press(key)
            await stage.until("no model is selected")


async def test_before_the_engine_is_open_the_keys_say_that_the_console_connects() -> None:
    async with staged(picture(), quiet=True) as stage:
        stage.app.acting.desk.door = None
        await stage.press("f")
        await stage.until("still connecting")


async def test_acting_is_about_the_model_of_the_model_screen() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        stage.app.open_model(ModelVersion("embed", "3"))
        await stage.press("t")
        await stage.until("reduce embed to 50 %")


async def test_x_without_a_plan_says_that_there_was_none() -> None:
    async with staged(picture()) as stage:
        await stage.press("x")
        await stage.until("no plan has been run")
