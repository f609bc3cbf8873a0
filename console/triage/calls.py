"""What anyone can type to ask a server the same: its calls, one line each."""

from collections.abc import Iterable
from urllib.parse import quote

from console.domain.triage import Answer, Evidence
from console.triage.scene import Scene


def call(scene: Scene, path: str, targets: Iterable[str] = (), verb: str = "GET") -> str:
    """The call of a path at the first of these targets, or of the model's own; ``{model}`` in it is filled in."""
    names = tuple(targets) or scene.targets
    urls = (row.url for row in scene.snapshot.targets if row.name in names)
    return f"{verb} {next(urls, 'URL')}{path.replace('{model}', quote(scene.model, safe=''))}"


def scrape(scene: Scene, target: str) -> str:
    """The command that shows what a target's metrics endpoint says."""
    urls = (each.metrics for each in scene.snapshot.fleet.targets if each.name == target)
    return f"curl -s {next(urls, 'METRICS_URL')}"


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
