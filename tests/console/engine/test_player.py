"""A replay by its keys: what is shown, when, and where it stands after each of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from console.domain.action import Action, ActionKind
from console.domain.journal import JournalError, JournalNews
from console.domain.marker import MarkerKind
from console.domain.recording import Playback
from console.domain.run import Result
from console.domain.snapshot import Snapshot
from console.domain.triton import IndexEntry, State
from console.engine.player import Player
from console.ports import Recording
from console.wiring import hindsight
from tests.console.engine.before import BEGAN, KEY, READY, Before
from tests.console.storage.told import begin
from tests.parts.clock import HandClock

SECOND = IndexEntry("ranker", "2", State.READY)


class Stalling(HandClock):
    """A clock on which time can pass without anybody getting to run."""

    waits = 0

    def stall(self, seconds: float) -> None:
        self._elapsed += seconds

    async def sleep(self, seconds: float) -> None:
        self.waits += 1
        await super().sleep(seconds)


class Screen:
    """What somebody sees of a replay."""

    def __init__(self, recording: Recording) -> None:
        # The replay's own clock has nothing to do with the time of the recording.
        self.clock = Stalling(5.0)
        self.player = Player(recording, self.clock, hindsight())
        self.pictures: list[Snapshot] = []
        self.player.subscribe(self.pictures.append)

    @property
    def second(self) -> float:
        """Seconds from the recording's start to the moment that is shown."""
        return self.pictures[-1].at - BEGAN

    @property
    def playback(self) -> Playback:
        found = self.pictures[-1].playback
        assert found is not None
        return found

    async def after(self, key: Callable[..., None], *arguments: float) -> None:
        """A key is pressed, and what it asks for is shown."""
        before = len(self.pictures)
        key(*arguments)
        await self.settled(before)

    async def settled(self, before: int = 0) -> None:
        """There are more pictures than that, and the last one is no passing one."""
        for _ in range(1000):
            await self.clock.advance(0.0)
            if len(self.pictures) > before and not self.playback.seeking:
                return
        raise AssertionError("it is still seeking")


@asynccontextmanager
async def on_screen(recording: Recording) -> AsyncIterator[Screen]:
    """A replay that runs."""
    screen = Screen(recording)
    task = asyncio.ensure_future(screen.player.run())
    await screen.settled()
    yield screen
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def loading(console: Before) -> None:
    """Version 2 is seen from second 51 on, and gone at second 91."""
    there = 50 <= console.at - BEGAN < 90
    console.server.index = (READY, SECOND) if there else (READY,)


async def test_it_plays_at_the_pace_of_the_recording() -> None:
    async with on_screen(Before().watch(30).recording) as screen:
        assert screen.second == 0
        await screen.clock.advance(10.0)

        assert [round(each.at - BEGAN) for each in screen.pictures] == list(range(11))
        assert not screen.playback.paused


async def test_space_stops_it_and_lets_it_go_on() -> None:
    async with on_screen(Before().watch(30).recording) as screen:
        await screen.clock.advance(5.0)
        screen.player.toggle()
        await screen.clock.advance(7.5)
        assert (screen.second, screen.playback.paused) == (5, True)

        screen.player.toggle()
        await screen.clock.advance(2.0)
        assert (screen.second, screen.playback.paused) == (7, False)


async def test_it_goes_faster_and_slower() -> None:
    async with on_screen(Before().watch(900).recording) as screen:
        for _ in range(20):
            screen.player.faster()
        await screen.clock.advance(5.0)
        assert screen.playback.speed == 64
        assert screen.second == pytest.approx(320, abs=10)
        # More pictures than that nobody sees.
        assert len(screen.pictures) < 60

        for _ in range(20):
            await screen.after(screen.player.slower)
        before = screen.second
        await screen.clock.advance(8.0)
        assert screen.playback.speed == 0.25
        assert screen.second == pytest.approx(before + 2, abs=1)


async def test_a_speed_is_shown_at_once_also_while_it_stands() -> None:
    async with on_screen(Before().watch(30).recording) as screen:
        screen.player.toggle()
        await screen.after(screen.player.faster)

        assert (screen.playback.speed, screen.playback.paused) == (2, True)


async def test_steps_stop_it_one_frame_further_or_back() -> None:
    async with on_screen(Before().watch(30).recording) as screen:
        await screen.clock.advance(10.0)
        for keys, second in ((1, 11), (1, 12), (-1, 11), (-3, 8), (-100, 0), (100, 29)):
            await screen.after(screen.player.step, keys)
            assert (screen.second, screen.playback.paused) == (second, True)


async def test_a_step_back_shows_the_picture_that_was_there() -> None:
    async with on_screen(Before().watch(40, loading).recording) as screen:
        await screen.clock.advance(20.0)
        then = screen.pictures[-3]
        await screen.after(screen.player.step, -2)

        now = screen.pictures[-1]
        assert (now.at, now.models, now.alerts, now.markers) == (
            then.at,
            then.models,
            then.alerts,
            then.markers,
        )


async def test_keys_that_are_held_down_are_one_wish() -> None:
    async with on_screen(Before().watch(60).recording) as screen:
        await screen.clock.advance(30.0)
        shown = len(screen.pictures)
        for _ in range(9):
            screen.player.step(-1)
        await screen.after(screen.player.step, -1)

        assert screen.second == 20
        assert len(screen.pictures) < shown + 4


async def test_markers_are_gone_to_where_they_are_first_shown() -> None:
    async with on_screen(Before().watch(120, loading).recording) as screen:
        for key, second in ((1, 51), (1, 91), (-1, 51), (-1, 0), (2, 91), (1, 119)):
            await screen.after(screen.player.jump, key)
            assert (screen.second, screen.playback.paused) == (second, True)
            told = [marker for marker in screen.pictures[-1].markers if marker.kind is MarkerKind.LOAD]
            assert bool(told) == (second >= 51)


async def test_a_sought_moment_is_shown_and_played_from() -> None:
    async with on_screen(Before().watch(900, loading).recording) as screen:
        await screen.after(screen.player.seek, BEGAN + 700.5)
        assert screen.second == 700
        assert not screen.playback.paused
        points = screen.pictures[-1].history.model(KEY, "rate", 3600.0)
        assert points.at[0] < BEGAN + 30
        assert len(screen.pictures[-1].markers) == 4

        await screen.clock.advance(3.0)
        assert screen.second == 703


async def test_a_moment_beyond_the_recording_is_its_end() -> None:
    async with on_screen(Before().watch(30).recording) as screen:
        for at, second in ((BEGAN + 1e6, 29), (0.0, 0)):
            await screen.after(screen.player.seek, at)
            assert screen.second == second


async def test_at_the_end_it_stands_still_until_it_is_played_anew() -> None:
    async with on_screen(Before().watch(10).recording) as screen:
        await screen.clock.advance(60.0)
        assert (screen.second, screen.playback.ended) == (9, True)
        count = len(screen.pictures)
        await screen.clock.advance(60.0)
        assert len(screen.pictures) == count

        await screen.after(screen.player.toggle)
        assert (screen.second, screen.playback.ended, screen.playback.paused) == (0, False, False)


async def test_what_nobody_recorded_is_skipped() -> None:
    before = Before().watch(10)
    before.begin(away=1000.0)
    before.watch(10)

    async with on_screen(before.recording) as screen:
        await screen.clock.advance(14.5)
        assert screen.second == 1010


async def test_a_gap_within_a_run_is_skipped_too() -> None:
    before = Before().watch(10)
    before.at, before.mono = before.at + 1000, before.mono + 1000

    async with on_screen(before.watch(10).recording) as screen:
        await screen.clock.advance(14.5)
        assert screen.second == 1010


async def test_a_machine_that_stalls_does_not_race_after_the_time_it_lost() -> None:
    async with on_screen(Before().watch(300).recording) as screen:
        await screen.clock.advance(10.0)
        screen.clock.stall(120.0)
        await screen.clock.advance(5.0)
        assert screen.second == pytest.approx(18, abs=1)


async def test_a_run_remembers_the_one_before_it_as_the_console_did() -> None:
    before = Before().watch(120, loading)
    before.begin(away=100.0)
    before.watch(20)

    async with on_screen(before.recording) as screen:
        await screen.clock.advance(130.0)
        shown = screen.pictures[-1]
        assert screen.second > 220
        assert shown.recalled is not None
        assert shown.recalled.since == pytest.approx(BEGAN, abs=1)
        assert [marker.kind for marker in shown.markers] == [MarkerKind.LOAD] * 2 + [MarkerKind.UNLOAD] * 2
        assert shown.elapsed_s == pytest.approx(screen.second, abs=2)


async def test_the_journal_is_known_as_far_as_it_was_then() -> None:
    def acting(console: Before) -> None:
        if console.at == BEGAN + 20:
            console.take("journal", None, JournalNews((begin("abcdef"),)))

    async with on_screen(Before().watch(40, acting).recording) as screen:
        await screen.clock.advance(19.0)
        assert await screen.player.door.entries() == ()
        await screen.clock.advance(5.0)
        assert [entry.id for entry in await screen.player.door.entries()] == ["abcdef"]
        await screen.after(screen.player.seek, BEGAN + 10)
        assert await screen.player.door.entries() == ()


async def test_nothing_is_changed_by_a_replay() -> None:
    async with on_screen(Before().watch(5).recording) as screen:
        door = screen.player.door
        plan = await door.plan(Action(ActionKind.FREEZE))

        assert plan.refusal == "a replay changes nothing"
        assert (await door.run(plan, lambda _: None)).result is Result.REFUSED
        assert screen.player.fleet.read_only
        assert await door.unfinished() == ()
        with pytest.raises(JournalError):
            await door.handled("abcdef", "seen")
        with pytest.raises(RuntimeError):
            screen.player.incidents  # noqa: B018 - that it raises is what is asked


async def test_what_cannot_be_read_is_said() -> None:
    recording = Before().watch(5).recording
    recording.problems = ("the last 812 bytes are half a frame",)

    async with on_screen(recording) as screen:
        assert screen.playback.problems == recording.problems
