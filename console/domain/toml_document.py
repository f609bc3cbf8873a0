"""A TOML document with the lines of its keys, or the one problem that keeps it from being one."""

import re
import tomllib
from typing import Any

from console.domain.toml_lines import key_lines
from console.domain.toml_problems import Problem, Problems


def read_document(raw: bytes, file: str) -> tuple[dict[str, Any] | None, Problems]:
    """The values and an empty list of problems that knows their lines; None and the problem when it is no TOML."""
    problems = Problems(file)
    try:
        text = raw.decode("utf-8-sig")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.found.append(Problem(line, "", "is not UTF-8 text", file))
    except tomllib.TOMLDecodeError as error:
        problems.found.append(_syntax(error, text, file))
    except RecursionError:
        problems.found.append(Problem(None, "", "is nested too deeply", file))
    except ValueError as error:
        problems.found.append(Problem(None, "", str(error), file))
    else:
        return values, Problems(file, key_lines(text))
    return None, problems


def _syntax(error: tomllib.TOMLDecodeError, text: str, file: str) -> Problem:
    said = str(error)
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", said)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    return Problem(line, "", f"not valid TOML: {said[: place.start()] if place else said}", file)
