"""The fleet screen: every server, where it runs, which replica differs, and what scaling sees."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view.filters import Fields, Filter
from console.view.fleet import SORTS, WORST, fleet_table
from console.view.fleet_fields import FLEET_FIELDS
from console.view.fleet_panels import fleet_panels, one_line
from console.view.fleet_rows import Server
from console.view.model import find
from console.view.severity import worst_first
from console.view.styled import Line, Span
from console.view.table import Sort, Table
from screens.commands import Where
from screens.listing import Listing
from screens.messages import CommandAsked, ConnectAsked
from screens.watch import Watch
from screens.widgets.lines import Lines


class FleetPage(Listing[Server]):
    """Every server and every group of servers, the worst on top. The figures are of all models, or of the selected one."""

    CSS_PATH = "fleet.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "app.command('tab')", show=False)]
    where: ClassVar[Where] = "fleet"
    natural: ClassVar[Sort] = WORST
    sorts: ClassVar[tuple[str, ...]] = SORTS

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._scope = Lines(classes="scope body")
        # Where there is room for one alone, it is the one that says what is wrong.
        self._panels = (Lines(wrap=True), Lines("first", wrap=True), Lines(wrap=True))
        self._line = Lines(classes="line body")
        self._one_model = False

    def body(self) -> Iterator[Widget]:
        """What the figures are of, the table, three panels, and the line that stands for them on a small terminal."""
        yield self._scope
        yield self.table
        yield Horizontal(*self._panels, classes="panels body")
        yield self._line
        yield self._bar

    def fields(self, snapshot: Snapshot) -> Fields[Server]:
        """Fields of a server."""
        del snapshot
        return FLEET_FIELDS

    def listed(self, snapshot: Snapshot, chosen: Filter[Server], sort: Sort) -> Table[Server]:
        """The fleet table."""
        return fleet_table(snapshot, chosen, sort, self._model(snapshot))

    def total(self, snapshot: Snapshot) -> int:
        """All lines."""
        return len(fleet_table(snapshot, Filter(""), WORST, self._model(snapshot)).items)

    def selected(self, snapshot: Snapshot, item: Server | None) -> None:
        """Fill the panels that are in sight."""
        focus = self._focus(snapshot)
        self._scope.show((self._scoped(focus),))
        if item is None:
            self._line.show(())
        elif not self.roomy:
            self._line.show((one_line(item, snapshot, focus),))
        else:
            made = fleet_panels(snapshot, item, focus, self._model(snapshot))
            for view, panel in zip(self._panels, made, strict=True):
                view.show((panel.title, *panel.lines))

    def do_scope(self) -> None:
        """Show the figures of the selected model, or those of all."""
        self._one_model = not self._one_model
        self.refresh_page()

    def do_connect(self) -> None:
        """Open the selected server by itself."""
        server: Server | None = self.table.item
        if server is None:
            return
        if server.direct is not None:
            self.post_message(ConnectAsked(server.direct))
        elif server.worst is not None:
            self._say(f"nothing says the address of {visible(server.name, 60)}")
        else:
            self._say("a group of servers has no address: choose one of its slowest servers below")

    def on_table_view_opened(self) -> None:
        """Open the server."""
        self.post_message(CommandAsked("connect"))

    def _say(self, message: str) -> None:
        self.app.notify(message, markup=False)

    def _focus(self, snapshot: Snapshot) -> ModelRow | None:
        """The version that replicas are compared of: the selected one, else the worst."""
        key = self.watching.selected
        chosen = find(snapshot, key) if key is not None else None
        return chosen or min(snapshot.models, key=worst_first, default=None)

    def _model(self, snapshot: Snapshot) -> str:
        focus = self._focus(snapshot) if self._one_model else None
        return focus.key.model if focus is not None else ""

    def _scoped(self, focus: ModelRow | None) -> Line:
        if not self._one_model or focus is None:
            name = f"of {visible(focus.key.model, 40)} alone" if focus is not None else "of one model"
            return (Span("figures of all models  ", "dim"), Span("tab", "key"), Span(f" {name}", "dim"))
        model: Line = (Span("figures of ", "dim"), Span(visible(focus.key.model, 60), "accent"))
        return (*model, Span("  "), Span("tab", "key"), Span(" of all models", "dim"))
