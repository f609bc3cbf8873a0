"""The text of a config.pbtxt changed in one place, and the rest of it untouched."""

import re
from collections.abc import Sequence
from itertools import takewhile

FIELD = "version_policy"
_TOKEN = re.compile(
    r"""(?P<skip>\#[^\n]*|\s+)|(?P<text>"(?:\\.|[^"\\\n])*+"|'(?:\\.|[^'\\\n])*+')|(?P<torn>["'])"""
    r"""|(?P<open>[{<\[])|(?P<close>[}>\]])|(?P<word>[A-Za-z_][A-Za-z0-9_.]*)|(?P<other>.)""",
    re.VERBOSE,
)
# What may follow a backslash in the text format.
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_KNOWN_ESCAPES = frozenset("abfnrtv?\\'\"01234567xXuU")


def with_policy(text: str, versions: Sequence[int]) -> str:
    """The text with a policy that serves these versions, where its policy stands, else at the end.

    Raises ValueError for a text that cannot be understood.
    """
    policy = f"{FIELD} {{ specific {{ versions: [ {', '.join(map(str, versions))} ] }} }}"
    spans = _spans(text)
    if len(spans) > 1:
        raise ValueError(f"it sets {FIELD} {len(spans)} times")
    if spans:
        start, end = spans[0]
        return text[:start] + policy + text[end:]
    return f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{policy}\n"


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the field stands at the top level, from its name to its closing brace."""
    found: list[tuple[int, int]] = []
    depth, start, opened = 0, -1, False
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
            opened = opened or start >= 0
        elif kind == "close":
            depth -= 1
            if depth < 0:
                raise ValueError("its braces do not match")
            if depth == 0 and opened:
                found.append((start, token.end()))
                start, opened = -1, False
        elif kind == "word" and depth == 0:
            if start >= 0:
                raise ValueError(f"its {FIELD} is not a message")
            start = token.start() if token.group() == FIELD else -1
        elif kind == "torn":
            raise ValueError("a text in it does not end")
    if depth or start >= 0:
        raise ValueError("its braces do not match")
    return found


def blanked(text: str, line: int, column: int) -> str:
    """The text with spaces in place of the field whose name stands there (both from 1), so that lines stay what they are."""
    start = sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1
    end = _field_end(text, start)
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def odd_escape(text: str) -> tuple[int, str] | None:
    """The first escape that the format does not have, with its line (from 1); Triton takes no such text."""
    for token in takewhile(_whole, _TOKEN.finditer(text)):
        if token.lastgroup != "text":
            continue
        for escape in _ESCAPE.finditer(token.group()):
            if escape[1] not in _KNOWN_ESCAPES:
                return text.count("\n", 0, token.start()) + 1, escape.group()
    return None


def _field_end(text: str, start: int) -> int:
    """Behind the value of the field whose name begins at ``start``."""
    depth, value = 0, ""
    for token in takewhile(_whole, _TOKEN.finditer(text, _name_end(text, start))):
        kind = str(token.lastgroup)
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            if depth <= 0:
                return token.end() if depth == 0 else token.start()
        elif depth:
            continue
        elif token.group() in ",;" or (value == "text" and kind in {"word", "other"}):
            return token.end() if token.group() in ",;" else token.start()
        elif kind == "skip":
            if value not in {"", "text"}:
                return token.start()
        elif token.group() != ":":
            value = kind
    return len(text)


def _whole(token: re.Match[str]) -> bool:
    """Whether it is more than the beginning of a text that does not end; nothing behind that can be told apart."""
    return token.lastgroup != "torn"


def _name_end(text: str, start: int) -> int:
    token = _TOKEN.match(text, start)
    return token.end() if token else len(text)
