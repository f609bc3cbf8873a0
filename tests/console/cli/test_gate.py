import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console import wiring
from console.cli import main
from console.domain.families import F
from console.domain.fleet import Fleet, ModelVersion
from console.domain.gate_answers import Output, Reply, ReplyKind
from console.domain.snapshot import Snapshot
from console.domain.triton import IndexEntry, State
from console.engine.gate import Trials
from tests.console.engine.watched import Values, Watched
from tests.parts.gates import BAD, GOOD, Told

VERSIONS = ("6", "7")
INDEX = tuple(IndexEntry("ranker", version, State.READY) for version in VERSIONS)
BOTH = ("--baseline", "6", "--candidate", "7")
OTHER = Reply(ReplyKind.OK, 5.0, {"OUT": Output("FP32", (1,), [1.5])})


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")


class Watching:
    """An engine whose one server gets so many requests a second for each version, with summaries."""

    def __init__(self) -> None:
        self.rate = {"6": 200.0, "7": 200.0}
        self.p99_ms = {"6": 20.0, "7": 20.0}
        self.told = Told(lambda version, _: GOOD)
        self.fleet: Fleet | None = None
        self.looks = 0
        self.closed = False

    @property
    def trials(self) -> Trials:
        return Trials(self.told)

    def build(self, fleet: Fleet) -> "Watching":
        self.fleet = fleet
        return self

    async def paced(self) -> AsyncIterator[Snapshot]:
        assert self.fleet is not None
        watched = Watched(*(target.name for target in self.fleet.targets))
        for second in range(1000):
            self.looks += 1
            for target in self.fleet.targets:
                watched.poll(target.name, {_key(v): self._counted(v, second) for v in VERSIONS}, index=INDEX)
            await asyncio.sleep(0)
            yield watched.tick()

    def _counted(self, version: str, second: int) -> Values:
        n = self.rate[version] * second
        fields = {F.SUCCESS: n, F.REQUEST_MS: 10 * n, F.QUEUE_MS: n, F.INFERENCES: n, F.EXECUTIONS: n}
        summary = {F.P95: self.p99_ms[version] / 2, F.P99: self.p99_ms[version]} if n else {}
        return {**fields, F.SUMMARY_COUNT: n, **summary}

    async def close(self) -> None:
        self.closed = True


def _key(version: str) -> ModelVersion:
    return ModelVersion("ranker", version)


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> Watching:
    made = Watching()
    monkeypatch.setattr(wiring, "build", made.build)
    return made


def ask(capsys: pytest.CaptureFixture[str], *more: str, code: int) -> dict[str, object]:
    assert main(["gate", "ranker", "http://a:8000", *BOTH, "--json", *more]) == code
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_what_is_equal_passes_as_soon_as_there_is_enough(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(capsys, code=0)
    assert (found["model"], found["baseline"], found["candidate"]) == ("ranker", "6", "7")
    assert (found["verdict"], found["seconds"]) == ("pass", 5.0)
    assert set(found["checks"][0]) >= {
        "id",
        "verdict",
        "baseline",
        "candidate",
        "limit",
        "unit",
        "basis",
        "n",
        "why",
    }
    assert found["limits"]["p99_ratio"] == 1.1
    assert found["at"].endswith("Z")
    assert watching.closed


def test_what_is_slower_fails(watching: Watching, capsys: pytest.CaptureFixture[str]) -> None:
    watching.p99_ms["7"] = 60.0
    (p99, *_) = ask(capsys, code=1)["checks"]
    assert (p99["id"], p99["verdict"], p99["candidate"], p99["limit"]) == ("p99", "fail", 60.0, 22.0)
    assert ask(capsys, "--p99-ratio", "3.5", code=0)["verdict"] == "pass"


def test_a_contract_sets_the_limits_that_nobody_gave_by_hand(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    watching.p99_ms["7"] = 60.0
    Path("triton-console.toml").write_text('[fleets.prod]\ntargets = ["http://a:8000"]\ncontracts = "."\n')
    Path("ranker.toml").write_text("[rollout.gate]\np99_ratio = 5.0\nmin_requests = 200\nrtoll = 1\n")
    fleet = ("--config", "triton-console.toml")
    found = ask(capsys, *fleet, code=0)
    assert (found["limits"]["p99_ratio"], found["limits"]["min_requests"]) == (5.0, 200)
    assert found["contract"]["limits"] == ["p99_ratio", "min_requests"]
    assert "rtoll: unknown key; did you mean rtol?" in found["contract"]["problems"][0]
    by_hand = ask(capsys, *fleet, "--p99-ratio", "1.1", code=1)
    assert (by_hand["limits"]["min_requests"], by_hand["contract"]["limits"]) == (200, ["min_requests"])


def test_another_answer_fails(watching: Watching, capsys: pytest.CaptureFixture[str]) -> None:
    watching.told = Told(lambda version, _: OTHER if version == "7" else GOOD)
    assert main(["gate", "ranker", "http://a:8000", *BOTH]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("✗ FAIL  ranker  7 against 6")
    assert "OUT[0]: 1.5 against 1" in said.out
    assert "\x1b" not in said.out + said.err
    assert ask(capsys, "--tolerance", "0.5", code=0)["verdict"] == "pass"
    assert ask(capsys, "--skip", "correctness", code=0)["verdict"] == "pass"


def test_no_traffic_is_waited_for_and_then_not_enough(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    watching.rate["7"] = 0.0
    found = ask(capsys, "--observe", "12", code=2)
    assert (found["verdict"], found["seconds"]) == ("not_enough_data", 12.0)
    p99 = found["checks"][0]
    assert (p99["candidate"], p99["needed"]) == (None, True)
    assert "candidate had 0 requests, 100 are needed" in p99["why"]


def test_what_is_required_and_unknown_does_not_pass(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(capsys, "--require", "gpu_memory", code=2)["verdict"] == "not_enough_data"


def test_probes_are_sent_only_where_they_are_asked_for_and_said(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    watching.rate = {"6": 0.0, "7": 0.0}
    ask(capsys, "--observe", "6", "--skip", "correctness", code=2)
    assert watching.told.sent == []
    found = ask(capsys, "--observe", "6", "--probe", "100", code=2)
    assert (found["checks"][0]["basis"], found["checks"][0]["n"]) == ("probe", 100)
    # What the gate itself was answered has happened, whatever a poll has seen of it.
    assert {each["n"] for each in found["checks"] if each["id"] in ("queue", "errors")} == {103}
    assert "sent 103 inferences to each on a to measure: load, one at a time" in found["notes"]
    assert len(watching.told.sent) == 2 * 103 + 3


def test_a_candidate_that_errs_where_no_counter_sees_it_fails(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    watching.told = Told(lambda version, _: BAD if version == "7" else GOOD)
    checks = {each["id"]: each for each in ask(capsys, "--probe", "100", code=1)["checks"]}
    assert (checks["errors"]["verdict"], checks["errors"]["basis"]) == ("fail", "probe")
    assert "HTTP 500: boom" in checks["correctness"]["why"]


def test_inputs_come_from_files(
    watching: Watching, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    body = {"inputs": [{"name": "X", "datatype": "FP32", "shape": [1], "data": [1.0]}]}
    (tmp_path / "two.json").write_text(json.dumps([body, body]))
    found = {each["id"]: each for each in ask(capsys, "--input", "two.json", code=0)["checks"]}
    assert found["correctness"]["n"] == 2
    assert "made up" not in found["correctness"]["why"]


def test_servers_that_only_the_sides_name_are_watched(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["gate", "ranker", "--baseline", "http://old:8000", "--candidate", "http://new:8000", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["baseline"], found["candidate"]) == ("7@old", "7@new")
    assert found["targets"] == {"baseline": ["old"], "candidate": ["new"]}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--baseline", "6"), 64, "--candidate"),
        ((*BOTH[:3], "9"), 2, "no target knows version 9 of ranker; it has 6, 7"),
        ((*BOTH[:3], "canry"), 2, "no version and no target is called canry"),
        ((*BOTH[:3], "6"), 64, "there is nothing to compare"),
        ((*BOTH, "--p99-ratio", "nan"), 64, "--p99-ratio must be"),
        ((*BOTH, "--min-requests", "0"), 64, "--min-requests must be"),
        ((*BOTH, "--observe", "inf"), 64, "--observe must be"),
        ((*BOTH, "--probe", "-1"), 64, "--probe must be"),
        ((*BOTH, "--require", "p98"), 64, "invalid choice"),
        ((*BOTH, "--require", "p99", "--skip", "p99"), 64, "both required and skipped"),
        ((*BOTH, "--input", "none.json"), 64, "none.json cannot be read"),
        ((*BOTH, "--input", "bad.json"), 64, "bad.json is not JSON"),
        ((*BOTH, "--input", "odd.json"), 64, "odd.json is no v2 inference"),
    ],
)
@pytest.mark.usefixtures("watching")
def test_what_makes_no_sense_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    Path("bad.json").write_text("{")
    Path("odd.json").write_text('{"inputs": []}')
    assert main(["gate", "ranker", "http://a:8000", *words]) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
