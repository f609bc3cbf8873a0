"""The gate screen: two versions side by side, check by check, as the figures come in."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, ClassVar

from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget

from console.domain.gate import Check, Gate, Limits, Side, contracted
from console.domain.gate_answers import Answers
from console.domain.gate_figures import figures
from console.domain.gate_judge import Evidence, judged
from console.domain.gate_memory import held
from console.domain.gate_sides import NoSuchSideError, Pair, default_sides, pair_of, sides
from console.domain.marker import MarkerKind
from console.domain.rows import ModelRow
from console.domain.serving import in_order
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view.filters import Field
from console.view.gate import (
    SCREEN_COLUMNS,
    checks_table,
    contract_lines,
    side_lines,
    verdict_line,
    why_lines,
)
from console.view.gate_panels import gate_panels
from console.view.shell import gate_command
from console.view.styled import Line, Span
from console.view.table import Column
from screens.commands import Where
from screens.deciding import Deciding
from screens.engine import Trials
from screens.page import Page
from screens.pick import Item, PickScreen
from screens.watch import Watch
from screens.widgets.lines import Lines
from screens.widgets.panel import PanelView
from screens.widgets.table import TableView

_PLACES_MOST = 40
_ASK = (
    "not asked: enter sends both sides the same few inputs, about nine inferences, and compares the answers"
)
_PLAYED = "a recording holds no answers to compare"
_ASKING = "asking both sides …"

Sides = tuple[str, str, str]
"""A model, and its two sides as they are written."""


class GatePage(Page):
    """Judges the two versions anew with each picture; it sends nothing unless it is asked to."""

    CSS_PATH = "gate.tcss"
    AUTO_FOCUS = "TableView"
    where: ClassVar[Where] = "gate"

    def __init__(self, watch: Watch, deciding: Deciding) -> None:
        super().__init__(watch)
        self._deciding = deciding
        self._title = Lines(classes="title body", wrap=True)
        self._checks = TableView(classes="checks body")
        self._why = Lines()
        self._panels = (PanelView(), PanelView())
        self._chosen: dict[str, tuple[str, str]] = {}
        self._answers: dict[Sides, tuple[float, Answers]] = {}
        self._gate: Gate | None = None

    def body(self) -> Iterator[Widget]:
        """The verdict over the checks, what the selected one says, and both sides over time."""
        yield self._title
        yield self._checks
        yield VerticalScroll(self._why, classes="why body", can_focus=False)
        yield Horizontal(*self._panels, classes="panels body")

    def show_news(self, snapshot: Snapshot) -> None:
        """The verdict is the news here."""
        del snapshot

    def explained(self) -> tuple[tuple[Column, ...], dict[str, Field[Any]]]:
        """The table's columns."""
        return SCREEN_COLUMNS, {}

    def draw(self, snapshot: Snapshot) -> None:
        """Judge the picture, and show what came of it."""
        self._gate = None
        try:
            both = self._sides(snapshot)
        except NoSuchSideError as error:
            self._empty((Span(f"{error}; b and c choose others", "warn"),))
            return
        if both is None:
            self._empty(self._lonely(snapshot))
            return
        self.remove_class("-empty")
        gate = self._gate = self._judged(snapshot, *both)
        cells = max(self._title.content_size.width, 1)
        self._title.show((verdict_line(gate), *side_lines(gate, cells), *contract_lines(gate, cells)))
        self._checks.show(checks_table(gate.checks))
        self._show_why(self._checks.item)
        self.set_class(self.tall, "-charts")
        if self.tall:
            for view, panel in zip(
                self._panels, gate_panels(snapshot, gate, self.stretch(snapshot)), strict=True
            ):
                view.show(panel)

    def _empty(self, line: Line) -> None:
        self._title.show((line,))
        self._checks.show(checks_table(()))
        self._why.show(())
        self.add_class("-empty")

    def _lonely(self, snapshot: Snapshot) -> Line:
        model = visible(self._model(snapshot), 60)
        if not model:
            return (Span("No model is served.", "dim"),)
        return (
            Span(model, "title"),
            Span(" has one version: there is nothing to compare. ", ""),
            Span("b and c choose targets in the place of versions, where there are several.", "dim"),
        )

    def _model(self, snapshot: Snapshot) -> str:
        key = self.watching.selected
        if key is None and snapshot.models:
            key = self.watching.selected = snapshot.models[0].key
        return key.model if key is not None else ""

    def _sides(self, snapshot: Snapshot) -> tuple[Side, Side] | None:
        """What was chosen for the model, else its newest version against the one before; raises NoSuchSideError."""
        model = self._model(snapshot)
        chosen = self._chosen.get(model)
        if chosen is not None:
            return sides(snapshot, model, *chosen)
        return default_sides([row for row in snapshot.models if row.model == model])

    def _judged(self, snapshot: Snapshot, baseline: Side, candidate: Side) -> Gate:
        model = self._model(snapshot)
        seconds = self.stretch(snapshot).seconds
        promised = snapshot.contracts.get(model)
        limits, terms = contracted(Limits(), promised.contract if promised is not None else None)
        answers = self._known(snapshot, (model, baseline.label, candidate.label))
        evidence = Evidence(
            baseline=figures(snapshot, model, baseline, seconds),
            candidate=figures(snapshot, model, candidate, seconds),
            memory=held(snapshot, model, baseline, candidate),
            answers=answers,
        )
        checks = judged(evidence, limits)
        watched = min(seconds, snapshot.history_s)
        return Gate(model, baseline, candidate, limits, snapshot.at, watched, checks, terms=terms)

    def _known(self, snapshot: Snapshot, asked: Sides) -> Answers:
        """What both sides answered since they were loaded, or why that is not known."""
        at, answers = self._answers.get(asked, (0.0, None))
        if answers is None or _reloaded(snapshot, asked, at):
            return Answers(problem=_PLAYED if self.watching.replay else _ASK)
        return answers

    def _show_why(self, check: Check | None) -> None:
        """All that the selected check says; without charts there is room for the others too."""
        cells = max(self._why.content_size.width, 1)
        others = () if self.tall or self._gate is None else self._gate.checks
        shown = [check] if check is not None else []
        shown += [other for other in others if check is None or other.id != check.id]
        self._why.show(tuple(line for each in shown for line in why_lines(each, cells)))

    def on_table_view_moved(self, event: TableView.Moved) -> None:
        """Show what the check says."""
        self._show_why(event.item)

    def do_baseline(self) -> None:
        """Choose the baseline."""
        self._pick("BASELINE", 0)

    def do_candidate(self) -> None:
        """Choose the candidate."""
        self._pick("CANDIDATE", 1)

    def _pick(self, title: str, which: int) -> None:
        snapshot = self.watching.shown
        if snapshot is None:
            return
        model = self._model(snapshot)
        items = _items(snapshot, model)
        if not items:
            return
        now = [items[0].id, items[0].id]
        gate = self._gate
        if gate is not None:
            now = [gate.baseline.label, gate.candidate.label]
        now = list(self._chosen.get(model, now))

        def picked(side: str | None) -> None:
            if side is not None:
                now[which] = side
                self._chosen[model] = (now[0], now[1])
                self.refresh_page()

        self.app.push_screen(PickScreen(title, items, now[which]), picked)

    def do_compare(self) -> None:
        """Ask both sides the same, and compare their answers."""
        gate, snapshot, engine = self._gate, self.watching.newest, self._deciding.engine
        if gate is None or snapshot is None or engine is None or engine.trials is None:
            return
        asked = (gate.model, gate.baseline.label, gate.candidate.label)
        pair = pair_of(snapshot.fleet, gate.model, gate.baseline, gate.candidate)
        if pair is None:
            said = "a side is seen through Prometheus alone: there is no server to ask"
            self._answers[asked] = (snapshot.at, Answers(problem=said))
        else:
            self._answers[asked] = (snapshot.at, Answers(problem=_ASKING))
            work: Callable[[], Awaitable[None]] = partial(self._ask, asked, engine.trials, pair, gate.limits)
            self.run_worker(work, group="compare", exclusive=True)
        self.refresh_page()

    async def _ask(self, asked: Sides, trials: Trials, pair: Pair, limits: Limits) -> None:
        self._answers[asked] = (self._deciding.now, await trials.compare(pair, (), limits))
        if self.is_current:
            self.refresh_page()

    def do_copy(self) -> None:
        """Copy the command line that judges the same."""
        gate = self._gate
        if gate is None:
            return
        command = gate_command(self.watching.fleet, gate.model, gate.baseline.label, gate.candidate.label)
        self.app.copy_to_clipboard(command)
        self.notify(visible(command, 300), title="Copied", markup=False)


def _reloaded(snapshot: Snapshot, asked: Sides, since: float) -> bool:
    """Whether the model was loaded after it was asked: what it answered then says nothing any more."""
    return any(
        mark.kind is MarkerKind.LOAD and mark.model == asked[0] and mark.at > since
        for mark in snapshot.markers
    )


def _items(snapshot: Snapshot, model: str) -> list[Item]:
    """Every version, the newest first, and each on each of its targets where there are several."""
    rows = {row.version: row for row in snapshot.models if row.model == model}
    newest = [rows[version] for version in reversed(in_order(rows))]
    found = [
        Item(row.version, visible(row.version, 20), f"{row.state.value} on {_targets(row)}") for row in newest
    ]
    places = [
        Item(f"{row.version}@{target}", f"{visible(row.version, 20)} on {visible(target, 40)}")
        for row in newest
        for target in row.targets
        if len(row.targets) > 1
    ]
    return [*found, *places[:_PLACES_MOST]]


def _targets(row: ModelRow) -> str:
    return visible(row.targets[0], 40) if len(row.targets) == 1 else f"{len(row.targets)} targets"
