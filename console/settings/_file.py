"""Finding and reading the settings file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from console.domain.toml_document import read_document
from console.domain.toml_problems import Problem, Problems
from console.settings._around import expanded, is_file, read_bounded, reason

NAME = "triton-console.toml"
VARIABLE = "TRITON_CONSOLE_CONFIG"
_LARGEST = 2**20


class SettingsError(Exception):
    """The settings cannot be used; ``problems`` lists every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


def search(given: str | None, variable: str | None) -> Path | None:
    """The file to read: ``--config``, the environment's, the working directory's, the platform's, else None."""
    if given or variable:
        return expanded(given or str(variable))
    import platformdirs  # noqa: PLC0415 - only a search that comes this far pays for it

    places = (Path(NAME), platformdirs.user_config_path("triton-console", appauthor=False) / NAME)
    return next((place for place in places if is_file(place)), None)


def read(path: Path) -> tuple[dict[str, Any], Problems]:
    """The file's values and an empty list of problems that knows its lines; raises SettingsError."""
    try:
        raw = read_bounded(path, _LARGEST)
    except (OSError, ValueError) as error:
        raise SettingsError([Problem(None, "", reason(error), str(path))]) from error
    values, problems = read_document(raw, str(path))
    if values is None:
        raise SettingsError(problems.found)
    return values, problems
