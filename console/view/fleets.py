"""The fleets there are to choose from, each in a few words."""

from collections.abc import Iterator, Sequence
from typing import Any

from console.domain.fleet import Fleet
from console.domain.text import visible
from console.view.grid import grid
from console.view.styled import Line, Span

_TEXT = 60


def fleet_words(fleet: Fleet) -> str:
    """What the fleet is: its servers, or how they are found, and what sets it apart."""
    return ", ".join([*_servers(fleet), *_apart(fleet)])


def _servers(fleet: Fleet) -> Iterator[str]:
    found = fleet.discovery
    if fleet.through_prometheus:
        picked = f" {{{visible(fleet.selector, _TEXT)}}}" if fleet.selector else ""
        yield f"through Prometheus at {visible(fleet.prometheus, _TEXT)}{picked}"
    if fleet.targets:
        number = len(fleet.targets)
        yield f"{number} server{'s' if number != 1 else ''}"
    if found.kubernetes:
        where = f" in {visible(found.namespace, _TEXT)}" if found.namespace else ""
        yield f"pods of {visible(found.kubernetes, _TEXT)}{where}"
    if found.prometheus:
        yield f"found through Prometheus {{{visible(found.prometheus, _TEXT)}}}"


def _apart(fleet: Fleet) -> Iterator[str]:
    if fleet.gateway is not None:
        yield "with a gateway"
    if fleet.read_only:
        yield "READ-ONLY"


def fleets_lines(fleets: Sequence[Fleet]) -> tuple[Line, ...]:
    """A line for each fleet, as ``fleets`` prints it."""
    rows = [((Span(visible(each.name, 60), "title"),), (Span(fleet_words(each)),)) for each in fleets]
    return grid(("fleet", "what it is"), rows)


def fleet_json(fleet: Fleet) -> dict[str, Any]:
    """One fleet as ``fleets --json`` has it; ``targets`` is null where they are found while it is watched."""
    found = fleet.discovery
    return {
        "name": fleet.name,
        "about": fleet_words(fleet),
        "kind": "prometheus" if fleet.through_prometheus else "discovery" if found else "targets",
        "targets": None
        if fleet.unfolding
        else [{"name": each.name, "url": each.url} for each in fleet.targets],
        "prometheus": fleet.prometheus or None,
        "kubernetes": found.kubernetes or None,
        "read_only": fleet.read_only,
    }
