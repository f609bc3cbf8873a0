"""Takes names of hosts, addresses and people out of what is passed on; the same name is the same stand-in throughout.

Models, versions, configs, workloads and figures stay: without them a recording tells nothing. What is not learned
beforehand is still found where it looks like an address, a URL, ``ana@bastion`` or a home directory.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from ipaddress import ip_address
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from console.domain.counters import Counters
from console.domain.fleet import ModelVersion
from console.domain.redaction_names import Kind, names
from console.domain.secret import Secret
from console.domain.triton import Histogram, VersionStatistics

T = TypeVar("T")

# In running text a name this short is more often a part of a sentence.
_SHORTEST = 3
# What names of programs and everyday words are: taking them out would spoil every sentence, and hides nobody.
_WORDS = re.compile(
    "admin|alertmanager|console|dcgm|deploys?|envoy|gateway|gpus?|haproxy|host|incidents?|index|journal|kubernetes|link|"
    "lock|models?|network|nginx|node|nvml|operator|pages|pod|probe|prometheus|root|server|targets?|test|triton|ubuntu|users?"
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - a text to leave as it is
_PUBLIC = ("k8s.io", "argoproj.io", "fluxcd.io", "istio.io", "nvcr.io", "docker.io", "ghcr.io", "quay.io")
_ENDINGS = "svc|internal|local|lan|corp|intra|home|com|net|org|io|cloud|dev"
_ADDRESSES = re.compile(
    r"(?P<url>(?<=://)[^/\s\"'<>?#,;)\]}]*[^/\s\"'<>?#,;)\]}.:])"
    r"|(?P<person>[\w.+-]{1,64}@[\w.-]{1,253}\w)"
    r"|(?<=/home/)(?P<home>[^/\s]{1,64})|(?<=/Users/)(?P<users>[^/\s]{1,64})"
    r"|(?P<v4>(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]))"
    r"|(?P<v6>(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:.]))"
    rf"|(?P<domain>(?<![\w.@/-])(?:[a-z0-9-]{{1,63}}\.){{1,8}}(?:{_ENDINGS})(?![\w-]|\.\w))",
    re.IGNORECASE,
)
_STAND_IN = re.compile(r"(?:host|user|target|pod)-[0-9]+")
# Of these no text is shown but models' names; copies of them would only cost time and memory.
_LEFT = bool | int | float | Counters | Histogram | VersionStatistics | ModelVersion | Secret | Enum
_MOST_KEPT = 20_000


class Redaction:
    """Learns names from values of any kind, then replaces them in values of any kind; ``keep`` are never replaced."""

    def __init__(self, keep: Iterable[str] = ()) -> None:
        self._keep = {name.casefold() for name in keep} | _LOOPBACK
        self._stand_ins: dict[str, str] = {}
        self._counts: dict[Kind, int] = {}
        self._pattern: re.Pattern[str] | None = None
        self._texts: dict[str, str] = {}
        self._seen: dict[int, tuple[object, object]] = {}

    @classmethod
    def of(cls, *values: object) -> "Redaction":
        """One that has learned from these."""
        made = cls()
        for value in values:
            made.learn(value)
        return made

    def learn(self, value: object) -> None:
        """Remember the names in a value, or in each of several: fleets, samples, records, incidents, walks, frames."""
        for kind, name in names(value):
            if kind is Kind.MODEL:
                self._keep.add(name.casefold())
            else:
                self._learn(kind, name)

    def value(self, value: T) -> T:
        """The same value with stand-ins in every text; what did not change between two values stays one object."""
        return cast("T", self._value(value))

    def text(self, text: str) -> str:
        """The text with stand-ins."""
        found = self._texts.get(text)
        if found is None:
            if len(self._texts) > _MOST_KEPT:
                self._texts.clear()
            found = self._texts[text] = self._replaced(text)
        return found

    def _replaced(self, text: str) -> str:
        whole = self._stand_ins.get(text.casefold())
        if whole is not None and not _WORDS.fullmatch(text.casefold()):
            return whole
        shown = _ADDRESSES.sub(self._address, text)
        pattern = self._names()
        return pattern.sub(self._named, shown) if pattern is not None else shown

    def _learn(self, kind: Kind, name: str) -> None:
        """Remember one name; a person is known with or without the host behind it."""
        if kind is Kind.PERSON and "@" in name:
            person, _, host = name.rpartition("@")
            self._learn(Kind.HOST, host)
            name = person
        self._stand_in(kind, name)
        short = name.partition(".")[0]
        # The first part of a long name stands for it in messages, if it is not a word.
        if kind is Kind.HOST and short != name and re.search(r"\d|-", short) and not short.isdigit():
            self._alias(short, name)

    def _stand_in(self, kind: Kind, name: str) -> str:
        key = name.casefold()
        if not name or key in self._keep or _STAND_IN.fullmatch(key):
            return name
        if key not in self._stand_ins:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._stand_ins[key] = f"{kind.value}-{self._counts[kind]}"
            self._forget()
        return self._stand_ins[key]

    def _alias(self, name: str, of: str) -> None:
        if name.casefold() not in self._stand_ins and of.casefold() in self._stand_ins:
            self._stand_ins[name.casefold()] = self._stand_ins[of.casefold()]
            self._forget()

    def _forget(self) -> None:
        """What was replaced before a name was known is replaced anew."""
        self._pattern = None
        self._texts.clear()
        self._seen.clear()

    def _names(self) -> re.Pattern[str] | None:
        if self._pattern is None:
            known = [
                name for name in self._stand_ins if len(name) >= _SHORTEST and not _WORDS.fullmatch(name)
            ]
            if not known:
                return None
            longest = sorted(known, key=len, reverse=True)
            spelled = "|".join(map(re.escape, longest))
            self._pattern = re.compile(rf"(?<![\w-])(?:{spelled})(?![\w]|-\w)", re.IGNORECASE)
        return self._pattern

    def _named(self, match: re.Match[str]) -> str:
        return self._stand_ins.get(match.group().casefold(), match.group())

    def _address(self, match: re.Match[str]) -> str:
        return _HOW[match.lastgroup or ""](self, match.group())

    def _url(self, text: str) -> str:
        """What stands between ``://`` and the path; who logs in is left out."""
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return self._stand_in(Kind.HOST, text)
        shown = self._stand_in(Kind.HOST, host)
        bracketed = f"[{shown}]" if ":" in shown else shown
        return bracketed if port is None else f"{bracketed}:{port}"

    def _person(self, text: str) -> str:
        person, _, host = text.rpartition("@")
        return f"{self._stand_in(Kind.PERSON, person)}@{self._stand_in(Kind.HOST, host)}"

    def _home(self, text: str) -> str:
        return self._stand_in(Kind.PERSON, text)

    def _ip(self, text: str) -> str:
        try:
            ip_address(text)
        except ValueError:
            return text
        return self._stand_in(Kind.HOST, text)

    def _domain(self, text: str) -> str:
        public = text.casefold().endswith(_PUBLIC)
        return text if public else self._stand_in(Kind.HOST, text)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if isinstance(value, Enum) else self.text(value)
        if value is None or isinstance(value, _LEFT):
            return value
        known = self._seen.get(id(value))
        if known is not None:
            return known[1]
        changed = self._changed(value)
        if len(self._seen) > _MOST_KEPT:
            self._seen.clear()
        # The value is kept beside, so that its id stays its own.
        self._seen[id(value)] = value, changed
        return changed

    def _changed(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {self._value(key): self._value(each) for key, each in value.items()}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(self._value, value))
        if isinstance(value, list | tuple):
            return type(value)(map(self._value, value))
        if is_dataclass(value) and not isinstance(value, type):
            return replace(
                value, **{each.name: self._value(getattr(value, each.name)) for each in fields(value)}
            )
        return value


_HOW: dict[str, Callable[[Redaction, str], str]] = {
    "url": Redaction._url,  # noqa: SLF001 - a part of the class, by the name of its group
    "person": Redaction._person,  # noqa: SLF001
    "home": Redaction._home,  # noqa: SLF001
    "users": Redaction._home,  # noqa: SLF001
    "v4": Redaction._ip,  # noqa: SLF001
    "v6": Redaction._ip,  # noqa: SLF001
    "domain": Redaction._domain,  # noqa: SLF001
}
