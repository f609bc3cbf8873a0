"""A wall clock that is set, and a machine that sleeps: no negative figures, freeze and incident right, the recording whole."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from console.domain.snapshot import Snapshot
from console.engine.feed import feed
from console.engine.store import Store
from console.storage.recording import open_recording
from console.view.header import frozen
from console.view.styled import plain
from tests.parts.siege_clock import FROZEN_S, RATE, Quaking, end, quaking, run
from tests.screens.stage import staged
from tests.snapshots import fleet

HOUR, DAY = 3600.0, 86400.0
BEFORE_S, AFTER_S = 30.0, 30.0
NEGATIVE = re.compile(r"(?<![\w.…])[-−]\d[\d.,]*\s?(?:s|m|h|d|ms|min)\b")
PAGES = ("1", "2", "3", "4", "5", "6")


class Shock(NamedTuple):
    """What happens to the clocks: seconds that the wall clock is set by, and seconds in which nobody ran."""

    wall: float = 0.0
    pause: float = 0.0


SHOCKS = {
    "an hour on": Shock(HOUR),
    "an hour back": Shock(-HOUR),
    "a day on": Shock(DAY),
    "a day back": Shock(-DAY),
    "a laptop that slept": Shock(wall=600.0),
    "a machine that was stopped": Shock(pause=600.0),
    "both, and set back": Shock(-HOUR, 600.0),
}


@pytest.fixture(params=SHOCKS)
async def shaken(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Shock, Quaking]]:
    """A watch of half a minute, a shock, and half a minute more."""
    shock = SHOCKS[request.param]
    with quaking(tmp_path) as quake:
        task = await run(quake)
        await quake.watch(5)
        quake.incidents.open("ana", "p99")
        await quake.watch(BEFORE_S - 5)
        quake.clock.step(shock.wall)
        if shock.pause:
            await quake.clock.leap(shock.pause)
        await quake.watch(AFTER_S)
        yield shock, quake
        await end(quake, task)


def figures(picture: Snapshot) -> dict[str, float]:
    """Every age and figure of a picture that can be known, by its name."""
    found = {"elapsed": picture.elapsed_s, "oldest": picture.oldest_s, "history": picture.history_s}
    for target in picture.targets:
        found |= {f"{target.name} age": target.age_s, f"{target.name} poll": target.poll_ms}
    for row in picture.models:
        parts = ("rate", "error_ratio", "mean_ms", "queue_ms", "batch", "executions", "age_s", "window_s")
        found |= {f"{row.key.label} {part}": getattr(row, part) for part in parts}
        found |= {f"burn {window}": burn for window, burn in row.slo.burn.items()}
    return {name: figure for name, figure in found.items() if figure is not None}


async def test_no_figure_and_no_age_is_ever_negative(shaken: tuple[Shock, Quaking]) -> None:
    _, quake = shaken

    assert len(quake.pictures) >= BEFORE_S + AFTER_S
    for picture in quake.pictures:
        assert {name: figure for name, figure in figures(picture).items() if figure < 0} == {}


async def test_rates_go_on_as_they_were(shaken: tuple[Shock, Quaking]) -> None:
    _, quake = shaken
    rates = [picture.models[0].rate for picture in quake.pictures if picture.models]

    assert rates[-1] == pytest.approx(2 * RATE)
    assert max(rate for rate in rates if rate is not None) <= 2 * RATE * 1.05
    assert quake.now.up == 2
    assert all(not target.stale for target in quake.now.targets)
    assert quake.now.alerts == ()


async def test_a_freeze_ends_by_the_wall_clock(shaken: tuple[Shock, Quaking]) -> None:
    _, quake = shaken
    lock, now = quake.now.frozen, quake.clock.now()
    assert lock is not None
    left = lock.since + FROZEN_S - now
    said = plain(frozen(quake.now, now))

    assert lock.expired(now) == (left <= 0)
    assert ("expired" in said) == (left <= 0)
    assert NEGATIVE.findall(said) == []


async def test_the_incident_stays_open_and_is_closed_no_earlier_than_it_was_opened(
    shaken: tuple[Shock, Quaking],
) -> None:
    _, quake = shaken
    assert quake.now.incident is not None

    closed = quake.incidents.close("ana")
    assert closed is not None
    assert closed.closed is not None
    assert closed.closed >= closed.opened
    later = await quake.watch(3)
    assert later.incident is None


async def test_no_page_shows_a_negative_time(shaken: tuple[Shock, Quaking]) -> None:
    _, quake = shaken
    async with staged(quake.now, (160, 48)) as stage:
        for page in PAGES:
            await stage.press(page)
            assert NEGATIVE.findall(stage.text) == [], (page, stage.text)
        head = stage.lines[0]
    assert "● 2/2 targets" in head
    assert "◉ incident" in head


async def test_the_recording_is_whole_and_gives_the_same_picture(shaken: tuple[Shock, Quaking]) -> None:
    _, quake = shaken
    seen = [(picture.at, picture.models[0].rate) for picture in quake.pictures if picture.models]
    quake.recorder.close()

    recording = open_recording(quake.file)
    store = Store(fleet("a", "b"))
    played = []
    for frame in recording.frames():
        for entry in frame.inputs:
            feed(store, entry)
        picture = store.tick(frame.at, frame.mono)
        if picture.models:
            played.append((picture.at, picture.models[0].rate))
    problems = list(recording.problems)
    recording.close()

    assert problems == []
    assert len(played) == len(seen)
    assert [at for at, _ in played] == pytest.approx([at for at, _ in seen])
    assert played[-1][1] == pytest.approx(2 * RATE)
    assert min(rate for _, rate in played if rate is not None) >= 0


def test_the_pattern_finds_what_must_not_be_there() -> None:
    assert NEGATIVE.findall("data -3600s old, -2.5 ms")
    assert not NEGATIVE.findall("08:41:07Z − p99-latency 2025-10-09 -run h-2")
