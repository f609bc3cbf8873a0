"""A drill's endpoints as the fleet that the console opens on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from console.domain.fleet import Fleet, GpuFeeds, Objective, Probe, Target


def drill_fleet(endpoints: Mapping[str, Any], base: Fleet) -> Fleet:
    """The fleet of a drill; ``base`` gives what the command line says: refresh, read-only."""
    return replace(
        base,
        name=f"drill:{endpoints['scenario']}",
        targets=tuple(Target(each["name"], each["url"], each["metrics"]) for each in endpoints["targets"]),
        gpu=GpuFeeds(dcgm=tuple(endpoints["dcgm"])),
        objectives=tuple((name, Objective(**each)) for name, each in endpoints["objectives"].items()),
        probes=tuple(
            Probe(name, each["request"], expect=each["expect"]) for name, each in endpoints["probes"].items()
        ),
    )
