"""Gateways' own counters, made by hand and hostile, served as a gateway serves them."""

from collections.abc import AsyncIterator
from fnmatch import fnmatchcase
from math import inf

import pytest

from console.domain.around import RouteCounters
from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet, Tls
from console.domain.surfaces import Envoy, EnvoyRoute, Haproxy, KubernetesGateway, KubernetesRoute
from console.sources.gateway import sources
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.gateway_feed import Poll, gateway_feed, route


@pytest.fixture
async def poll() -> AsyncIterator[Poll]:
    async with gateway_feed() as found:
        yield found


async def refused(poll: Poll, text: str, **more: object) -> Failure:
    with pytest.raises(SourceError) as caught:
        await poll(text, **more)
    return caught.value.failure


# Envoy

_ENVOY = """\
envoy_cluster_upstream_rq_total{envoy_cluster_name="v1_x"} 120
envoy_cluster_upstream_rq_retry{envoy_cluster_name="v1_x"} 80
envoy_cluster_upstream_rq_timeout{envoy_cluster_name="v1_x"} 3
envoy_cluster_upstream_rq_per_try_timeout{envoy_cluster_name="v1_x"} 4
envoy_cluster_upstream_rq_pending_overflow{envoy_cluster_name="v1_x"} 5
envoy_cluster_upstream_cx_none_healthy{envoy_cluster_name="v1_x"} 6
envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="v1_x"} 30
envoy_cluster_upstream_rq_xx{envoy_response_code_class="5",envoy_cluster_name="v1_x"} 10
envoy_cluster_upstream_cx_connect_fail{envoy_cluster_name="v1_x"} 7
envoy_cluster_upstream_cx_connect_ms_sum{envoy_cluster_name="v1_x"} 90
envoy_cluster_upstream_cx_connect_ms_count{envoy_cluster_name="v1_x"} 9
envoy_cluster_upstream_rq_pending_active{envoy_cluster_name="v1_x"} 2
envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="v1_x",le="0.5"} 1
envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="v1_x",le="10"} 39
envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="v1_x",le="+Inf"} 40
envoy_cluster_upstream_rq_time_sum{envoy_cluster_name="v1_x"} 240.5
envoy_cluster_upstream_rq_total{envoy_cluster_name="quiet"} 0
envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="gw"} 41
envoy_http_downstream_rq_xx{envoy_response_code_class="5",envoy_http_conn_manager_prefix="gw"} 9
envoy_http_fault_aborts_injected{envoy_http_conn_manager_prefix="gw"} 8
envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="admin"} 9000
"""


async def test_envoys_clusters_and_its_clients_side(poll: Poll) -> None:
    reading = await poll(_ENVOY)
    assert reading.kind == "envoy"
    found = route(reading, "v1_x")
    assert (found.tries, found.retries, found.timeouts, found.rejected) == (120, 80, 7, 11)
    assert (found.failed, found.connect_failures, found.queued, found.total_ms) == (10, 7, 2, 240.5)
    assert (found.connects, found.connect_total_ms) == (9, 90)
    assert found.histogram is not None
    assert (found.histogram.bounds_ms, found.histogram.counts) == ((0.5, 10.0, inf), (1.0, 39.0, 40.0))
    assert route(reading, "quiet") == RouteCounters("quiet", tries=0.0, failed=0.0)
    assert reading.edge == RouteCounters("clients of gw", tries=41.0, failed=9.0, rejected=8.0)
    assert reading.models == {"v1_x": ("v1_x",), "quiet": ("quiet",)}


async def test_clusters_of_the_settings_by_the_name_that_stands_there(poll: Poll) -> None:
    settings = Envoy("http://127.0.0.1:1", "gw", (EnvoyRoute("rank*", clusters=("v1:x",), shed="k"),))
    reading = await poll(_ENVOY, settings)
    assert [each.name for each in reading.routes] == ["v1:x"]
    assert reading.models == {"v1:x": ("rank*",)}
    assert reading.notes == ()


async def test_an_envoy_whose_admin_interface_is_silent_is_read_without_weights(poll: Poll) -> None:
    routes = (EnvoyRoute("rank*", ("v1:x", "quiet"), ("quiet",), runtime="r"),)
    reading = await poll(_ENVOY, Envoy("http://127.0.0.1:1", "gw", routes))
    assert [dict(each.weights) for each in reading.routes] == [{}, {}]
    assert any("the weights are unknown" in note and "127.0.0.1:1" in note for note in reading.notes)


async def test_several_connection_managers_are_one_clients_side_unless_the_settings_choose(
    poll: Poll,
) -> None:
    text = _ENVOY + 'envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="other"} 9\n'
    assert (await poll(text)).edge == RouteCounters("clients", tries=50.0, failed=9.0, rejected=8.0)
    chosen = (await poll(text, Envoy("http://127.0.0.1:1", "other"))).edge
    assert chosen is not None
    assert (chosen.name, chosen.tries) == ("clients of other", 9.0)


async def test_failures_are_unknown_where_answers_are_not_counted_by_class(poll: Poll) -> None:
    reading = await poll('envoy_cluster_upstream_rq_total{envoy_cluster_name="a"} 5\n')
    assert route(reading, "a").failed is None


async def test_a_histogram_that_cannot_be_is_left_out(poll: Poll) -> None:
    name = 'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le='
    shrinking = f'{name}"1"}} 5\n{name}"+Inf"}} 4\n'
    endless = f'{name}"1"}} 5\n{name}"x"}} 9\n'
    for text in (shrinking, endless):
        assert route(await poll(text), "a").histogram is None


# ingress-nginx

_NGINX = """\
nginx_ingress_controller_config_hash{controller_pod="p"} 1.5e18
nginx_ingress_controller_requests{ingress="ranker",namespace="ml",status="200",method="POST"} 90
nginx_ingress_controller_requests{ingress="ranker",namespace="ml",status="200",method="GET"} 1
nginx_ingress_controller_requests{ingress="ranker",namespace="ml",status="504",method="POST"} 2
nginx_ingress_controller_requests{ingress="ranker",namespace="ml",status="503",method="POST"} 3
nginx_ingress_controller_requests{ingress="ranker",namespace="ml",status="429",method="POST"} 4
nginx_ingress_controller_requests{ingress="",namespace="",status="404"} 1000
nginx_ingress_controller_requests{ingress="shop",namespace="web",status="200"} 7
nginx_ingress_controller_response_duration_seconds_bucket{ingress="ranker",namespace="ml",status="200",le="0.005"} 80
nginx_ingress_controller_response_duration_seconds_bucket{ingress="ranker",namespace="ml",status="200",le="+Inf"} 90
nginx_ingress_controller_response_duration_seconds_bucket{ingress="ranker",namespace="ml",status="504",le="0.005"} 0
nginx_ingress_controller_response_duration_seconds_bucket{ingress="ranker",namespace="ml",status="504",le="+Inf"} 2
nginx_ingress_controller_response_duration_seconds_sum{ingress="ranker",namespace="ml",status="200"} 0.5
nginx_ingress_controller_request_duration_seconds_bucket{ingress="ranker",namespace="ml",le="0.005"} 70
nginx_ingress_controller_request_duration_seconds_bucket{ingress="ranker",namespace="ml",le="+Inf"} 92
nginx_ingress_controller_request_duration_seconds_sum{ingress="ranker",namespace="ml"} 0.75
nginx_ingress_controller_connect_duration_seconds_sum{ingress="ranker",namespace="ml"} 0.02
nginx_ingress_controller_connect_duration_seconds_count{ingress="ranker",namespace="ml"} 10
"""


async def test_nginx_by_ingress_in_ms(poll: Poll) -> None:
    reading = await poll(_NGINX)
    found = route(reading, "ranker")
    assert (reading.kind, [each.name for each in reading.routes]) == ("nginx", ["ranker", "shop"])
    assert (found.tries, found.failed, found.timeouts, found.rejected) == (100, 5, 2, 4)
    assert found.retries is None
    assert found.histogram is not None
    assert (found.histogram.bounds_ms, found.histogram.counts) == ((5.0, inf), (80.0, 92.0))
    assert (found.total_ms, found.connects, found.connect_total_ms) == (500.0, 10.0, 20.0)
    assert reading.revision == "1500000000000000000"


async def test_nginx_clients_side_is_the_whole_request_of_every_ingress(poll: Poll) -> None:
    edge = (await poll(_NGINX)).edge
    assert edge is not None
    assert (edge.name, edge.tries, edge.failed, edge.total_ms) == ("clients", 107.0, 5.0, 750.0)
    assert edge.histogram is not None
    assert edge.histogram.counts == (70.0, 92.0)


async def test_nginx_without_upstream_times_tells_those_of_the_whole_request(poll: Poll) -> None:
    text = "".join(line for line in _NGINX.splitlines(keepends=True) if "response_duration" not in line)
    assert route(await poll(text), "ranker").total_ms == 750.0


async def test_the_ingress_and_the_namespace_of_the_settings(poll: Poll) -> None:
    gateway = KubernetesGateway(
        (KubernetesRoute("rank*", "ingress/ranker"), KubernetesRoute("x", "rollout/x"))
    )
    reading = await poll(_NGINX, gateway)
    assert (reading.models, reading.notes) == ({"ranker": ("rank*",)}, ())
    assert [each.name for each in (await poll(_NGINX, namespace="web")).routes] == ["shop"]


# All of them


@pytest.mark.parametrize("text", ["", "<html>no</html>\n", "nv_inference_count 4\n", "# only a comment\n"])
async def test_what_is_no_gateway_is_a_failure_that_says_what_to_do(poll: Poll, text: str) -> None:
    failure = await refused(poll, text)
    assert failure.kind is FailureKind.GARBAGE
    assert "no counters of Envoy, HAProxy or ingress-nginx" in failure.message
    assert failure.hint


async def test_an_answer_that_breaks_off_is_not_believed(poll: Poll) -> None:
    assert "was cut" in (await refused(poll, _ENVOY[:-10])).message


async def test_the_query_of_the_address_is_told_to_nobody(poll: Poll) -> None:
    reading = await poll(_ENVOY)
    failures = [
        await refused(poll, "no"),
        await refused(poll, "", status=500),
        await refused(poll, "", status=403),
    ]
    assert "hush" not in f"{reading} {failures}"
    assert reading.query.startswith("GET http://127.0.0.1:")


async def test_values_that_no_counter_has_are_left_out(poll: Poll) -> None:
    name = 'envoy_cluster_upstream_rq_total{envoy_cluster_name="a"}'
    for value in ("NaN", "-5", "+Inf", "1e300"):
        text = f'{name} {value}\nenvoy_cluster_upstream_rq_retry{{envoy_cluster_name="a"}} 1\n'
        assert route(await poll(text), "a") == RouteCounters("a", retries=1.0)


async def test_lines_that_cannot_be_read_are_counted_and_the_rest_is_read(poll: Poll) -> None:
    reading = await poll(f'{_ENVOY}envoy_cluster_upstream_rq_total{{envoy_cluster_name="b"}} many\n')
    assert len(reading.routes) == 2
    assert any("1 lines of its metrics are not readable" in note for note in reading.notes)


async def test_hostile_names_are_visible_and_of_bounded_length(poll: Poll) -> None:
    reading = await poll(
        'envoy_cluster_upstream_rq_total{envoy_cluster_name="[red]\\n\u202e' + "x" * 900 + '"} 1\n'
    )
    (found,) = reading.routes
    assert found.name.startswith("[red]\\n\\u202e")
    assert len(found.name) == 200
    assert list(reading.models) == [found.name]


async def test_a_route_that_the_settings_do_not_know_is_the_model_of_its_very_name(poll: Poll) -> None:
    reading = await poll('envoy_cluster_upstream_rq_total{envoy_cluster_name="rank*"} 1\n')
    (glob,) = reading.models["rank*"]
    assert fnmatchcase("rank*", glob)
    assert not fnmatchcase("ranker", glob)


async def test_more_routes_than_anyone_looks_at_are_bounded_and_said(poll: Poll) -> None:
    names = "".join(f'envoy_cluster_upstream_rq_total{{envoy_cluster_name="c{n}"}} 1\n' for n in range(300))
    reading = await poll(names)
    assert len(reading.routes) == 200
    assert reading.notes == ("envoy has 300 routes: 200 are read; name yours in the settings",)


def test_no_gateway_no_source_and_a_slow_fleet_is_asked_slowly() -> None:
    kit = Kit(HandClock(), Http({}, Tls()))
    kubernetes = KubernetesGateway((KubernetesRoute("m", "ingress/m"),))
    assert sources(Fleet(), kit) == sources(Fleet(gateway=kubernetes), kit) == []
    (quick,) = sources(Fleet(gateway=Haproxy("/s"), refresh=0.5), kit)
    (slow,) = sources(Fleet(gateway=Envoy("http://e:9901"), refresh=30), kit)
    assert (quick.every, slow.every) == (2.0, 30.0)
