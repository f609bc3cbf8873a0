import json
import time
from pathlib import Path

import pytest

from console.cli import main
from console.domain.lock import Lock, lock_json

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
