"""Tables as values: columns that know how wide they are and when to go, rows of cells."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from console.view.styled import EMPTY, Align, Cut, Line, Role, Span, fit, merged, width

T = TypeVar("T")


class Column(NamedTuple):
    """One column; ``title`` carries the unit, ``about`` is its line under ``?``.

    ``width`` is cells and ``grow`` how many more it takes where there is room. ``drop`` 0 always
    stays; of the others the highest goes first when the terminal is narrow.
    """

    id: str
    title: str
    width: int
    about: str
    align: Align = "right"
    drop: int = 0
    grow: int = 0
    cut: Cut = "end"


class Place(NamedTuple):
    """Where a column stands: its column, its first cell and its width in cells."""

    column: int
    x: int
    width: int


class Row(NamedTuple):
    """One row: a cell for each column; ``message`` takes the line from ``message_from`` (a column id) on.

    ``role`` other than ``""`` colours the whole row.
    """

    cells: tuple[Line, ...]
    role: Role = ""
    message: Line = EMPTY
    message_from: str = ""


class Sort(NamedTuple):
    """The column that orders a table, and whether the natural order is turned round."""

    by: str
    reversed: bool = False


class Table(NamedTuple, Generic[T]):
    """A table to draw: rows are made from ``items`` on demand, so that only visible ones cost.

    ``row`` is told which columns (by id) are on screen. ``empty`` is shown when there are no items.
    The row of the key ``lead`` has the cursor until somebody moves it; without one the first row.
    """

    columns: tuple[Column, ...]
    items: Sequence[T]
    key: Callable[[T], Hashable]
    row: Callable[[T, frozenset[str]], Row]
    sort: Sort
    empty: tuple[Line, ...] = ()
    lead: Hashable = None


def by_figure(
    rows: Iterable[T], figure: Callable[[T], float | str | None], *, highest_first: bool
) -> list[T]:
    """Rows by a figure, rows of one figure in the order they came; what is unknown stands last, whichever way round."""
    measured = [(figure(row), row) for row in rows]
    known = [(value, row) for value, row in measured if value is not None]
    known.sort(key=lambda pair: (pair[0],), reverse=highest_first)
    return [row for _, row in known] + [row for value, row in measured if value is None]


def places(columns: tuple[Column, ...], cells: int) -> tuple[Place, ...]:
    """Which columns stand where in a line of ``cells``: columns go by ``drop``, then the rest grow in order."""
    gap = 2 if cells >= 120 else 1
    kept = list(range(len(columns)))

    def needed() -> int:
        return sum(columns[i].width for i in kept) + gap * (len(kept) - 1)

    while needed() > cells:
        droppable = [i for i in kept if columns[i].drop]
        if not droppable:
            break
        kept.remove(max(droppable, key=lambda i: (columns[i].drop, i)))
    spare = max(cells - needed(), 0)
    placed: list[Place] = []
    x = 0
    for i in kept:
        extra = min(columns[i].grow, spare)
        spare -= extra
        wide = columns[i].width + extra
        placed.append(Place(i, x, wide))
        x += wide + gap
    return tuple(placed)


def grown(column: Column, texts: Iterable[str]) -> Column:
    """The column, growing no further than its longest text."""
    longest = max(map(width, texts), default=0)
    return column._replace(grow=min(column.grow, max(longest - column.width, 0)))


def lay(row: Row, columns: tuple[Column, ...], placed: tuple[Place, ...], cells: int) -> Line:
    """The row as one line of exactly that many cells; a role of the whole row takes the place of its spans' own."""
    made: list[Span] = []
    at = 0
    for place in placed:
        column = columns[place.column]
        if column.id == row.message_from:
            break
        if place.x > at:
            made.append(Span(" " * (place.x - at)))
        made.extend(fit(row.cells[place.column], place.width, column.align, column.cut))
        at = place.x + place.width
    if row.message:
        made.append(Span("  "))
        at += 2
    made.extend(fit(row.message, max(cells - at, 0)))
    return (Span("".join([span.text for span in made]), row.role),) if row.role else merged(made)


def heading(columns: tuple[Column, ...], placed: tuple[Place, ...], sort: Sort) -> Line:
    """The titles over their columns; the one that orders the table has an arrow."""
    spans: list[Span] = []
    at = 0
    for place in placed:
        column = columns[place.column]
        spans.append(Span(" " * (place.x - at)))
        ordering = column.id == sort.by and bool(column.title)
        arrow = ("▴" if sort.reversed else "▾") if ordering else ""
        title = f"{arrow}{column.title}" if column.align == "right" else f"{column.title}{arrow}"
        spans.extend(fit((Span(title, "accent" if ordering else "dim"),), place.width, column.align))
        at = place.x + place.width
    return tuple(spans)
