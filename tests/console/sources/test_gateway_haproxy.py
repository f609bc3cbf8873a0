"""HAProxy's own counters, recorded and made by hand, from its runtime socket and its exporter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.domain.around import GatewayReading, RouteCounters
from console.domain.failure import FailureKind, SourceError
from console.domain.fleet import Fleet, Tls
from console.domain.surfaces import Haproxy, HaproxyRoute
from console.sources.gateway import sources
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.gateway_feed import Poll, gateway_feed, route
from tests.parts.runtime_socket import runtime_socket

RECORDED = Path(__file__).parents[2] / "recorded" / "gateway"
TRITON = HaproxyRoute("rank*", "triton", ("ok",))


@pytest.fixture
async def poll() -> AsyncIterator[Poll]:
    async with gateway_feed() as found:
        yield found


async def of_socket(folder: Path, text: str, *routes: HaproxyRoute) -> GatewayReading:
    async with runtime_socket(folder, {"show stat": text}) as stand:
        fleet = Fleet(gateway=Haproxy(str(stand.path), routes))
        (source,) = sources(fleet, Kit(HandClock(), Http({}, Tls())))
        reading = await source.poll()
        assert isinstance(reading, GatewayReading)
        return reading


async def test_haproxy_by_its_exporter_and_by_its_socket_says_the_same(poll: Poll, tmp_path: Path) -> None:
    exported = await poll((RECORDED / "haproxy.prom").read_text(), Haproxy("/s", (TRITON,)))
    asked = await of_socket(tmp_path, (RECORDED / "haproxy-show-stat.csv").read_text(), TRITON)

    spare = route(exported, "triton").weights.keys() - route(asked, "triton").weights.keys()
    assert spare == {"spare"}, "the exporter does not say which server is a backup"
    weights = route(asked, "triton").weights
    # And its means are too small before there are 1024 requests.
    unknown = dict.fromkeys(("average_ms", "queue_ms", "connect_ms"))
    told = route(asked, "triton")._replace(weights={**weights, "spare": 1.0}, **unknown)  # type: ignore[arg-type]
    assert exported.routes == (told,)
    assert exported.models == asked.models == {"triton": ("rank*",)}
    assert (exported.kind, asked.kind) == ("haproxy", "haproxy")
    # The scrape itself is one more request, and one that the frontend answers.
    assert exported.edge is not None
    assert asked.edge is not None
    assert exported.edge._replace(tries=40.0) == asked.edge._replace(tries=40.0)


async def test_haproxys_retries_are_the_tries_beyond_the_first_of_each_request(tmp_path: Path) -> None:
    asked = await of_socket(tmp_path, (RECORDED / "haproxy-show-stat.csv").read_text(), TRITON)
    found = route(asked, "triton")

    assert (found.tries, found.retries) == (79.0, 39.0)
    assert (found.average_ms, found.queue_ms, found.connect_ms) == (2.0, 1.0, 0.0)
    assert (found.failed, found.rejected, found.connect_failures, found.queued) == (0.0, 0.0, 0.0, 0.0)
    assert found.weights == {"dead": 1.0, "e5": 1.0, "ok": 2.0, "out": 0.0}
    assert (found.timeouts, found.histogram, found.total_ms) == (None, None, None)
    assert "show stat" in asked.query


_HEAD = (
    "# pxname,svname,type,stot,connect,reuse,wretr,wredis,qcur,dreq,hrsp_4xx,hrsp_5xx,econ,rtime,status,\n"
)


@pytest.mark.parametrize(
    ("row", "tries", "retries", "rejected"),
    [
        pytest.param("10,3,37,60,0,0,0,0,0,0,22", 40, 30, 0, id="after an answer, on the same server: twice"),
        pytest.param("20,50,0,30,0,0,0,0,10,10,1", 50, 30, 0, id="after a refused connection"),
        pytest.param("20,40,0,0,20,0,0,0,0,0,1", 40, 20, 0, id="on another server"),
        pytest.param("30,44,46,30,60,0,0,0,0,0,3", 90, 60, 0, id="both ways"),
        pytest.param("4,0,0,0,0,0,0,0,4,4,0", 0, 0, 4, id="no server to send it to"),
        pytest.param("9,4,0,0,0,5,0,0,0,0,0", 4, 0, 0, id="five wait"),
        pytest.param("9,4,0,0,0,0,5,5,0,0,0", 4, 0, 5, id="five denied"),
        pytest.param("9,11,0,0,0,0,0,0,0,0,0", 11, 0, 0, id="counted a moment apart"),
        pytest.param("9,,,2,3,0,0,0,0,0,0", 14, 5, 0, id="too old to count connections"),
        pytest.param("x,,,,,,,,,,", None, None, None, id="nothing that is a number"),
    ],
)
async def test_what_haproxys_counters_mean(
    tmp_path: Path, row: str, tries: float | None, retries: float | None, rejected: float | None
) -> None:
    asked = await of_socket(tmp_path, f"{_HEAD}b,BACKEND,1,{row},UP,\n")
    found = route(asked, "b")
    assert (found.tries, found.retries, found.rejected) == (tries, retries, rejected)


@pytest.mark.parametrize(("requests", "mean"), [(1023, None), (1024, 9.0)])
async def test_the_exporters_means_are_believed_from_1024_requests_on(
    poll: Poll, requests: int, mean: float | None
) -> None:
    seconds = (("queue", 0.004), ("connect", 0.002), ("response", 0.003), ("total", 7))
    text = f'haproxy_backend_http_requests_total{{proxy="b"}} {requests}\n' + "".join(
        f'haproxy_backend_{part}_time_average_seconds{{proxy="b"}} {value}\n' for part, value in seconds
    )
    found = route(await poll(text), "b").average_ms
    assert found == (mean if mean is None else pytest.approx(mean))


async def test_a_frontends_own_refusals_are_the_clients_side(tmp_path: Path) -> None:
    rows = "gw,FRONTEND,0,0,,,,,,2,30,3,,,OPEN,\n"
    head = _HEAD.replace("stot", "req_tot")
    edge = (await of_socket(tmp_path, f"{head}{rows}b,BACKEND,1,5,5,0,0,0,0,0,0,0,0,0,UP,\n")).edge
    assert edge == RouteCounters("clients of gw", tries=0.0, failed=3.0, rejected=2.0)


async def test_a_backend_of_the_settings_that_is_not_there_is_said(tmp_path: Path) -> None:
    text = f"{_HEAD}other,BACKEND,1,9,9,0,0,0,0,0,0,0,0,0,UP,\n"
    reading = await of_socket(tmp_path, text, TRITON)
    assert reading.models == {"other": ("other",)}
    assert reading.notes == ("haproxy counts nothing for triton of the settings (it has other)",)


@pytest.mark.parametrize("text", ["", "Unknown command.\n", "<html>", '# pxname,svname,"' + "x" * 200_000])
async def test_a_socket_that_is_not_haproxys_is_a_failure_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError) as caught:
        await of_socket(tmp_path, text, TRITON)
    assert caught.value.failure.kind is FailureKind.GARBAGE
    assert "does not answer as HAProxy" in caught.value.failure.message
