"""A disk that is full for a while: the console says so, goes on watching, and changes nothing that it cannot write down."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ENDS_WITHIN_S = 300
ADVICE = {"limit": "the file may not grow", "disk": "the disk is full"}
_OWN = ("unshare", "--user", "--map-root-user", "--mount")
"""A name space of its own, in which anybody may mount."""


def small_disk(folder: Path, command: list[str]) -> list[str]:
    """The command, with a file system of two megabytes at its folder."""
    mount = f'mount -t tmpfs -o size=2m,mode=0700 none "{folder}" && exec "$@"'
    return [*_OWN, "sh", "-c", mount, "sh", *command]


@pytest.fixture(scope="module", params=ADVICE)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a console showed whose disk was full, and what it left; ``how`` is the way in which it was."""
    folder = tmp_path_factory.mktemp("state")
    command = [sys.executable, "-m", "tests.parts.siege_full", request.param, str(folder)]
    if request.param == "disk":
        able = subprocess.run(small_disk(folder, ["true"]), capture_output=True, check=False)
        if able.returncode:
            pytest.skip("no file system can be mounted here, not even in a name space of its own")
        command = small_disk(folder, command)
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=ENDS_WITHIN_S, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return {**found, "how": request.param}


def test_the_header_says_that_nothing_is_recorded_and_why(seen: dict[str, Any]) -> None:
    assert f"▲ rec: {ADVICE[seen['how']]}" in seen["head"]


def test_without_a_journal_nothing_is_changed(seen: dict[str, Any]) -> None:
    assert "NOT RUN" in seen["ran"]
    assert "the journal cannot be written" in seen["ran"]
    assert seen["turned"] == []


def test_known_good_and_incident_say_what_to_do(seen: dict[str, Any]) -> None:
    assert ADVICE[seen["how"]] in seen["good"]
    assert ADVICE[seen["how"]] in seen["close"]
    assert seen["bundles"] == []


def test_the_watch_goes_on(seen: dict[str, Any]) -> None:
    assert seen["up"] == 1
    assert seen["rate"] > 0
    assert seen["errors"] == []


def test_with_room_again_it_records_closes_and_acts(seen: dict[str, Any]) -> None:
    assert "VERIFIED" in seen["ran_after"]
    assert sorted(seen["turned_after"]) == ["a=2", "b=2"]
    assert seen["kept"]["frames"] > 0
    assert len(seen["kept"]["bundles"]) == 1


def test_nothing_half_is_left(seen: dict[str, Any]) -> None:
    kept = seen["kept"]

    assert kept["damages"] == []
    assert kept["records"].count("begin") == kept["records"].count("end") == 1
    assert kept["releases"] == 0
    assert [name for name in kept["drafts"] if not name.endswith(".lock")] == []
