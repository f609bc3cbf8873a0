"""A plan while it runs, and its result."""

from collections.abc import Iterable
from time import monotonic
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType

from console.domain.run import Result
from console.domain.secret import Secret
from console.view.plan import call_text
from console.view.run import run_lines
from console.view.styled import Span
from screens.modal import SPINNER, Modal
from screens.operation import Operation
from screens.problem import problem_lines
from screens.watch import Watch
from screens.widgets.button import PushButton

LOOK_S = 0.25


class ProgressScreen(Modal[Literal["undo"]]):
    """Shows an operation; leaving it does not stop it. Ends with ``undo`` when that was asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", "Undo", show=False),
        Binding("y", "copy", "Copy the calls", show=False),
    ]

    def __init__(self, operation: Operation, watch: Watch, secrets: Iterable[Secret] = ()) -> None:
        super().__init__()
        self.operation = operation
        self._watch = watch
        self._secrets = tuple(secrets)
        self._spin = 0
        self._ended = False
        self._leave = PushButton("Leave it to run")
        self._undo = PushButton("Undo", "title")

    def buttons(self) -> tuple[PushButton, ...]:
        """Leaving is always right."""
        return self._leave, self._undo

    def on_mount(self) -> None:
        """Look four times a second."""
        self.set_interval(LOOK_S, self._look)

    def _look(self) -> None:
        if not self.is_current:
            return
        self._spin = (self._spin + 1) % len(SPINNER)
        if self.operation.running or not self._ended:
            self.fit()
        else:
            self.draw()

    def draw(self) -> None:
        """The steps as they stand; an equal line is not drawn again."""
        operation = self.operation
        running = operation.running
        if not running and not self._ended:
            self._ended = operation.seen = True
            self._leave.relabel("Close")
        self._undo.display = operation.undoable
        self._draw_head()
        if operation.error is not None:
            self.text.show(problem_lines(operation.error, self._secrets))
        else:
            now = self._watch.moment(monotonic()).now
            self.text.show(tuple(run_lines(operation.run, self.cells, now)))
        measuring = Span("◷ ", "accent"), Span("measuring what it does, for about a minute", "dim")
        self.state.show((measuring,) if operation.measuring else ())
        self.state.display = operation.measuring
        self.show_keys()

    def _draw_head(self) -> None:
        if self.operation.running:
            self.head.show(((Span(f"{SPINNER[self._spin]} ", "accent"), Span("RUNNING", "accent")),))
        elif self.operation.error is not None or self.operation.run.result is Result.REFUSED:
            self.head.show(((Span("NOT RUN", "bad"), Span("   nothing was changed", "dim")),))
        else:
            self.head.show(((Span("RESULT", "accent"),),))

    def keys(self) -> list[tuple[str, str]]:
        """What works now."""
        if self.operation.running:
            return [("esc", "leave it to run; x brings this back"), ("y", "copy the calls")]
        undo = [("u", "undo")] if self.operation.undoable else []
        return [("esc", "close"), *undo, ("y", "copy the calls")]

    def action_undo(self) -> None:
        """Ask for the plan that undoes it."""
        if self.operation.undoable:
            self.dismiss("undo")

    def action_copy(self) -> None:
        """Copy the exact calls."""
        self.app.copy_to_clipboard(call_text(self.operation.plan))
        self.notify("the exact calls, as you can type them", title="Copied", markup=False)

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Close, or undo."""
        event.stop()
        if event.button is self._undo:
            self.action_undo()
        else:
            self.action_leave()
