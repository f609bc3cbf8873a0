"""``incident``: opened, looked at and closed without a screen."""

import json
from pathlib import Path

import pytest

from tests.parts.cli import console


@pytest.fixture
def settings(tmp_path: Path) -> str:
    path = tmp_path / "triton-console.toml"
    path.write_text(f'[fleets.prod]\ntargets = ["http://127.0.0.1:9"]\nstate = "{tmp_path}/state"\n')
    return str(path)


async def test_an_incident_is_opened_once_and_closed_with_its_bundle(settings: str, tmp_path: Path) -> None:
    opened = await console("incident", "open", "--reason", "p99 of ranker", "--config", settings)
    again = await console("incident", "open", "--config", settings, "--json")
    looked = await console("incident", "--config", settings)
    closed = await console("incident", "close", "--config", settings, "--json")

    assert (opened.code, looked.code, closed.code) == (0, 0, 0)
    incident = json.loads(again.out)["incident"]
    assert incident["id"] in opened.out
    assert "p99 of ranker" in looked.out
    ended = json.loads(closed.out)["incident"]
    assert ended["id"] == incident["id"]
    assert ended["closed"] is not None
    assert ended["bundle"] in {str(path) for path in (tmp_path / "state").rglob("*.tcinc")}


async def test_what_is_printed_on_closing_is_a_command_that_works(settings: str) -> None:
    await console("incident", "open", "--config", settings)
    closed = await console("incident", "close", "--config", settings)

    command = closed.out.strip().splitlines()[-1].split()
    report = await console(*command[1:], "--config", settings)
    assert report.code == 0
    assert report.out.startswith("# Incident")


async def test_nothing_open_is_said_and_told_by_the_exit_code(settings: str) -> None:
    looked = await console("incident", "--config", settings)
    closed = await console("incident", "close", "--config", settings, "--json")

    assert (looked.code, closed.code) == (1, 1)
    assert "no incident of prod is open" in looked.out
    assert json.loads(closed.out) == {"incident": None}


async def test_a_state_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    path = tmp_path / "triton-console.toml"
    path.write_text(f'[fleets.prod]\ntargets = ["http://127.0.0.1:9"]\nstate = "{tmp_path}/state"\n')

    done = await console("incident", "open", "--config", str(path))

    assert done.code == 1
    assert "no incident can be opened" in done.err
    assert "Traceback" not in done.err
