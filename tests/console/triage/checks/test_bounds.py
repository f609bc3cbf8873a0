"""However odd or large the picture, a check answers, and asks the history for no more than it needs."""

import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.marker import Marker, MarkerKind
from console.domain.triage import CheckUse
from console.domain.triton import State
from console.triage import checks
from console.triage.scene import Scene
from tests.fake_history import NOW
from tests.parts.memory import Figure, Memory, Served, scene
from tests.parts.pictures import change, link, route, routed, since
from tests.snapshots import gpu_row, snapshot, target_row

ODD = st.one_of(
    st.none(), st.sampled_from((0.0, -1.0, math.nan, math.inf, -math.inf, 1e-30, 3e38)), st.floats(0, 1e4)
)
FIGURES = (
    "rate",
    "failed",
    "queue_ms",
    "input_ms",
    "infer_ms",
    "output_ms",
    "mean_ms",
    "p99_ms",
    "items",
    "batch",
    "pending",
)


@st.composite
def odd_scenes(draw: st.DrawFn) -> Scene:
    """Figures that are or become anything, on none to three targets, with routes, links, GPUs and markers alike."""

    def figure() -> Figure:
        return since(draw(ODD), draw(ODD)) if draw(st.booleans()) else draw(ODD)

    figures = {name: figure() for name in draw(st.sets(st.sampled_from(FIGURES)))}
    names = tuple(f"triton-{number}" for number in range(draw(st.integers(1, 3))))
    row = {
        name: draw(ODD)
        for name in draw(st.sets(st.sampled_from(("rate", "mean_ms", "queue_ms", "age_s", "load_s"))))
    }
    row |= {
        "state": draw(st.sampled_from(State)),
        "stale": draw(st.booleans()),
        "ready": draw(st.integers(0, 3)),
    }
    return scene(
        Served(on=names, row=row, config=draw(st.sampled_from((None, {}, {"instance_group": 5, "max_batch_size": 4}))), **figures),
        memory=Memory(watched_s=draw(st.sampled_from((0.0, 3.0, 120.0)))),
        courses=routed(retries=figure(), failed=figure()),
        routes=(route(rate=draw(ODD), retries=draw(ODD), failed=draw(ODD), mean_ms=draw(ODD), age_s=0.0),),
        links=(link(connect_ms=draw(ODD), failed=draw(st.sampled_from(("", "dns", "odd")))),),
        gpus=(gpu_row(sm_active=draw(ODD), memory_free_bytes=draw(ODD), utilization=draw(ODD)),),
        markers=tuple(change(kind, ago=draw(st.floats(-100, 3000))) for kind in draw(st.lists(st.sampled_from(MarkerKind)))),
        targets=[target_row(name) for name in names[: draw(st.integers(0, 3))]],
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(odd_scenes())
def test_no_check_goes_wrong_on_any_data(picture: Scene) -> None:
    for name in checks.names():
        found = checks.run(CheckUse(name), picture)
        assert "the check failed" not in found.reason, (name, found.reason)


@pytest.mark.parametrize("name", checks.names())
def test_a_scene_of_nothing_is_answered(name: str) -> None:
    empty = snapshot((), (), gpus=(), history=Memory())
    assert checks.run(CheckUse(name), Scene(empty, "")).reason
    assert checks.run(CheckUse(name), Scene(replace(empty, at=0.0), "ranker")).reason


def large(targets: int, models: int) -> tuple[Scene, Memory]:
    """A model that got slower, on very many targets among very many others; each target went away once."""
    memory = Memory(watched_s=40.0, refresh=10.0)
    names = tuple(f"triton-{number}" for number in range(targets))
    served = [Served(f"model-{number}", on=names[:1], rate=5.0) for number in range(models)]
    slow = Served(on=names, infer_ms=40.0, failed=1.0, p99_ms=900.0)
    markers = tuple(Marker(NOW - 30, MarkerKind.DOWN, name, "down", target=name) for name in names)
    loads = tuple(change(ago=20.0 + number / 100, target=name) for number, name in enumerate(names * 20))
    picture = scene(
        slow,
        *served,
        memory=memory,
        markers=(*markers, *loads),
        gpus=tuple(gpu_row(f"GPU-{number}") for number in range(targets * 2)),
        links=tuple(link(name, dns_ms=1.0) for name in names),
    )
    memory.asked.clear()
    return picture, memory


@pytest.mark.parametrize("name", checks.names())
@pytest.mark.parametrize(("targets", "models"), [(200, 20), (1, 1000)])
def test_what_a_check_reads_does_not_grow_with_the_fleet(name: str, targets: int, models: int) -> None:
    picture, memory = large(targets, models)
    found = checks.run(CheckUse(name), picture)
    assert "the check failed" not in found.reason
    assert len(found.evidence) <= 40
    assert sum(memory.asked.values()) <= 600, memory.asked


def test_thousands_of_markers_are_no_trouble() -> None:
    kinds = list(MarkerKind)
    markers = tuple(
        change(kinds[number % len(kinds)], ago=3000.0 - number / 2, target=f"triton-{number % 3}")
        for number in range(5000)
    )
    picture = scene(Served(version="2", infer_ms=since(8.0, 40.0)), markers=markers)
    for name in checks.names():
        found = checks.run(CheckUse(name), picture)
        assert len(found.evidence) <= 40
        assert "the check failed" not in found.reason
