"""Real servers that stop, come back, reload and die under the engine's eyes."""

import aiohttp

from console.domain.fleet import Fleet, Probe, Target
from console.domain.marker import MarkerKind
from console.domain.probe import ProbeOutcome
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from tests.parts import models
from tests.parts.load import Stream, send, under_load
from tests.parts.triton import TritonServer
from tests.parts.watch import model, target, watching

REFRESH = 0.5


def fleet_of(*servers: TritonServer, probes: tuple[Probe, ...] = ()) -> Fleet:
    targets = tuple(Target(f"t{i}", s.url, s.metrics_url, s.grpc) for i, s in enumerate(servers))
    return Fleet(targets=targets, refresh=REFRESH, probes=probes)


async def test_a_stopped_target_goes_stale_and_no_other_does(
    scratch_server: TritonServer, triton_plain: TritonServer
) -> None:
    async with watching(fleet_of(scratch_server, triton_plain)) as watch:
        await watch.until(lambda s: s.up == 2)
        scratch_server.suspend()
        before = len(watch.snapshots)
        stale = await watch.until(lambda s: target(s, "t0").stale)
        meanwhile = watch.snapshots[before:]
        scratch_server.resume()
        back = await watch.until(lambda s: s.up == 2)

    assert len(meanwhile) <= 5  # three polls, and the halves before and after them
    assert model(stale, "flaky").stale
    assert not model(stale, "fast").stale
    assert not any(target(s, "t1").stale or not target(s, "t1").up for s in meanwhile)
    assert not model(back, "flaky").stale


async def test_a_dead_stub_is_seen_by_its_probe_alone(scratch_server: TritonServer) -> None:
    probe = Probe("flaky", models.request(1.0), every=REFRESH, expect={"OUTPUT0": [1.0]})

    def outcome(snapshot: Snapshot) -> ProbeOutcome | None:
        return next((p.outcome for row in snapshot.models for p in row.probes), None)

    async with watching(fleet_of(scratch_server, probes=(probe,))) as watch:
        await watch.until(lambda s: outcome(s) is ProbeOutcome.OK)
        scratch_server.kill_stubs("flaky")
        seen = await watch.until(lambda s: outcome(s) is ProbeOutcome.ERROR)

    row = model(seen, "flaky")
    assert (row.state, target(seen, "t0").ready) == (State.READY, True)
    assert "Stub process 'flaky_0_0' is not healthy" in row.probes[0].detail
    assert [alert.subject for alert in seen.alerts] == ["flaky/1 on t0"]


async def test_a_reload_is_a_marker_and_never_a_negative_rate(scratch_server: TritonServer) -> None:
    url = f"{scratch_server.url}/v2/repository/models/fast"
    async with (
        watching(fleet_of(scratch_server)) as watch,
        under_load(scratch_server.url, Stream("fast", 50)),
    ):
        await watch.until(lambda s: (model(s, "fast").rate or 0) > 40)
        async with aiohttp.ClientSession() as session:
            await session.post(f"{url}/unload", json={})
            await watch.until(lambda s: model(s, "fast").state is State.UNAVAILABLE)
            await session.post(f"{url}/load", json={})
        last = await watch.until(
            lambda s: model(s, "fast").state is State.READY and (model(s, "fast").rate or 0) > 40
        )

    rates = [row.rate for s in watch.snapshots for row in s.models if row.rate is not None]
    assert 0 <= min(rates) <= max(rates) < 60
    kinds = [marker.kind for marker in last.markers if marker.model == "fast"]
    assert [kind for kind in kinds if kind in {MarkerKind.UNLOAD, MarkerKind.LOAD}] == [
        MarkerKind.UNLOAD,
        MarkerKind.LOAD,
    ]


async def test_a_restart_between_two_polls_is_a_reset_and_never_a_negative_rate(
    scratch_server: TritonServer,
) -> None:
    await send(scratch_server.url, Stream("fast"), times=200)
    async with watching(fleet_of(scratch_server)) as watch:
        await watch.until(lambda s: model(s, "fast").rate == 0)
        scratch_server.restart()
        await watch.until(lambda s: MarkerKind.RESET in {marker.kind for marker in s.markers})
        async with under_load(scratch_server.url, Stream("fast", 2)):
            await watch.until(lambda s: (model(s, "fast").rate or 0) > 0)

    rates = [row.rate for s in watch.snapshots for row in s.models if row.rate is not None]
    assert 0 <= min(rates) <= max(rates) < 10
