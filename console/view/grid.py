"""Small tables as lines: columns as wide as their widest cell."""

from collections.abc import Sequence

from console.view.styled import Line, Span, fit, joined, plain, width


def grid(
    titles: Sequence[str], rows: Sequence[Sequence[Line]], left: int = 1, widest: int = 60, gap: int = 2
) -> tuple[Line, ...]:
    """A line of titles and one for each row; the first ``left`` columns are left-aligned, the rest right.

    No cell is wider than ``widest``; ``gap`` cells stand between two columns.
    """
    if not rows:
        return ()
    head = [(Span(title, "dim"),) for title in titles]
    wide = [
        min(max(width(plain(cell)) for cell in column), widest) for column in zip(head, *rows, strict=True)
    ]
    return tuple(joined(_cells(cells, wide, left), " " * gap) for cells in (head, *rows))


def _cells(cells: Sequence[Line], wide: list[int], left: int) -> list[Line]:
    """The cells of one line; one at the left needs no spaces behind it when it is the last."""
    last = len(wide) - 1
    fitted = [fit(cell, wide[i], "left" if i < left else "right") for i, cell in enumerate(cells)]
    if last < left and width(plain(cells[last])) <= wide[last]:
        fitted[last] = tuple(cells[last])
    return fitted
