"""Contracts in the picture: which hold by what is served, and where they are broken."""

from typing import Any

from console.domain.config import read_config
from console.domain.contract import ContractReading
from console.domain.snapshot import Snapshot
from console.domain.triton import IndexEntry, State
from tests.console.engine.watched import READY, Watched, row
from tests.parts.contracts import WHOLE, config, read


class Bound(Watched):
    """A store whose models have contracts."""

    def contracts(self, *texts: str, problems: tuple[str, ...] = ()) -> ContractReading:
        reading = ContractReading(tuple(read(text) for text in texts), problems)
        self.again(reading)
        return reading

    def again(self, reading: ContractReading) -> None:
        self._take("contracts", None, reading, None, every=15.0)

    def serve(self, name: str, *index: IndexEntry, **changes: Any) -> None:
        self.poll(name, index=index or (READY,), configs={"ranker": read_config(config(**changes))})


def broken(snapshot: Snapshot) -> list[str]:
    return [warn.text for warn in row(snapshot).warnings if warn.id == "contract-broken"]


def standing(snapshot: Snapshot) -> dict[str, bool | None]:
    return {clause.id: clause.passed for clause in snapshot.contracts["ranker"].clauses}


def test_a_contract_that_is_kept_is_in_the_picture_and_warns_of_nothing() -> None:
    bound = Bound("a")
    bound.contracts(WHOLE)
    bound.serve("a", READY, IndexEntry("ranker", "2", State.UNAVAILABLE, "unloaded"))
    shot = bound.tick()

    assert set(standing(shot).values()) == {True}
    assert shot.contracts["ranker"].contract.owner == "ml-ranking"
    assert broken(shot) == []


def test_a_clause_that_is_broken_is_a_warning_of_each_version_that_serves() -> None:
    bound = Bound("a")
    bound.contracts(WHOLE.replace("versions = 2", ""))
    bound.serve(
        "a",
        READY,
        IndexEntry("ranker", "2", State.UNAVAILABLE, "Internal: boom"),
        backend="python",
        platform="",
    )
    shot = bound.tick()

    assert standing(shot)["contract.backend"] is False
    assert broken(shot) == ["its contract is broken: backend, artifact"]
    hints = {warn.id: warn.hint for warn in row(shot).warnings}
    assert hints["contract-broken"].startswith(
        "verify checks every clause; owner ml-ranking; call ana@example.com"
    )
    other = next(each for each in shot.models if each.key.version == "2")
    assert [warn.id for warn in other.warnings if warn.id == "contract-broken"] == []


def test_one_broken_clause_says_what_it_is() -> None:
    bound = Bound("a")
    bound.contracts("backend = 'tensorrt'\n")
    bound.serve("a")
    assert broken(bound.tick()) == [
        "its contract is broken: backend: contract says tensorrt, server says onnxruntime"
    ]


def test_it_is_judged_anew_when_the_config_or_the_contract_changes() -> None:
    bound = Bound("a")
    bound.contracts("backend = 'onnxruntime'\n")
    bound.serve("a")
    assert broken(bound.tick()) == []
    bound.serve("a", backend="python", platform="")
    assert broken(bound.tick())
    bound.contracts("backend = 'python'\n")
    assert broken(bound.tick()) == []
    bound.contracts()
    assert bound.tick().contracts == {}


def test_where_targets_differ_the_ones_that_break_it_are_named() -> None:
    bound = Bound("a", "b", "c")
    bound.contracts("backend = 'onnxruntime'\nresources.instances = 2\n")
    bound.serve("a")
    bound.serve("b", backend="python", platform="")
    bound.serve("c", backend="python", platform="")
    shot = bound.tick()

    clauses = {clause.id: clause for clause in shot.contracts["ranker"].clauses}
    assert clauses["contract.backend"].detail == "on b, c: contract says onnxruntime, server says python"
    assert clauses["contract.resources"].passed is True
    assert clauses["contract.resources"].detail == "2 of 2 instances"


def test_a_model_that_nobody_serves_leaves_its_clauses_unknown() -> None:
    bound = Bound("a")
    bound.contracts("backend = 'onnxruntime'\n")
    bound.poll("a", index=(IndexEntry("ranker", "1", State.UNAVAILABLE, "unloaded"),))
    shot = bound.tick()
    assert standing(shot) == {"contract.backend": None}
    assert broken(shot) == []


def test_what_is_not_understood_is_a_note_and_no_fault_of_the_model() -> None:
    bound = Bound("a")
    bound.contracts("backend = 'onnxruntime'\nownr = 'a'\n", problems=("contracts: /x: No such file",))
    bound.serve("a")
    shot = bound.tick()

    assert standing(shot) == {"contract.file": False, "contract.backend": True}
    assert broken(shot) == []
    assert [note for note in shot.notes if note.startswith("contracts")] == [
        "contracts: /x: No such file",
        "contracts: not all of ranker is understood (the model screen says what)",
    ]


def test_of_many_contracts_that_come_at_once_all_are_judged_within_some_ticks() -> None:
    bound = Bound("a")
    names = [f"m{n:03}" for n in range(120)]
    bound.again(ContractReading(tuple(read("backend = 'x'\n", name) for name in names)))
    served = read_config(config())
    bound.poll(
        "a",
        index=tuple(IndexEntry(name, "1", State.READY) for name in names),
        configs=dict.fromkeys(names, served),
    )
    counts = []
    for _ in range(4):
        shot = bound.tick()
        counts.append(sum(bool(model.warnings) for model in shot.models))

    assert counts[0] < counts[-1] == 120
    assert len(shot.contracts) == 120


def test_the_same_reading_again_changes_nothing() -> None:
    bound = Bound("a")
    reading = bound.contracts("backend = 'onnxruntime'\n")
    bound.serve("a")
    first = bound.tick().contracts
    bound.again(reading)
    assert bound.tick().contracts is first
