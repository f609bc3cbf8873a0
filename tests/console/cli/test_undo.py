import json

import pytest

from console.cli import main
from console.domain.action import ActionKind
from console.domain.journal import RecordKind
from tests.parts.plans import plan

ROLLBACK = ["rollback", "--model", "ranker", "--to-version", "6", "--yes"]


def ids(world) -> list[str]:
    return [r.plan for r in world.bench.journal.records if r.kind is RecordKind.BEGIN]


def test_undo_brings_back_what_was_and_last_is_the_newest_that_stands(world, capsys):
    assert main([*ROLLBACK, "a"]) == 0
    assert main(["undo", "last", "--yes", "a"]) == 0
    assert world.knobs.values == {"a": 1, "b": 1}
    assert "undo: roll ranker back" in capsys.readouterr().out
    assert main(["undo", "last", "--yes", "a"]) == 3
    assert "an undo can be undone by its id" in capsys.readouterr().err
    assert main(["undo", ids(world)[-1], "--yes", "a"]) == 0
    assert world.knobs.values == {"a": 2, "b": 3}


def test_an_id_may_be_abbreviated_when_one_alone_begins_so(world, capsys, monkeypatch):
    monkeypatch.setattr(world.bench.door, "_new_id", iter(["abc123", "abd456", "x1", "x2"]).__next__)
    assert main([*ROLLBACK, "a"]) == 0
    world.knobs.values.update(a=1, b=1)
    assert main([*ROLLBACK, "a"]) == 0
    assert main(["undo", "ab", "--yes", "a"]) == 64
    assert "begins the ids of several plans: abc123, abd456" in capsys.readouterr().err
    assert main(["undo", "abd", "--yes", "--json", "a"]) == 0
    assert json.loads(capsys.readouterr().out)["asked"]["plan"] == "abd456"


@pytest.mark.usefixtures("world")
def test_an_unknown_id_says_where_the_ids_are(capsys):
    assert main(["undo", "nope", "--yes"]) == 64
    err = capsys.readouterr().err
    assert "the journal of the fleet default has no plan nope" in err
    assert "triton-console journal lists them" in err


def test_without_targets_a_plan_is_undone_where_it_ran(world):
    assert main([*ROLLBACK, "http://a:8000"]) == 0
    assert main(["undo", "last", "--yes"]) == 0
    assert world.built[-1].targets == world.built[0].targets
    assert world.knobs.values == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("begin", "end"),
    [(["reduce", "--model", "ranker", "--to", "5"], ["restore"]), (["freeze"], ["unfreeze"])],
)
def test_restore_and_unfreeze_find_their_targets_in_the_journal_too(world, begin, end):
    assert main([*begin, "--yes", "http://a:8000"]) == 0
    main([*end, "--dry-run"])
    assert world.built[-1].targets == world.built[0].targets
    main([*end, "--dry-run", "http://c:8000"])
    assert [target.url for target in world.built[-1].targets] == ["http://c:8000"]


def test_with_settings_the_fleet_is_the_one_of_the_settings(world, tmp_path):
    assert main([*ROLLBACK, "http://a:8000"]) == 0
    (tmp_path / "triton-console.toml").write_text(
        "[fleets.prod]\ntargets = ['http://a:8000', 'http://p:8000']\n"
    )
    assert main(["undo", "last", "--yes"]) == 0
    assert [target.url for target in world.built[-1].targets] == ["http://a:8000", "http://p:8000"]


def test_last_is_the_newest_plan_on_the_servers_that_are_named(world, capsys):
    assert main([*ROLLBACK, "http://a:8000"]) == 0
    world.knobs.wanted = {ActionKind.UNLOAD: {"c": 0}}
    world.knobs.values["c"] = 1
    assert main(["unload", "--model", "ranker", "--yes", "http://b:8000"]) == 0
    assert main(["undo", "last", "--yes", "http://c:8000"]) == 3
    assert "no plan of the journal stands" in capsys.readouterr().err
    assert main(["undo", "last", "--yes", "http://a:8000"]) == 0
    assert world.knobs.values == {"a": 1, "b": 1, "c": 0}


def test_an_undo_of_a_plan_without_changes_is_refused(world, capsys):
    assert plan().id
    world.knobs.held["a"] = RuntimeError("stuck")
    assert main([*ROLLBACK, "a"]) == 1
    (number,) = ids(world)
    assert main(["undo", number, "--yes", "a"]) == 3
    assert "nothing to undo" in capsys.readouterr().out
