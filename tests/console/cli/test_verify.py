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


CLAUSES = (
    Verdict("contract.io", "a: ranker", passed=True, detail="input INPUT0"),
    Verdict("contract.performance", "contract of ranker", passed=None, detail="send it requests"),
)


def test_the_clauses_of_a_contract_are_further_rows_and_unknown_ones_are_no_failure(world, capsys):
    world.bench.verifier.clauses = CLAUSES
    assert main(["verify", "ranker", "a", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(row["check"], row["passed"]) for row in found["checks"]] == [
        ("version_ready", True),
        ("contract.io", True),
        ("contract.performance", None),
    ]
    assert main(["verify", "ranker", "a"]) == 0
    assert "contract of ranker" in capsys.readouterr().out


def test_a_broken_clause_is_1(world, capsys):
    world.bench.verifier.clauses = (CLAUSES[0]._replace(passed=False),)
    assert main(["verify", "ranker", "a"]) == 1
    assert "✗ contract.io" in capsys.readouterr().out


def test_the_fleet_is_watched_only_where_the_contract_promises_what_that_tells(world, tmp_path, monkeypatch):
    watched = []

    async def observe(self, seconds):
        watched.append(seconds)
        return world.picture

    monkeypatch.setattr("tests.parts.commands.StandEngine.observe", observe)
    settings = tmp_path / "triton-console.toml"
    settings.write_text('[fleets.prod]\ntargets = ["a"]\ncontracts = "contracts"\n')
    (tmp_path / "contracts").mkdir()
    contract = tmp_path / "contracts" / "ranker.toml"
    contract.write_text("backend = 'python'\n")
    assert main(["verify", "ranker"]) == 0
    assert watched == []
    contract.write_text("[performance]\nlatency_ms = 5\n")
    assert main(["verify", "ranker", "--for", "7"]) == 0
    assert watched == [7.0]


def test_no_time_is_no_watch(world, capsys):
    assert main(["verify", "ranker", "a", "--for", "0"]) == 64
    assert "--for must be" in capsys.readouterr().err
