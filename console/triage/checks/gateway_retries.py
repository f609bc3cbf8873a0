"""Whether the gateway repeats requests, gives them up, or cannot reach the servers."""

from collections.abc import Iterator

from console.domain.around import RouteRow
from console.domain.triage import Answer, Evidence, Finding
from console.triage.scene import Scene
from console.triage.shift import Shift
from console.triage.strain import Strain, enough

NAME = "gateway_retries"
# Of a hundred requests asked for, as many repeats, timeouts or failed connections are the gateway's own trouble.
_SHARE = 0.05
_COLUMNS = {
    "retries": "repeats",
    "timeouts": "timeouts",
    "connect_failures": "failed connections",
}
_HINT = "name the gateway in the fleet's settings: [fleets.NAME.gateway], or its metrics = URL"


def check(scene: Scene) -> Finding:
    """Yes when such things became a good share of what clients ask for, while the servers themselves are well."""
    strain = Strain(scene)
    if not strain.routes:
        nothing = Evidence(NAME, Answer.UNKNOWN, "retries and timeouts", hint=_HINT)
        return Finding(NAME, Answer.UNKNOWN, "no gateway tells about this model", (nothing,), confidence=0.2)
    found = [each for route in strain.routes for each in _figures(strain, route)]
    if not found:
        uncounted = tuple(_uncounted(route) for route in strain.routes)
        said = f"the gateway counts neither {', '.join(_COLUMNS.values())}".replace(", failed", " nor failed")
        return Finding(NAME, Answer.UNKNOWN, said, uncounted, confidence=0.2)
    evidence = tuple(found)
    worst = [each for each in found if each.answer is Answer.YES]
    if not worst:
        return Finding(
            NAME, Answer.NO, "it repeats and gives up no more than before", evidence, confidence=0.9
        )
    said = ", ".join(f"{each.what} {each.now:.1f}/s" for each in worst)
    asked = sum(route.rate or 0.0 for route in strain.routes)
    return Finding(
        NAME,
        Answer.YES,
        f"{said} on {asked:.1f}/s asked for",
        evidence,
        "external",
        0.9,
        scene.model,
        at=scene.onset,
    )


def _uncounted(route: RouteRow) -> Evidence:
    return Evidence(
        NAME, Answer.UNKNOWN, "retries and timeouts", route.name, basis="counter", source=route.kind, age_s=route.age_s,
        query=route.query, hint=f"{route.kind} does not count them: ask the clients, or its log",
    )  # fmt: skip


def _figures(strain: Strain, route: RouteRow) -> Iterator[Evidence]:
    for column, what in _COLUMNS.items():
        value = getattr(route, column)
        if value is None or not route.rate:
            continue
        shift = strain.route_shift(route, column)
        rose = shift.base is None or value > 2 * shift.base
        answer = (
            Answer.YES if _own(route, column) >= _SHARE * route.rate and rose and enough(route) else Answer.NO
        )
        yield _evidence(route, what, Shift(value, shift.base, shift.deviation, shift.basis), answer)


def _own(route: RouteRow, column: str) -> float:
    """How many are the gateway's own doing: repeats of what the servers failed are theirs."""
    value: float = getattr(route, column) or 0.0
    if column != "retries" or route.failed is None or route.timeouts is None:
        return value
    theirs = route.failed - route.timeouts - (route.connect_failures or 0.0)
    return value - max(theirs, 0.0)


def _evidence(route: RouteRow, what: str, shift: Shift, answer: Answer) -> Evidence:
    basis = shift.told("counter")
    return Evidence(
        NAME,
        answer,
        what,
        route.name,
        shift.now,
        shift.base,
        "/s",
        basis,
        route.kind,
        route.age_s,
        route.query,
    )
