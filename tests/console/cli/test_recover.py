import json

import pytest

from console.cli import main
from console.domain.journal import Record, RecordKind

ROLLBACK = ["rollback", "--model", "ranker", "--to-version", "6", "--yes", "a"]


@pytest.fixture
def died(world, monkeypatch):
    """A rollback whose console died after the first of its two steps; returns its id."""
    assert main(ROLLBACK) == 0
    records = world.bench.journal.records
    second = [r for r in records if r.kind is RecordKind.INTENT][1]
    del records[records.index(second) :]
    world.knobs.values.update(a=2, b=1)
    monkeypatch.setattr("console.engine.recovery.lives", lambda _: False)
    return records[0].plan


@pytest.mark.usefixtures("world")
def test_nothing_unfinished_is_0(capsys):
    assert main(["recover"]) == 0
    assert "no plan was cut short" in capsys.readouterr().out
    assert main(["recover", "--undo", "--yes"]) == 3
    assert "nothing to recover" in capsys.readouterr().err


def test_an_unfinished_plan_is_listed_with_what_was_done_and_what_can_be_done(died, capsys):
    assert main(["recover"]) == 1
    out = capsys.readouterr().out
    assert died in out
    assert "✓ 1 turn a: done: now 2" in out
    assert "· 2 turn b: not begun" in out
    assert "--continue" in out
    assert main(["recover", "--json"]) == 1
    (entry,) = json.loads(capsys.readouterr().out)["unfinished"]
    assert (entry["id"], entry["unfinished"]) == (died, True)


def test_a_step_in_flight_is_read_back(world, died, capsys):
    first = next(r for r in world.bench.journal.records if r.kind is RecordKind.OUTCOME)
    world.bench.journal.records.remove(first)
    assert main(["recover"]) == 1
    assert "✓ 1 turn a: done: now 2" in capsys.readouterr().out
    assert died


@pytest.mark.parametrize(("way", "values"), [("--undo", {"a": 1, "b": 1}), ("--continue", {"a": 2, "b": 3})])
def test_a_step_that_was_written_down_and_never_done_is_known_for_that(world, died, way, values):
    begun = Record(RecordKind.INTENT, died, 0.0, "ana", {"step": 1, "before": 1})
    world.bench.journal.records.append(begun)
    assert main(["recover", way, "--yes"]) == 0
    assert world.knobs.values == values


def test_a_read_only_console_lists_and_writes_nothing(world, died, capsys):
    done = next(r for r in world.bench.journal.records if r.kind is RecordKind.OUTCOME)
    world.bench.journal.records.remove(done)
    before = list(world.bench.journal.records)
    assert main(["recover", "--read-only"]) == 1
    assert died in capsys.readouterr().out
    assert world.bench.journal.records == before
    for way in (["--continue", "--yes"], ["--undo", "--yes"], ["--handled", "--reason", "x"]):
        assert main(["recover", *way, "--read-only"]) == 3


def test_undo_takes_back_what_was_done(world, died):
    assert main(["recover", died[:3], "--undo", "--yes"]) == 0
    assert world.knobs.values == {"a": 1, "b": 1}
    assert main(["recover"]) == 0


def test_continue_does_the_rest(world, died):
    assert main(["recover", "--continue", "--yes"]) == 0
    assert world.knobs.values == {"a": 2, "b": 3}
    assert died
    assert main(["recover"]) == 0


def test_handled_only_writes_it_down(world, died, capsys):
    assert main(["recover", died, "--handled", "--reason", "turned by hand", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"handled": died, "reason": "turned by hand"}
    assert world.knobs.values == {"a": 2, "b": 1}
    assert world.bench.journal.records[-1].kind is RecordKind.HANDLED
    assert main(["recover"]) == 0
    assert main(["recover", died, "--handled", "--reason", "x"]) == 64


def test_what_was_cut_short_stands_in_the_way_and_the_way_out_is_named(died, capsys):
    assert main(ROLLBACK) == 3
    said = capsys.readouterr()
    assert died in said.out
    assert f"triton-console recover {died}" in said.err


def test_a_plan_and_a_target_are_told_apart(world, died):
    url = world.built[0].targets[0].url
    assert main(["recover", died, "--undo", "--dry-run", f"{url},name=c"]) == 0
    assert [target.name for target in world.built[-1].targets] == ["c"]
    assert main(["recover", "--undo", "--dry-run", f"{url},name=d"]) == 0
    assert [target.name for target in world.built[-1].targets] == ["d"]


@pytest.mark.parametrize(
    "way", [["--undo", "--yes"], ["--continue", "--yes"], ["--handled", "--reason", "x"]]
)
def test_a_plan_that_a_living_console_runs_is_left_to_it(world, died, capsys, monkeypatch, way):
    monkeypatch.setattr("console.engine.recovery.lives", lambda _: True)
    before = list(world.bench.journal.records)
    assert main(["recover", died, *way]) == 3
    assert f"{died} is still run by ana@bastion: process" in capsys.readouterr().err
    assert world.bench.journal.records == before
    assert main(["recover"]) == 0
