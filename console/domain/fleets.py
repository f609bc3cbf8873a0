"""One fleet of several, and one server of a fleet."""

from dataclasses import replace

from console.domain.fleet import Discovery, Fleet, Target


class FleetError(Exception):
    """A fleet cannot be opened; the message says why, and what to do."""


def direct_fleet(fleet: Fleet, target: Target, *, headers: bool) -> Fleet:
    """The fleet narrowed to one server, which is asked directly; its headers go there only where ``headers`` says so.

    Name, journal and deploy lock stay the fleet's own. What is the whole fleet's is left out: its gateway, and good
    releases that mark themselves.
    """
    return replace(
        fleet,
        targets=(replace(target, scraped=False),),
        headers=fleet.headers if headers else {},
        refresh=min(fleet.refresh, 1.0) if fleet.through_prometheus else fleet.refresh,
        gateway=None,
        gateway_metrics="",
        good_after_s=None,
        through_prometheus=False,
        selector="",
        by=(),
        discovery=Discovery(),
    )


def belongs(fleet: Fleet, target: Target) -> bool:
    """Whether the server was listed with the fleet, or found by its discovery: its credentials are meant for that one."""
    return any(known.url == target.url and not known.scraped for known in fleet.targets)
