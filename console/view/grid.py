"""Small tables as lines: columns as wide as their widest cell."""

from collections.abc import Container, Sequence

from console.view.styled import Line, Span, fit, joined, plain, width

_NONE: frozenset[int] = frozenset()


def grid(
    titles: Sequence[str],
    rows: Sequence[Sequence[Line]],
    right: Container[int] = _NONE,
    *,
    widest: int = 60,
    gap: int = 2,
) -> tuple[Line, ...]:
    """A line of titles and one for each row; the columns of ``right`` are right-aligned.

    No cell but the last is wider than ``widest``; ``gap`` cells stand between two columns.
    """
    if not rows:
        return ()
    lines = [[(Span(title, "dim"),) for title in titles], *rows]
    wide = [min(max(width(plain(cell)) for cell in column), widest) for column in zip(*lines, strict=True)]
    return tuple(joined(_cells(cells, wide, right), " " * gap) for cells in lines)


def _cells(cells: Sequence[Line], wide: list[int], right: Container[int]) -> list[Line]:
    """The cells of one line; the last one needs no spaces behind it."""
    last = len(wide) - 1
    return [
        cell if i == last and i not in right else fit(cell, wide[i], "right" if i in right else "left")
        for i, cell in enumerate(cells)
    ]
