"""A model's contract beside it: whose it is, whom to call, and which clauses hold by what the console sees anyway."""

from collections.abc import Iterable, Iterator, Sequence

from console.domain.contract import Clause, Contract, Held, Rollout
from console.domain.contract_measured import performance_clause
from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view.format import threshold
from console.view.styled import Line, Role, Span

_LABEL, _CLAUSE, _NAME = 9, 12, 80
_DETAIL = 1000
_MODELS = 3
_PREFIX = "contract."


def contract_lines(held: Held, row: ModelRow) -> Iterator[Line]:
    """Everything that its contract says of a version, the broken clauses first."""
    contract = held.contract
    yield from _people(contract)
    yield from _promises(contract)
    for clause in sorted(_clauses(held, row), key=_urgency):
        yield _clause(clause)
    asked = _asked(contract)
    if asked:
        yield Span("? ", "dim"), Span(f"{', '.join(asked)}: only verify tells", "dim")


def whose_lines(snapshot: Snapshot, models: Iterable[str]) -> tuple[Line, ...]:
    """Who owns these models and whom to call, a line each as far as their contracts say; a few at most."""
    told = [
        (model, snapshot.contracts[model].contract)
        for model in dict.fromkeys(models)
        if model in snapshot.contracts and snapshot.contracts[model].contract.whose
    ]
    lines: list[Line] = [
        (Span(f"  {visible(model, 60)}  ", "title"), Span(contract.whose))
        for model, contract in told[:_MODELS]
    ]
    if len(told) > _MODELS:
        lines.append((Span(f"  … and {len(told) - _MODELS} more models", "dim"),))
    return tuple(lines)


def _people(contract: Contract) -> Iterator[Line]:
    if contract.owner:
        yield _said("owner", visible(contract.owner, _NAME))
    if contract.calls:
        yield _said("call", contract.calls)
    if contract.labels:
        pairs = (f"{visible(key, _NAME)}={visible(text, _NAME)}" for key, text in contract.labels.items())
        yield _said("labels", ", ".join(pairs))


def _promises(contract: Contract) -> Iterator[Line]:
    """What it says of rollouts: there is nothing to hold that against but a rollout."""
    said = [*_rollout(contract.rollout)]
    if said:
        yield _said("rollout", ", ".join(said))


def _rollout(rollout: Rollout) -> Iterator[str]:
    if rollout.strategy:
        yield rollout.strategy
    if rollout.canary_percent is not None:
        yield f"{threshold(rollout.canary_percent)} % first"
    limits = [(name, value) for name, value in rollout.gate._asdict().items() if value is not None]
    if limits:
        yield f"gate {' '.join(f'{name}={value:g}' for name, value in limits)}"


def _clauses(held: Held, row: ModelRow) -> list[Clause]:
    promised = held.contract.performance
    return [*held.clauses, *((performance_clause(promised, row),) if promised is not None else ())]


def _asked(contract: Contract) -> Sequence[str]:
    """The clauses that take an inference, files, or a watch of their own."""
    envelope, artifact = contract.envelope, contract.artifact
    found = {
        "health": contract.health is not None,
        "files": artifact is not None and bool(artifact.files),
        "GPU memory": envelope is not None and envelope.gpu_memory_bytes is not None,
        "CPU": envelope is not None and envelope.cpu is not None,
    }
    return [name for name, there in found.items() if there]


def _urgency(clause: Clause) -> int:
    return {False: 0, None: 1, True: 2}[clause.passed]


def _clause(clause: Clause) -> Line:
    name = clause.id.removeprefix(_PREFIX).replace("_", " ")
    sign = {True: Span("✓ ", "good"), False: Span("✗ ", "bad"), None: Span("? ", "warn")}[clause.passed]
    role: Role = "bad" if clause.passed is False else "" if clause.passed is None else "dim"
    return sign, Span(f"{name:<{_CLAUSE}} "), Span(visible(clause.detail, _DETAIL), role)


def _said(label: str, text: str) -> Line:
    return Span(f"{label:<{_LABEL}}", "dim"), Span(text)
