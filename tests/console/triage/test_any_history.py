"""Whatever a history holds, what is made of it is honest and never raises."""

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.around import RouteRow
from console.domain.basis import Basis
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import Lifetime
from console.domain.snapshot import Points
from console.triage.neighbours import grown
from console.triage.rollouts import previous, rollouts, young
from console.triage.story import story
from console.triage.strain import Strain
from tests.parts.memory import NOW, Memory, Served, scene
from tests.snapshots import HOSTILE_NAMES

COLUMNS = (
    "rate",
    "success",
    "failed",
    "mean_ms",
    "p99_ms",
    "queue_ms",
    "infer_ms",
    "inferences",
    "executions",
    "pending",
)
SHOWN = (
    "mean_ms",
    "p99_ms",
    "error_ratio",
    "inferences",
    "items",
    "exec_ms",
    "item_ms",
    "compute_ms",
    "pending",
    "rate",
)
NAMES = ("ranker", "ocr", *HOSTILE_NAMES)
VALUE = st.one_of(st.none(), st.just(0.0), st.floats(0, 1e9, width=32))
STEP = st.builds(
    lambda before, after, count, since: [before] * count + [after] * since,
    VALUE,
    VALUE,
    st.integers(1, 40),
    st.integers(1, 40),
)
SERIES = st.tuples(st.lists(VALUE, max_size=60) | STEP, st.sampled_from((0.1, 1.0, 15.0, 60.0)))
RATE = st.one_of(st.none(), st.floats(0, 1e6))
MARKER = st.builds(
    Marker,
    st.floats(NOW - 4000, NOW + 100),
    st.sampled_from(MarkerKind),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(("", "1", "2", "²")),
    st.sampled_from(("", "triton-0", "triton-9")),
)
LIFE = st.builds(
    lambda requests, share, mean: Lifetime(NOW - 60, requests, requests * share, *[mean] * 7),
    st.floats(0, 1e9),
    st.floats(0, 1),
    RATE,
)


def points(series):
    values, step = series
    return Points([NOW - number * step for number in range(len(values))][::-1], values)


def route(rate, retries):
    nothing = dict.fromkeys(RouteRow._fields[3:], None)
    told = {"edge": False, "basis": Basis.MEAN, "weights": {}, "query": "q", "age_s": 1.0, "stale": False}
    return RouteRow("r", "envoy", ("*",), **{**nothing, **told, "rate": rate, "retries": retries})


@st.composite
def scenes(draw):
    """A model, another one, and whatever was kept of them."""
    served = [
        Served(model, version, on=("triton-0", "triton-1"), rate=draw(RATE), life=draw(st.none() | LIFE))
        for model, version in (
            ("ranker", "1"),
            ("ranker", draw(st.sampled_from(("2", "²", "")))),
            ("ocr", "1"),
        )
    ]
    memory = Memory(watched_s=30.0, refresh=draw(st.sampled_from((0.1, 1.0, 60.0))))
    made = scene(
        *served,
        memory=memory,
        elapsed_s=draw(st.floats(0, 1e5)),
        markers=tuple(sorted(draw(st.lists(MARKER, max_size=6)))),
        routes=(route(draw(RATE), draw(RATE)),),
    )
    memory.courses.clear()
    for each in served:
        for column in COLUMNS:
            memory.courses[each.key, column] = points(draw(SERIES))
        memory.courses["triton-0", each.key, "mean_ms"] = points(draw(SERIES))
        memory.courses["triton-0", each.key, "success"] = points(draw(SERIES))
    memory.courses["r", "rate"] = points(draw(SERIES))
    if draw(st.booleans()):
        _break(memory, served[0], draw(st.integers(8, 40)))
    return made


def _break(memory, served, ago):
    """Requests come, and their percentile rose: what is made of the other figures must bear with that."""
    for column, before, after in (("rate", 50.0, 50.0), ("p99_ms", 10.0, 90.0)):
        memory.courses[served.key, column] = points(([before] * (100 - ago) + [after] * ago, 1.0))


def finite(value):
    return value is None or math.isfinite(value)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenes())
def test_every_figure_is_known_or_none(made):
    for target in ("", "triton-0", "triton-9"):
        for column in SHOWN:
            shift = made.shift(column, target)
            assert finite(shift.now)
            assert finite(shift.base)
            assert finite(shift.ratio)
            assert bool(shift.basis) == (shift.base is not None)
    assert made.shift("mean_ms", "triton-9").now is None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenes())
def test_every_answer_is_one(made):
    moved = made.moved
    assert moved is None or NOW - 4000 < moved.at <= NOW
    assert made.focus in {"", "triton-0", "triton-1"}
    assert story(made).isprintable()
    assert (story(made) == "") == (moved is None)
    strain = Strain(made)
    assert strain.more > 0 or strain.shift("inferences").now == 0
    assert finite(strain.slower)
    assert finite(strain.asked)
    assert strain.by_service in {True, False}
    assert strain.by_repeats in {True, False}
    assert {each.model for each in grown(strain)} <= {"ocr"}
    found = young(made)
    assert found is None or found.row.model == "ranker"
    assert set(rollouts(made)) <= set(made.changes())
    for version in ("1", "2", "²", ""):
        assert previous(made, version) in {row.version for row in made.rows} | {""}
