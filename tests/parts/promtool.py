"""promtool, of Debian's package prometheus."""

import shutil
import subprocess
from pathlib import Path

from tests.parts.missing import missing


def promtool(*arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run it with an optional text on stdin; a missing promtool skips the test."""
    program = shutil.which("promtool") or missing("promtool is not installed: apt-get install prometheus")
    command = [program, *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=300)
