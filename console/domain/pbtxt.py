"""A config.pbtxt with another version policy, and the rest of its text untouched."""

import re
from collections.abc import Sequence

FIELD = "version_policy"
_TOKEN = re.compile(
    r"""(?P<skip>\#[^\n]*|\s+)|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<open>[{<\[])|(?P<close>[}>\]])|(?P<word>[A-Za-z_][A-Za-z0-9_.]*)|(?P<other>.)""",
    re.VERBOSE,
)


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
    if depth or start >= 0:
        raise ValueError("its braces do not match")
    return found
