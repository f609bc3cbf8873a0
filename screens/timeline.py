"""The timeline screen: all that happened to the fleet, the newest on top, live."""

from collections.abc import Iterator
from time import monotonic
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from console.domain.fleet import ModelVersion
from console.domain.marker import MarkerKind
from console.domain.snapshot import Snapshot
from console.view.connection import disconnected
from console.view.incident import incident_lines
from console.view.timeline import Change, alert_of, change_lines, change_text, timeline_table
from screens.case import Case
from screens.commands import Where
from screens.messages import CommandAsked
from screens.searching import Searching
from screens.watch import Watch
from screens.widgets.lines import Lines

_JUDGED = frozenset((MarkerKind.TRIAGE, MarkerKind.ALERT))


class TimelinePage(Searching):
    """One line for each change of the shown picture, whoever answers; all that is known of the selected one."""

    CSS_PATH = "timeline.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "app.command('tab')", show=False)]
    where: ClassVar[Where] = "timeline"

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch, "words of what changed, whose, on which target, the details")
        self._incident = Lines(classes="incident body", wrap=True)
        self._text = Lines()
        self._detail = VerticalScroll(self._text, classes="detail")

    def body(self) -> Iterator[Widget]:
        """The incident, the table over the selected change."""
        yield self._incident
        yield Vertical(self.table, self._detail, classes="split body")
        yield self.bar

    def show_body(self) -> None:
        """The timeline, also while no server answers: it may tell why."""
        snapshot = self.watching.shown
        replay = self.watching.replay
        self.replace_body(disconnected(self.watching.fleet, None, replay=replay) if snapshot is None else ())
        if snapshot is not None:
            self.show_news(snapshot)
            self.draw(snapshot)

    def draw(self, snapshot: Snapshot) -> None:
        """Show what has the words, and the selected change."""
        table = timeline_table(snapshot, self.words)
        self.table.show(table)
        if self.words:
            self.say_found(len(table.items), len(timeline_table(snapshot).items))
        self._incident.show(incident_lines(snapshot, self._now))
        self._show(self.change)

    @property
    def _now(self) -> float:
        return self.watching.moment(monotonic()).now

    @property
    def change(self) -> Change | None:
        """The selected change."""
        found: Change | None = self.table.item
        return found

    def _show(self, change: Change | None) -> None:
        self._detail.display = change is not None
        cells = self._detail.scrollable_content_region.width
        shown = self.watching.shown
        playback = shown.playback if shown is not None else None
        if change is None or cells <= 0:
            self._text.show(())
        else:
            self._text.show(tuple(change_lines(change, self._now, cells, playback)))

    def on_table_view_moved(self) -> None:
        """Show the change under the cursor from its top."""
        self._detail.scroll_home(animate=False)
        self._show(self.change)

    def on_table_view_opened(self) -> None:
        """Open what the change is about."""
        self.post_message(CommandAsked("open"))

    def do_open(self) -> None:
        """Open the change's model; a verdict's or an alert's triage."""
        change = self.change
        if change is None:
            return
        if change.first.kind in _JUDGED:
            self.post_message(CommandAsked("triage"))
        elif change.first.model:
            self._select(ModelVersion(change.first.model, change.first.version))
            self.post_message(CommandAsked("model"))
        else:
            self.notify("this is about no model", markup=False)

    def case(self) -> Case:
        """The selected change's model, with the runbook that names its alert."""
        change, shown = self.change, self.watching.shown
        if change is None or shown is None:
            return super().case()
        alert = alert_of(change, shown)
        served = (row.model for row in shown.models if set(change.targets) & set(row.targets))
        model = change.first.model or next(served, super().case().model)
        return Case(model, alert=alert.id if alert is not None else "")

    def aimed(self) -> float | None:
        """When the selected change was."""
        return self.change.first.at if self.change is not None else None

    def do_copy(self) -> None:
        """Copy the selected change as a line of text."""
        shown = self.watching.shown
        if self.change is not None and shown is not None:
            self.app.copy_to_clipboard(change_text(self.change, shown.playback))
            self.notify("this line of the timeline", title="Copied", markup=False)

    def _select(self, key: ModelVersion) -> None:
        """Mean this version from now on; without one, the version of the model that serves."""
        self.watching.select(key.model)
        selected = self.watching.selected
        if key.version or selected is None or selected.model != key.model:
            self.watching.selected = key
