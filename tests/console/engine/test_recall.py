"""What a console knows at its first picture of the time before it was started, and what it does not make of that."""

from dataclasses import replace

import pytest

from console.domain.journal import JournalNews, Record, RecordKind
from console.domain.marker import MarkerKind
from console.domain.rows import AlertState
from console.domain.triton import IndexEntry, State
from console.engine import recall
from tests.console.engine.before import BEGAN, KEY, READY, Before, Server
from tests.console.engine.recalled import Kept, here, row, shown, told


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "to_thread", here)


async def test_the_first_picture_has_the_graphs_of_before() -> None:
    before = Before().watch(600)

    first, *_ = await shown(before.at + 60, before.server, Kept(before.recording))

    points = first.history.model(KEY, "rate", 3600.0)
    known = [(at, value) for at, value in zip(points.at, points.values, strict=True) if value is not None]
    assert known[0][0] == pytest.approx(BEGAN + 10, abs=10)
    assert known[-1][0] == pytest.approx(before.at, abs=16)
    assert [value for _, value in known] == pytest.approx([100.0] * len(known), rel=0.01)
    assert len(known) > 35
    assert first.recalled is not None
    assert first.recalled.source == "flight recorder"
    assert first.recalled.since == pytest.approx(BEGAN, abs=1)
    assert first.elapsed_s == pytest.approx(660, abs=2)


async def test_what_passed_while_nobody_watched_is_no_rate_of_now() -> None:
    before = Before().watch(120)
    now = Server(
        rate=10.0, restarted=before.server.restarted - 4 * (before.at + 300 - before.server.restarted)
    )

    first, second = (await shown(before.at + 300, now, Kept(before.recording), pictures=2))[:2]

    assert row(first).rate is None
    assert row(second).rate == pytest.approx(20.0, rel=0.01)
    assert not told(second)


async def test_what_passed_while_nobody_watched_counts_for_the_budget() -> None:
    before = Before().watch(120)

    first, *_ = await shown(before.at + 300, before.server, Kept(before.recording))

    assert row(first).slo.observed_s == pytest.approx(420, abs=12)
    assert row(first).slo.requests["1h"] == pytest.approx(42_000, rel=0.05)


async def test_a_change_that_nobody_watched_is_told_as_such() -> None:
    before = Before().watch(60)
    now = replace(before.server, index=(READY, IndexEntry("ranker", "2", State.READY)))

    first, *_ = await shown(before.at + 240, now, Kept(before.recording))

    said = told(first, MarkerKind.LOAD)
    assert said
    assert all("ranker v2 READY (between 22:14:" in each for each in said)
    assert all("while nobody watched)" in each for each in said)


async def test_a_restart_that_nobody_watched_is_told_as_such() -> None:
    before = Before().watch(60)
    now = replace(before.server, restarted=before.at + 230)

    first, *_ = await shown(before.at + 240, now, Kept(before.recording))

    said = told(first, MarkerKind.RESET, MarkerKind.RESTART)
    assert len(said) == 2
    assert all("while nobody watched" in each for each in said)


async def test_what_was_there_all_along_is_no_news() -> None:
    before = Before().watch(60)

    pictures = await shown(before.at + 240, before.server, Kept(before.recording), pictures=3)

    assert not told(pictures[-1])


async def test_markers_are_those_that_were_shown() -> None:
    def noted(console: Before) -> None:
        if console.at == BEGAN + 30:
            console.note("drained a")
        console.server.index = (
            (READY, IndexEntry("ranker", "2", State.READY)) if console.at > BEGAN + 40 else (READY,)
        )

    before = Before().watch(60, noted)
    recording = before.recording

    first, *_ = await shown(before.at + 20, before.server, Kept(recording))

    assert list(first.markers) == list(recording.markers)
    assert told(first, MarkerKind.NOTE) == ["drained a"]
    assert len(told(first, MarkerKind.LOAD)) == 2


async def test_an_alert_that_fires_still_has_its_time() -> None:
    def broken(console: Before) -> None:
        console.server.index = (
            (replace_state(READY, State.UNAVAILABLE),) if console.at > BEGAN + 100 else (READY,)
        )

    before = Before().watch(400, broken)

    pictures = await shown(before.at + 180, before.server, Kept(before.recording), pictures=90)

    for snapshot in (pictures[0], pictures[-1]):
        alert = next(alert for alert in snapshot.alerts if alert.id == "model-unavailable")
        assert alert.since == pytest.approx(BEGAN + 100, abs=61)
        assert alert.state is AlertState.PAGE
    assert not [said for said in told(pictures[-1], MarkerKind.ALERT) if said.startswith("over")]
    assert len(told(pictures[-1], MarkerKind.ALERT)) == 1


async def test_an_alert_that_is_over_is_over_when_somebody_watched_for_long_enough() -> None:
    def broken(console: Before) -> None:
        console.server.index = (replace_state(READY, State.UNAVAILABLE),)

    before = Before().watch(100, broken)
    before.server.index = (READY,)

    pictures = await shown(before.at + 180, before.server, Kept(before.recording), pictures=70)

    assert [alert.state for alert in pictures[0].calm] == [AlertState.RECOVERING]
    assert [alert.state for alert in pictures[-1].calm] == [AlertState.ACCEPTABLE]


def replace_state(entry: IndexEntry, state: State) -> IndexEntry:
    return entry._replace(state=state, reason="" if state is State.READY else "no space left")


async def test_batches_that_ran_while_nobody_watched_are_none_of_now() -> None:
    before = Before(server=Server(statistics=True)).watch(120)

    pictures = await shown(before.at + 300, before.server, Kept(before.recording), pictures=4)

    assert not row(pictures[0]).batches
    # Two targets, 50 requests a second on each, in batches of 4.
    assert row(pictures[3]).batches == {4: pytest.approx(75, abs=4)}
    assert not told(pictures[3])


async def test_what_the_journal_tells_once_more_is_told_once() -> None:
    good = Record(RecordKind.GOOD, "release-1", BEGAN + 20, "ana", {"models": ["ranker"], "note": ""})

    def kept(console: Before) -> None:
        if console.at == BEGAN + 20:
            console.take("journal", None, JournalNews((good,)))

    before = Before().watch(60, kept)
    assert len(before.recording.markers) == 1

    pictures = await shown(
        before.at + 5, before.server, Kept(before.recording), pictures=3, beside=JournalNews((good,))
    )

    assert pictures[-1].markers == tuple(before.recording.markers)


async def test_a_server_without_metrics_is_remembered_by_its_statistics() -> None:
    before = Before(server=Server(statistics=True, metrics=False)).watch(120)

    pictures = await shown(before.at + 5, before.server, Kept(before.recording), pictures=2)

    values = [each for each in pictures[1].history.model(KEY, "rate", 600.0).values if each is not None]
    assert values == pytest.approx([100.0] * len(values), rel=0.01)
    assert row(pictures[1]).rate == pytest.approx(100.0, rel=0.01)
