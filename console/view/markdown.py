"""Markdown from untrusted text: nothing in a name, a reason or a note acts as markup, HTML or a mention."""

import re
from collections.abc import Iterable, Sequence

from console.domain.text import visible
from console.view.styled import clip, width

NAME, SENTENCE, LONGEST_CALL = 80, 600, 20_000

_ACTING = re.compile(r"[\\`*\[\]<>~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w)")
_LEADING = re.compile(r"^([#+=>-]|\d{1,9}[.)](?=\s|$))")
# A mention calls people; a code span does not.
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_LONGEST_NAME = 20_000
# Of the last column nothing stands under anything.
_WIDEST, _LAST = 100, 40
_UNNEEDED = re.compile(r"^\\(?=[#+=>-])")


def text(value: str, limit: int = SENTENCE) -> str:
    """Prose as it is, in one line: characters that mean something to Markdown mean nothing."""
    shown = _ACTING.sub(r"\\\g<0>", visible(value, limit))
    shown = _MENTION.sub("`@`", shown)
    return _LEADING.sub(_escaped, shown)


def code(value: str, limit: int = NAME) -> str:
    """A name or a message as it is, in a code span; nothing at all is a dash."""
    shown = visible(value, limit)
    if not shown.strip():
        return "–"
    fence = "`" * (_longest(shown) + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def block(value: str, limit: int = LONGEST_CALL) -> list[str]:
    """Lines as they are, between fences that nothing in them ends; of a longer text the middle is left out."""
    left = len(value) - limit
    if left > 0:
        value = f"{value[: limit * 2 // 3]} … {left:,} more characters … {value[-(limit // 3) :]}"
    lines = [visible(line, LONGEST_CALL * 2) for line in value.splitlines()] or [""]
    fence = "`" * max(3, *(_longest(line) + 1 for line in lines))
    return [fence, *lines, fence]


def table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()
) -> list[str]:
    """A table whose columns stand under each other in the source as well; ``right`` are columns of figures."""
    cells = [[_cell(each) for each in row] for row in (titles, *rows)]
    most = [_WIDEST] * (len(titles) - 1) + [_LAST]
    columns = zip(*cells, strict=True)
    wide = [min(max(map(width, column)), limit) for column, limit in zip(columns, most, strict=True)]
    rule = [f"{'-' * (max(cells_, 3) - 1)}{':' if n in right else '-'}" for n, cells_ in enumerate(wide)]
    return [_row(row, wide, right) for row in (cells[0], rule, *cells[1:])]


def bullets(lines: Iterable[str]) -> list[str]:
    """A list of sentences that are Markdown already."""
    return [f"- {line}" for line in lines]


def name(value: str, cells: int = 48) -> str:
    """A name in a code span, its middle left out where it is long."""
    return code(clip(visible(value, _LONGEST_NAME), cells, "middle"), _LONGEST_NAME)


def _cell(value: str) -> str:
    """A pipe ends a cell even within a code span, and a backslash before it may stand for itself."""
    value = _UNNEEDED.sub("", value)
    return value.replace("|", "¦") if "`" in value else value.replace("|", "&#124;")


def _row(row: Sequence[str], wide: Sequence[int], right: frozenset[int]) -> str:
    padded = []
    for number, (cell, cells) in enumerate(zip(row, wide, strict=True)):
        room = " " * max(max(cells, 3) - width(cell), 0)
        padded.append(f"{room}{cell}" if number in right else f"{cell}{room}")
    return f"| {' | '.join(padded)} |"


def _longest(shown: str) -> int:
    """The longest run of backticks."""
    return max((len(run) for run in re.findall("`+", shown)), default=0)


def _escaped(match: re.Match[str]) -> str:
    found = match.group()
    return f"{found[:-1]}\\{found[-1]}"
