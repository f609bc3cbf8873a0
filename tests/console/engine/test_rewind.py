"""A moment of a long recording, held against what was shown then; and history that is kept without pictures."""

from collections.abc import Mapping

import pytest

from console.domain.around import GatewayReading, RouteCounters
from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.probe import ProbeOutcome, ProbeReading
from console.domain.recording import RecordingError, Silence
from console.domain.snapshot import Snapshot
from console.domain.triton import Histogram, IndexEntry, State
from console.engine._merge import HISTORY
from console.engine.feed import feed
from console.engine.rewind import QUICK, rewinding, rewound
from tests.console.engine.before import BEGAN, KEY, READY, Before
from tests.console.engine.watched import AT, RANKER, Watched
from tests.parts.recordings import KeptRecording

BROKEN = IndexEntry("ranker", "1", State.UNAVAILABLE, "no space left")
LENGTH = 1500
COLUMNS = tuple(column for column in HISTORY if column != "request_ms")


class Long:
    """A watch of 25 minutes: broken after 10 of them, silenced after 12, and noted after 2."""

    def __init__(self) -> None:
        self.pictures: dict[int, Snapshot] = {}
        self.before = Before().watch(LENGTH, self._go)

    @property
    def recording(self) -> KeptRecording:
        return self.before.recording

    def _go(self, console: Before) -> None:
        second = round(console.at - BEGAN)
        console.server.index = (BROKEN,) if second >= 600 else (READY,)
        route = RouteCounters("ranker", tries=20.0 * second, total_ms=100.0 * second)
        console.take("gateway", None, GatewayReading("envoy", (route,)))
        if second % 30 == 0:
            found = ProbeReading("ranker", "1", ProbeOutcome.OK, 5.0, "")
            console.take("probe:a:ranker", "a", found)
        if second == 120:
            console.note("drained a")
        if second == 720:
            entry = Silence("model-unavailable", "ranker/1", "known", "ana")
            feed(console.store, entry)
            console.recorder.take(entry)


@pytest.fixture(scope="module")
def long() -> Long:
    return Long()


def shown(long: Long, at: float) -> list[str]:
    return [marker.detail for marker in long.recording.markers if marker.at <= at]


@pytest.mark.parametrize("second", [0, 1, 300, 605, 1100, LENGTH - 1])
def test_a_moment_is_as_it_was(long: Long, second: int) -> None:
    found = rewound(long.recording, BEGAN + second + 0.5)

    assert found.at == BEGAN + second
    assert found.elapsed_s == pytest.approx(second)
    assert [marker.detail for marker in found.markers] == shown(long, found.at)
    row = next(row for row in found.models if row.key == KEY)
    assert row.state is (State.UNAVAILABLE if second > 600 else State.READY)
    if second > 5:
        assert row.rate == pytest.approx(100.0)
        assert row.slo.observed_s == pytest.approx(second, abs=11)
    alerts = [alert for alert in found.alerts if alert.id == "model-unavailable"]
    assert bool(alerts) == (second > 601)


def test_an_alert_of_long_before_the_moment_has_its_time_and_its_silence(long: Long) -> None:
    alert = next(a for a in rewound(long.recording, BEGAN + 1400).alerts if a.id == "model-unavailable")

    assert alert.since == pytest.approx(BEGAN + 601, abs=61)
    assert alert.note == "known (ana)"


def test_history_reaches_back_as_far_as_the_recording(long: Long) -> None:
    found = rewound(long.recording, BEGAN + 1400)

    points = found.history.model(KEY, "rate", 3600.0)
    assert points.at[0] < BEGAN + 30
    assert [value for value in points.values if value is not None] == pytest.approx(
        [100.0] * sum(value is not None for value in points.values)
    )
    newest = [at for at in points.at if at > BEGAN + 1400 - 300]
    assert len(newest) >= 299


def test_history_of_what_is_polled_each_second_has_no_holes_where_few_frames_were_read(long: Long) -> None:
    found = rewound(long.recording, BEGAN + 1400)

    values = found.history.route("ranker", "rate", 3600.0).values
    assert values[5:].count(None) == 0
    assert [value for value in values if value is not None] == pytest.approx(
        [20.0] * (len(values) - values.count(None))
    )


def test_a_probe_is_counted_once_however_often_a_frame_tells_it(long: Long) -> None:
    row = next(row for row in rewound(long.recording, BEGAN + 1400).models if row.key == KEY)

    assert row.probes[0].n == 1400 // 30 + 1


def test_a_quick_look_has_the_figures_of_the_moment(long: Long) -> None:
    *_, quick = rewinding(long.recording, BEGAN + 1400, QUICK)
    thorough = rewound(long.recording, BEGAN + 1400)

    assert quick is not None
    assert not quick.whole
    assert [(row.key, row.rate, row.state) for row in quick.snapshot.models] == [
        (row.key, row.rate, row.state) for row in thorough.models
    ]
    assert quick.snapshot.markers == thorough.markers


def test_the_same_moment_is_the_same_picture_each_time(long: Long) -> None:
    one, two = (rewound(long.recording, BEGAN + 1234) for _ in range(2))

    assert (one.models, one.alerts, one.markers) == (two.models, two.alerts, two.markers)
    assert one.history.model(KEY, "rate", 3600.0) == two.history.model(KEY, "rate", 3600.0)


def test_before_the_beginning_is_the_beginning(long: Long) -> None:
    assert rewound(long.recording, 0.0).at == BEGAN


def test_a_recording_without_frames_says_so() -> None:
    class Empty(KeptRecording):
        since = until = BEGAN

    with pytest.raises(RecordingError, match="no frame"):
        rewound(Empty((), ()), BEGAN)


def values(second: int) -> Mapping[ModelVersion, Mapping[F, float]]:
    return {RANKER: {F.SUCCESS: 50.0 * second, F.EXECUTIONS: 25.0 * second, F.REQUEST_MS: 400.0 * second}}


def _histograms(second: int) -> Mapping[ModelVersion, Histogram]:
    slow = float(second * (10 if second > 20 else 1))
    return {
        RANKER: Histogram(
            (10.0, 100.0, float("inf")), (50.0 * second, 50.0 * second + slow, 60.0 * second + slow)
        )
    }


def test_history_without_pictures_is_that_of_pictures() -> None:
    pictured, advanced = Watched("a", "b"), Watched("a", "b")
    for second in range(1, 60):
        for each in (pictured, advanced):
            each.poll("a", values(second), histograms=_histograms(second))
            each.poll("b", values(3 * second))
            each.gpu("nvml", utilization=second / 100)
            each.link("a", dns_ms=float(second))
        if second < 59:
            advanced.store.advance(AT + pictured.mono, pictured.mono)
            advanced.mono += 1.0
        else:
            last = advanced.tick()
        now = pictured.tick()

    assert columns(last) == columns(now)
    assert last.models == now.models
    assert last.targets == now.targets


def columns(snapshot: Snapshot) -> dict[str, object]:
    history = snapshot.history
    found: dict[str, object] = {column: history.model(RANKER, column, 600.0) for column in COLUMNS}
    for name in ("a", "b"):
        found |= {f"{name} {column}": history.replica(name, RANKER, column, 600.0) for column in COLUMNS}
        found[f"{name} poll_ms"] = history.host(name, "poll_ms", 600.0)
    found["gpu"] = history.gpu("GPU-1", "", "utilization", 600.0)
    return found
