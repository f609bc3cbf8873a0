"""Restricted endpoint groups, as ``--http-restricted-api`` sets them."""

from collections.abc import Iterable, Mapping


class Restriction:
    """Which group wants which header; flags read ``group,group:header=value``."""

    def __init__(self, flags: Iterable[str]) -> None:
        self._wanted: dict[str, tuple[str, str]] = {}
        for flag in flags:
            groups, _, key = flag.partition(":")
            header, _, value = key.partition("=")
            for group in groups.split(","):
                self._wanted[group] = (header, value)

    def refusal(self, group: str, headers: Mapping[str, str]) -> str:
        """The text of the 403, empty where the request may pass."""
        header, value = self._wanted.get(group, ("", ""))
        if not header or headers.get(header) == value:
            return ""
        return f"This API is restricted, expecting header '{header}'"
