"""The rules of the house, so that one command is the whole gate."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.missing import missing

ROOT = Path(__file__).parents[1]
ROOMS = ("console", "screens", "runbooks", "tests", "bench")
KINDS = {".py", ".tcss", ".toml"}
LONGEST = 300

CHECKS = {
    "ruff check": ("ruff", "check"),
    "ruff format": ("ruff", "format", "--check"),
    "mypy": ("mypy",),
    "import contracts": ("lint-imports",),
}


def test_no_file_is_too_long_to_read_in_one_sitting() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in _written_by_hand()}

    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}
    assert "tests/test_house.py" in lengths


@pytest.mark.parametrize("check", CHECKS)
def test_the_tools_have_nothing_to_say(check: str) -> None:
    tool, *arguments = CHECKS[check]
    program = Path(sys.executable).with_name(tool)
    if not program.exists():
        missing(f"{tool} is not installed: pip install -e '.[test]'")

    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def _written_by_hand() -> list[Path]:
    recorded = ROOT / "tests" / "recorded"
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in KINDS)
    return [path for path in files if not path.is_relative_to(recorded)]
