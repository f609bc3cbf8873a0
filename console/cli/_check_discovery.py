"""Checks of how a fleet's servers are found: how many, and what is left out."""

from console.cli._check import Check, counted, fail, ok, warn
from console.cli._check_around import NOT_ASKED
from console.domain.failure import SourceError
from console.domain.fleet import Fleet
from console.domain.found import Found
from console.domain.text import visible
from console.transport.kit import Kit
from console.transport.kubectl import KubectlError
from console.transport.pods import Pods
from console.transport.scrapes import SECONDS, Scrapes


async def discovery_checks(fleet: Fleet, kit: Kit) -> list[Check]:
    """One look into the cluster and one into Prometheus, as far as the settings ask for them."""
    return [await _kubernetes(fleet, kit), await _prometheus(fleet, kit)]


async def _kubernetes(fleet: Fleet, kit: Kit) -> Check:
    check = "discovery.kubernetes"
    if not fleet.discovery.kubernetes:
        return ok(check, NOT_ASKED)
    pods = Pods(fleet, kit.clock)
    try:
        return _told(check, pods.asked, await pods.look())
    except KubectlError as error:
        return fail(check, f"{visible(pods.asked)}: {error}", error.hint)


async def _prometheus(fleet: Fleet, kit: Kit) -> Check:
    check = "discovery.prometheus"
    if not fleet.discovery.prometheus:
        return ok(check, NOT_ASKED)
    scrapes = Scrapes(fleet, kit)
    try:
        return _told(check, scrapes.asked, await scrapes.look())
    except SourceError as error:
        return fail(check, str(error), error.failure.hint)
    except TimeoutError:
        said = f"no answer within {SECONDS:.0f} s from {fleet.prometheus}"
        return fail(check, said, "it may be stopped or overloaded")


def _told(check: str, asked: str, found: Found) -> Check:
    left = f"; left out: {', '.join(found.left_out)}" if found.left_out else ""
    said = f"{counted(len(found.targets), 'server')} among {visible(asked)}{left}"
    if not found.targets:
        return fail(check, said, "; ".join(found.notes) or "check discovery in the settings")
    return warn(check, said, "; ".join(found.notes)) if found.notes else ok(check, said)
