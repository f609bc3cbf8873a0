"""A drill's endpoints as the fleet that the console opens on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from console.domain.fleet import Fleet, GpuFeeds, Objective, Probe, Target
from console.domain.surfaces import Envoy, EnvoyRoute


def drill_fleet(endpoints: Mapping[str, Any], base: Fleet, state: str) -> Fleet:
    """The fleet of a drill; ``base`` gives what the command line says: refresh, read-only.

    ``state`` is a folder for the drill's own journal, releases and deploy lock: a rehearsal leaves no record
    among the real ones.
    """
    return replace(
        base,
        name=f"drill:{endpoints['scenario']}",
        targets=tuple(Target(each["name"], each["url"], each["metrics"]) for each in endpoints["targets"]),
        gpu=GpuFeeds(dcgm=tuple(endpoints["dcgm"])),
        objectives=tuple((name, Objective(**each)) for name, each in endpoints["objectives"].items()),
        probes=tuple(
            Probe(name, each["request"], expect=each["expect"]) for name, each in endpoints["probes"].items()
        ),
        gateway=_gateway(endpoints),
        state=state,
    )


def _gateway(endpoints: Mapping[str, Any]) -> Envoy:
    routes = tuple(
        EnvoyRoute(
            model,
            clusters=tuple(each["clusters"]),
            reduced=tuple(each["reduced"]),
            runtime=each["runtime"],
            shed=each["shed"],
        )
        for model, each in endpoints["routes"].items()
    )
    return Envoy(endpoints["admin"], endpoints["stat_prefix"], routes)
