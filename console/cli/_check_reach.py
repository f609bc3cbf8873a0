"""Checks of what is reached only when it is needed: Prometheus, the gateway's controls, the cluster."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from console.cli._check import Check, counted, fail, ok, warn
from console.cli._check_around import NOT_ASKED
from console.cli._check_discovery import discovery_checks
from console.clock import SystemClock
from console.domain.failure import SourceError
from console.domain.fleet import Fleet
from console.domain.kubernetes import Thing, thing
from console.domain.kubernetes_refusal import Why
from console.domain.plan import ControlError
from console.domain.surfaces import CommandGateway, Envoy, Haproxy, KubernetesGateway
from console.transport.envoy_admin import EnvoyAdmin
from console.transport.haproxy_socket import HaproxySocket
from console.transport.http import Http
from console.transport.kit import Kit
from console.transport.kubectl import Kubectl, KubectlError
from console.transport.prometheus import queries_of

_LONGEST_S = 30.0
_WORKLOADS = ("deployment", "rollout")
_FLUX = ("kustomization", "helmrelease")
_ROUTES = ("httproute", "virtualservice", "rollout", "ingress")
# What is wrong with kubectl itself or with the way to the cluster is said once, not for each thing.
_FOR_ALL = {Why.SETTINGS, Why.LOGIN, Why.UNREACHABLE, Why.TIMEOUT}


def reach_checks(fleet: Fleet) -> list[Check]:
    """Ask all of them at the same time, each in bounded time; nothing is changed."""
    return asyncio.run(_all(fleet))


async def _all(fleet: Fleet) -> list[Check]:
    http = Http(fleet.headers, fleet.tls)
    kit = Kit(SystemClock(), http)
    parts: dict[str, Callable[[Fleet, Kit], Awaitable[list[Check]]]] = {
        "prometheus": _prometheus,
        "discovery": discovery_checks,
        "gateway": _gateway,
        "kubernetes": _kubernetes,
    }
    try:
        found = await asyncio.gather(*(_bounded(name, part(fleet, kit)) for name, part in parts.items()))
    finally:
        await http.close()
    return [check for checks in found for check in checks]


async def _bounded(name: str, checks: Awaitable[list[Check]]) -> list[Check]:
    try:
        async with asyncio.timeout(_LONGEST_S):
            return await checks
    except TimeoutError:
        return [fail(name, f"no answer within {_LONGEST_S:.0f} s", "it may be stopped or overloaded")]


async def _prometheus(fleet: Fleet, kit: Kit) -> list[Check]:
    queries = queries_of(fleet, kit)
    if queries is None:
        return [ok("prometheus", NOT_ASKED)]
    asked = await queries.ask("count(up)")
    if asked.problem:
        return [warn("prometheus", asked.problem, "PromQL checks of runbooks stay unknown")]
    number = next(iter(asked.values.values()))
    return [ok("prometheus", f"{fleet.prometheus} answers; it scrapes {counted(number, 'target')}")]


async def _gateway(fleet: Fleet, kit: Kit) -> list[Check]:
    try:
        return [await _control(fleet, kit)]
    except SourceError as error:
        return [fail("gateway", str(error), error.failure.hint)]
    except ControlError as error:
        return [fail("gateway", str(error), error.hint)]


async def _control(fleet: Fleet, kit: Kit) -> Check:
    gateway = fleet.gateway
    if isinstance(gateway, Haproxy):
        return await _haproxy(gateway, read_only=fleet.read_only)
    if isinstance(gateway, Envoy):
        return await _envoy(gateway, kit)
    if isinstance(gateway, KubernetesGateway):
        return ok("gateway", "its routes are in the cluster: see kubernetes")
    if isinstance(gateway, CommandGateway):
        return ok("gateway", "commands, which are run only when somebody acts")
    return ok("gateway", NOT_ASKED)


async def _haproxy(gateway: Haproxy, *, read_only: bool) -> Check:
    level = (await HaproxySocket(gateway.socket).ask("show cli level")).strip()
    if level == "admin" or (read_only and level):
        return ok("gateway", f"HAProxy answers at {gateway.socket} (level {level})")
    said = f"the socket {gateway.socket} has the level {level or 'unknown'}"
    return fail("gateway", said, "nothing can be changed over it: stats socket … level admin")


async def _envoy(gateway: Envoy, kit: Kit) -> Check:
    layer = await EnvoyAdmin(gateway.admin, kit.http).admin_layer()
    if layer is None and any(route.runtime or route.shed for route in gateway.routes):
        said = f"Envoy at {gateway.admin} has no admin layer in its runtime, so no weight can be set"
        return fail("gateway", said, "add an admin_layer to layered_runtime")
    return ok("gateway", f"Envoy answers at {gateway.admin}")


async def _kubernetes(fleet: Fleet, kit: Kit) -> list[Check]:  # noqa: ARG001 - the shape of the others
    try:
        things = list(dict.fromkeys(_things(fleet)))
    except ValueError as error:
        return [fail("kubernetes", str(error), "correct it in the settings")]
    if not things:
        return [ok("kubernetes", NOT_ASKED)]
    kubectl = Kubectl(fleet.kubernetes)
    first, stop = await _thing(kubectl, things[0], fleet)
    if stop:
        return [first._replace(subject="")]
    others = await asyncio.gather(*(_thing(kubectl, each, fleet) for each in things[1:]))
    return [first, *(check for check, _ in others)]


async def _thing(kubectl: Kubectl, each: Thing, fleet: Fleet) -> tuple[Check, bool]:
    """What one thing of the settings allows, and whether nothing else in the cluster will do better."""
    try:
        await kubectl.get(each)
        may = fleet.read_only or await kubectl.allowed("patch", each)
    except KubectlError as error:
        return fail("kubernetes", str(error), error.hint, each.subject), error.why in _FOR_ALL
    if not may:
        hint = f"ask for patch on {each.resource} in {each.place}"
        return warn("kubernetes", "can be read, but this login may not change it", hint, each.subject), False
    return ok(
        "kubernetes", "can be read" if fleet.read_only else "can be read and changed", each.subject
    ), False


def _things(fleet: Fleet) -> Iterator[Thing]:
    """Whatever the settings name in a cluster; raises ValueError."""
    routes = fleet.gateway.routes if isinstance(fleet.gateway, KubernetesGateway) else ()
    named = (
        ([fleet.kubernetes.workload] if fleet.kubernetes.workload else [], _WORKLOADS),
        (fleet.freeze.kubernetes, _WORKLOADS),
        (fleet.freeze.argocd, ("application",)),
        (fleet.freeze.flux, _FLUX),
        ([route.route for route in routes], _ROUTES),
    )
    for texts, kinds in named:
        yield from (thing(text, kinds, fleet.kubernetes.namespace) for text in texts)
