"""Envoy's weights: of the runtime where they are set, else of the configuration, which is not read more than needed."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from console.domain.around import GatewayReading
from console.domain.fleet import Fleet, Tls
from console.domain.surfaces import Envoy, EnvoyRoute
from console.ports import Source
from console.sources.gateway import sources
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.envoy_admin import AdminStand, admin_stand

STATS, RUNTIME, CONFIG = "/stats/prometheus", "/runtime", "/config_dump"
CLUSTERS = ("old", "new")


@pytest.fixture
async def stand() -> AsyncIterator[AdminStand]:
    async with admin_stand() as found:
        configured(found, {"old": 90, "new": 10})
        runtime(found, {})
        stats(found, reloads=1)
        yield found


@pytest.fixture
async def source(stand: AdminStand) -> AsyncIterator[Source]:
    http = Http({}, Tls())
    route = EnvoyRoute("ranker", CLUSTERS, ("old",), runtime="shift")
    (made,) = sources(Fleet(gateway=Envoy(stand.url, "gw", (route,))), Kit(HandClock(), http))
    yield made
    await http.close()


def stats(stand: AdminStand, reloads: int) -> None:
    lines = [f'envoy_cluster_upstream_rq_total{{envoy_cluster_name="{name}"}} 1' for name in CLUSTERS]
    lines.append(f'envoy_http_rds_config_reload{{envoy_http_conn_manager_prefix="gw"}} {reloads}')
    stand.say(STATS, web.Response(text="\n".join((*lines, ""))))


def runtime(stand: AdminStand, values: dict[str, Any]) -> None:
    entries = {
        f"shift.{name}": {"final_value": value, "layer_values": [value]} for name, value in values.items()
    }
    stand.say(RUNTIME, {"layers": ["admin"], "entries": entries})


def configured(stand: AdminStand, weights: dict[str, int]) -> None:
    clusters = [{"name": name, "weight": weight} for name, weight in weights.items()]
    split = {"weighted_clusters": {"clusters": clusters, "runtime_key_prefix": "shift"}}
    stand.say(
        CONFIG, {"configs": [{"route_config": {"name": "local", "virtual_hosts": [{"routes": [split]}]}}]}
    )


async def weights(source: Source) -> dict[str, float]:
    reading = await source.poll()
    assert isinstance(reading, GatewayReading)
    assert reading.notes == ()
    found = [dict(each.weights) for each in reading.routes]
    assert found[0] == found[1]
    return found[0]


def asked(stand: AdminStand) -> Counter[str]:
    return Counter(each.split()[1].partition("?")[0] for each in stand.asked)


async def test_the_runtime_counts_and_the_configuration_where_it_is_silent(
    stand: AdminStand, source: Source
) -> None:
    assert await weights(source) == {"old": 90, "new": 10}
    runtime(stand, {"new": "60"})
    assert await weights(source) == {"old": 90, "new": 60}


@pytest.mark.parametrize("odd", ["", "abc", "-4", None, 7.5, {"a": 1}])
async def test_a_runtime_value_that_is_no_weight_is_none(
    stand: AdminStand, source: Source, odd: object
) -> None:
    runtime(stand, {"new": odd})
    assert await weights(source) == {"old": 90, "new": 10}


async def test_the_configuration_is_read_when_it_changed_and_now_and_then(
    stand: AdminStand, source: Source
) -> None:
    for _ in range(10):
        await weights(source)
    assert asked(stand)[CONFIG] == 2, "the dynamic and the static routes, once"
    configured(stand, {"old": 0, "new": 100})
    assert await weights(source) == {"old": 90, "new": 10}
    stats(stand, reloads=2)
    assert await weights(source) == {"old": 0, "new": 100}
    configured(stand, {"old": 5, "new": 95})
    for _ in range(30):
        last = await weights(source)
    assert last == {"old": 5, "new": 95}


async def test_only_what_is_needed_is_asked_of_a_large_envoy(stand: AdminStand, source: Source) -> None:
    await weights(source)
    (path,) = {each for each in stand.asked if STATS in each}
    assert "filter=" in path
    assert "old%7Cnew" in path
    assert all(each.startswith("GET ") for each in stand.asked)


@pytest.mark.parametrize("path", [CONFIG, RUNTIME])
@pytest.mark.parametrize(
    "answer", [web.Response(status=500), web.Response(text="<html>")], ids=["500", "garbage"]
)
async def test_counters_are_read_where_weights_cannot_be(
    stand: AdminStand, source: Source, path: str, answer: web.Response
) -> None:
    stand.say(path, answer)
    reading = await source.poll()
    assert isinstance(reading, GatewayReading)
    assert [(each.tries, dict(each.weights)) for each in reading.routes] == [(1.0, {}), (1.0, {})]
    assert [note for note in reading.notes if note.startswith("the weights are unknown: envoy")]


async def test_a_split_that_the_configuration_does_not_have_is_unknown(
    stand: AdminStand, source: Source
) -> None:
    configured(stand, {"old": 90, "other": 10})
    assert await weights(source) == {}
