import json

from console.cli import main
from console.domain.run import Verdict


def test_all_passed_is_0_and_every_target_is_asked(world, capsys):
    assert main(["verify", "ranker", "http://a:8000", "http://b:8000,name=bee"]) == 0
    assert [(check.target, check.model, check.version) for check in world.bench.verifier.asked] == [
        ("a", "ranker", ""),
        ("bee", "ranker", ""),
    ]
    assert "2 of 2 checks passed" in capsys.readouterr().out


def test_one_that_failed_is_1(world, capsys):
    world.bench.verifier.verdicts["ranker"] = Verdict(
        "version ready", "a ranker/7", passed=False, detail="400"
    )
    assert main(["verify", "ranker", "a", "--version", "7", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["model"], found["version"], found["passed"]) == ("ranker", "7", False)
    assert found["checks"][0]["detail"] == "400"
    assert world.bench.verifier.asked[0].version == "7"


def test_what_cannot_be_known_is_null_and_alone_is_no_success(world, capsys):
    world.bench.verifier.verdicts["ranker"] = Verdict(
        "synthetic inference", "a", passed=None, detail="no probe"
    )
    assert main(["verify", "ranker", "a", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["checks"][0]["passed"] is None
    assert main(["verify", "ranker", "a"]) == 1
    assert "? synthetic inference  unknown: no probe" in capsys.readouterr().out


def test_it_needs_a_model(world, capsys):
    assert main(["verify"]) == 64
    assert "MODEL" in capsys.readouterr().err
    assert world.built == []


def test_a_secret_that_a_server_echoes_is_not_printed(world, capsys):
    world.bench.verifier.verdicts["ranker"] = Verdict("config", "a", passed=False, detail="saw hunter2-key")
    assert main(["verify", "ranker", "a", "--header", "k: hunter2-key"]) == 1
    assert "hunter2" not in capsys.readouterr().out
