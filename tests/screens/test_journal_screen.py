"""The journal as an engineer reads it, and what can be done from it."""

import pytest

from console.domain.action import ActionKind
from console.domain.journal import Damage, JournalError
from tests.parts.knobs import Bench
from tests.screens.acts import confirmed, picture, ran, two_knobs
from tests.screens.stage import SIZES, Stage, staged
from tests.snapshots import HOSTILE_NAMES, down_target, snapshot


async def story(bench: Bench) -> None:
    """A reduction for a reason, and a freeze."""
    two_knobs(bench)
    await ran(bench, percent=25.0, reason="p99 left its band")
    bench.knobs.wanted = {ActionKind.FREEZE: {"c": 2}}
    bench.knobs.values["c"] = 1
    await ran(bench, ActionKind.FREEZE)


def listed(stage: Stage) -> list[str]:
    """The goals in the table, from top to bottom."""
    goals = ("reduce ranker", "freeze deploys")
    top = next(i for i, line in enumerate(stage.lines) if "RESULT" in line)
    rows = stage.lines[top + 1 : top + 4]
    return [goal for line in rows for goal in goals if goal in line[:75] and "VERIFIED" in line]


@pytest.mark.parametrize("size", SIZES)
async def test_the_newest_plan_is_on_top_with_all_that_is_written_of_it(size: tuple[int, int]) -> None:
    async with staged(picture(), size, before=story) as stage:
        await stage.press("5")
        await stage.until("VERIFIED")
        assert listed(stage) == ["freeze deploys", "reduce ranker"]
        await stage.press("j", "enter")
        await stage.until("p99 left its band")
        for part in ("reduce ranker to 25 %", "ana@bastion", "turn a: done in", "1 → 2"):
            assert part in stage.text
        await stage.press("escape", "escape")
        assert "RATE/s" in stage.text


async def test_enter_gives_the_whole_page_to_one_plan_and_esc_comes_back() -> None:
    async with staged(picture(), (80, 24), before=story) as stage:
        await stage.press("5")
        await stage.until("VERIFIED")
        await stage.press("enter")
        assert "SINCE THEN" not in stage.text
        await stage.press("escape")
        assert "SINCE THEN" in stage.text


async def test_search_finds_words_anywhere_in_a_plan() -> None:
    async with staged(picture(), before=story) as stage:
        await stage.press("5")
        await stage.until("VERIFIED")
        await stage.press("slash", *"band")
        assert listed(stage) == ["reduce ranker"]
        assert "1 of 2" in stage.text
        await stage.press(*" zzz")
        assert "no plan in the journal has these words" in stage.text
        await stage.press("escape")
        assert len(listed(stage)) == 2


async def test_u_undoes_the_selected_plan_and_the_list_tells_of_it() -> None:
    async with staged(picture(), before=story) as stage:
        await stage.press("5")
        await stage.until("VERIFIED")
        await stage.press("j", "u")
        await stage.until("undo: reduce ranker")
        await confirmed(stage)
        await stage.until("RESULT")
        await stage.press("escape")
        await stage.until("undone by")
        assert stage.bench.knobs.values == {"a": 1, "b": 1, "c": 2}


async def test_what_was_undone_is_not_undone_twice() -> None:
    async with staged(picture(), before=story) as stage:
        entry = (await stage.bench.door.entries())[0]
        await ran(stage.bench, ActionKind.UNDO, plan=entry.id)
        await stage.press("5")
        await stage.until("undone by")
        await stage.press("end", "u")
        await stage.until("was undone by")
        assert "▸ Close ◂" in stage.text


async def test_y_copies_the_calls_of_the_selected_plan() -> None:
    async with staged(picture(), before=story) as stage:
        await stage.press("5")
        await stage.until("VERIFIED")
        await stage.press("y")
        assert stage.app.clipboard == "turn c to 2"


async def test_damage_is_said_loudly_on_top() -> None:
    async def damaged(bench: Bench) -> None:
        await story(bench)
        bench.journal.damages += [Damage(n, "does not follow from the line before") for n in range(2, 9)]

    async with staged(picture(), (80, 24), before=damaged) as stage:
        await stage.press("5")
        await stage.until("✗ THE JOURNAL IS DAMAGED")
        assert "line 2: does not follow" in stage.text
        assert "and 4 more" in stage.text
        assert len(listed(stage)) == 2


async def test_a_journal_that_cannot_be_read_is_a_message() -> None:
    def unreadable(bench: Bench) -> None:
        async def entries() -> tuple[()]:
            raise JournalError("permission denied")

        bench.door.entries = entries  # type: ignore[method-assign]

    async with staged(picture(), before=unreadable) as stage:
        await stage.press("5")
        await stage.until("permission denied")
        assert stage.app.is_running


async def test_the_journal_is_there_while_no_server_answers() -> None:
    picture_of_none = snapshot([], [down_target("triton-0")])
    async with staged(picture_of_none) as stage:
        await stage.press("5")
        await stage.until("nothing was changed yet")
        assert "No target answers" not in stage.text


async def test_a_plan_that_ends_while_the_journal_is_read_appears_in_it() -> None:
    async with staged(picture(), before=two_knobs) as stage:
        await stage.press("5")
        await stage.until("nothing was changed yet")
        await stage.press("f")
        await confirmed(stage)
        await stage.until("RESULT")
        await stage.press("escape")
        await stage.until("stands")
        assert listed(stage) == ["freeze deploys"]


async def test_hostile_text_in_the_journal_is_literal() -> None:
    async def hostile(bench: Bench) -> None:
        two_knobs(bench)
        for name in HOSTILE_NAMES:
            bench.knobs.values.update(a=1, b=1)
            await ran(bench, model=name, percent=1.0, reason=name)

    async with staged(picture(), (80, 24), before=hostile) as stage:
        await stage.press("5")
        await stage.until("VERIFIED")
        for _ in HOSTILE_NAMES:
            assert "\x1b" not in stage.text
            assert "\u202e" not in stage.text
            assert len(stage.lines) == 24
            await stage.press("j")


@pytest.mark.parametrize("size", [(40, 8), (30, 7), (12, 3)])
async def test_a_tiny_terminal_breaks_nothing(size: tuple[int, int]) -> None:
    async with staged(picture(), before=story) as stage:
        await stage.press("5")
        await stage.until("VERIFIED")
        await stage.pilot.resize_terminal(*size)
        await stage.pilot.pause()
        await stage.pilot.resize_terminal(120, 40)
        await stage.until("VERIFIED")
