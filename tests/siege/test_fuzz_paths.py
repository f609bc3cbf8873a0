"""Paths that nobody can have: a command says so, and ends as it should."""

from pathlib import Path

import pytest

from console.cli import main

PATHS = ("~nobody-is-called-so/a.tcrec", "x" * 5000, "a\nb/\x1b[2J")


@pytest.mark.parametrize("path", PATHS, ids=("nobody", "long", "controls"))
@pytest.mark.parametrize(
    "arguments",
    [
        ["report"],
        ["triage", "ranker", "--from"],
        ["status", "--from"],
        ["explain"],
        ["lint-rules"],
        ["status", "--config"],
    ],
    ids=" ".join,
)
def test_a_path_that_leads_nowhere_is_told_in_one_line(
    arguments: list[str],
    path: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    code = main([*arguments, path])

    said = capsys.readouterr().err
    assert code not in (0, 70), said
    assert said.count("\n") == 1
    assert "\x1b" not in said
