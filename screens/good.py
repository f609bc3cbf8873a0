"""Marking what serves now as known-good."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from textual.widget import Widget
from textual.widgets import Input

from console.domain.text import visible
from console.view.styled import Line, Span
from screens.modal import Modal
from screens.operation import Marking
from screens.widgets.button import PushButton
from screens.widgets.field import Field
from screens.widgets.lines import Lines

_LOOK_S = 0.25
_BAR = 30


class Wish(NamedTuple):
    """Which models (none: all), and a note."""

    models: tuple[str, ...]
    note: str


class GoodScreen(Modal[Wish]):
    """Asks what to mark; ends with it, or None."""

    def __init__(self, model: str, models: Sequence[str]) -> None:
        super().__init__()
        self._model = model
        self._models = models
        self._all = not model
        self._chosen = Lines(classes="choice")
        self._note = Field("note", "what makes it good")
        self._cancel = PushButton("Cancel")
        self._mark = PushButton("Mark", "title")

    def buttons(self) -> tuple[PushButton, ...]:
        """Cancel has the keys."""
        return self._cancel, self._mark

    def above(self) -> Iterator[Widget]:
        """Which models."""
        yield self._chosen

    def below(self) -> Iterator[Widget]:
        """Why."""
        yield self._note

    def ring(self) -> list[Widget]:
        """Tab goes to Mark first."""
        return [self._cancel, self._mark, self._note.input]

    def draw(self) -> None:
        """What would be kept."""
        self.head.show(((Span("KNOWN-GOOD", "accent"), Span("   nothing that serves is touched", "dim")),))
        self.text.show(
            (
                (Span("Keep as the release to roll back to: served versions, full configs,"),),
                (Span("digests of the files where they can be read, images, routes."),),
            )
        )
        what = f"all {len(self._models)} models" if self._all else visible(self._model, 60)
        which = (Span("◂ ", "key"), Span(what, "title"), Span(" ▸", "key"))
        self._chosen.show(((Span("of  ", "dim"), *which),))
        self.state.display = False

    def keys(self) -> list[tuple[str, str]]:
        """What works."""
        return [("tab enter", "mark"), ("← →", "change"), ("esc", "cancel")]

    def action_side(self, by: int) -> None:
        """One model, or all."""
        del by
        self._all = not self._all or not self._model
        self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter behind the note goes to Mark."""
        event.stop()
        self._mark.focus()

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Mark, or leave."""
        event.stop()
        if event.button is self._mark:
            self.dismiss(Wish(() if self._all else (self._model,), self._note.value))
        else:
            self.dismiss(None)


class MarkingScreen(Modal[None]):
    """How far the marking is; leaving it does not stop it."""

    def __init__(self, marking: Marking) -> None:
        super().__init__()
        self._marking = marking
        self._leave = PushButton("Leave it to run")

    def buttons(self) -> tuple[PushButton, ...]:
        """Leaving is always right."""
        return (self._leave,)

    def on_mount(self) -> None:
        """Look four times a second."""
        self.set_interval(_LOOK_S, self._look)

    def _look(self) -> None:
        if not self.is_current:
            return
        if self._marking.done:
            self.dismiss(None)
        else:
            self.draw()

    def draw(self) -> None:
        """A bar, and what is being read."""
        self.head.show(((Span("KNOWN-GOOD", "accent"), Span("   being read", "dim")),))
        full = round(min(max(self._marking.share, 0.0), 1.0) * _BAR)
        bar: Line = (
            Span("█" * full, "accent"),
            Span("░" * (_BAR - full), "quiet"),
            Span(f"  {self._marking.share * 100:.0f} %"),
        )
        self.text.show((bar, (Span(visible(self._marking.what, self.cells), "dim"),)))
        self.state.display = False

    def keys(self) -> list[tuple[str, str]]:
        """What works."""
        return [("esc", "leave it to run")]

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Leave."""
        event.stop()
        self.dismiss(None)
