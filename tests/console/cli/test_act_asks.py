import io
import json
import os
import signal
from pathlib import Path

import pytest

from console.cli import main
from tests.parts.commands import at_terminal

ROLLBACK = ["rollback", "--model", "ranker", "--to-version", "6", "http://a:8000"]


@pytest.mark.parametrize(
    ("confirm", "answer", "code"),
    [
        ("type", "ranker\n", 0),
        ("type", "yes\n", 3),
        ("type", "\n", 3),
        ("enter", "\n", 0),
        ("enter", "no\n", 3),
        ("none", "", 0),
    ],
)
def test_on_a_terminal_the_plan_is_shown_and_then_asked_for(world, monkeypatch, confirm, answer, code):
    Path("triton-console.toml").write_text(f"[fleets.prod]\ntargets = ['a']\nconfirm = '{confirm}'\n")
    typist = at_terminal(monkeypatch, answer)
    assert main(["rollback", "--model", "ranker", "--to-version", "6"]) == code
    shown = typist.getvalue()
    assert "STEPS  2" in shown
    assert ("Type ranker to run it" in shown) == (confirm == "type")
    assert world.knobs.values == ({"a": 2, "b": 3} if code == 0 else {"a": 1, "b": 1})


def test_the_end_of_input_confirms_nothing(world, monkeypatch, capsys):
    at_terminal(monkeypatch, "\x04")
    assert main(ROLLBACK) == 3
    assert "nothing was changed" in capsys.readouterr().err
    assert world.knobs.values == {"a": 1, "b": 1}


@pytest.mark.usefixtures("interruptible")
def test_a_question_that_is_interrupted_changes_nothing(world, monkeypatch):
    typist = at_terminal(monkeypatch, "")
    monkeypatch.setattr(typist, "flush", lambda: _interrupt(typist))
    assert main(ROLLBACK) == 130
    assert world.knobs.values == {"a": 1, "b": 1}


def _interrupt(typist) -> None:
    if typist.getvalue().endswith("as it is: "):
        os.kill(os.getpid(), signal.SIGINT)


def test_with_json_the_question_is_asked_on_stderr(world, monkeypatch, capsys):
    typist = at_terminal(monkeypatch, "ranker\n")
    monkeypatch.setattr("sys.stderr", typist)
    monkeypatch.setattr("sys.stdout", out := io.StringIO())
    assert main([*ROLLBACK, "--json"]) == 0
    assert "Type ranker to run it" in typist.getvalue()
    assert json.loads(out.getvalue())["result"] == "verified"
