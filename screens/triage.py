"""The triage screen: the walk of a runbook, live, its evidence, and the keys that end the incident."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Key
from textual.widget import Widget

from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.domain.triage import Overrule, Walk
from console.view.marks import with_onset
from console.view.model import find
from console.view.panels import panels
from console.view.shell import triage_command
from console.view.styled import Line, Span
from console.view.triage import AdviceRow, StepRow, point_rows, step_rows
from console.view.triage_tables import (
    advice_detail,
    advice_table,
    point_lines,
    problem_line,
    recommended,
    recovery_line,
    steps_table,
    title_lines,
)
from screens import offers
from screens.case import Case
from screens.choice import Choice
from screens.commands import Where
from screens.deciding import Deciding
from screens.desk import Desk
from screens.looks import Looks
from screens.messages import CommandAsked
from screens.overrule import OverruleScreen, Own
from screens.page import Page
from screens.pick import Item, PickScreen
from screens.problem import problem_lines
from screens.watch import Watch
from screens.widgets.answer import AnswerView
from screens.widgets.lines import Lines
from screens.widgets.panel import PanelView
from screens.widgets.table import TableView

_LEAST_LOW, _LEAST_WIDE = 18, 60
_BY_HAND = "do this by hand"


class TriagePage(Page):
    """Walks the runbook of one case anew with each picture; no key waits for a walk."""

    CSS_PATH = "triage.tcss"
    AUTO_FOCUS = ".steps"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "app.command('tab')", show=False)]
    where: ClassVar[Where] = "triage"

    def __init__(self, watch: Watch, deciding: Deciding, desk: Desk) -> None:
        super().__init__(watch)
        self._deciding = deciding
        self._desk = desk
        self._looks = Looks(self, deciding, self._answered)
        self._verdict = Lines(classes="verdict body")
        self._steps = TableView(classes="steps")
        self._answer = AnswerView(classes="answer")
        self._advice = TableView()
        self._how = Lines(classes="how")
        self._points = Lines(classes="points")
        self._over = Lines(classes="over body")
        self._panels = (PanelView(), PanelView(), PanelView())

    def body(self) -> Iterator[Widget]:
        """The verdict; steps and evidence; what to do and the points; whether it is over."""
        yield self._verdict
        yield Horizontal(self._steps, self._answer, classes="split body")
        yield Horizontal(*self._panels, classes="panels body")
        yield Horizontal(
            Vertical(self._advice, self._how, classes="advice"), self._points, classes="low body"
        )
        yield self._over

    def open(self, case: Case) -> None:
        """Turn to a case."""
        self._looks.open(case)

    def case(self) -> Case:
        """The case that is open."""
        return self._looks.case

    def show_news(self, snapshot: Snapshot) -> None:
        """What stood in the way of looking; the verdict is the news here."""
        del snapshot
        walk = self._looks.walk
        line = problem_line(walk.problems) if walk is not None else ()
        self._news.show((line,) if line else ())

    def draw(self, snapshot: Snapshot) -> None:
        """Ask about the picture, and show the last answer."""
        self.set_class(self.size.height < _LEAST_LOW, "-low")
        self.set_class(self.size.width < _LEAST_WIDE, "-slim")
        self._looks.look(snapshot)
        walk = self._looks.walk
        if walk is None:
            self._verdict.show(self._unanswered())
            self._over.show(())
            self._steps.show(steps_table(()))
            self._answer.show(None)
            self._show_advice(())
            self._points.show(())
            return
        auto = not (self._looks.case.runbook or self._looks.case.alert)
        self._verdict.show(tuple(title_lines(walk, _cells(self._verdict), auto=auto)))
        self._steps.show(steps_table(step_rows(walk), walk.runbook.id))
        self._answer.show(self._steps.item)
        self._show_advice(recommended(walk, snapshot))
        self._points.show(point_lines(point_rows(walk), _cells(self._points)))
        self._over.show((recovery_line(walk, _cells(self._over)),))
        self._show_panels(snapshot, walk)

    def _show_panels(self, snapshot: Snapshot, walk: Walk) -> None:
        """The model's figures with what changed, and when it began, where there is room for charts."""
        key = self.watching.selected
        row = find(snapshot, key) if key is not None and key.model == walk.model else None
        self.set_class(row is not None and self.tall, "-charts")
        if row is None or not self.tall:
            return
        for view, panel in zip(self._panels, panels(snapshot, row, self.stretch(snapshot)), strict=True):
            view.show(panel._replace(chart=with_onset(panel.chart, walk.onset)))

    def _answered(self) -> None:
        """Show the answer, unless something else is looked at: then it is shown on the way back."""
        if self.is_current:
            self.refresh_page()

    def _unanswered(self) -> tuple[Line, ...]:
        if self._looks.error is not None:
            return problem_lines(self._looks.error, self.watching.fleet.secrets)
        model = visible(self._looks.case.model, 60) or "the fleet"
        return ((Span("looking at ", "dim"), Span(model, "title"), Span(" …", "dim")),)

    def _show_advice(self, rows: tuple[AdviceRow, ...]) -> None:
        empty = "nothing needs to be done" if self._looks.walk is not None else ""
        self._advice.show(advice_table(rows, acting=not self.watching.fleet.read_only, empty=empty))
        self._show_how()

    def _show_how(self) -> None:
        row: AdviceRow | None = self._advice.item
        self._how.show(tuple(advice_detail(row, _cells(self._how))) if row is not None else ())

    # Moving

    def on_table_view_moved(self) -> None:
        """Show what belongs to the row."""
        self._answer.show(self._steps.item)
        self._show_how()

    def on_table_view_opened(self) -> None:
        """As enter does."""
        self.post_message(CommandAsked("open"))

    def on_key(self, event: Key) -> None:
        """Left and right go from steps to evidence to actions."""
        if event.key in ("left", "right", "h", "l"):
            event.stop()
            event.prevent_default()
            tables = [table for table in (self._steps, self._answer.table, self._advice) if table.focusable]
            at = tables.index(self.focused) if self.focused in tables else 0
            by = 1 if event.key in ("right", "l") else -1
            tables[(at + by) % len(tables)].focus()

    def do_open(self) -> None:
        """From a step to its evidence; an action opens its plan."""
        if self.focused is self._advice:
            self._take_advice(self._advice.item)
        elif self.focused is self._steps:
            self._answer.table.focus()

    def clear(self) -> bool:
        """Back to the steps."""
        if self.focused is self._steps:
            return False
        self._steps.focus()
        return True

    # Acting

    def _take_advice(self, row: AdviceRow | None) -> None:
        """The plan of what is recommended; what people must do is copied."""
        if row is None:
            return
        action = row.action
        if action is None or self.watching.fleet.read_only:
            self.app.copy_to_clipboard(row.command or row.text)
            self.notify(row.command or row.text, title="Copied" if row.command else _BY_HAND, markup=False)
            return

        async def offer() -> Choice:
            return offers.recommended(action)

        self._desk.plan(offer)

    def _key(self, key: str) -> None:
        walk, shown = self._looks.walk, self.watching.shown
        rows = recommended(walk, shown) if walk is not None and shown is not None else ()
        self._take_advice(next((row for row in rows if row.key == key), None))

    def do_advice_a(self) -> None:
        """The first that is recommended."""
        self._key("a")

    def do_advice_b(self) -> None:
        """The second."""
        self._key("b")

    def do_advice_c(self) -> None:
        """The third."""
        self._key("c")

    def do_advice_d(self) -> None:
        """The fourth."""
        self._key("d")

    def do_advice_e(self) -> None:
        """The fifth."""
        self._key("e")

    # Deciding

    def do_overrule(self) -> None:
        """Answer the selected step in place of the console."""
        row: StepRow | None = self._steps.item
        if row is None or row.walked is None:
            return
        walked = row.walked

        def answered(own: Own | None) -> None:
            if own is not None:
                said = Overrule(own.answer, own.note, self._deciding.who, self._deciding.now)
                self._looks.overrule(walked.step.id, said)

        said = f"{walked.found.value}: {row.reason}"
        self.app.push_screen(OverruleScreen(row.question, said), answered)

    def do_trust(self) -> None:
        """Take one's own answer to the selected step back."""
        row: StepRow | None = self._steps.item
        if row is not None and row.id in self._looks.own:
            self._looks.overrule(row.id, None)

    def do_runbook(self) -> None:
        """Choose another runbook."""
        engine = self._deciding.engine
        if engine is None:
            return
        library = engine.triage.library
        books = sorted(library.runbooks.values(), key=lambda book: (book.rank, book.id))
        items = [Item("", "auto", "the first one that says yes"), *(Item(b.id, b.id, b.title) for b in books)]
        case = self._looks.case

        def chosen(runbook: str | None) -> None:
            if runbook is not None:
                self._looks.open(Case(case.model, runbook))
                self.refresh_page()

        walk = self._looks.walk
        now = walk.runbook.id if walk is not None and (case.runbook or case.alert) else ""
        self.app.push_screen(PickScreen("RUNBOOKS", items, now, library.problems), chosen)

    def do_copy(self) -> None:
        """Copy the command line that walks the same."""
        case, walk = self._looks.case, self._looks.walk
        book = walk.runbook.id if walk is not None and (case.runbook or case.alert) else case.runbook
        command = triage_command(self.watching.fleet, case.model, book, self.watching.shown)
        self.app.copy_to_clipboard(command)
        self.notify(visible(command, 300), title="Copied", markup=False)

    def do_copy_query(self) -> None:
        """Copy the query of the selected evidence."""
        row = self._answer.evidence
        if row is not None and row.query:
            self.app.copy_to_clipboard(row.evidence.query)
            self.notify(row.query, title="Copied", markup=False)


def _cells(lines: Lines) -> int:
    return max(lines.content_size.width, 1)
