"""One answer of a triage: why, the figures behind it, and how anyone can see the selected one."""

from textual.app import ComposeResult
from textual.containers import Vertical

from console.view.triage import StepRow
from console.view.triage_evidence import EvidenceRow, evidence_rows
from console.view.triage_tables import answer_lines, evidence_detail, evidence_table
from screens.widgets.lines import Lines
from screens.widgets.table import TableView

_SHORT = 13


class AnswerView(Vertical):
    """Shows a step that was walked; ``table`` holds its evidence."""

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes=classes)
        self.table = TableView(classes="evidence")
        self._why = Lines(classes="why")
        self._known = Lines(classes="known")
        self._step = ""

    def compose(self) -> ComposeResult:
        """Why, the figures, the selected one."""
        yield self._why
        yield self.table
        yield self._known

    @property
    def evidence(self) -> EvidenceRow | None:
        """The selected figure."""
        row: EvidenceRow | None = self.table.item
        return row

    def show(self, row: StepRow | None) -> None:
        """Show this step, another one from its first figure on."""
        if row is not None and row.id != self._step:
            self._step = row.id
            self.table.free()
        walked = row.walked if row is not None else None
        self._why.show(
            tuple(answer_lines(row, _cells(self._why), short=self._short)) if row is not None else ()
        )
        found = evidence_rows(walked) if walked is not None else ()
        self.table.show(evidence_table(found, "no figures stand behind this answer" if walked else ""))
        self._show_known()

    @property
    def _short(self) -> bool:
        """Whether every line counts."""
        return self.size.height < _SHORT

    def on_table_view_moved(self) -> None:
        """Say how the selected figure is known."""
        self._show_known()

    def _show_known(self) -> None:
        row = self.evidence
        self._known.show(
            tuple(evidence_detail(row, _cells(self._known), 1 if self._short else 3))
            if row is not None
            else ()
        )


def _cells(lines: Lines) -> int:
    return max(lines.content_size.width, 1)
