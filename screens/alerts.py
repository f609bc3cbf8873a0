"""The alerts screen: what fires, why, who else was paged; from each alert the way to its triage."""

from collections.abc import Iterator
from typing import ClassVar

from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from console.domain.rows import Alert
from console.domain.snapshot import Snapshot
from console.view.alert_fields import ALERT_FIELDS
from console.view.alerts import SORTS, URGENT, alert_detail, alert_rows, alerts_table
from console.view.filters import Fields, Filter
from console.view.table import Sort, Table
from screens.case import Case
from screens.commands import Where
from screens.deciding import Deciding
from screens.listing import Listing
from screens.messages import CommandAsked
from screens.watch import Watch
from screens.widgets.lines import Lines


class AlertsPage(Listing[Alert]):
    """Every alert, the most urgent on top, and all that is known of the selected one."""

    CSS_PATH = "alerts.tcss"
    AUTO_FOCUS = "TableView"
    where: ClassVar[Where] = "alerts"
    natural: ClassVar[Sort] = URGENT
    sorts: ClassVar[tuple[str, ...]] = SORTS

    def __init__(self, watch: Watch, deciding: Deciding) -> None:
        super().__init__(watch)
        self._deciding = deciding
        self._text = Lines()
        self._detail = VerticalScroll(self._text, classes="detail", can_focus=False)

    def body(self) -> Iterator[Widget]:
        """The table over the selected alert."""
        yield Vertical(self.table, self._detail, classes="split body")
        yield self._bar

    def fields(self, snapshot: Snapshot) -> Fields[Alert]:
        """Fields of an alert."""
        del snapshot
        return ALERT_FIELDS

    def listed(self, snapshot: Snapshot, chosen: Filter[Alert], sort: Sort) -> Table[Alert]:
        """The alerts table."""
        return alerts_table(snapshot, chosen, sort)

    def total(self, snapshot: Snapshot) -> int:
        """All alerts."""
        return len(alert_rows(snapshot))

    def show_news(self, snapshot: Snapshot) -> None:
        """The alerts are the news."""
        del snapshot

    def selected(self, snapshot: Snapshot, item: Alert | None) -> None:
        """Tell all about the selected alert."""
        self._detail.display = item is not None
        cells = self._detail.scrollable_content_region.width
        self._text.show(alert_detail(item, snapshot, cells) if item is not None and cells > 0 else ())

    def case(self) -> Case:
        """The selected alert's model, or one that its target serves, with the runbook that names the alert."""
        alert: Alert | None = self.table.item
        shown = self.watching.shown
        if alert is None or shown is None:
            return super().case()
        served = (row.model for row in shown.models if alert.target and alert.target in row.targets)
        model = alert.model or next(served, super().case().model)
        return Case(model, alert=alert.id)

    def on_table_view_moved(self, event: object) -> None:
        """Show the alert from its top."""
        del event
        self._detail.scroll_home(animate=False)
        if self.watching.shown is not None:
            self.selected(self.watching.shown, self.table.item)

    def on_table_view_opened(self) -> None:
        """Open its triage."""
        self.post_message(CommandAsked("triage"))

    def do_open(self) -> None:
        """Open its triage."""
        self.post_message(CommandAsked("triage"))

    def do_silence(self) -> None:
        """Let the selected alert be."""
        if self.table.item is not None:
            self._deciding.silence(self.table.item)

    def do_unsilence(self) -> None:
        """Let it count again."""
        if self.table.item is not None:
            self._deciding.unsilence(self.table.item)
