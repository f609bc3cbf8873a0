"""Envoy, the real one, watched: retries and time-outs show where they are, and weights when they change."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.domain.around import RouteRow
from console.domain.basis import Basis
from console.domain.fleet import Fleet
from console.domain.marker import Marker, MarkerKind
from console.domain.snapshot import Snapshot
from console.domain.surfaces import Envoy as Settings
from console.domain.surfaces import EnvoyRoute
from tests.parts.backends import Backends
from tests.parts.envoy import PREFIX, Envoy, by_file, routes, split
from tests.parts.load import Stream, under_load
from tests.parts.watch import watching

Start = Callable[..., Envoy]
STREAM = Stream("ranker", clients=2)
CLUSTERS = ("v1", "v2", "v3")
# Envoy writes its histograms every five seconds.
LIMIT_S = 60


def fleet(gateway: Envoy, folder: Path, **route: Any) -> Fleet:
    mine = EnvoyRoute("ranker", CLUSTERS, ("v2",), **{"runtime": PREFIX, **route})
    return Fleet("gw", gateway=Settings(gateway.admin, "gw", (mine,)), state=str(folder / "state"))


def the(snapshot: Snapshot, name: str) -> RouteRow:
    return next(row for row in snapshot.routes if row.name == name)


def told(snapshot: Snapshot, kind: MarkerKind) -> list[Marker]:
    return [marker for marker in snapshot.markers if marker.kind is kind]


def again(gateway_routes: dict[str, Any], **policy: Any) -> dict[str, Any]:
    """The routes with a retry policy."""
    way = gateway_routes["virtual_hosts"][0]["routes"][0]["route"]
    way["retry_policy"] = {"retry_on": "5xx", **policy}
    return {"route_config": gateway_routes}


def timed(snapshot: Snapshot) -> bool:
    return len(snapshot.routes) == 4 and the(snapshot, "v1").p99_ms is not None


async def test_retries_are_counted_apart_from_what_clients_asked_for(
    start: Start, behind: Backends, tmp_path: Path
) -> None:
    behind.failing.add("v2")
    weighted = split({"v1": 60, "v2": 30, "v3": 10}, PREFIX)
    gateway = start(again(routes(weighted), num_retries=3))
    async with watching(fleet(gateway, tmp_path)) as watch, under_load(gateway.url, STREAM):
        # A retry is counted when it is due, a moment before it is sent: a busy machine needs a few looks more.
        snapshot = await watch.until(lambda each: timed(each) and _agrees(each), LIMIT_S)

    good, edge = the(snapshot, "v1"), the(snapshot, "clients of gw")
    assert (good.retries, good.failed, good.timeouts, good.rejected, good.connect_failures) == (0, 0, 0, 0, 0)
    assert good.basis is edge.basis is Basis.HISTOGRAM
    assert edge.edge
    assert good.models == ("ranker",)
    assert good.weights == {"v1": 60, "v2": 30, "v3": 10}
    assert good.p50_ms is not None
    assert good.mean_ms is not None
    assert 0 < good.p50_ms <= (good.p99_ms or 0)
    assert not snapshot.notes


def _agrees(snapshot: Snapshot) -> bool:
    """Three retries for each request to the bad one, all of them failed, and every request came from a client."""
    bad, edge = the(snapshot, "v2"), the(snapshot, "clients of gw")
    asked = sum(the(snapshot, name).rate or 0.0 for name in CLUSTERS)
    return (
        bad.rate is not None
        and bad.retries == pytest.approx(3 * bad.rate, rel=0.2)
        and bad.failed == pytest.approx(bad.rate, rel=0.2)
        and edge.rate == pytest.approx(asked, rel=0.2)
    )


async def test_a_server_slower_than_the_limit_of_a_try_shows_as_time_outs(
    start: Start, behind: Backends, tmp_path: Path
) -> None:
    behind.delay_s["v2"] = 30.0
    weighted = split({"v1": 60, "v2": 30, "v3": 10}, PREFIX)
    gateway = start(again(routes(weighted), num_retries=1, per_try_timeout="0.2s"))
    async with watching(fleet(gateway, tmp_path)) as watch, under_load(gateway.url, STREAM):
        snapshot = await watch.until(lambda each: timed(each) and bool(the(each, "v2").timeouts), LIMIT_S)

    slow, edge = the(snapshot, "v2"), the(snapshot, "clients of gw")
    assert slow.timeouts is not None
    assert slow.retries is not None
    assert 0 < slow.retries <= slow.timeouts
    assert (edge.p99_ms or 0) >= 200


async def test_weights_that_somebody_sets_and_a_restart_that_forgets_them(
    start: Start, tmp_path: Path
) -> None:
    gateway = start()
    async with watching(fleet(gateway, tmp_path)) as watch:
        async with under_load(gateway.url, STREAM):
            await watch.until(lambda each: bool(each.routes) and bool(the(each, "v1").rate), LIMIT_S)
            gateway.set(f"{PREFIX}.v1=10&{PREFIX}.v2=90&{PREFIX}.v3=0")
            turned = await watch.until(lambda each: bool(told(each, MarkerKind.WEIGHT)), LIMIT_S)
        gateway.restart()
        forgot = await watch.until(lambda each: len(told(each, MarkerKind.WEIGHT)) > 1, LIMIT_S)

    (marker,) = told(turned, MarkerKind.WEIGHT)
    assert marker.model == "ranker"
    assert "weight of v1 in route v1 was 60, is 10" in marker.detail
    assert "weight of v2 in route v1 was 30, is 90" in marker.detail
    assert "was 10, is 60" in told(forgot, MarkerKind.WEIGHT)[1].detail
    assert [each.subject for each in told(forgot, MarkerKind.RESET)] == ["envoy"]


async def test_weights_in_a_route_file_that_a_pipeline_replaces(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "rds"
    folder.mkdir()
    file = folder / "rds.json"
    _write(file, {"v1": 60, "v2": 30, "v3": 10})
    gateway = start(by_file(file))
    async with watching(fleet(gateway, tmp_path, runtime="", rds=str(file))) as watch:
        before = await watch.until(lambda each: bool(each.routes), LIMIT_S)
        _write(file, {"v1": 0, "v2": 90, "v3": 10})
        after = await watch.until(lambda each: bool(told(each, MarkerKind.WEIGHT)), LIMIT_S)

    assert the(before, "v2").weights == {"v1": 60, "v2": 30, "v3": 10}
    assert told(after, MarkerKind.WEIGHT)[0].detail == (
        "weight of v1 in route v1 was 60, is 0; weight of v2 in route v1 was 30, is 90"
    )
    assert told(after, MarkerKind.CONFIG) == []


def _write(file: Path, weights: dict[str, int]) -> None:
    """Replace the file at once, as a pipeline does."""
    config = {
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        **routes(split(weights)),
    }
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({"resources": [config]}))
    fresh.replace(file)
