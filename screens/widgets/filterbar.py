"""The filter line: typed in place, judged while it is typed."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Key
from textual.message import Message
from textual.widgets import Input

from console.domain.text import visible
from console.view.styled import Span
from screens.widgets.lines import Lines


class FilterBar(Horizontal):
    """Hidden until opened; stays in sight as long as there is a filter."""

    DEFAULT_CSS = """
    FilterBar { height: 1; display: none; background: $surface; padding: 0 1; }
    FilterBar Input { width: 2fr; height: 1; border: none; padding: 0; background: $surface; }
    FilterBar Input:focus { border: none; }
    FilterBar #said { width: 3fr; height: 1; padding: 0 0 0 2; }
    FilterBar #slash { width: 2; }
    """

    class Changed(Message):
        """The text of the filter is now this."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class Left(Message):
        """The filter was finished with enter or esc."""

    def __init__(self, placeholder: str = "p99>200 state=READY name") -> None:
        super().__init__()
        self._placeholder = placeholder
        self._input: Input | None = None
        self._said = Lines()
        self._said.id = "said"
        self._slash = Lines()
        self._slash.id = "slash"

    def compose(self) -> ComposeResult:
        """The input itself is made when it is first wanted."""
        yield self._slash
        yield self._said

    def open(self) -> None:
        """Show the line and put the cursor into it."""
        self.display = True
        if self._input is None:
            self._input = Input(compact=True, placeholder=self._placeholder)
            self.mount(self._input, after=self._slash)
            self._slash.show(((Span("/", "key"),),))
        self._input.focus()

    def close(self) -> None:
        """Clear the filter and hide the line."""
        if self._input is not None:
            self._input.value = ""
        self.display = False

    def say(self, found: str, errors: tuple[str, ...]) -> None:
        """Show beside the filter how much it leaves, or what is wrong with it."""
        if errors:
            self._said.show(((Span("✗ ", "bad"), Span(visible("; ".join(errors)), "warn")),))
        else:
            self._said.show(((Span(found, "dim"),),))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter and go back to the table."""
        event.stop()
        self._leave()

    def on_key(self, event: Key) -> None:
        """Esc clears the filter and goes back to the table."""
        if event.key == "escape":
            event.stop()
            self.close()
            self._leave()

    def _leave(self) -> None:
        if self._input is not None and not self._input.value:
            self.display = False
        self.post_message(self.Left())
