"""Whether the way to the targets is slow or broken: DNS, connecting, TLS, as the console itself measures it."""

from collections.abc import Iterator

from console.domain.around import LinkRow
from console.domain.text import visible
from console.domain.triage import Answer, Evidence, Finding
from console.triage.calls import OPEN_ONE, scraped
from console.triage.scene import LOOKBACK_S, Scene
from console.triage.series import binned, line
from console.triage.shift import Shift

NAME = "network"
_PARTS = {"dns_ms": "DNS", "connect_ms": "TCP connect", "tls_ms": "TLS handshake"}
# Slower than before by this factor and this much: less is the console's own machine.
_FACTOR, _LEAST_MS = 3.0, 20.0
# Of many targets the slowest are looked at, those first that cannot be reached.
_MOST = 16
_HINT = "wait for the first measurement: every 10 s"


def check(scene: Scene) -> Finding:
    """Yes when a part of the way to one of the model's targets failed or takes well longer than before."""
    links = _slowest(scene)
    if not links:
        groups = scraped(scene)
        nothing = Evidence(NAME, Answer.UNKNOWN, "way to the targets", hint=OPEN_ONE if groups else _HINT)
        said = f"the way to its {'servers is not measured: Prometheus asks them' if groups else 'targets was not measured yet'}"
        return Finding(NAME, Answer.UNKNOWN, said, (nothing,), confidence=0.2)
    found = [each for link in links for each in _figures(scene, link)]
    broken = [link.link for link in links if link.link.failed]
    if broken:
        said = f"{broken[0].failed} to {broken[0].target} failed: {visible(broken[0].detail, 120)}"
        return Finding(NAME, Answer.YES, said, tuple(found), "external", 0.8, target=broken[0].target)
    slow = [each for each in found if each.answer is Answer.YES]
    if slow:
        said = f"{slow[0].what} to {slow[0].subject} takes {slow[0].now:.1f} ms, it took {slow[0].baseline:.1f} ms"
        return Finding(NAME, Answer.YES, said, tuple(found), "external", 0.7, target=slow[0].subject)
    if not found:
        nothing = Evidence(NAME, Answer.UNKNOWN, "way to the targets", hint=_HINT)
        return Finding(NAME, Answer.UNKNOWN, "no part of the way was measured", (nothing,), confidence=0.2)
    most = max(each.now for each in found if each.now is not None)
    return Finding(
        NAME, Answer.NO, f"no part of the way takes longer than {most:.1f} ms", tuple(found), confidence=0.7
    )


def _slowest(scene: Scene) -> list[LinkRow]:
    mine = set(scene.targets)
    links = [row for row in scene.snapshot.links if row.link.target in mine and not row.stale]
    return sorted(links, key=_took, reverse=True)[:_MOST]


def _took(row: LinkRow) -> tuple[bool, float]:
    return bool(row.link.failed), max(getattr(row.link, column) or 0.0 for column in _PARTS)


def _figures(scene: Scene, row: LinkRow) -> Iterator[Evidence]:
    link = row.link
    for column, what in _PARTS.items():
        value = getattr(link, column)
        failed = bool(link.failed) and column.startswith(link.failed)
        if value is None and not failed:
            continue
        points = scene.snapshot.history.host(link.target, column, LOOKBACK_S)
        usual = scene.against(binned(line(points), 20.0, scene.snapshot.at))
        slow = value is not None and Shift(value, usual.base, usual.deviation).up(_FACTOR, _LEAST_MS)
        yield Evidence(
            NAME, Answer.YES if slow or failed else Answer.NO, what, link.target, value, usual.base, "ms",
            usual.told("measured"), "console", row.age_s,
            f"curl -so /dev/null -w '%{{time_namelookup}} %{{time_connect}} %{{time_appconnect}}\\n' {_url(scene, link.target)}",
        )  # fmt: skip


def _url(scene: Scene, target: str) -> str:
    return next((row.url for row in scene.snapshot.targets if row.name == target), target)
