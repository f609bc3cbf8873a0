"""A Prometheus that is late, large, broken or somebody else's as a past: what it tells is used, and what not is said."""

import asyncio
import json
from collections.abc import Mapping

import numpy as np
import pytest
from aiohttp import web

from console.domain.families import FAMILIES, F
from console.domain.fleet import ModelVersion
from console.domain.recording import RecordingError
from console.transport import prometheus_past as module
from tests.parts import hostile
from tests.parts.fake_prometheus import FakePrometheus
from tests.parts.scraped import (
    HOSTS,
    NOW,
    SUCCESS,
    asked,
    growing,
    opened,
    readings,
    recorded,
    scrapes,
    series,
    value,
)


async def test_its_clock_may_be_wrong() -> None:
    ahead = 90.0
    times = [at + ahead for at in scrapes(-600, 0)]
    past = FakePrometheus([series("a", SUCCESS, growing(times, 1.0))], NOW + ahead)

    recording = await recorded(past)

    assert recording.until == NOW
    assert recording.problems == (
        "Prometheus has nothing of triton-b (b:8002): it scrapes no other Triton",
        "Prometheus's clock is 90 s ahead of this one: its times were moved",
    )


async def test_the_queries_are_as_many_for_many_models_and_their_steps_fewer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_VALUES", 12_500)
    times = scrapes(-3600, 0, 60.0)
    few = FakePrometheus([series("a", SUCCESS, growing(scrapes(-3600, 0), 1.0))], NOW)
    keys = [ModelVersion(f"m{n}", "1") for n in range(250)]
    many = FakePrometheus([series(h, SUCCESS, growing(times, 1.0), key) for key in keys for h in HOSTS], NOW)

    small, large = [await recorded(past, since=3600.0) for past in (few, many)]

    assert (len(list(small.frames())), len(list(large.frames(NOW - 600)))) == (240, 5)
    assert len(few.asked) == len(FAMILIES) + 5
    assert len(many.asked) <= len(few.asked) + 1
    assert len(readings(large, "triton-b")[0.0].counters.keys) == 250


async def test_a_family_that_is_not_told_is_said_and_the_others_are_there() -> None:
    past = FakePrometheus(
        [
            series("a", name, growing(scrapes(-120, 0), 1.0))
            for name in (SUCCESS, "nv_inference_queue_duration_us", "nv_inference_count")
        ],
        NOW,
    )
    past.warnings = ["one store did not answer\x1b[31m"]

    def spoil(query: str) -> web.Response | None:
        if "queue_duration" not in query:
            return None
        return web.json_response(
            {"status": "error", "error": "query processing would load too many samples"}, status=422
        )

    past.spoil = spoil
    recording = await recorded(past)

    reading = readings(recording, "triton-a")[0.0]
    assert np.isnan(value(reading, F.QUEUE_MS))
    assert np.isfinite(value(reading, F.INFERENCES))
    said = "\n".join(recording.problems)
    assert (
        "nv_inference_queue_duration_us is not filled in: Prometheus refuses the query: query processing"
        in said
    )
    assert "Prometheus warns: one store did not answer\\e[31m" in said


async def test_values_that_no_server_counts_are_unknown() -> None:
    times = scrapes(-120, 0)
    odd = [(at, text) for at, text in zip(times, ["1e400", "x", "-Inf", "1e30"] * 9, strict=False)]
    past = FakePrometheus(
        [series("a", SUCCESS, growing(times, 1.0)), series("a", "nv_inference_count", odd)], NOW
    )

    found = readings(await recorded(past), "triton-a")

    assert np.isnan([value(reading, F.INFERENCES) for reading in found.values()]).all()


async def test_where_there_is_nothing_there_is_no_recording() -> None:
    assert await asked("") is None
    assert await opened(FakePrometheus([], NOW)) is None
    elsewhen = FakePrometheus([series("a", SUCCESS, growing(scrapes(-9000, -8000), 1.0))], NOW)
    assert await opened(elsewhen) is None


async def test_a_prometheus_of_others_says_whose_it_is() -> None:
    past = FakePrometheus(
        [series("x", SUCCESS, growing(scrapes(-60, 0), 1.0), pod=f"p{n}") for n in range(2)], NOW
    )

    with pytest.raises(RecordingError, match=r"nothing of triton-a .* also scrapes x:8002") as raised:
        await opened(past)

    assert "`instance`" in raised.value.hint


@pytest.mark.parametrize(
    "behaviour",
    [
        hostile.reset,
        hostile.garbage,
        hostile.nonsense,
        hostile.error500,
        hostile.redirect(),
        hostile.flood_sized,
    ],
)
async def test_whatever_else_it_is_it_says_what_to_do(behaviour: hostile.Behaviour) -> None:
    async with hostile.serving(behaviour) as url:
        with pytest.raises(RecordingError) as raised:
            await asked(url)

    assert len(str(raised.value)) > 10
    assert raised.value.hint


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"null", b'{"status": "success"}', b"[" * 100_000, b"\xff\xfe",
        b'{"status": "success", "data": {"result": [{"metric": {"model": 7}, "values": [[1, "2"]]}]}}',
        b'{"status": "success", "data": {"result": [{"metric": {}, "value": ["x", "2"]}]}}',
    ],
)  # fmt: skip
async def test_answers_in_another_shape_are_not_prometheus(body: bytes) -> None:
    past = FakePrometheus([], NOW)
    past.spoil = lambda _: web.Response(body=body, content_type="application/json")

    with pytest.raises(RecordingError, match="did not answer as Prometheus does"):
        await opened(past)


async def test_one_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.05)
    async with hostile.serving(hostile.hang) as url:
        with pytest.raises(RecordingError, match=r"no answer within 0\.05 s"):
            async with asyncio.timeout(30):
                await asked(url)


async def test_the_targets_headers_stay_with_the_targets() -> None:
    past = FakePrometheus([series("a", SUCCESS, growing(scrapes(-60, 0), 1.0))], NOW)

    await opened(past)

    assert "hush" not in json.dumps(dict(past.headers))


async def test_hostile_names_are_kept_as_they_are_and_a_flood_of_series_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_VALUES", 100)
    times = scrapes(-60, 0)
    names: list[Mapping[str, str]] = [{"reason": f"R{n}"} for n in range(5000)]
    flood = [series("a", "nv_inference_request_failure", growing(times, 1.0), **labels) for labels in names]
    bad = ModelVersion("\x1b[2J[bold]\u202e" * 50, "")
    past = FakePrometheus([series("a", SUCCESS, growing(times, 1.0), bad), *flood], NOW)

    recording = await recorded(past, since=60.0)

    assert readings(recording, "triton-a")[0.0].counters.keys == (bad,)
    assert any("nv_inference_request_failure has 5000 series" in said for said in recording.problems)
