"""A table that costs what is visible: it makes, draws and redraws only the lines on screen that changed."""

from collections.abc import Hashable, Iterator
from typing import Any, ClassVar, NamedTuple

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.view.styled import Line, Span
from console.view.table import Place, Row, Table, heading, lay, places
from screens.look import Styles, based, styles
from screens.widgets.lines import strip
from screens.widgets.themed import Themed

_GUTTER = 2
_MARGIN = 1
_HEAD = 1


class _Drawn(NamedTuple):
    """What a line shows: compared to tell whether it must be drawn again."""

    row: Row
    cursor: bool


class TableView(ScrollView, Themed, can_focus=True):
    """Rows of a ``Table`` under a line of titles, with a cursor that stays on its row's key.

    Until the cursor is moved it stands on the top row, so that the worst is selected, or on the row that the
    table leads with; ``home`` brings that back.
    """

    DEFAULT_CSS = """
    TableView { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("home", "top", "Top", show=False),
        Binding("end", "end", "End", show=False),
    ]

    class Moved(Message):
        """The cursor was moved to this item."""

        def __init__(self, item: Any) -> None:
            self.item = item
            super().__init__()

    class Opened(Message):
        """The item under the cursor was clicked twice."""

        def __init__(self, item: Any) -> None:
            self.item = item
            super().__init__()

    class Headed(Message):
        """The title of a column was clicked."""

        def __init__(self, column: str) -> None:
            self.column = column
            super().__init__()

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes=classes)
        self._table: Table[Any] | None = None
        self._placed: tuple[Place, ...] = ()
        self._wanted: frozenset[str] = frozenset()
        self._drawn: dict[int, _Drawn] = {}
        self._strips: dict[int, Strip] = {}
        self._inks: tuple[Styles, Styles] | None = None
        self._cursor = 0
        self._key: Hashable = None

    @property
    def item(self) -> Any:
        """The item under the cursor, None in an empty table."""
        table = self._table
        return table.items[self._cursor] if table is not None and table.items else None

    def show(self, table: Table[Any]) -> None:
        """Show this table; the cursor follows its key, and lines that look the same are left alone."""
        before = self._table
        in_sight = self._cursor in self._visible()
        self._table = table
        self._follow(table)
        same_shape = before is not None and before.columns == table.columns and before.sort == table.sort
        if not same_shape:
            self._place()
        rows = _HEAD + (len(table.items) or len(table.empty) + 1)
        if self.virtual_size.height != rows:
            self.virtual_size = Size(self.size.width, rows)
            self.refresh(layout=True)
        if in_sight:
            self._bring_in_sight()
        if same_shape and table.items:
            self._redraw()
        else:
            self.recolour()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The titles and every row, or the lines that stand for them."""
        del container, viewport, width
        return self.virtual_size.height

    @property
    def _room(self) -> int:
        """Cells that a row may take."""
        return max(self.size.width - _GUTTER - _MARGIN, 0)

    def _place(self) -> None:
        if self._table is not None:
            self._placed = places(self._table.columns, self._room)
            self._wanted = frozenset(self._table.columns[place.column].id for place in self._placed)

    def _follow(self, table: Table[Any]) -> None:
        """Put the cursor where its key is now; a key that is gone leaves it near where it was."""
        wanted = table.lead if self._key is None else self._key
        if wanted is None or not table.items:
            self._cursor = 0
            return
        self._cursor = min(self._cursor, len(table.items) - 1)
        if table.key(table.items[self._cursor]) == wanted:
            return
        found = next((i for i, item in enumerate(table.items) if table.key(item) == wanted), None)
        if found is not None:
            self._cursor = found

    def _visible(self) -> range:
        """Indices of the items on screen."""
        if self._table is None:
            return range(0)
        top = self.scroll_offset.y
        return range(top, min(top + max(self.size.height - _HEAD, 0), len(self._table.items)))

    def _redraw(self) -> None:
        """Mark the lines on screen whose look has changed."""
        looks = {index: self._look(index) for index in self._visible()}
        changed = [index for index, look in looks.items() if look != self._drawn.get(index)]
        for index in changed:
            self._strips.pop(index, None)
        self._strips = {index: made for index, made in self._strips.items() if index in looks}
        self._drawn = looks
        if changed:
            top = self.scroll_offset.y - _HEAD
            self.refresh(*(Region(0, y - top, self.size.width, lines) for y, lines in _runs(changed)))

    def recolour(self) -> None:
        """Draw every line anew."""
        self._drawn.clear()
        self._strips.clear()
        self._inks = None
        self.refresh()

    def _look(self, index: int) -> _Drawn:
        if self._table is None:
            raise LookupError("no table is shown")
        return _Drawn(self._table.row(self._table.items[index], self._wanted), index == self._cursor)

    def render_line(self, y: int) -> Strip:
        """The titles, or the row that stands at this line."""
        table = self._table
        if table is None:
            return self._line(())
        if y == 0:
            return self._line(heading(table.columns, self._placed, table.sort))
        index = y - _HEAD + self.scroll_offset.y
        if index < len(table.items):
            return self._row_strip(index, table)
        left = index - len(table.items) - 1
        lines = () if table.items else table.empty
        return self._line(lines[left] if 0 <= left < len(lines) else ())

    def _row_strip(self, index: int, table: Table[Any]) -> Strip:
        made = self._strips.get(index)
        if made is None:
            drawn = self._drawn.get(index) or self._look(index)
            self._drawn[index] = drawn
            made = self._line(lay(drawn.row, table.columns, self._placed, self._room), cursor=drawn.cursor)
            self._strips[index] = made
        return made

    def _line(self, line: Line, *, cursor: bool = False) -> Strip:
        if self._inks is None:
            base = self.rich_style
            ground = Style(bgcolor=self.get_component_rich_style("table--cursor").bgcolor)
            look = styles(self.app.theme)
            self._inks = (based(look, base), based(look, base + ground))
        normal, lit = self._inks
        return strip(
            (Span("▸ " if cursor else "  ", "accent"), *line), self.size.width, lit if cursor else normal
        )

    def on_resize(self, event: Resize) -> None:
        """Choose the columns for the new width."""
        del event
        in_sight = self._cursor in self._visible()
        self._place()
        self.recolour()
        if in_sight:
            self._bring_in_sight()

    def watch_has_focus(self, has_focus: bool) -> None:  # noqa: FBT001 - Textual's signature
        """Show whether keys go here."""
        super().watch_has_focus(has_focus)
        self.recolour()

    def _bring_in_sight(self) -> None:
        room = max(self.size.height - _HEAD, 1)
        top = self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + room:
            self.scroll_to(y=self._cursor - room + 1, animate=False)

    def _move_to(self, index: int) -> None:
        table = self._table
        if table is None or not table.items:
            return
        self._cursor = min(max(index, 0), len(table.items) - 1)
        self._key = table.key(self.item)
        self._bring_in_sight()
        self._redraw()
        self.post_message(self.Moved(self.item))

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self._move_to(self._cursor + lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is on screen."""
        self._move_to(self._cursor + pages * max(self.size.height - _HEAD - 1, 1))

    def action_top(self) -> None:
        """Stand on the top row, whichever comes to be there, or on the one that leads."""
        self._move_to(0)
        self.free()

    def free(self) -> None:
        """Forget where the cursor was put."""
        self._key = None
        if self._table is not None:
            self.show(self._table)

    def action_end(self) -> None:
        """Stand on the last row."""
        self._move_to(1 << 62)

    def on_click(self, event: Click) -> None:
        """A click on a title sorts, one on a row selects it, a second one opens it."""
        table = self._table
        if table is None:
            return
        if event.y < _HEAD:
            hit = next((p for p in self._placed if 0 <= event.x - _GUTTER - p.x < p.width), None)
            if hit is not None:
                self.post_message(self.Headed(table.columns[hit.column].id))
            return
        index = event.y - _HEAD + self.scroll_offset.y
        if index < len(table.items):
            self._move_to(index)
            if event.chain == 2:
                self.post_message(self.Opened(self.item))


def _runs(indices: list[int]) -> Iterator[tuple[int, int]]:
    """Runs of neighbours as (first, how many); the indices ascend."""
    first = last = indices[0]
    for index in indices[1:]:
        if index != last + 1:
            yield first, last - first + 1
            first = index
        last = index
    yield first, last - first + 1
