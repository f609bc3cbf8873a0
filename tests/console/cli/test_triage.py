import json
import sys

import pytest

from console import wiring
from console.cli import main
from console.cli._drill_child import drill_child
from console.domain.triage import Answer, Library
from tests.parts.walks import BOOK, PAGE, finding, walk, walked
from tests.snapshots import down_target, model_row, snapshot


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")


class Seen:
    """An engine that shows one picture, and a triage that gives one walk."""

    def __init__(self):
        self.picture = snapshot([model_row("ranker", "6"), model_row("ranker", "7"), model_row("embed", "3")])
        self.walk = walk()
        self.asked = self.fleet = self.keeping = self.listener = None
        self.seconds = 0.0
        self.closed = False
        self.library = Library({BOOK.id: BOOK})
        self.triage = self

    def build(self, fleet, keeping):
        self.fleet, self.keeping = fleet, keeping
        return self

    def subscribe(self, listener):
        self.listener = listener

    async def watched(self, seconds):
        self.seconds = seconds
        self.listener(self.picture)
        return self.picture

    async def look(self, snapshot, model, runbook):
        self.asked = (snapshot, model, runbook)
        return self.walk

    async def close(self):
        self.closed = True


@pytest.fixture
def seen(monkeypatch):
    made = Seen()
    monkeypatch.setattr(wiring, "build", made.build)
    return made


def test_a_verdict_is_0_none_is_1_and_no_data_is_2(seen):
    assert main(["triage", "ranker", "a"]) == 0
    seen.walk = walk("none")
    assert main(["triage", "ranker", "a"]) == 1
    seen.walk = walk("unknown")
    assert main(["triage", "ranker", "a"]) == 0
    seen.walk = walk("unknown", path=(walked(PAGE, Answer.UNKNOWN), walked(PAGE, Answer.UNKNOWN)))
    assert main(["triage", "ranker", "a"]) == 2
    seen.walk = walk("rollout", path=(walked(PAGE, Answer.UNKNOWN), walked(PAGE, Answer.YES)))
    assert main(["triage", "ranker", "a"]) == 0
    assert seen.closed


def test_it_reads_top_to_bottom(seen, capsys):
    assert main(["triage", "ranker", "a"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.startswith("✗ ROLLOUT  ranker, 90 % sure\n")
    assert "triton-console rollback --model ranker --to-version 6 http://a:8000" in said.out
    assert "\x1b" not in said.out


def test_json_is_one_object_alone_on_stdout(seen, capsys):
    assert main(["triage", "ranker", "a", "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out)["verdict"] == "rollout"


def test_it_watches_for_as_long_as_it_is_told(seen):
    main(["triage", "ranker", "a", "b", "--observe", "4", "--runbook", "p99-latency", "--read-only"])
    assert seen.seconds == 4.0
    assert [target.name for target in seen.fleet.targets] == ["a", "b"]
    assert seen.fleet.read_only
    assert seen.fleet.refresh <= 0.8, "a short look has polls enough all the same"
    assert seen.asked == (seen.picture, "ranker", "p99-latency")


def test_it_looks_for_what_was_before_and_records_nothing(seen):
    assert main(["triage", "ranker", "a"]) == 0
    assert seen.keeping == wiring.Keeping(recall=True)


@pytest.mark.parametrize("name", ["ranker", "ranker/6"])
def test_the_model_may_come_with_its_version(seen, name):
    assert main(["triage", name, "a"]) == 0
    assert seen.asked[1] == "ranker"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("rankr", "no target knows the model rankr; did you mean ranker?"),
        ("rankr/7", "did you mean ranker?"),
        ("zzz", "there are embed, ranker"),
        ("ranker/9", "no target knows version 9 of ranker; it has 6, 7"),
        ("\x1b[31m", "no target knows the model \\e[31m"),
    ],
)
def test_a_model_that_nobody_knows_is_no_data(seen, capsys, name, says):
    assert main(["triage", name, "a"]) == 2
    assert says in capsys.readouterr().err
    assert seen.asked is None
    assert seen.closed


def test_nothing_reachable_is_no_data_and_says_why(seen, capsys):
    seen.picture = snapshot([], [down_target()])
    assert main(["triage", "ranker", "a"]) == 2
    assert "no target answers: live: connection refused" in capsys.readouterr().err
    assert main(["triage", "ranker", "a", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["id"] == "unreachable"


def test_a_model_whose_server_has_just_gone_is_still_triaged(seen):
    seen.picture = snapshot([model_row("ranker", "7")], [down_target()])
    assert main(["triage", "ranker", "a"]) == 0


def test_when_nobody_named_a_target_the_next_steps_are_said(seen, capsys):
    seen.picture = snapshot([], [down_target("localhost")])
    assert main(["triage", "ranker"]) == 2
    assert "triton-console drill" in capsys.readouterr().err


def test_an_unknown_runbook_is_said_before_anybody_waits(seen, capsys):
    assert main(["triage", "ranker", "a", "--runbook", "p99-latncy"]) == 64
    assert "did you mean p99-latency?  → triton-console triage --list" in capsys.readouterr().err
    assert seen.seconds == 0


def test_without_any_runbook_it_is_said_and_not_a_crash(seen, capsys, monkeypatch):
    async def look(*_):
        raise LookupError("there is no runbook p99-latency")

    monkeypatch.setattr(seen, "look", look)
    assert main(["triage", "ranker", "a"]) == 2
    assert "there is no runbook p99-latency  → triton-console triage --list" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv", [["triage"], ["triage", "m", "a", "--observe", "0"], ["triage", "m", "a", "--observe", "nan"]]
)
@pytest.mark.usefixtures("seen")
def test_wrong_arguments_are_64(argv):
    assert main(argv) == 64


def test_the_runbooks_can_be_listed_without_any_server(monkeypatch, capsys):
    known = Library({BOOK.id: BOOK}, ("team.toml: is no TOML",))
    monkeypatch.setattr(wiring, "library", lambda _: known)
    assert main(["triage", "--list"]) == 0
    said = capsys.readouterr()
    assert "p99-latency  p99 is over its promise" in said.out
    assert "left out: team.toml: is no TOML" in said.err
    assert main(["triage", "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runbooks"][0]["id"] == "p99-latency"


def test_the_progress_is_told_on_a_terminal_and_taken_away(seen, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["triage", "ranker", "a"]) == 0
    said = capsys.readouterr().err
    assert "watching for 10 s: " in said
    assert said.endswith("\r\x1b[K")


def test_a_secret_that_a_server_echoes_is_not_printed(seen, capsys):
    step = walked(PAGE, Answer.YES, finding(reason="he said hunter2"), reason="he said hunter2")
    seen.walk = walk(path=(step,))
    for more in ([], ["--json"]):
        main(["triage", "ranker", "a", "--header", "admin-key: hunter2", *more])
        assert "hunter2" not in capsys.readouterr().out


KEYS = {"runbook", "model", "at", "verdict", "confidence", "onset", "steps", "recommended"}
EVIDENCE = {"check", "now", "baseline", "basis", "source", "verdict", "query"}


def test_a_fleet_is_watched_and_its_runbook_walked_end_to_end(capsys):
    with drill_child(["healthy"]) as endpoints:
        targets = [f"{each['url']},metrics={each['metrics']}" for each in endpoints["targets"]]
        code = main(["triage", "ranker", *targets, "--observe", "3", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said.keys() >= KEYS
    assert said["problems"] == []
    assert said["runbook"] == "p99-latency"
    assert code == {"none": 1, "unknown": 2}.get(said["verdict"], 0)
    assert said["steps"][0]["evidence"][0].keys() >= EVIDENCE
    assert {step["answer"] for step in said["steps"]} <= {"yes", "no", "unknown"}


def test_the_shipped_runbooks_are_listed_end_to_end(capsys):
    assert main(["triage", "--list"]) == 0
    said = capsys.readouterr()
    assert "p99-latency" in said.out
    assert said.err == ""
