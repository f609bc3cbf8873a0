"""One line to type into, with a word before it."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from console.view.styled import Span, width
from screens.widgets.lines import Lines

_LONGEST = 500


class Field(Horizontal):
    """A label and an input in one line."""

    DEFAULT_CSS = """
    Field { height: 1; }
    Field Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $surface; }
    Field Input:focus { border: none; background: $cursor; }
    """

    def __init__(self, label: str, placeholder: str, value: str = "") -> None:
        super().__init__()
        self._label = Lines()
        self._text = label
        self.input = Input(value, compact=True, placeholder=placeholder, max_length=_LONGEST)

    def compose(self) -> ComposeResult:
        """Label, input."""
        yield self._label
        yield self.input

    def on_mount(self) -> None:
        """Show the label."""
        self.label(self._text)

    def label(self, text: str) -> None:
        """Put this word before the input."""
        self._label.styles.width = width(text) + 1
        self._label.show(((Span(text, "dim"),),))

    @property
    def value(self) -> str:
        """What was typed."""
        return self.input.value.strip()
