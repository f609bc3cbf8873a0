"""``[fleets.NAME.gateway]`` and its routes: what stands before the servers and can send them less."""

import re

from console.domain.surfaces import (
    CommandGateway,
    Envoy,
    EnvoyRoute,
    Gateway,
    Haproxy,
    HaproxyRoute,
    KubernetesGateway,
    KubernetesRoute,
)
from console.domain.toml_table import Table, shown
from console.settings._around import Around
from console.settings._target import feed_url
from console.settings._words import (
    CLUSTER_NAME,
    HAPROXY_NAME,
    KUBERNETES_NAME,
    address,
    command,
    names,
    needed,
    wrong_reference,
)

_KINDS = ("haproxy", "envoy", "kubernetes", "command")
_ROUTE_KINDS = ("httproute", "virtualservice", "rollout", "ingress")
# These split by weights of named backends; the others have one canary.
_WEIGHTED = ("httproute/", "virtualservice/")
_HOST_PORT = re.compile(r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_ADMIN_PORT = 9901


def gateway(table: Table, around: Around) -> tuple[Gateway | None, str]:
    """The gateway of the table, and the URL of its own metrics; None and empty where the table has none.

    With metrics alone a gateway is read and never changed.
    """
    if not list(table):
        return None, ""
    metrics = _metrics(table)
    if "kind" not in table and metrics:
        table.close()
        return None, metrics
    if "kind" not in table:
        table.problem("kind", f"is missing; write one of {', '.join(_KINDS)}")
        return None, ""
    kind = table.choice("kind", _KINDS, "")
    if not kind:
        return None, ""
    made = _READERS[kind](table, around)
    table.close()
    return made, metrics


def _metrics(table: Table) -> str:
    text = table.text("metrics")
    try:
        return feed_url(text) if text else ""
    except ValueError as error:
        table.problem("metrics", str(error))
        return ""


def _haproxy(table: Table, around: Around) -> Gateway:
    socket = needed(table, "socket", '"/run/haproxy/admin.sock" or "HOST:PORT"')
    host_port = _HOST_PORT.fullmatch(socket)
    if host_port and not 0 < int(host_port[2]) < 65536:
        table.problem("socket", f"the port must be a number from 1 to 65535, not {host_port[2]}")
    if socket and not host_port:
        socket = str(around.file(socket).absolute())
    return Haproxy(socket, tuple(_haproxy_route(each) for each in _routes(table)))


def _haproxy_route(table: Table) -> HaproxyRoute:
    shed = table.table("shed")
    shed_map = shed_key = ""
    if list(shed):
        # Not made absolute: HAProxy knows its map by the very text of its own configuration.
        shed_map = needed(shed, "map", '"/etc/haproxy/shed.map"')
        shed_key = needed(shed, "key", '"MODEL"')
        shed.close()
    route = HaproxyRoute(
        model=_model(table),
        backend=_named(table, "backend", HAPROXY_NAME),
        servers=names(table, "servers", HAPROXY_NAME),
        shed_map=shed_map,
        shed_key=shed_key,
    )
    table.close()
    if not route.servers and "shed" not in table:
        _idle(table, 'servers = ["NAME"], or shed = { map = "PATH", key = "KEY" }')
    return route


def _envoy(table: Table, around: Around) -> Gateway:
    return Envoy(
        admin=address(table, "admin", _ADMIN_PORT),
        stat_prefix=table.text("stat_prefix") or "",
        routes=tuple(_envoy_route(each, around) for each in _routes(table)),
    )


def _envoy_route(table: Table, around: Around) -> EnvoyRoute:
    rds = table.text("rds") or ""
    route = EnvoyRoute(
        model=_model(table),
        clusters=names(table, "clusters", CLUSTER_NAME),
        reduced=names(table, "reduced", CLUSTER_NAME),
        runtime=table.text("runtime") or "",
        rds=str(around.file(rds).absolute()) if rds else "",
        shed=table.text("shed") or "",
    )
    table.close()
    if not (route.runtime or route.rds or route.shed):
        _idle(table, 'runtime = "KEY.PREFIX", rds = "FILE" or shed = "KEY"')
    elif route.runtime and route.rds:
        table.problem("rds", "the weights are either in the runtime or in the file: write runtime or rds")
    else:
        _check_clusters(table, route)
    return route


def _check_clusters(table: Table, route: EnvoyRoute) -> None:
    """Some clusters are reduced and some are left to take the rest, or the route only sheds."""
    strange = [name for name in route.reduced if name not in route.clusters]
    weighted = route.runtime or route.rds
    if strange:
        table.problem("reduced", f"{shown(strange[0])} is not one of clusters")
    elif weighted and not route.clusters:
        table.problem("clusters", "is missing; list every cluster that the route splits between")
    elif weighted and not route.reduced:
        table.problem("reduced", "is missing; list the clusters that get what the model keeps")
    elif weighted and not route.shed and set(route.reduced) == set(route.clusters):
        table.problem("reduced", "names every cluster, so none is left to take the rest; leave one out")


def _kubernetes(table: Table, _: Around) -> Gateway:
    return KubernetesGateway(tuple(_kubernetes_route(each) for each in _routes(table)))


def _kubernetes_route(table: Table) -> KubernetesRoute:
    target = needed(table, "route", '"httproute/NAME"')
    wrong = wrong_reference(target, _ROUTE_KINDS, namespaced=False) if target else ""
    if wrong:
        table.problem("route", wrong)
    rule = table.number("rule", 0, least=0, most=1000)
    if rule != int(rule):
        table.problem("rule", f"must be a whole number, the rule's index from 0, not {rule:g}")
    route = KubernetesRoute(
        model=_model(table), route=target, backends=names(table, "backends", KUBERNETES_NAME), rule=int(rule)
    )
    table.close()
    if target.startswith(_WEIGHTED) and not route.backends and "backends" not in table:
        table.problem("backends", "is missing; list the backends whose weight is what the model keeps")
    return route


def _command(table: Table, _: Around) -> Gateway:
    return CommandGateway(
        reduce=command(
            table,
            "reduce",
            takes=("percent", "model"),
            needs=("percent",),
            example='"set-share {model} {percent}"',
        ),
        restore=command(table, "restore", takes=("model",), example='"set-share {model} 100"'),
        check=command(table, "check", takes=("model",)),
    )


_READERS = {"haproxy": _haproxy, "envoy": _envoy, "kubernetes": _kubernetes, "command": _command}


def _routes(table: Table) -> list[Table]:
    routes = table.rows("routes")
    if not routes and "routes" not in table:
        table.problem("routes", "is missing; write [[fleets.NAME.gateway.routes]] and under it which model")
    return routes


def _model(table: Table) -> str:
    return needed(table, "model", '"NAME" or a glob such as "ranker*"')


def _named(table: Table, key: str, shape: re.Pattern[str]) -> str:
    text = needed(table, key, '"NAME"')
    if text and not shape.fullmatch(text):
        table.problem(key, f"is not a name: {shown(text)}")
    return text


def _idle(table: Table, what: str) -> None:
    table.problems.add(table.path, f"the route has nothing to act on; write {what}")
