"""The GPUs screen: the table, and two panels of the selected GPU."""

from collections.abc import Iterator
from typing import ClassVar

from textual.containers import Horizontal
from textual.widget import Widget

from console.domain.gpu import GpuRow
from console.domain.snapshot import Snapshot
from console.view.filters import Fields, Filter
from console.view.gpu_fields import GPU_FIELDS
from console.view.gpu_panels import gpu_panels
from console.view.gpus import PLACE, SORTS, gpus_table
from console.view.table import Sort, Table
from screens.commands import Where
from screens.listing import Listing
from screens.watch import Watch
from screens.widgets.panel import PanelView


class GpusPage(Listing[GpuRow]):
    """Every GPU and MIG slice, by node."""

    CSS_PATH = "gpus.tcss"
    where: ClassVar[Where] = "gpus"
    natural: ClassVar[Sort] = PLACE
    sorts: ClassVar[tuple[str, ...]] = SORTS

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._panels = (PanelView(), PanelView())

    def body(self) -> Iterator[Widget]:
        """Table and panels."""
        yield self.table
        yield Horizontal(*self._panels, classes="panels body")
        yield self._bar

    def fields(self, snapshot: Snapshot) -> Fields[GpuRow]:
        """Fields of a GPU."""
        del snapshot
        return GPU_FIELDS

    def listed(self, snapshot: Snapshot, chosen: Filter[GpuRow], sort: Sort) -> Table[GpuRow]:
        """The GPUs table."""
        return gpus_table(snapshot, chosen, sort)

    def total(self, snapshot: Snapshot) -> int:
        """All GPUs and slices."""
        return len(snapshot.gpus)

    def selected(self, snapshot: Snapshot, item: GpuRow | None) -> None:
        """Fill the panels that are in sight."""
        if item is None or not self.roomy:
            return
        for view, panel in zip(self._panels, gpu_panels(snapshot, item, self.stretch(snapshot)), strict=True):
            view.show(panel)
