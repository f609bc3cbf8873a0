"""HAProxy, the real one, watched: retries, times and weights, by its socket and by its exporter."""

from collections.abc import Callable
from pathlib import Path

from console.domain.around import RouteRow
from console.domain.basis import Basis
from console.domain.fleet import Fleet
from console.domain.marker import Marker, MarkerKind
from console.domain.snapshot import Snapshot
from console.domain.surfaces import Haproxy as Settings
from console.domain.surfaces import HaproxyRoute
from tests.parts.backends import Backends
from tests.parts.daemon import free_port
from tests.parts.haproxy import Haproxy, one_backend, servers
from tests.parts.load import Stream, under_load
from tests.parts.watch import watching

Start = Callable[..., Haproxy]
STREAM = Stream("ranker", clients=2)
LIMIT_S = 60
EXPORTER = "http-request use-service prometheus-exporter if { path /metrics }"


def fleet(gateway: Haproxy, folder: Path) -> Fleet:
    settings = Settings(gateway.address, (HaproxyRoute("ranker", "triton", ("v2",)),))
    return Fleet("gw", gateway=settings, state=str(folder / "state"))


def the(snapshot: Snapshot) -> RouteRow:
    return next(row for row in snapshot.routes if row.name == "triton")


def told(snapshot: Snapshot, kind: MarkerKind) -> list[Marker]:
    return [marker for marker in snapshot.markers if marker.kind is kind]


def retried(snapshot: Snapshot) -> bool:
    return bool(snapshot.routes) and bool(the(snapshot).retries) and the(snapshot).mean_ms is not None


async def test_retries_on_another_server_are_counted_though_haproxy_calls_them_redispatches(
    start: Start, behind: Backends, tmp_path: Path
) -> None:
    dead = f"  server dead 127.0.0.1:{free_port()}"
    gateway = start(one_backend(f"{dead}\n{servers(behind)}", back="option redispatch"))
    async with watching(fleet(gateway, tmp_path)) as watch, under_load(gateway.url, STREAM) as (tally,):
        snapshot = await watch.until(retried, LIMIT_S)

    found = the(snapshot)
    assert tally.failures == []
    assert found.rate is not None
    # One server of four is dead: about every fourth request is sent again.
    assert 0.1 < (found.retries or 0) / found.rate < 0.6
    assert (found.failed, found.rejected, found.timeouts) == (0, 0, None)
    assert (found.basis, found.p99_ms, found.models) == (Basis.MEAN, None, ("ranker",))
    assert found.weights == {"dead": 1, "v1": 1, "v2": 1, "v3": 1}
    assert [row.name for row in snapshot.routes if row.edge] == ["clients of gw"]


async def test_a_slow_answer_shows_in_the_mean_and_an_idle_client_does_not(
    start: Start, behind: Backends, tmp_path: Path
) -> None:
    behind.delay_s.update(dict.fromkeys(behind.ports, 0.2))
    gateway = start(one_backend(servers(behind)))
    patient = Stream("ranker", rate=1.0)
    async with watching(fleet(gateway, tmp_path)) as watch, under_load(gateway.url, patient):
        snapshot = await watch.until(
            lambda each: bool(each.routes) and (the(each).mean_ms or 0) >= 190, LIMIT_S
        )

    # The client waits nearly a second between its requests, on a connection that stays open.
    assert (the(snapshot).mean_ms or 0) < 900


async def test_weights_that_somebody_sets_and_a_reload_that_forgets_them(
    start: Start, behind: Backends, tmp_path: Path
) -> None:
    gateway = start(one_backend(servers(behind, v1="weight 100", v2="weight 100", v3="weight 50")))
    async with watching(fleet(gateway, tmp_path)) as watch:
        async with under_load(gateway.url, STREAM):
            await watch.until(lambda each: bool(each.routes) and bool(the(each).rate), LIMIT_S)
            gateway.ask("set server triton/v2 weight 10%")
            gateway.ask("set server triton/v3 state drain")
            turned = await watch.until(
                lambda each: the(each).weights == {"v1": 100, "v2": 10, "v3": 0},
                LIMIT_S,
            )
        gateway.reload()
        forgot = await watch.until(lambda each: bool(told(each, MarkerKind.RESET)), LIMIT_S)

    details = "; ".join(marker.detail for marker in told(turned, MarkerKind.WEIGHT))
    assert "weight of v2 in route triton was 100, is 10" in details
    assert "weight of v3 in route triton was 50, is 0" in details
    assert {marker.model for marker in told(turned, MarkerKind.WEIGHT)} == {"ranker"}
    assert "was 10, is 100" in told(forgot, MarkerKind.WEIGHT)[-1].detail
    assert the(forgot).weights == {"v1": 100, "v2": 100, "v3": 50}


async def test_the_exporter_tells_the_same_without_the_socket(
    start: Start, behind: Backends, tmp_path: Path
) -> None:
    gateway = start(one_backend(servers(behind), front=EXPORTER))
    metrics = f"{gateway.url}/metrics"
    unasked = Fleet("gw", gateway_metrics=metrics, state=str(tmp_path / "state"))
    async with watching(unasked) as watch, under_load(gateway.url, STREAM) as (tally,):
        snapshot = await watch.until(lambda each: bool(each.routes) and bool(the(each).rate), LIMIT_S)

    assert tally.failures == []
    assert (the(snapshot).retries, the(snapshot).weights) == (0, {"v1": 1, "v2": 1, "v3": 1})
    assert the(snapshot).query == f"GET {metrics}"


async def test_a_gateway_that_is_gone_is_a_note_and_the_rest_goes_on(
    start: Start, behind: Backends, tmp_path: Path
) -> None:
    gateway = start(one_backend(servers(behind)))
    async with watching(fleet(gateway, tmp_path)) as watch:
        await watch.until(lambda each: bool(each.routes), LIMIT_S)
        gateway.stop()
        snapshot = await watch.until(lambda each: bool(each.routes) and the(each).stale, LIMIT_S)

    assert any(note.startswith("gateway: haproxy: nothing listens") for note in snapshot.notes)
