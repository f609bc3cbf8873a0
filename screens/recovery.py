"""What a console that died has left unfinished, and what can be done about it."""

from typing import Literal, NamedTuple

from console.domain.journal import Entry
from console.view.journal import unfinished_lines
from console.view.styled import Span
from screens.modal import Modal
from screens.widgets.button import PushButton

Way = Literal["continue", "undo", "handled"]


class Decision(NamedTuple):
    """What shall be done with which plan."""

    way: Way
    entry: Entry


class RecoveryScreen(Modal[Decision]):
    """Shows one unfinished plan; ends with a decision, or None for later."""

    def __init__(self, entry: Entry, others: int) -> None:
        super().__init__()
        self._entry = entry
        self._others = others
        self._later = PushButton("Later")
        self._ways: dict[PushButton, Way] = {
            PushButton("Continue"): "continue",
            PushButton("Undo what was done"): "undo",
            PushButton("Handled"): "handled",
        }

    def buttons(self) -> tuple[PushButton, ...]:
        """Later has the keys."""
        return self._later, *self._ways

    def draw(self) -> None:
        """What was being done, what was done and what not."""
        more = f"   and {self._others} more" if self._others else ""
        said = Span(f"   the console that ran it is gone{more}", "dim")
        self.head.show(((Span("▲ UNFINISHED PLAN", "warn"), said),))
        self.text.show(tuple(unfinished_lines(self._entry, self.cells)))
        self.state.show(((Span("Continue and Undo show their plan first.", "dim"),),))
        for button, way in self._ways.items():
            button.disabled = way == "undo" and not self._entry.touched

    def keys(self) -> list[tuple[str, str]]:
        """What works."""
        return [("esc", "later"), ("← →", "choose"), ("enter", "press")]

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Decide."""
        event.stop()
        way = self._ways.get(event.button)
        self.dismiss(Decision(way, self._entry) if way is not None else None)
