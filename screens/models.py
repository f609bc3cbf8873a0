"""The models screen: the table, and three panels of the selected version."""

from collections.abc import Iterator
from typing import ClassVar

from textual.containers import Horizontal
from textual.widget import Widget

from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.view.filters import Fields, Filter
from console.view.model import title
from console.view.model_fields import model_fields
from console.view.models import ORDERS, WORST, models_table
from console.view.panels import one_line, panels
from console.view.table import Sort, Table
from screens.commands import Where
from screens.listing import Listing
from screens.messages import CommandAsked
from screens.watch import Watch
from screens.widgets.lines import Lines
from screens.widgets.panel import PanelView


class ModelsPage(Listing[ModelRow]):
    """Every version of every model, the worst on top."""

    where: ClassVar[Where] = "models"
    natural: ClassVar[Sort] = WORST
    sorts: ClassVar[tuple[str, ...]] = (WORST.by, *ORDERS)

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._panels = (PanelView(), PanelView(), PanelView())
        self._line = Lines(classes="line body")
        self._title = Lines(classes="selected body")

    def body(self) -> Iterator[Widget]:
        """Table, panels, and the line that stands for them on a small terminal."""
        yield self.table
        yield self._title
        yield Horizontal(*self._panels, classes="panels body")
        yield self._line
        yield self._bar

    def fields(self, snapshot: Snapshot) -> Fields[ModelRow]:
        """Fields of a version."""
        return model_fields(snapshot.history)

    def listed(self, snapshot: Snapshot, chosen: Filter[ModelRow], sort: Sort) -> Table[ModelRow]:
        """The models table."""
        return models_table(snapshot, chosen, sort, self.watching.lag)

    def total(self, snapshot: Snapshot) -> int:
        """All versions."""
        return len(snapshot.models)

    def selected(self, snapshot: Snapshot, item: ModelRow | None) -> None:
        """Fill the panels that are in sight."""
        self.watching.selected = item.key if item is not None else None
        if item is None:
            self._line.show(())
            return
        if self.roomy:
            self._title.show((title(item, snapshot.at),))
            for view, panel in zip(self._panels, panels(snapshot, item, self.stretch(snapshot)), strict=True):
                view.show(panel)
        else:
            self._line.show((one_line(snapshot, item),))

    def on_table_view_opened(self) -> None:
        """Open the model."""
        self.post_message(CommandAsked("open"))
