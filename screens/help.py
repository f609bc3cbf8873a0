"""The help of one screen, over it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from console.view.styled import Line, Span
from screens.over import Over
from screens.widgets.lines import Lines


class HelpScreen(Over[None]):
    """Lines of help; any of the leaving keys closes it."""

    CSS_PATH = "help.tcss"
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Close", show=False),
        Binding("j", "scroll(1)", "Down", show=False),
        Binding("k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, lines: tuple[Line, ...]) -> None:
        super().__init__()
        self._lines = lines
        self._text = Lines(wrap=True)

    def compose(self) -> ComposeResult:
        """The text in a box, and how to leave."""
        foot = Lines(classes="foot")
        foot.show(
            ((Span("esc", "key"), Span(" close   ", "dim"), Span("j k", "key"), Span(" scroll", "dim")),)
        )
        with VerticalScroll():
            yield self._text
        yield foot

    def on_mount(self) -> None:
        """Show the lines."""
        self._text.show(self._lines)

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
