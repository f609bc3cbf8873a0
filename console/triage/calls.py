"""What anyone can type to ask the same: calls of a server, or what its Prometheus is asked where that is all that is seen."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from console.domain.triage import Answer, Evidence
from console.triage.queries import among, series
from console.triage.scene import Scene

OPEN_ONE = "Prometheus does not tell it: open one of its servers directly (screen 7)"


class Listing(NamedTuple):
    """Who says which versions there are: basis and source of what was seen there, and how to ask."""

    basis: str
    source: str
    query: str


def scraped(scene: Scene, targets: Iterable[str] = ()) -> bool:
    """Whether these targets, or the model's own, are groups that Prometheus alone tells of."""
    names = set(targets) or set(scene.targets)
    found = [each.scraped for each in scene.snapshot.fleet.targets if not names or each.name in names]
    return bool(found) and all(found)


def call(scene: Scene, path: str, targets: Iterable[str] = (), verb: str = "GET") -> str:
    """The call of a path at the first of these targets, or of the model's own; ``{model}`` in it is filled in."""
    names = tuple(targets) or scene.targets
    urls = (row.url for row in scene.snapshot.targets if row.name in names)
    url = "http://SERVER:8000" if scraped(scene, names) else next(urls, "URL")
    return f"{verb} {url}{path.replace('{model}', quote(scene.model, safe=''))}"


def listing(scene: Scene, targets: Iterable[str] = ()) -> Listing:
    """Where it stands which versions of the model there are."""
    names = tuple(targets)
    if scraped(scene, names):
        counted = series("nv_inference_request_success", among(scene.snapshot), model=scene.model)
        return Listing("counter", "prometheus", f"count by (model, version) ({counted})")
    return Listing("index", "repository index", call(scene, "/v2/repository/index", names, "POST"))


def scrape(scene: Scene, target: str, family: str = "") -> str:
    """The command that shows what a target's metrics endpoint says, or a family of it; of a group the expression."""
    if scraped(scene, (target,)):
        return series(family or "up", among(scene.snapshot, target))
    urls = (each.metrics for each in scene.snapshot.fleet.targets if each.name == target)
    shown = f"curl -s {next(urls, 'METRICS_URL')}"
    return f"{shown} | grep {family}" if family else shown


def absent(check: str) -> Evidence:
    """Evidence of a check about a model's targets, where no target has the model."""
    return Evidence(
        check,
        Answer.UNKNOWN,
        "targets that have it",
        basis="index",
        source="repository index",
        query="POST URL/v2/repository/index",
        hint="is the name right, and does a target of the fleet serve it? see status",
    )
