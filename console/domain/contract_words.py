"""Values that a contract writes in ways of its own: sizes in bytes, whole numbers, ranges, shapes, texts within bounds."""

import re
from typing import Any

from console.domain.toml_problems import KeyPath, Problems
from console.domain.toml_table import Table, shown

TEXT_MOST = 200
_DIMENSIONS_MOST, _DIMENSION_MOST = 16, 2**40
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?(B|[KMGT]i?B)")
_UNITS: dict[str, int] = {"B": 1} | {
    f"{letter}{i}B": (1024 if i else 1000) ** power
    for power, letter in enumerate("KMGT", 1)
    for i in ("", "i")
}


def words(table: Table, key: str, most: int = TEXT_MOST) -> str:
    """A text of one line, empty where there is none."""
    text = table.text(key)
    if text is None:
        return ""
    if len(text) > most:
        table.problem(key, f"is longer than {most} characters")
        return ""
    return " ".join(text.split())


def number(table: Table, key: str, *, least: float, most: float, unit: str = "") -> float | None:
    """A number within bounds; None where there is none."""
    if table.raw(key) is None:
        return None
    # Out of the bounds, so that what could not be used is told from what was written.
    found = table.number(key, least - 1, least=least, most=most, unit=unit)
    return found if found >= least else None


def count(table: Table, key: str, *, least: int, most: int) -> int | None:
    """A whole number within bounds; None where there is none."""
    value = table.raw(key)
    if value is None:
        return None
    if type(value) is int and least <= value <= most:
        return value
    table.problem(key, f"must be a whole number from {least} to {most}, not {shown(value)}")
    return None


def size(table: Table, key: str) -> float | None:
    """Bytes: a number of them, or text such as ``4GiB``; None where there is none."""
    value = table.raw(key)
    if not isinstance(value, str):
        return number(table, key, least=1, most=2**50, unit=" bytes")
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        table.problem(key, f'must be a size such as "4GiB" or "512 MB", not {shown(value)}')
        return None
    return float(match[1]) * _UNITS[match[2]]


def span(table: Table, key: str, *, least: int, most: int) -> tuple[int | None, int | None]:
    """``{ min = A, max = B }``, either of them, or one number for both; None where a bound is not said."""
    value = table.raw(key)
    if value is None or not isinstance(value, dict):
        both = count(table, key, least=least, most=most)
        return both, both
    inner = table.table(key)
    low, high = (count(inner, name, least=least, most=most) for name in ("min", "max"))
    if low is not None and high is not None and low > high:
        inner.problem("min", f"is over max: {low} is more than {high}")
        low = None
    inner.close()
    return low, high


def shape(value: Any, path: KeyPath, problems: Problems) -> tuple[int, ...] | None:
    """A list of dimensions, -1 for one of any size; None with a problem noted for what is none."""
    rows = value if isinstance(value, list) else None
    good = rows is not None and all(type(each) is int and -1 <= each <= _DIMENSION_MOST for each in rows)
    if rows is None or not good or len(rows) > _DIMENSIONS_MOST:
        problems.add(
            path, f"must be a list of dimensions such as [-1, 4], -1 being any size, not {shown(value)}"
        )
        return None
    return tuple(rows)
