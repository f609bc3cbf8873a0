"""A question over the page."""

from collections.abc import Iterator

from textual.widget import Widget
from textual.widgets import Input

from console.view.styled import Line, Span
from screens.modal import Modal
from screens.widgets.button import PushButton
from screens.widgets.field import Field


class AskScreen(Modal[str]):
    """Ends with None for no; for yes with what was typed, which is asked for where ``label`` says what."""

    def __init__(self, title: str, lines: tuple[Line, ...], yes: str, no: str, label: str = "") -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._no = PushButton(no)
        self._yes = PushButton(yes, "title")
        self._typed = Field(label, "") if label else None

    def buttons(self) -> tuple[PushButton, ...]:
        """No has the keys."""
        return self._no, self._yes

    def below(self) -> Iterator[Widget]:
        """The line to type into."""
        if self._typed is not None:
            yield self._typed

    def draw(self) -> None:
        """The question."""
        self.head.show(((Span(self._title, "accent"),),))
        self.text.show(self._lines)
        self.state.display = False
        self._yes.disabled = self._typed is not None and not self._typed.value

    def keys(self) -> list[tuple[str, str]]:
        """What works."""
        return [("esc", self._no.label.lower()), ("tab", "next"), ("enter", "press")]

    def ring(self) -> list[Widget]:
        """No, the line to type into, yes."""
        typed: list[Widget] = [self._typed.input] if self._typed is not None else []
        return [self._no, *typed, self._yes]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Yes wakes up with the first letter."""
        event.stop()
        self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter says yes."""
        event.stop()
        self._agree()

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Yes or no."""
        event.stop()
        if event.button is self._yes:
            self._agree()
        else:
            self.dismiss(None)

    def _agree(self) -> None:
        if not self._yes.disabled:
            self.dismiss(self._typed.value if self._typed is not None else "")


class WriteScreen(AskScreen):
    """A question whose answer is typed, and where nothing is at stake: the line to type into has the keys."""

    def first(self) -> Widget:
        """The line to type into."""
        return self._no if self._typed is None else self._typed.input
