import json
import time
from pathlib import Path

import pytest

from console.cli import main
from console.domain.fleet import Fleet
from console.domain.lock import Lock, lock_json
from console.storage.incidents import IncidentFiles

SETTINGS = (
    "[fleets.prod]\ntargets = ['http://127.0.0.1:1']\n[fleets.prod.freeze]\ndeploy_lock = 'lock.json'\n"
)


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")
    Path("triton-console.toml").write_text(SETTINGS)


def lock(**changed) -> None:
    made = Lock("ana", "bad rollout", time.time() - 60, time.time() + 3600, "fleet prod")._replace(**changed)
    Path("lock.json").write_text(json.dumps(lock_json(made)))


def test_not_frozen_is_0_and_frozen_is_3_for_a_pipeline(capsys):
    assert main(["freeze", "--check"]) == 0
    assert capsys.readouterr().out == "not frozen\n"
    lock()
    assert main(["freeze", "--check"]) == 3
    out = capsys.readouterr().out
    assert out.startswith("frozen by ana since ")
    assert "bad rollout" in out
    assert "59m" in out


def test_json_says_who_why_since_and_until_or_null(capsys):
    assert main(["freeze", "--check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"frozen": None}
    lock(until=None)
    assert main(["freeze", "--check", "--json"]) == 3
    found = json.loads(capsys.readouterr().out)["frozen"]
    assert (found["who"], found["why"], found["until"]) == ("ana", "bad rollout", None)
    assert "undo" not in found


def test_an_expired_freeze_is_over():
    lock(until=time.time() - 1)
    assert main(["freeze", "--check"]) == 0


def test_a_lock_that_cannot_be_understood_is_never_taken_for_free(capsys):
    Path("lock.json").write_text("{")
    assert main(["freeze", "--check"]) == 1
    assert "it is not JSON" in capsys.readouterr().err
    assert main(["freeze", "--check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["id"] == "lock"


def test_hostile_words_of_a_lock_cannot_act_on_the_terminal(capsys):
    lock(who="\x1b[31mana\u202e", why="\x1b]0;x\x07")
    assert main(["freeze", "--check"]) == 3
    assert not set(capsys.readouterr().out) & {"\x1b", "\u202e", "\x07"}


def test_a_freeze_from_beginning_to_end_with_no_server_in_reach(capsys):
    assert main(["freeze", "--yes", "--for", "2h", "--reason", "bad rollout"]) == 0
    assert main(["freeze", "--check"]) == 3
    assert main(["freeze", "--yes"]) == 3
    assert main(["unfreeze", "--yes"]) == 0
    assert main(["freeze", "--check"]) == 0
    capsys.readouterr()
    assert main(["journal", "--verify"]) == 0
    assert main(["journal", "--json"]) == 0
    thawed, frozen = json.loads(capsys.readouterr().out.splitlines()[-1])["entries"]
    assert (frozen["action"], thawed["action"]) == ("freeze", "unfreeze")
    assert frozen["undone"] == thawed["id"]
    assert not [file for file in Path("state").rglob("*") if file.stat().st_mode & 0o077]


def incidents() -> IncidentFiles:
    return IncidentFiles(Path("state"), Fleet("prod"))


def test_a_freeze_opens_an_incident_that_an_unfreeze_leaves_open(capsys):
    assert main(["freeze", "--yes", "--reason", "p99 of ranker"]) == 0
    (incident,) = incidents().all()
    assert (incident.why, incident.closed, incident.targets) == (
        "p99 of ranker",
        None,
        ("http://127.0.0.1:1",),
    )
    out = capsys.readouterr().out
    assert f"incident {incident.id} is open" in out
    assert incident.plan in out

    assert main(["unfreeze", "--yes"]) == 0
    assert incidents().all() == (incident,)


def test_a_freeze_without_an_incident_stands_and_says_so(capsys, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("console.storage.incidents._append", full)

    assert main(["freeze", "--yes"]) == 0

    out = " ".join(capsys.readouterr().out.split())
    assert "deploys are frozen, but no incident can be opened" in out
    assert "the disk is full" in out
    assert Path("lock.json").exists()
