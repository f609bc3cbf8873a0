"""Settings files of the tests, and what is wrong with them."""

from pathlib import Path

import pytest

from console.settings import Options, SettingsError, load


def write(text: str, name: str = "triton-console.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def problems(options: Options | None = None, environ=None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(options or Options(), environ or {})
    return [str(problem) for problem in caught.value.problems]
