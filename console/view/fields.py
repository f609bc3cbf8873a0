"""Labelled text in lines of a bounded width: a label, then the words, broken under each other."""

from collections.abc import Iterable

from console.domain.text import visible
from console.view.styled import Line, Role, Span, clip, fit, plain, width
from console.view.wrap import wrapped

# So much of one text is looked at; what people read is far shorter, and the whole of a call can be copied.
LONGEST = 20_000
_NARROWEST = 8


def heading(text: str, cells: int) -> Line:
    """A title of a section."""
    return (Span(clip(text, cells), "title"),)


def words(text: str, cells: int, *, before: Line = (), role: Role = "", most: int = 0) -> list[Line]:
    """The text after ``before``, broken into lines of at most ``cells`` that start under its first word.

    Where there is no room behind ``before`` they start under it. After ``most`` lines (0: no limit) the
    last one says how many characters are not shown.
    """
    start = width(plain(before))
    if start and cells - start < _NARROWEST:
        return [fit(before, cells), *words(text, cells, role=role, most=most)]
    room = max(cells - start, 1)
    shown = visible(text, LONGEST)
    pieces = wrapped((Span(shown, role),), room, indent=0) or ((),)
    if most and len(pieces) > most:
        left = len(text) - sum(len(plain(piece)) for piece in pieces[: most - 1])
        pieces = (*pieces[: most - 1], (Span(clip(f"… {left:,} more characters", room), "dim"),))
    margin: Line = (Span(" " * start),) if start else ()
    return [(*(margin if number else before), *piece) for number, piece in enumerate(pieces)]


def field(label: str, text: str, cells: int, *, indent: int = 2, role: Role = "") -> list[Line]:
    """``label  text`` with the label in a column of its own."""
    return words(text, cells, before=labelled(label, indent), role=role)


def labelled(label: str, indent: int = 2) -> Line:
    """The label alone, as wide as every label."""
    return (Span(f"{'':{indent}}{label:<9}", "dim"),)


def within(lines: Iterable[Line], cells: int) -> list[Line]:
    """The lines, none wider than that many cells."""
    return [fit(line, cells) if width(plain(line)) > cells else line for line in lines]
