"""Readers of what gateways answer: HAProxy's socket and exporter, Envoy's administration, ingress-nginx."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from console.controls.envoy.file import route_file
from console.controls.haproxy.tables import admitted, backend_of, map_value, weighed
from console.domain.around import GatewayReading
from console.domain.envoy_config import fault, splits
from console.domain.failure import SourceError
from console.domain.haproxy_stats import stat_rows
from console.domain.plan import ControlError
from console.sources import _gateway_envoy as envoy
from console.sources import _gateway_haproxy as haproxy
from console.sources import _gateway_nginx as nginx
from console.sources._exposition import SeriesTable, parse
from console.sources._gateway_routes import Rows, rows_of, told
from console.transport.envoy_admin import EnvoyAdmin
from tests.parts.fuzz_case import Reader, finished, fitting, harmless

RECORDED = Path(__file__).parents[1] / "recorded" / "gateway"
_STATES = b"""1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_agent_state
3 triton 1 t0 10.0.0.1 2 0 100 100 0
3 triton 2 t1 10.0.0.2 2 8 0 100 6
"""
_STAT = b"""# pxname,svname,qcur,scur,stot,weight,type,status,bck,hrsp_4xx,dreq,intercepted,algo,cookie,
triton,FRONTEND,,1,900,,0,OPEN,,4,1,2,,,
triton,t0,0,1,500,100,2,UP,0,1,,,,,
triton,t1,0,1,400,50,2,DRAIN,1,2,,,,,
triton,BACKEND,0,2,900,150,1,UP,,3,0,,roundrobin,,
"""
_CLUSTER = b'{envoy_cluster_name="v7",envoy_response_code_class="5",le="10"}'
_ENVOY = b"\n".join(
    b"envoy_cluster_upstream_%s%s 7" % (name, _CLUSTER)
    for name in (b"rq_total", b"rq_retry", b"rq_xx", b"rq_time_bucket", b"rq_time_sum", b"cx_connect_fail")
) + (
    b'\nenvoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="v7",le="+Inf"} 9'
    b'\nenvoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="in"} 3'
    b'\nenvoy_http_rds_config_reload{envoy_rds_route_config="r"} 2\n'
)
_NGINX = b"".join(
    b'nginx_ingress_controller_%s{ingress="t",namespace="prod",status="504",le="%s"} 7\n' % pair
    for pair in (
        (b"requests", b""),
        (b"response_duration_seconds_bucket", b"0.1"),
        (b"response_duration_seconds_bucket", b"+Inf"),
        (b"connect_duration_seconds_sum", b""),
        (b"connect_duration_seconds_count", b""),
        (b"config_hash", b""),
    )
)
_ROUTES = {
    "version_info": "4",
    "resources": [
        {
            "name": "r",
            "route": {
                "weighted_clusters": {
                    "runtime_key_prefix": "routing.r",
                    "total_weight": 100,
                    "clusters": [{"name": "v6", "weight": 90}, {"name": "v7", "weight": "10"}],
                }
            },
        }
    ],
}
_DUMP = {
    "configs": [
        {
            "version_info": "4",
            "route_config": {"name": "r", "virtual_hosts": _ROUTES["resources"]},
            "bootstrap": {"layered_runtime": {"layers": [{"name": "admin", "admin_layer": {}}]}},
            "abort": {"percentage": {"numerator": 5, "denominator": "HUNDRED"}, "http_status": 503},
            "abort_percent_runtime": "shed.r",
        }
    ],
    "layers": ["static", "admin"],
    "entries": {"routing.r.v7": {"layer_values": ["10", "20"], "final_value": "20"}},
    "stats": [{"name": "cluster.v7.upstream_rq_total", "value": 7}, {"name": "x", "value": "y"}],
}


class _Admin(EnvoyAdmin):
    """An administration that gives one answer to everything."""

    def __init__(self, text: str) -> None:
        self.url = "http://envoy:9901"
        self._text = text

    async def _ask(self, method: str, path: str) -> str:
        return self._text


def _stat(data: bytes) -> None:
    rows = stat_rows(data.decode(errors="replace"))
    lines = haproxy.lines_of_stats(rows)
    _told(haproxy.haproxy_reading(lines))


def _traffic(data: bytes) -> None:
    rows = stat_rows(data.decode(errors="replace"))
    weighed(rows, "triton", ["t0"])
    admitted(rows, "triton")


def _states(data: bytes) -> None:
    found = backend_of("triton", stat_rows(_STAT.decode()), data.decode(errors="replace"))
    assert found is not None
    assert all(server.effective <= server.weight for server in found.servers if server.weight >= 0)


def _map(data: bytes) -> None:
    map_value(data.decode(errors="replace"), "ranker")


def _exporter(data: bytes) -> None:
    _told(haproxy.haproxy_reading(haproxy.lines_of_rows(_rows(data, haproxy.wanted))))


def _envoy(data: bytes) -> None:
    _told(envoy.envoy_reading(_rows(data, envoy.wanted), {"v7": ("*",)}, ""))


def _nginx(data: bytes) -> None:
    _told(nginx.nginx_reading(_rows(data, nginx.wanted), "prod"))


def _rows(data: bytes, wanted: Any) -> Rows:
    table = SeriesTable(wanted)
    return rows_of(parse(data, table), table)


def _told(reading: GatewayReading) -> None:
    shown = told(reading, {"v7": ("ranker",), "gone": ("*",)})
    harmless(*(route.name for route in shown.routes), *shown.notes)
    harmless(*(name for route in shown.routes for name in route.weights))


def _admin(data: bytes) -> None:
    admin = _Admin(data.decode(errors="replace"))
    layer = finished(admin.admin_layer())
    finished(admin.runtime(["routing.r.v7"], layer))
    assert all(type(value) is float for value in finished(admin.stats(".*")).values())
    _configured(finished(admin.routes("dynamic")), finished(admin.dump()))


def _config(data: bytes) -> None:
    dump = fitting(data, dict)
    _configured([each for each in dump.get("configs") or [] if isinstance(each, Mapping)], dump)


def _configured(configs: Sequence[Mapping[str, Any]], dump: Mapping[str, Any]) -> None:
    for split in splits(configs, ["v6", "v7"]):
        assert all(type(weight) is int for weight in split.weights.values())
    fault(dump, "shed.r")


def _file(data: bytes) -> None:
    found = route_file("routes.yaml", data, ["v6", "v7"])
    for split in found.splits:
        assert all(found.text[place.start :].startswith(place.text) for place in split.places.values())


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _recorded(name: str) -> bytes:
    return (RECORDED / name).read_bytes()


READERS = (
    Reader("haproxy-stat", _stat, lambda: [_recorded("haproxy-show-stat.csv"), _STAT], (ValueError,)),
    Reader("haproxy-traffic", _traffic, lambda: [_recorded("haproxy-show-stat.csv"), _STAT], (ValueError,)),
    Reader("haproxy-states", _states, lambda: [_STATES], (ValueError,)),
    Reader("haproxy-map", _map, lambda: [b"0x55d1 ranker 10\n0x55d2 embed 20.5\n"], (ValueError,)),
    Reader("haproxy-exporter", _exporter, lambda: [_recorded("haproxy.prom")[:8000]]),
    Reader("envoy-stats", _envoy, lambda: [_ENVOY]),
    Reader("envoy-admin", _admin, lambda: [_json(_DUMP)], (SourceError, ControlError)),
    Reader("envoy-file", _file, lambda: [_json(_ROUTES), _json(_ROUTES)[:-1] + b"\n}"], (ValueError,)),
    Reader("nginx", _nginx, lambda: [_NGINX]),
)
