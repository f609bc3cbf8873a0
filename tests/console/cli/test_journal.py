import json

from console.cli import main
from console.domain.journal import Damage

ROLLBACK = [
    "rollback",
    "--model",
    "ranker",
    "--to-version",
    "6",
    "--yes",
    "--reason",
    "p99 left its band",
    "a",
]


def test_an_empty_journal_says_so_and_asks_no_server(world, capsys):
    assert main(["journal"]) == 0
    assert "nothing was changed yet" in capsys.readouterr().out
    assert world.built == []


def test_plans_are_listed_newest_first_and_found_by_their_words(world, capsys):
    main(ROLLBACK)
    main(["undo", "last", "--yes", "a"])
    capsys.readouterr()
    first, second = (r.plan for r in world.bench.journal.records if r.kind == "begin")
    assert main(["journal"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["ID", second, first]
    assert f"undone by {second}" in lines[2]
    assert main(["journal", "left", "BAND"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["journal", "no such words"]) == 0
    assert "these words" in capsys.readouterr().out


def test_an_id_shows_the_whole_plan(world, capsys):
    main(ROLLBACK)
    capsys.readouterr()
    number = world.bench.journal.records[0].plan
    assert main(["journal", number[:4]]) == 0
    out = capsys.readouterr().out
    assert "because  p99 left its band" in out
    assert "call:    turn a to 2" in out


def test_json_has_every_plan_with_what_became_of_it(world, capsys):
    main(ROLLBACK)
    main(["undo", "last", "--yes", "a"])
    capsys.readouterr()
    assert main(["journal", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["whole"] is True
    newer, older = found["entries"]
    assert (newer["action"], older["action"]) == ("undo", "rollback")
    assert older["undone"] == newer["id"]
    assert older["who"] == "ana@bastion"
    assert older["at"].endswith("Z")
    assert older["reason"] == "p99 left its band"


def test_damage_is_1_with_verify_and_said_in_any_case(world, capsys):
    assert main(["journal", "--verify"]) == 0
    assert "✓ the journal is whole" in capsys.readouterr().out
    world.bench.journal.damages.append(Damage(3, "does not follow from the line before"))
    assert main(["journal", "--verify"]) == 1
    assert "✗ line 3: does not follow" in capsys.readouterr().out
    assert main(["journal"]) == 0
    assert "triton-console journal --verify" in capsys.readouterr().err
    assert main(["journal", "--verify", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["damages"] == [
        {"line": 3, "message": "does not follow from the line before"}
    ]
