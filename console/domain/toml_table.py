"""One TOML table, read key by key; what nobody asked for is an unknown key."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from console.domain.text import visible
from console.domain.toml_problems import KeyPath, Problems, nearest

# TOML's integers have no bound and its floats include inf and nan: neither is a setting.
_HUGE = 1e15
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?([smhd])")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Table:
    """A table of a document; each reader checks its value, notes a problem and then gives the default."""

    def __init__(self, values: Mapping[str, Any], path: KeyPath, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self._values = values
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def problem(self, key: str, message: str) -> None:
        """Note a problem at one key."""
        self.problems.add((*self.path, key), message)

    def raw(self, key: str) -> Any:
        """The value as TOML gave it, or None."""
        self._asked.add(key)
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        """A string that is not empty, or None."""
        value = self.raw(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.problem(key, f"must be text, not {shown(value)}")
        return None

    def choice(self, key: str, known: tuple[str, ...], default: str) -> str:
        """One of the known words."""
        value = self.raw(key)
        if value is None or value in known:
            return default if value is None else str(value)
        guess = nearest(value, known) if isinstance(value, str) else ""
        self.problem(key, f"must be {' or '.join(known)}, not {shown(value)}{guess}")
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.raw(key)
        if isinstance(value, bool):
            return value
        if value is not None:
            self.problem(key, f"must be true or false, not {shown(value)}")
        return default

    def number(
        self, key: str, default: float, *, least: float = -math.inf, most: float = math.inf, unit: str = ""
    ) -> float:
        """A finite number within bounds, both included."""
        value = self._number(key, unit)
        if value is None:
            return default
        if least <= value <= most:
            return value
        bounds = f"at least {least:g}" if most == math.inf else f"between {least:g} and {most:g}"
        self.problem(key, f"must be {bounds}{unit}, not {value:g}")
        return default

    def share(self, key: str, default: float) -> float:
        """A number between 0 and 1, both excluded."""
        value = self._number(key)
        if value is None:
            return default
        if 0 < value < 1:
            return value
        percent = f" (write {value:g} % as {value / 100:g})" if 1 < value < 100 else ""
        self.problem(key, f"must be over 0 and under 1, not {value:g}{percent}")
        return default

    def port(self, key: str, default: int) -> int:
        """A TCP port."""
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536:
            return value
        self.problem(key, f"must be a port, 1 to 65535, not {shown(value)}")
        return default

    def duration(self, key: str, default: float, *, least: float, most: float) -> float:
        """Seconds: a number of them, or text such as ``90m``, ``4h``, ``2d``."""
        value = self.raw(key)
        if not isinstance(value, str):
            return self.number(key, default, least=least, most=most, unit=" seconds")
        match = _DURATION.fullmatch(value.strip())
        if match is None:
            self.problem(key, f'must be a time such as "90m" or "4h", not {shown(value)}')
            return default
        seconds = float(match[1]) * _UNITS[match[2]]
        if least <= seconds <= most:
            return seconds
        self.problem(key, f"must be between {least:g} and {most:g} seconds, not {shown(value)}")
        return default

    def _number(self, key: str, unit: str = "") -> float | None:
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE:
            return float(value)
        self.problem(key, f"must be a number{' of' + unit if unit else ''}, not {shown(value)}")
        return None

    def texts(self, key: str) -> list[tuple[KeyPath, str]]:
        """The strings of a list, each with its path; one string stands for a list of one."""
        value = self.raw(key)
        at = (*self.path, key)
        if value is None:
            return []
        if isinstance(value, str):
            return [(at, value)]
        if not isinstance(value, list):
            self.problem(key, f"must be a list of texts, not {shown(value)}")
            return []
        for position, item in enumerate(value):
            if not isinstance(item, str):
                self.problems.add((*at, position), f"must be text, not {shown(item)}")
        return [((*at, i), item) for i, item in enumerate(value) if isinstance(item, str)]

    def table(self, key: str) -> "Table":
        """A table inside this one, empty when it is absent."""
        value = self.raw(key)
        if value is not None and not isinstance(value, dict):
            self.problem(key, f"must be a table, not {shown(value)}")
        return Table(value if isinstance(value, dict) else {}, (*self.path, key), self.problems)

    def rows(self, key: str) -> list["Table"]:
        """The tables of a list of tables."""
        value = self.raw(key)
        rows = value if isinstance(value, list) else []
        if value is not None and not rows:
            self.problem(key, f"must be one or more tables, not {shown(value)}")
        for position, item in enumerate(rows):
            if not isinstance(item, dict):
                self.problems.add((*self.path, key, position), f"must be a table, not {shown(item)}")
        return [
            Table(item, (*self.path, key, position), self.problems)
            for position, item in enumerate(rows)
            if isinstance(item, dict)
        ]

    def tables(self) -> Iterator[tuple[str, "Table"]]:
        """Every table inside this one, under whatever name."""
        for key in self._values:
            if isinstance(self._values[key], dict):
                yield key, self.table(key)
            else:
                self.table(key)

    def close(self) -> None:
        """Note every key that nothing asked for, with the nearest name that exists here."""
        for key in self._values:
            if key not in self._asked:
                known = sorted(self._asked)
                self.problem(key, f"unknown key{nearest(key, known) or '; known here: ' + ', '.join(known)}")


def shown(value: Any) -> str:
    """A wrong value as a message quotes it."""
    words = {True: "true", False: "false"}
    if isinstance(value, bool):
        return words[value]
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return visible(f'"{value}"' if isinstance(value, str) else str(value), 60)
