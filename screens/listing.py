"""A page around a table: its filter, its order, its cursor."""

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from console.domain.snapshot import Snapshot
from console.view.filters import Field, Fields, Filter, parse
from console.view.table import Column, Sort, Table
from screens.page import Page
from screens.watch import Watch
from screens.widgets.filterbar import FilterBar
from screens.widgets.table import TableView

T = TypeVar("T")

# Header, news, titles, the selected row's line, a gap, the keys.
_AROUND = 6
_PANEL_LINES = 10


class Listing(Page, Generic[T]):
    """A page whose body is a table that can be filtered and sorted."""

    natural: ClassVar[Sort]
    sorts: ClassVar[tuple[str, ...]]

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self.table = TableView(classes="body")
        self._bar = FilterBar()
        self._filter: Filter[T] = Filter("")
        self._sort = self.natural

    def fields(self, snapshot: Snapshot) -> Fields[T]:
        """What the filter may name."""
        raise NotImplementedError

    def listed(self, snapshot: Snapshot, chosen: Filter[T], sort: Sort) -> Table[T]:
        """The table to show."""
        raise NotImplementedError

    def selected(self, snapshot: Snapshot, item: T | None) -> None:
        """Show what belongs to the row under the cursor; None when there is no row."""
        raise NotImplementedError

    def draw(self, snapshot: Snapshot) -> None:
        """Show the rows that pass, and what belongs to the selected one."""
        table = self.listed(snapshot, self._filter, self._sort)
        self.table.show(table)
        # Without a row there is nothing that charts could be of.
        self.set_class(bool(table.items) and self._has_room(len(table.items)), "-roomy")
        if self._filter.text:
            self._bar.say(f"{len(table.items)} of {self.total(snapshot)}", self._filter.errors)
        self.selected(snapshot, self.table.item)

    @property
    def roomy(self) -> bool:
        """Whether there are charts under the table."""
        return self.has_class("-roomy")

    def _has_room(self, rows: int) -> bool:
        return self.tall or self.size.height - rows - _AROUND >= _PANEL_LINES

    def explained(self) -> tuple[tuple[Column, ...], Mapping[str, Field[Any]]]:
        """The table's columns and fields."""
        snapshot = self.watching.shown
        if snapshot is None:
            return (), {}
        return self.listed(snapshot, Filter(""), self._sort).columns, self.fields(snapshot).named

    def total(self, snapshot: Snapshot) -> int:
        """How many rows there are without a filter."""
        raise NotImplementedError

    def do_filter(self) -> None:
        """Type a filter."""
        self._bar.open()

    def clear(self) -> bool:
        """Clear the filter, where there is one."""
        if not self._filter.text:
            return False
        self._bar.close()
        return True

    def do_sort(self) -> None:
        """Sort by the next column that is on screen."""
        place = self.sorts.index(self._sort.by) if self._sort.by in self.sorts else -1
        self._order(Sort(self.sorts[(place + 1) % len(self.sorts)]))

    def do_reverse(self) -> None:
        """Turn the order round."""
        self._order(Sort(self._sort.by, not self._sort.reversed))

    def _order(self, sort: Sort) -> None:
        self._sort = sort
        self.refresh_page()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Filter by what is typed."""
        snapshot = self.watching.shown
        if snapshot is not None:
            self._filter = parse(event.text, self.fields(snapshot))
        self.refresh_page()

    def on_filter_bar_left(self) -> None:
        """Give the keys back to the table."""
        self.table.focus()

    def on_table_view_headed(self, event: TableView.Headed) -> None:
        """Sort by the column, or turn it round when it already orders the table."""
        if event.column in self.sorts:
            again = event.column == self._sort.by
            self._order(Sort(event.column, again and not self._sort.reversed))

    def on_table_view_moved(self, event: TableView.Moved) -> None:
        """Show what belongs to the row."""
        snapshot = self.watching.shown
        if snapshot is not None:
            item: Any = event.item
            self.selected(snapshot, item)
