"""Servers found among what a Prometheus scrapes, and both ways at once."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.domain.failure import SourceError
from console.domain.fleet import Access, Discovery, Fleet
from console.domain.prospect import TargetsReading
from console.domain.secret import Secret
from console.ports import Source
from console.sources import discovery
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.kubernetes_bench import cluster, fleet
from tests.parts.kubernetes_pods import lose, pod, run

SELECTED = Discovery(prometheus='job="triton"')


def scraped(instance: str, job: str = "triton", **labels: str) -> dict[str, str]:
    return {"instance": instance, "job": job, **labels}


@dataclass
class Scraper:
    """What is scraped, what of it has a Triton's series (all where None), and where if it tells that."""

    up: list[dict[str, str]]
    tritons: list[dict[str, str]] | None = None
    urls: dict[str, str] | None = None
    status: int = 200
    warnings: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    async def query(self, request: web.Request) -> web.Response:
        query = request.query["query"]
        self.asked.append(query)
        self.headers = dict(request.headers)
        rows = self.up if query.startswith("up{") or self.tritons is None else self.tritons
        result = [{"metric": row, "value": [1.0, "1"]} for row in rows]
        body = {"status": "success", "data": {"result": result}, "warnings": self.warnings}
        return web.json_response(body, status=self.status)

    async def targets(self, request: web.Request) -> web.Response:
        self.asked.append(f"targets {request.query_string}")
        if self.urls is None:
            return web.Response(status=404)
        active = [{"labels": row, "scrapeUrl": self.urls[row["instance"]]} for row in self.up]
        return web.json_response({"status": "success", "data": {"activeTargets": active}})


@asynccontextmanager
async def looking(of: Scraper, base: Fleet | None = None, **changes: Any) -> AsyncIterator[Source]:
    app = web.Application()
    app.router.add_get("/api/v1/query", of.query)
    app.router.add_get("/api/v1/targets", of.targets)
    server = TestServer(app)
    await server.start_server()
    url = str(server.make_url("/")).rstrip("/")
    made = replace(base or Fleet(), **{"prometheus": url, "discovery": SELECTED, **changes})
    http = Http(made.headers, made.tls)
    try:
        (source,) = discovery.sources(made, Kit(HandClock(), http))
        yield source
    finally:
        await http.close()
        await server.close()


async def look(source: Source) -> TargetsReading:
    found = await source.poll()
    assert isinstance(found, TargetsReading)
    return found


async def looked(of: Scraper, **changes: Any) -> TargetsReading:
    async with looking(of, **changes) as source:
        return await look(source)


async def test_what_is_scraped_is_a_target_at_the_ports_of_the_settings() -> None:
    here = scraped("10.0.0.1:8002", pod="triton-a", namespace="shop", node="gpu-1")

    (found,) = (await looked(Scraper([here]))).targets

    assert (found.name, found.url, found.metrics) == (
        "triton-a",
        "http://10.0.0.1:8000",
        "http://10.0.0.1:8002/metrics",
    )
    assert (found.namespace, found.node) == ("shop", "gpu-1")


async def test_a_server_without_a_pod_is_called_by_its_host_and_two_on_one_host_by_their_address() -> None:
    reading = await looked(Scraper([scraped("gpu-1:8002"), scraped("gpu-2:8002")]))

    assert [(each.name, each.url) for each in reading.targets] == [
        ("gpu-1", "http://gpu-1:8000"),
        ("gpu-2", "http://gpu-2:8000"),
    ]


async def test_an_instance_that_was_renamed_is_found_where_it_is_scraped() -> None:
    renamed = scraped("triton-blue")
    scraper = Scraper([renamed], urls={"triton-blue": "http://10.0.0.7:9002/metrics?x=y"})

    (found,) = (await looked(scraper)).targets

    assert (found.url, found.metrics) == ("http://10.0.0.7:8000", "http://10.0.0.7:9002/metrics?x=y")


async def test_what_is_scraped_through_somebody_else_is_not_asked_there() -> None:
    proxied = "https://kubernetes.default/api/v1/namespaces/shop/pods/triton-a:8002/proxy/metrics"
    scraper = Scraper([scraped("10.0.0.1:8002")], urls={"10.0.0.1:8002": proxied})

    (found,) = (await looked(scraper)).targets

    assert found.metrics == "http://10.0.0.1:8002/metrics"


async def test_other_exporters_that_the_selector_picks_are_left_out() -> None:
    triton = scraped("10.0.0.1:8002")
    others = [scraped("10.0.0.1:9400", "dcgm"), scraped("10.0.0.1:9100", "node")]

    reading = await looked(Scraper([triton, *others], tritons=[triton]))

    assert [each.url for each in reading.targets] == ["http://10.0.0.1:8000"]


async def test_a_server_that_is_down_beside_others_of_its_job_is_still_a_target() -> None:
    well, down = scraped("10.0.0.1:8002"), scraped("10.0.0.2:8002")

    reading = await looked(Scraper([well, down], tritons=[well]))

    assert [each.name for each in reading.targets] == ["10.0.0.1", "10.0.0.2"]


async def test_a_selector_of_models_labels_finds_the_servers_by_their_series() -> None:
    reading = await looked(Scraper([], tritons=[scraped("10.0.0.1:8002", pod="triton-a")]))

    assert [each.name for each in reading.targets] == ["triton-a"]


async def test_a_server_that_is_missed_once_is_kept_and_missed_twice_is_gone() -> None:
    a, b = scraped("10.0.0.1:8002"), scraped("10.0.0.2:8002")
    scraper = Scraper([a, b])
    async with looking(scraper) as source:
        await look(source)
        scraper.up = [a]
        once, twice = await look(source), await look(source)

    assert [each.name for each in once.targets] == ["10.0.0.1", "10.0.0.2"]
    assert once.notes == (
        "discovery.prometheus: 1 that were scraped before are not now, and are kept until the next look",
    )
    assert ([each.name for each in twice.targets], twice.notes) == (["10.0.0.1"], ())


async def test_where_it_is_scraped_is_asked_only_when_there_is_something_new() -> None:
    scraper = Scraper([scraped("a:8002")], urls={"a:8002": "http://a:8002/metrics"})
    async with looking(scraper) as source:
        for _ in range(3):
            await look(source)

    assert [each for each in scraper.asked if each.startswith("targets")] == ["targets state=active"]


async def test_nothing_that_matches_is_said() -> None:
    reading = await looked(Scraper([]))

    assert reading == TargetsReading(
        (), ('discovery.prometheus: nothing that is scraped matches up{job="triton"}',)
    )


async def test_its_own_login_is_sent_and_the_servers_headers_are_not() -> None:
    scraper = Scraper([scraped("a:8002")])
    access = Access({"Authorization": Secret("Bearer t0ken")})

    await looked(scraper, prometheus_access=access, headers={"admin-key": Secret("hush")})

    assert scraper.headers["Authorization"] == "Bearer t0ken"
    assert "hush" not in json.dumps(scraper.headers)


async def test_what_it_warns_of_is_told() -> None:
    reading = await looked(Scraper([scraped("a:8002")], warnings=["store 3 did not answer"]))

    assert reading.notes == ("discovery.prometheus: store 3 did not answer",)


async def test_a_prometheus_that_refuses_is_a_failure_in_words() -> None:
    with pytest.raises(SourceError) as caught:
        await looked(Scraper([], status=503))

    assert str(caught.value).startswith("discovery.prometheus: ")


BOTH = Discovery(kubernetes="app=triton", prometheus='job="triton"')


async def test_both_ways_together_tell_of_each_server_once() -> None:
    run(cluster(), pod("triton-a", "10.0.0.1", node="gpu-1"))
    scraper = Scraper([scraped("10.0.0.1:8002", pod="triton-a", namespace="shop"), scraped("vm-1:8002")])
    async with looking(scraper, fleet(), discovery=BOTH) as source:
        reading = await look(source)

    assert [(each.name, each.node) for each in reading.targets] == [("triton-a", "gpu-1"), ("vm-1", "")]


async def test_a_way_that_fails_keeps_what_it_found_and_the_other_goes_on() -> None:
    api = cluster()
    run(api, pod("triton-a", "10.0.0.1"))
    scraper = Scraper([scraped("vm-1:8002")])
    async with looking(scraper, fleet(), discovery=BOTH) as source:
        await look(source)
        api.denied.add(("list", "pods"))
        scraper.up.append(scraped("vm-2:8002"))
        reading = await look(source)

    assert [each.name for each in reading.targets] == ["triton-a", "vm-1", "vm-2"]
    (note,) = reading.notes
    assert "may not list pods in shop; what it found before stays (ask for list" in note


async def test_a_pod_that_the_cluster_has_no_more_is_gone_whatever_prometheus_remembers() -> None:
    api = cluster()
    run(api, pod("triton-a", "10.0.0.1"), pod("triton-b", "10.0.0.2"))
    scraper = Scraper(
        [scraped(f"10.0.0.{n}:8002", pod=f"triton-{p}", namespace="shop") for n, p in ((1, "a"), (2, "b"))]
    )
    async with looking(scraper, fleet(), discovery=BOTH) as source:
        await look(source)
        lose(api, "triton-b")
        reading = await look(source)

    assert [each.name for each in reading.targets] == ["triton-a"]
