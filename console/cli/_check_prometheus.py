"""Checks of a fleet that is seen through Prometheus: what answers, what it scrapes, and every query of a refresh."""

from collections.abc import Iterator

from console.cli._check import Check, counted, fail, ok, warn
from console.domain.prospect import Asking, Group, PrometheusReading
from console.domain.snapshot import Snapshot
from console.transport.promql_fleet import SEEN_S, Lens
from console.view.format import age

_STALE_SCRAPES = 3
_SHOWN = 20
# More than this of a refresh and the one who asks is a burden.
_LONG_SHARE = 0.5


def prometheus_checks(snapshot: Snapshot, refresh: float) -> Iterator[Check]:
    """Reach, scrapes, selector, servers, then the queries one by one; ``refresh`` is the settings', in seconds."""
    told, url = snapshot.prometheus, snapshot.fleet.prometheus
    if told is None:
        notes = [note for note in snapshot.notes if note.startswith("prometheus")]
        said = "; ".join(notes) or f"no answer from {url}"
        yield fail("prometheus.reach", said, "check prometheus and prometheus_access in the settings")
        return
    yield ok("prometheus.reach", f"{told.flavour or 'something that calls itself nothing'} answers at {url}")
    yield _scrapes(told)
    yield _selector(snapshot, told)
    yield from _servers(told)
    yield from _queries(told, refresh)
    for note in told.notes[:_SHOWN] if told.groups else ():
        yield warn("prometheus.notes", note.removeprefix("prometheus: "), "the figures may not be whole")


def _scrapes(told: PrometheusReading) -> Check:
    window = f"rates are means of {told.window_s:.0f} s" if told.window_s else "rates are means"
    if told.scrape_s is None:
        said = f"how often it scrapes is not told; {window}"
        return warn("prometheus.scrape", said, "is there a series `up` of the fleet's servers?")
    late = [group for group in told.groups if (group.lag_s or 0.0) > _STALE_SCRAPES * told.scrape_s]
    if late:
        said = f"{late[0].target}: the oldest of its newest scrapes is {age(late[0].lag_s or 0.0)} old"
        return warn("prometheus.scrape", said, "is Prometheus overloaded, or behind in what it passes on?")
    return ok("prometheus.scrape", f"every {told.scrape_s:g} s; {window}")


def _selector(snapshot: Snapshot, told: PrometheusReading) -> Check:
    fleet = snapshot.fleet
    selector = f"{{{fleet.selector}}}" if fleet.selector else "no selector"
    if not told.groups:
        said = f"{selector}: no Triton is scraped"
        return fail(
            "prometheus.selector",
            said,
            "ask Prometheus for nv_inference_request_success, and look at its labels",
        )
    number = sum(group.known for group in told.groups)
    by = f", by {', '.join(fleet.by)}" if fleet.by else ""
    said = f"{selector}: {counted(number, 'server')} in {counted(len(told.groups), 'group')}{by}"
    if Lens(fleet, 0).trusted:
        return ok("prometheus.selector", said)
    hint = (
        f"name their job: servers that have not answered for {SEEN_S // 60} minutes are not counted otherwise"
    )
    return warn("prometheus.selector", said, hint)


def _servers(told: PrometheusReading) -> Iterator[Check]:
    for group in told.groups[:_SHOWN]:
        yield _group(group)
    if len(told.groups) > _SHOWN:
        yield ok("prometheus.servers", f"and {counted(len(told.groups) - _SHOWN, 'more group')}")


def _group(group: Group) -> Check:
    said = f"{group.up} of {group.known} answer when they are scraped"
    if group.up < group.known:
        hint = "Prometheus's own page of targets says why the others do not"
        return (warn if group.up else fail)("prometheus.servers", said, hint, group.target)
    return ok("prometheus.servers", said, group.target)


def _queries(told: PrometheusReading, every: float) -> Iterator[Check]:
    seconds = sum(asking.seconds for asking in told.asked)
    number = f"{len(told.asked)} queries a refresh, whatever the fleet's size"
    said = f"{number}: {seconds:.2f} s together, {sum(asking.series for asking in told.asked)} series"
    if seconds > _LONG_SHARE * every:
        hint = f"with refresh = {max(15, 4 * seconds):.0f} in the settings it is asked less often"
        yield warn("prometheus.queries", f"{said}, every {every:g} s", hint)
    else:
        yield ok("prometheus.queries", f"{said}, every {every:g} s")
    yield from map(_query, told.asked)


def _query(asking: Asking) -> Check:
    if asking.problem:
        said = asking.problem.removeprefix("prometheus: ")
        return warn("prometheus.query", said, "what it tells stays unknown", asking.purpose)
    return ok("prometheus.query", f"{asking.seconds:.3f} s, {asking.series} series", asking.purpose)
