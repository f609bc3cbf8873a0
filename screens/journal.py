"""The journal screen: every plan that was run on the fleet, the newest first, and all that is written of one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from time import monotonic
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from console.domain.journal import Damage, Entry
from console.view.journal import damage_lines, entry_lines, journal_table
from console.view.plan import call_text
from console.view.styled import Line, Span
from screens.commands import Where
from screens.desk import Desk
from screens.messages import CommandAsked, UndoAsked
from screens.problem import problem_lines
from screens.searching import Searching
from screens.watch import Watch
from screens.widgets.lines import Lines

_DAMAGES = 3


class JournalPage(Searching):
    """Read anew on opening and when a plan ends, in a replay with each picture; it needs no server to answer."""

    CSS_PATH = "journal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "app.command('tab')", show=False)]
    where: ClassVar[Where] = "journal"

    def __init__(self, watch: Watch, desk: Desk) -> None:
        super().__init__(watch, "words of the goal, the model, the reason, the calls")
        self._desk = desk
        self._entries: Sequence[Entry] | None = None
        self._damages: Sequence[Damage] = ()
        self._error: Exception | None = None
        self._read_at = 0.0
        self._loud = Lines(classes="loud body", wrap=True)
        self._text = Lines()
        self._detail = VerticalScroll(self._text, can_focus=True)

    def body(self) -> Iterator[Widget]:
        """Damages, table, the selected plan."""
        yield self._loud
        yield Vertical(self.table, self._detail, classes="split body")
        yield self.bar

    def on_screen_resume(self) -> None:
        """Read the journal anew."""
        self.journal_changed()

    def journal_changed(self) -> None:
        """Read the journal anew."""
        read: Callable[[], Awaitable[None]] = self._read
        self.run_worker(read, group="journal", exclusive=True, exit_on_error=False)

    async def _read(self) -> None:
        door = self._desk.door
        if door is None:
            return
        try:
            self._entries, self._damages = await asyncio.gather(door.entries(), door.damages())
            self._error = None
        except Exception as error:  # noqa: BLE001 - whatever it is, the operator reads it here
            self._error = error
        self.refresh_page()

    def show_body(self) -> None:
        """The journal, whoever answers."""
        self.replace_body(())
        if self.watching.shown is not None:
            self.show_news(self.watching.shown)
        self._follow()
        self._loud.show(self._loud_lines())
        now = self.watching.moment(monotonic()).now
        table = journal_table(self._entries or (), self.words, now)
        reading = self._entries is None and self._error is None
        self.table.show(
            table._replace(empty=((Span("reading the journal …", "dim"),),)) if reading else table
        )
        self.say_found(len(table.items), len(self._entries or ()))
        self._show(self.entry)

    def _follow(self) -> None:
        """In a replay the journal is that of the picture."""
        shown = self.watching.shown
        if self.watching.replay and shown is not None and shown.at != self._read_at:
            self._read_at = shown.at
            self.journal_changed()

    @property
    def entry(self) -> Entry | None:
        """The selected plan."""
        row = self.table.item
        return row.entry if row is not None else None

    def _loud_lines(self) -> tuple[Line, ...]:
        if self._error is not None:
            return problem_lines(self._error, self.watching.fleet.secrets)
        if not self._damages:
            return ()
        number = len(self._damages)
        title = "✗ THE JOURNAL IS DAMAGED: it is not what was written"
        lines = damage_lines(self._damages[:_DAMAGES], max(self.size.width - 2, 1))
        more = f"and {number - _DAMAGES} more; " if number > _DAMAGES else ""
        tail = (Span(f"{more}triton-console journal --verify checks every line", "dim"),)
        return (Span(title, "bad"),), *lines, tail

    def _show(self, entry: Entry | None) -> None:
        cells = self._detail.scrollable_content_region.width
        self._text.show(tuple(entry_lines(entry, cells)) if entry is not None and cells > 0 else ())

    def on_table_view_moved(self) -> None:
        """Show the plan under the cursor from its top."""
        self._detail.scroll_home(animate=False)
        self._show(self.entry)

    def on_table_view_opened(self) -> None:
        """Open the plan."""
        self.post_message(CommandAsked("open"))

    def do_open(self) -> None:
        """Give the whole page to the selected plan."""
        if self.entry is not None:
            self.add_class("-open")
            self._detail.focus()

    def clear(self) -> bool:
        """Back from the plan to the table; from the words that were found to all."""
        if self.has_class("-open"):
            self.remove_class("-open")
            self.table.focus()
            return True
        return super().clear()

    def do_copy(self) -> None:
        """Copy the selected plan's calls."""
        entry = self.entry
        if entry is not None:
            self.app.copy_to_clipboard(call_text(entry.plan))
            self.notify("the exact calls of this plan", title="Copied", markup=False)

    def do_undo(self) -> None:
        """Undo the selected plan."""
        if self.entry is not None:
            self.post_message(UndoAsked(self.entry))
