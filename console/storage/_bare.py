"""A fleet without anything that is secret or that a replay could act with."""

from dataclasses import replace

from console.domain.fleet import Fleet, FlightRecorder, GpuFeeds, Probe, Target
from console.domain.incident import address
from console.domain.surfaces import CommandGateway, Envoy, Freeze, Gateway, Haproxy, Kubernetes


def bare(fleet: Fleet) -> Fleet:
    """What a replay needs of a fleet: names, addresses, objectives, intervals; it is read-only.

    Left out are headers, TLS, request bodies, commands, logins, files and folders, and of URLs the user and the query.
    """
    return Fleet(
        name=fleet.name,
        targets=tuple(map(_target, fleet.targets)),
        refresh=fleet.refresh,
        read_only=True,
        gpu=GpuFeeds(tuple(map(address, fleet.gpu.dcgm)), fleet.gpu.nvml),
        objectives=fleet.objectives,
        default_objective=fleet.default_objective,
        probes=tuple(map(_probe, fleet.probes)),
        gateway=_gateway(fleet.gateway),
        gateway_metrics=address(fleet.gateway_metrics),
        kubernetes=Kubernetes(namespace=fleet.kubernetes.namespace, workload=fleet.kubernetes.workload),
        freeze=Freeze(expires_s=fleet.freeze.expires_s),
        prometheus=address(fleet.prometheus),
        alertmanager=address(fleet.alertmanager),
        flight=FlightRecorder(on=False),
        through_prometheus=fleet.through_prometheus,
        selector=fleet.selector,
        by=fleet.by,
        discovery=fleet.discovery,
    )


def _target(target: Target) -> Target:
    return replace(target, url=address(target.url), metrics=address(target.metrics))


def _probe(probe: Probe) -> Probe:
    return replace(probe, request={}, expect=None)


def _gateway(gateway: Gateway | None) -> Gateway | None:
    match gateway:
        case Haproxy():
            return replace(gateway, socket=gateway.socket.rpartition("@")[2])
        case Envoy():
            return replace(gateway, admin=address(gateway.admin))
        case CommandGateway():
            return CommandGateway("", "")
        case _:
            return gateway
