"""The models' contracts, and which of their clauses hold by the configs that are served."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from console.domain.config import ModelConfig
from console.domain.contract import Clause, Contract, ContractReading, Held
from console.domain.contract_rules import Served, file_clause, judged
from console.domain.fleet import ModelVersion
from console.domain.rows import ModelRow, Warn
from console.domain.sample import Sample
from console.domain.text import visible
from console.domain.triton import State
from console.engine._target import TargetMemory

BROKEN = "contract-broken"
# Models judged in one tick: a config is parsed for each, and a tick must not hold the loop up.
_AT_ONCE = 50
_NAMES, _TOLD = 3, 160


class _Place(NamedTuple):
    """What one target serves of a model: its config, and the versions that it names."""

    target: str
    config: ModelConfig
    versions: tuple[str, ...]


class ContractMemory:
    """The newest look at the contracts; each is judged anew when it or what is served of its model has changed."""

    def __init__(self) -> None:
        self.held: Mapping[str, Held] = {}
        self._reading = ContractReading(())
        self._contracts: dict[str, Contract] = {}
        self._places: dict[str, tuple[_Place, ...]] = {}
        self._warnings: dict[str, Warn] = {}
        self._revision: tuple[tuple[str, int], ...] = ()
        self._waiting: dict[str, None] = {}

    def take(self, _: Sample, reading: ContractReading) -> None:
        """Remember one look."""
        if reading is self._reading:
            return
        before, self._reading = self._contracts, reading
        self._contracts = {contract.model: contract for contract in reading.contracts}
        self.held = {model: held for model, held in self.held.items() if model in self._contracts}
        self._warnings = {model: warn for model, warn in self._warnings.items() if model in self._contracts}
        changed = (model for model, contract in self._contracts.items() if before.get(model) != contract)
        self._waiting |= dict.fromkeys(changed)

    def notes(self) -> Iterator[str]:
        """What is wrong with their files."""
        yield from self._reading.problems
        unclear = [visible(each.model, 60) for each in self._reading.contracts if each.problems]
        if unclear:
            more = f" and {len(unclear) - _NAMES} more" if len(unclear) > _NAMES else ""
            names = ", ".join(unclear[:_NAMES])
            yield f"contracts: not all of {names}{more} is understood (the model screen says what)"

    def tick(self, targets: Sequence[TargetMemory]) -> Mapping[str, Held]:
        """How the contracts stand by now; of many that changed at once some stand as before until a later tick."""
        if not self._contracts:
            return {}
        revision = tuple((target.name, target.revision) for target in targets)
        if revision != self._revision:
            self._revision = revision
            self._look(targets)
        if self._waiting:
            self.held = {**self.held, **dict(self._judged())}
        return self.held

    def warned(self, rows: Iterable[ModelRow]) -> list[ModelRow]:
        """The rows, those of a model that serves and breaks its contract with a warning."""
        if not self._warnings:
            return list(rows)
        return [
            row._replace(warnings=(*row.warnings, self._warnings[row.key.model]))
            if row.ready and row.key.model in self._warnings
            else row
            for row in rows
        ]

    def _judged(self) -> Iterator[tuple[str, Held]]:
        """Some of those that wait."""
        for model in list(self._waiting)[:_AT_ONCE]:
            del self._waiting[model]
            if model in self._contracts:
                yield model, self._judge(self._contracts[model])

    def _look(self, targets: Sequence[TargetMemory]) -> None:
        """Find where each model is served, and which need another judgement."""
        places: dict[str, list[_Place]] = {}
        for target in targets:
            for model, versions in _served(target).items():
                if model in self._contracts and model in target.configs:
                    found = _Place(target.name, target.configs[model], tuple(versions))
                    places.setdefault(model, []).append(found)
        now = {model: tuple(found) for model, found in places.items()}
        changed = (model for model in self._contracts if now.get(model) != self._places.get(model))
        self._waiting |= dict.fromkeys(changed)
        self._places = now

    def _judge(self, contract: Contract) -> Held:
        places = self._places.get(contract.model, ())
        unclear = file_clause(contract)
        found = _joined([(place, _clauses(contract, place)) for place in _different(places)], places)
        if not places:
            found = judged(contract, Served(None))
        held = Held(contract, (*((unclear,) if unclear else ()), *found))
        broken = [clause for clause in held.broken if clause is not unclear]
        if broken:
            self._warnings[contract.model] = _warning(contract, broken)
        else:
            self._warnings.pop(contract.model, None)
        return held


def _served(target: TargetMemory) -> Mapping[str, list[str]]:
    """The versions of each model of which one is ready."""
    found: dict[str, list[str]] = {}
    ready: set[str] = set()
    for key, state in target.states.items():
        _add(found, key)
        if state.state is State.READY:
            ready.add(key.model)
    return {model: versions for model, versions in found.items() if model in ready}


def _add(found: dict[str, list[str]], key: ModelVersion) -> None:
    if key.version:
        found.setdefault(key.model, []).append(key.version)


def _clauses(contract: Contract, place: _Place) -> tuple[Clause, ...]:
    return judged(contract, Served(place.config.tree, None, place.versions))


def _different(places: Sequence[_Place]) -> list[_Place]:
    """One place for each different config and set of versions."""
    return list({(place.config.digest, place.versions): place for place in reversed(places)}.values())[::-1]


def _joined(found: Sequence[tuple[_Place, Sequence[Clause]]], places: Sequence[_Place]) -> tuple[Clause, ...]:
    """Each clause as it stands where it stands worst, with the targets where that is not everywhere."""
    if len(found) == 1:
        return tuple(found[0][1])
    joined: list[Clause] = []
    for same in zip(*(clauses for _, clauses in found), strict=True):
        worst = min(same, key=lambda clause: _gravity(clause.passed))
        where = [
            _named(place, places)
            for (place, _), clause in zip(found, same, strict=True)
            if clause.passed is worst.passed
        ]
        on = f"on {', '.join(where)}: " if len(where) < len(found) else ""
        joined.append(worst._replace(detail=f"{on}{worst.detail}"))
    return tuple(joined)


def _gravity(passed: bool | None) -> int:  # noqa: FBT001 - the three ways that a clause stands
    return {False: 0, None: 1, True: 2}[passed]


def _named(place: _Place, places: Sequence[_Place]) -> str:
    """The targets that serve it as this place does."""
    same = [each.target for each in places if each[1:] == place[1:]]
    more = f" and {len(same) - _NAMES} more" if len(same) > _NAMES else ""
    return ", ".join(visible(name, 60) for name in same[:_NAMES]) + more


def _warning(contract: Contract, broken: Sequence[Clause]) -> Warn:
    names = [clause.id.removeprefix("contract.") for clause in broken]
    only = f": {broken[0].detail}" if len(broken) == 1 else ""
    whose = f"; {contract.whose}" if contract.whose else ""
    text = visible(f"its contract is broken: {', '.join(names)}{only}", _TOLD)
    return Warn(BROKEN, text, f"verify checks every clause{whose}")
