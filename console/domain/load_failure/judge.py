"""What one message says about the cause: the innermost text first, then with what wraps it."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from console.domain.load_failure.record import QUIET, Record
from console.domain.load_failure.rule import Rule, Weight, found
from console.domain.load_failure.rules_artifact import ARTIFACT
from console.domain.load_failure.rules_config import CONFIG
from console.domain.load_failure.rules_engine import BACKEND, ENGINE, GPU
from console.domain.load_failure.rules_files import FILES
from console.domain.load_failure.rules_plain import PLAIN
from console.domain.load_failure.rules_python import DEPENDENCY, PYTHON
from console.domain.load_failure.rules_shapes import SHAPES
from console.domain.text import visible

UNKNOWN = "unknown"
# Among rules of one weight the first that is found counts: what is more particular goes before.
RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*ARTIFACT, *PYTHON, *ENGINE, *GPU, *BACKEND, *FILES, *CONFIG, *DEPENDENCY, *SHAPES, *PLAIN),
        key=lambda rule: -rule.weight,
    )
)
_Table = tuple[tuple[str, Rule], ...]
_QUOTES = str.maketrans({"‘": "'", "’": "'", "`": "'", "´": "'", '"': "'", "“": "'", "”": "'"})
_WRAPPERS = re.compile(
    r"failed with error:|is at (?:unavailable|ready|loading|unloading) state:|failed to create instance:"
    r"|fail(?:ed)? to load '?[^'\n]{1,300}'?,? version -?\d{1,20} ?:|load failed for model '[^'\n]{1,300}':"
    r"|poll failed for model directory '[^'\n]{1,300}':|failed to (?:load|poll) model '[^'\n]{1,300}':"
    r"|\\bversion -?\\d{1,20}: |load failed for libtorch model -> '[^'\n]{1,300}':"
    r"|unexpected error when creating modelinstancestate:|error: creating server:"
    r"|inferenceserverexception:|rpc error: code = \w{1,30} desc =|failed to initialize python stub(?: for auto-complete)?:"
    r"|failed to preinitialize python stub:|version: \d{1,20}\} (?:failed|cannot be loaded):"
)
_CODE = re.compile(
    r"[\s\"'(]*(?:unavailable|internal|invalid argument|invalid_argument|not found|unknown|unsupported|already exists|cancelled"
    r"|\[statuscode\.\w{1,30}\]|error) ?(?::|-|\])(?:\s|\Z)|[\s\"'(]*\[statuscode\.\w{1,30}\]"
)
_NAMES = re.compile(r"(to load|for model|model directory|for backend|model|ensemble) '[^'\n]{1,300}'")
_BLANK = re.compile(r"\s+")
_NOTHING = re.compile(r"[\s;.,'\"|(){}\[\]-]*\Z")
_WIDEST = 300
# Python says at I what it then fails of.
_PYTHON_FILES = ("pb_stub", "python", "stub_launcher")


class Judged(NamedTuple):
    """A message and the cause that it speaks of; ``text`` is the innermost part, ``evidence`` the words that said it."""

    cause: str
    weight: Weight
    record: Record | None = None
    text: str = ""
    evidence: str = ""


NOTHING = Judged(UNKNOWN, Weight.NONE)


class Judge:
    """Judges the messages of one text, each once, by those rules whose words the text has at all."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._plain = {record: _plain(record.text) for record in records}
        everything = "\n".join(dict.fromkeys(self._plain.values()))
        live = [rule for rule in RULES if all(part in everything for part in rule.parts)]
        self._rules = tuple((rule.parts[0], rule) for rule in live)
        self._quiet = tuple((first, rule) for first, rule in self._rules if rule.weight <= Weight.WRAPPER)
        self._known: dict[Record, Judged | None] = {}

    def best(self, records: Iterable[Record]) -> Judged | None:
        """The heaviest judgement, the first of equals; None where no message says anything."""
        heaviest: Judged | None = None
        for record in records:
            judged = self.of(record)
            if judged and (heaviest is None or judged.weight > heaviest.weight):
                heaviest = judged
        return heaviest

    def of(self, record: Record) -> Judged | None:
        """What one message says, in the light of its severity; None for one that says nothing about a cause."""
        if record not in self._known:
            self._known[record] = self._weighed(record)
        return self._known[record]

    def _weighed(self, record: Record) -> Judged | None:
        quiet = record.severity in QUIET and not record.failed and not record.file.startswith(_PYTHON_FILES)
        judged = self._judged(record, self._quiet if quiet else self._rules)
        if judged is None:
            return None
        if judged.cause == UNKNOWN:
            return judged if record.failed or record.severity in ("E", "F") else None
        if record.failed and judged.weight is Weight.BENIGN and judged.text.strip() != "unloaded":
            return judged._replace(cause=UNKNOWN, weight=Weight.UNMATCHED)
        if record.severity == "W" and judged.weight > Weight.HINT:
            return judged._replace(weight=Weight.HINT)
        return judged

    def _judged(self, record: Record, table: _Table) -> Judged | None:
        """The innermost text first; what wraps it where that says more."""
        plain = self._plain.get(record) or _plain(record.text)
        start = _innermost(plain)
        inner = plain[start:]
        rule, at = _first(table, inner)
        if rule is None or rule.weight < Weight.GENERIC:
            outer, place = _first(table, _NAMES.sub(_masked, plain))
            if outer is not None and (rule is None or outer.weight > rule.weight) and _counts(outer, inner):
                return Judged(outer.cause, outer.weight, record, plain, _evidence(record, place, 0))
        if rule is not None:
            return Judged(rule.cause, rule.weight, record, inner, _evidence(record, at, start))
        if _NOTHING.match(inner):
            return None
        return Judged(UNKNOWN, Weight.UNMATCHED, record, inner, _shown(_flat(record.text)[start:]))


def _masked(match: re.Match[str]) -> str:
    return match[1].ljust(len(match[0]))


def _counts(rule: Rule, inner: str) -> bool:
    """A wrapper alone says that something failed; with words inside that nobody knows the cause is unknown."""
    return rule.weight is not Weight.WRAPPER or bool(_NOTHING.match(inner))


def _first(table: _Table, text: str) -> tuple[Rule | None, int]:
    for first, rule in table:
        if first in text:
            at = found(rule, text)
            if at is not None:
                return rule, at
    return None, 0


def _flat(text: str) -> str:
    return _BLANK.sub(" ", text.replace("\\n", " ")).strip()


@cache
def _lower() -> dict[int, int]:
    return {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _plain(text: str) -> str:
    """Lower case, one kind of quotes, single spaces: as long as the flat text, so that places agree."""
    return _flat(text).translate(_lower()).translate(_QUOTES)


def _innermost(plain: str) -> int:
    """Where the text begins after the last wrapper and the status codes that follow it."""
    start = 0
    for match in _WRAPPERS.finditer(plain):
        start = match.end()
    while code := _CODE.match(plain, start):
        start = code.end()
    return start


def _evidence(record: Record, at: int, start: int) -> str:
    """The line that said it, without its wrappers, with what stands before the words where it is short."""
    place = start + at
    for line in record.text.replace("\\n", "\n").split("\n"):
        flat = _flat(line)
        if place < len(flat):
            break
        length = len(flat) + 1 if flat else 0
        place, start = place - length, max(start - length, 0)
    if place - start < _WIDEST // 2:
        return _shown(flat[start:])
    word = flat.rfind(" ", place - 60, place - 15) + 1
    return _shown("… " + flat[word or place :])


def _shown(text: str) -> str:
    return visible(text.strip(" ;|"), _WIDEST)
