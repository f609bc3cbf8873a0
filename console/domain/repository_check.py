"""All that is found in a repository, model by model."""

from collections import Counter
from collections.abc import Iterator

from console.domain.repository import (
    CONFIG,
    Finding,
    Live,
    ModelFolder,
    Repository,
    Severity,
    fail,
    ok,
    warn,
)
from console.domain.repository_access import access_findings
from console.domain.repository_artifact import artifact_findings, backend_findings
from console.domain.repository_ensemble import ensemble_findings
from console.domain.repository_fresh import fresh_findings
from console.domain.repository_layout import beside_findings, leftover_findings, no_model
from console.domain.repository_rules import (
    batching_findings,
    instance_findings,
    name_findings,
    warmup_findings,
)
from console.domain.repository_tensors import tensor_findings
from console.domain.repository_versions import version_findings

ROOT, BOUNDS, SCANNED = "repo.root", "repo.bounds", "repo.scan"
# Of each kind; a repository that breaks one rule a thousand times is told of it some times.
_MOST = 50


def check(repository: Repository, fresh_s: float, live: Live) -> Iterator[Finding]:
    """What is found, of each kind a bounded number; what would serve of each model is among it."""
    yield from bounded(_check(repository, fresh_s, live))


def bounded(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The first findings of each id and severity, and how many more there are."""
    seen: Counter[tuple[str, Severity]] = Counter()
    for finding in findings:
        kind = (finding.id, finding.severity)
        seen[kind] += 1
        if seen[kind] <= _MOST:
            yield finding
    for (number, severity), count in seen.items():
        if count > _MOST:
            yield Finding(
                number, "", severity, f"{count - _MOST} more like these", "--model NAME looks at one model"
            )


def _check(repository: Repository, fresh_s: float, live: Live) -> Iterator[Finding]:
    if repository.problem:
        said = f"cannot be looked at: {repository.problem} (repository_layout)"
        yield fail(ROOT, repository.root, said, "name the directory that holds the models' directories")
        return
    yield _root(repository)
    for name in sorted(repository.only):
        if repository.asked and repository.model(name) is None:
            yield fail(ROOT, name, "is not in the repository", "look at the spelling of --model")
    for said in repository.cut:
        yield warn(BOUNDS, "", said, "what was left out was not checked")
    yield from beside_findings(repository)
    ensembles = ensemble_findings(repository)
    for model in repository.asked:
        found = [*_model(model, repository.at, fresh_s, live), *ensembles.get(model.name, ())]
        broken = any(each.severity is Severity.FAIL for each in found)
        yield from (each for each in found if not (broken and each.severity is Severity.OK))
    yield from access_findings(repository)


def _root(repository: Repository) -> Finding:
    if repository.asked:
        names = sum(len(model.entries) for model in repository.asked)
        models = len(repository.asked)
        said = f"{models} model{'' if models == 1 else 's'}, {names:,} names looked at"
        return ok(SCANNED, repository.root, said)
    if repository.only:
        return fail(ROOT, repository.root, "none of these models is in it", "look at the spelling of --model")
    said = "there is no model's directory in it (repository_layout)"
    return fail(ROOT, repository.root, said, "name the directory that holds the models' directories")


def _model(model: ModelFolder, at: float, fresh_s: float, live: Live) -> Iterator[Finding]:
    other = no_model(model)
    if other is not None:
        yield other
    if other is not None or model.itself.refused:
        # What cannot be read is told of by itself.
        return
    yield from _config(model)
    backend = list(backend_findings(model)) if model.tree is not None else []
    yield from backend
    if model.config is None and backend:
        # Most likely no model at all: that it has no version either says nothing more.
        return
    if model.tree is not None:
        yield from name_findings(model)
        yield from batching_findings(model)
        yield from tensor_findings(model)
        yield from instance_findings(model, live)
        yield from warmup_findings(model)
    yield from version_findings(model)
    yield from artifact_findings(model)
    yield from leftover_findings(model)
    yield from fresh_findings(model, at, fresh_s, live)


def _config(model: ModelFolder) -> Iterator[Finding]:
    for fault in model.config.faults if model.config is not None else ():
        yield fail(fault.id, f"{model.name}/{CONFIG}", fault.message, fault.hint)
