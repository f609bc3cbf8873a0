"""Checks of a model that is seen through Prometheus alone: what that does not tell is unknown, and nobody cites a server."""

import pytest

from console.domain.fleet import Target
from console.domain.marker import Marker, MarkerKind
from console.domain.prospect import Group, PrometheusReading
from console.domain.recording import Recalled
from console.domain.triage import Answer, CheckUse, Finding
from console.domain.triton import State
from console.domain.versions import SCRAPED
from console.triage import checks
from console.triage.scene import Scene
from tests.fake_history import NOW
from tests.parts.memory import Memory, Served, scene
from tests.snapshots import fleet, target_row

PROMETHEUS = "http://prom:9090"
KNOWN = {"state": State.UNKNOWN, "reason": SCRAPED, "ready": 0}
GROUP = Group("eu", {"cluster": "eu"}, 11, 12, 2.0)


def watched(memory: Memory | None = None, **changes: object) -> Scene:
    return scene(
        Served(on=("eu",), row=KNOWN),
        memory=memory,
        targets=[target_row("eu", url=PROMETHEUS)],
        fleet=fleet(
            targets=(Target("eu", PROMETHEUS, PROMETHEUS, scraped=True),),
            through_prometheus=True,
            prometheus=PROMETHEUS,
            selector='job="triton"',
            by=("cluster",),
        ),
        prometheus=PrometheusReading(NOW, (GROUP,), (), ()),
        **changes,
    )


def found(name: str, of: Scene) -> Finding:
    return checks.run(CheckUse(name), of)


@pytest.mark.parametrize("name", checks.names())
def test_no_check_sends_anybody_to_prometheus_as_if_it_were_a_server(name: str) -> None:
    for each in found(name, watched()).evidence:
        assert PROMETHEUS not in each.query
        assert "kubectl get pod" not in each.query
        assert each.source != "repository index"


@pytest.mark.parametrize("name", ["load_failed", "crash_loop", "batching", "network", "probe_failing"])
def test_what_prometheus_does_not_tell_is_unknown_with_the_way_to_know_it(name: str) -> None:
    told = found(name, watched())
    assert told.answer is Answer.UNKNOWN
    assert any("directly" in each.hint or "ask Prometheus" in each.hint for each in told.evidence)


def test_a_group_that_missed_its_scrapes_twice_is_no_crash_loop() -> None:
    missed = [Marker(NOW - ago, MarkerKind.DOWN, "eu", "none answers", target="eu") for ago in (300.0, 100.0)]
    told = found("crash_loop", watched(markers=missed))
    assert (told.answer, told.verdict) == (Answer.UNKNOWN, "")


def test_expressions_are_about_the_series_that_the_fleet_is() -> None:
    (mean,) = [each for each in found("recent_rollout", watched()).evidence if each.what == "one execution"]
    assert 'job="triton"' in mean.query
    (endpoint,) = found("metrics_missing", watched()).evidence
    assert endpoint.query == 'up{job="triton",cluster="eu"}'


def test_prometheus_saw_the_loads_of_before_the_watch() -> None:
    late = Memory(watched_s=10.0)
    unseen = found("recent_rollout", watched(late))
    known = found("recent_rollout", watched(late, recalled=Recalled("Prometheus", NOW - 3600, NOW - 10)))
    assert "watches for 10 s" in unseen.reason
    assert (known.answer, known.reason) == (
        Answer.NO,
        "no load, config change or deployment in the 10 min before",
    )
