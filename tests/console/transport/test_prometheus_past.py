"""What a Prometheus scraped becomes samples of the targets: raw counters by step, and nothing where nothing was scraped."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest

from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.marker import MarkerKind
from console.domain.recording import Frame
from tests.parts.fake_prometheus import FakePrometheus
from tests.parts.scraped import (
    HOSTS,
    NOW,
    RANKER,
    SUCCESS,
    TARGETS,
    fed,
    growing,
    readings,
    recorded,
    scrapes,
    series,
    value,
)


async def test_counters_stay_raw_and_lie_a_step_apart() -> None:
    times = scrapes(-600, 0)
    past = FakePrometheus([series(h, SUCCESS, growing(times, 20.0)) for h in HOSTS], NOW)

    recording = await recorded(past)

    frames = list(recording.frames())
    assert (recording.since, recording.until) == (frames[0].at, frames[-1].at)
    assert recording.until == NOW
    assert {round(b.at - a.at, 3) for a, b in pairwise(frames)} == {15.0}
    assert {sample.source for sample in frames[5].inputs} == {"triton:triton-a", "triton:triton-b"}
    first, second = (readings(recording, "triton-a")[at] for at in (-30.0, -15.0))
    assert value(second, F.SUCCESS) - value(first, F.SUCCESS) == pytest.approx(15 * 20.0)
    assert second.counters_at - first.counters_at == 15.0
    assert first.counters.keys is second.counters.keys
    assert (first.index, first.live, first.statistics) == (None, None, None)
    assert (recording.problems, recording.markers) == ((), ())
    assert [session.fleet.targets for session in recording.sessions] == [TARGETS]


async def test_every_family_comes_in_the_consoles_units_and_what_is_absent_stays_unknown() -> None:
    times = scrapes(-120, 0)
    told = [
        series("a", SUCCESS, growing(times, 1.0)),
        series("a", "nv_inference_request_failure", growing(times, 2.0), reason="BACKEND"),
        series("a", "nv_inference_queue_duration_us", growing(times, 5000.0)),
        series("a", "nv_inference_request_summary_us", [(at, 42_000.0) for at in times], quantile="0.99"),
        series("a", "nv_inference_request_summary_us", [(at, "NaN") for at in times], quantile="0.5"),
        series("a", "nv_inference_pending_request_count", [(at, 7.0) for at in times]),
        series("a", "nv_gpu_memory_used_bytes", [(at, 3e9) for at in times], None, gpu_uuid="GPU-1"),
        series("a", "nv_gpu_memory_total_bytes", [(at, 8e9) for at in times], None, gpu_uuid="GPU-1"),
        series("a", "nv_cpu_utilization", [(at, 0.5) for at in times], None),
        *(
            series("a", "nv_inference_first_response_histogram_ms_bucket", [(at, n) for at in times], le=le)
            for n, le in ((1.0, "10"), (3.0, "+Inf"))
        ),
    ]

    reading = readings(await recorded(FakePrometheus(told, NOW)), "triton-a")[0.0]

    assert value(reading, F.FAIL_BACKEND) == pytest.approx(2 * value(reading, F.SUCCESS))
    assert value(reading, F.QUEUE_MS) == pytest.approx(5 * value(reading, F.SUCCESS))
    assert (value(reading, F.P99), value(reading, F.PENDING)) == (42.0, 7.0)
    assert np.isnan([value(reading, row) for row in (F.P50, F.P95, F.CACHE_HITS, F.FAIL_REJECTED)]).all()
    assert [(g.uuid, g.memory_free_bytes, g.utilization) for g in reading.gpus] == [("GPU-1", 5e9, None)]
    assert (reading.host.cpu_utilization, reading.host.memory_used_bytes) == (0.5, None)
    assert reading.histograms == {RANKER: ((10.0, np.inf), (1.0, 3.0))}


async def test_what_ended_before_the_stretch_is_not_its_beginning() -> None:
    past = FakePrometheus(
        [
            series("a", SUCCESS, growing(scrapes(-900, -700), 1.0)),
            series("b", SUCCESS, growing(scrapes(-900, 0), 1.0)),
        ],
        NOW,
    )

    recording = await recorded(past, since=600.0)

    assert readings(recording, "triton-a") == {}
    assert len(readings(recording, "triton-b")) == 41


async def test_a_model_on_two_gpus_is_added_up() -> None:
    times = scrapes(-120, 0)
    both = [series("a", SUCCESS, growing(times, rate), gpu_uuid=f"GPU-{rate}") for rate in (1.0, 2.0)]

    found = readings(await recorded(FakePrometheus(both, NOW)), "triton-a")

    assert value(found[0.0], F.SUCCESS) - value(found[-15.0], F.SUCCESS) == pytest.approx(45.0)


async def test_where_nothing_was_scraped_a_target_has_no_sample() -> None:
    """Prometheus repeats a last value for five minutes: that is no news."""
    holes = [*scrapes(-600, -300), *scrapes(-120, 0)]
    past = FakePrometheus(
        [series("a", SUCCESS, growing(holes, 1.0)), series("b", SUCCESS, growing(scrapes(-600, 0), 1.0))], NOW
    )

    recording = await recorded(past)

    assert [at for at in readings(recording, "triton-a") if -300 < at < -105] == []
    assert len([at for at in readings(recording, "triton-b") if -300 < at < -105]) == 12
    assert recording.markers == ()


@pytest.mark.parametrize(
    ("every", "step"), [(1.0, 15.0), (10.0, 20.0), (15.0, 15.0), (30.0, 30.0), (60.0, 60.0)]
)
async def test_steps_are_whole_scrapes_so_that_rates_are_true(every: float, step: float) -> None:
    jitter = [at + 0.003 * (n % 3) for n, at in enumerate(scrapes(-900, 0, every))]
    past = FakePrometheus([series("a", SUCCESS, growing(jitter, 20.0))], NOW)

    found = readings(await recorded(past, since=900.0), "triton-a")

    at = sorted(found)
    assert {round(b - a, 3) for a, b in pairwise(at)} == {step}
    grown = [value(found[b], F.SUCCESS) - value(found[a], F.SUCCESS) for a, b in pairwise(at)]
    assert grown == pytest.approx([20.0 * step] * len(grown), rel=0.01)


async def test_a_version_that_came_and_one_that_went_are_told_with_what_is_known_of_when() -> None:
    other = ModelVersion("ranker", "6")
    past = FakePrometheus(
        [
            series("a", SUCCESS, growing(scrapes(-600, 0), 1.0), ModelVersion("embed", "1")),
            series("a", SUCCESS, growing(scrapes(-600, -300), 1.0), other),
            series("a", SUCCESS, growing(scrapes(-300, 0), 1.0)),
        ],
        NOW,
    )

    recording = await recorded(past)

    told = [(m.kind, m.subject, m.target) for m in recording.markers]
    assert told == [
        (MarkerKind.LOAD, "ranker/7", "triton-a"),
        (MarkerKind.UNLOAD, "ranker/6", "triton-a"),
    ]
    came = recording.markers[0]
    assert came.at == NOW - 303.5
    assert came.detail == "ranker v7 loaded (between 22:08:09Z and 22:08:24Z, says Prometheus)"
    found = readings(recording, "triton-a")
    assert {key.version for key in found[-15.0].counters.keys} == {"1", "7"}
    shown = [(frame.at - NOW, len(frame.shown)) for frame in recording.frames() if frame.shown]
    assert shown == [(-300.0, 2)]
    assert fed(recording).markers == recording.markers


async def test_a_process_that_began_anew_is_told() -> None:
    keys = (RANKER, ModelVersion("embed", "1"))
    before, after = scrapes(-600, -300), scrapes(-300, 0)
    told = [
        series("a", name, [*growing(before, 1.0), *((at, at - NOW + 300) for at in after)], key)
        for key in keys
        for name in (SUCCESS, "nv_inference_exec_count")
    ]

    snapshot = fed(await recorded(FakePrometheus(told, NOW)))

    (marker,) = snapshot.markers
    assert (marker.kind, marker.subject, marker.at) == (MarkerKind.RESTART, "triton-a", NOW - 285)


async def test_of_two_scrapers_of_one_process_one_is_read_and_the_other_fills_its_holes() -> None:
    often, seldom = scrapes(-600, -300), scrapes(-600, 0, phase=9.0)
    past = FakePrometheus(
        [
            *(
                series("a", SUCCESS, growing(often, 1.0), ModelVersion("m", str(n)), prometheus_replica="0")
                for n in range(2)
            ),
            series("a", SUCCESS, growing(seldom, 1.0), ModelVersion("m", "0"), prometheus_replica="1"),
        ],
        NOW,
    )

    found = readings(await recorded(past), "triton-a")

    # The second scraper does not know the second version.
    assert {len(found[at].counters.keys) for at in found if at <= -300} == {2}
    assert {len(found[at].counters.keys) for at in found if at > -285} == {1}
    assert len(found) >= 39


async def test_other_fleets_are_left_out() -> None:
    times = scrapes(-600, 0)
    past = FakePrometheus(
        [series(h, SUCCESS, growing(times, 1.0)) for h in (*HOSTS, "other", "another")], NOW
    )

    recording = await recorded(past)

    assert {s.target for frame in recording.frames() for s in frame.inputs} == {"triton-a", "triton-b"}
    assert recording.problems == ()
    asked = [query["query"] for query in past.asked if "start" in query]
    assert all('instance=~"a:8002|b:8002"' in query for query in asked)


async def test_a_reading_from_the_middle_begins_at_the_frame_before() -> None:
    past = FakePrometheus([series("a", SUCCESS, growing(scrapes(-600, 0), 1.0))], NOW)

    recording = await recorded(past)

    def moments(frames: Iterable[Frame]) -> list[float]:
        return [round(frame.at - NOW, 3) for frame in frames]

    assert moments(recording.frames(NOW - 50, NOW - 10)) == [-60.0, -45.0, -30.0, -15.0]
    assert moments(recording.frames(NOW - 45, NOW - 45)) == [-45.0]
    assert moments(recording.frames(sparse=True)) == moments(recording.frames())
    assert moments(recording.frames(until=NOW - 9000)) == []
