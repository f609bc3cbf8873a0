"""Finding and reading the settings file."""

import re
import tomllib
from pathlib import Path
from typing import Any

from console.settings._around import read_bounded, reason
from console.settings._lines import key_lines
from console.settings._problems import Problem, Problems, SettingsError

NAME = "triton-console.toml"
VARIABLE = "TRITON_CONSOLE_CONFIG"
_LARGEST = 2**20


def search(given: str | None, variable: str | None) -> Path | None:
    """The file to read: ``--config``, the environment's, the working directory's, the platform's, else None."""
    if given or variable:
        return Path(given or str(variable)).expanduser()
    import platformdirs  # noqa: PLC0415 - only a search that comes this far pays for it

    places = (Path(NAME), platformdirs.user_config_path("triton-console", appauthor=False) / NAME)
    return next((place for place in places if place.is_file()), None)


def read(path: Path) -> tuple[dict[str, Any], Problems]:
    """The file's values and an empty list of problems that knows its lines; raises SettingsError."""
    file = str(path)
    try:
        text = read_bounded(path, _LARGEST).decode("utf-8-sig")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError([Problem(line, "", "is not UTF-8 text", file)]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([_syntax(error, text, file)]) from error
    except RecursionError as error:
        raise SettingsError([Problem(None, "", "is nested too deeply", file)]) from error
    except (OSError, ValueError) as error:
        raise SettingsError([Problem(None, "", reason(error), file)]) from error
    return values, Problems(file, key_lines(text))


def _syntax(error: tomllib.TOMLDecodeError, text: str, file: str) -> Problem:
    said = str(error)
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", said)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    return Problem(line, "", f"not valid TOML: {said[: place.start()] if place else said}", file)
