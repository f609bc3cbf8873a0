"""The first and the last line of a screen."""

from textual.strip import Strip
from textual.widget import Widget

from console.view.header import Header
from console.view.styled import Line, Span, fit, joined, plain, width
from screens.commands import Command
from screens.look import Styles, based, styles
from screens.widgets.lines import strip
from screens.widgets.themed import Themed


class HeaderBar(Themed):
    """One line with a left and a right end; the right end goes first when there is no room."""

    DEFAULT_CSS = """
    HeaderBar { height: 1; width: 1fr; padding: 0 1; background: $panel; }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._header = Header((), ())

    def show(self, header: Header) -> None:
        """Show this header; an equal one costs nothing."""
        if header != self._header:
            self._header = header
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        del y
        left, right = self._header
        room = self.size.width - width(plain(left)) - width(plain(right))
        line = left if room < 1 else (*left, Span(" " * room), *right)
        return strip(fit(line, self.size.width), self.size.width, _look(self))


class FooterBar(Themed):
    """Keys that work here, as many as fit."""

    DEFAULT_CSS = """
    FooterBar { height: 1; width: 1fr; padding: 0 1; background: $panel; }
    """
    ALLOW_SELECT = False

    def __init__(self, commands: tuple[Command, ...]) -> None:
        super().__init__()
        self._hints = [_hint(command) for command in commands if command.hint]

    def render_line(self, y: int) -> Strip:
        """The hints; one that does not fit whole is left out."""
        del y
        fitting: list[Line] = []
        for hint in self._hints:
            if width(plain(joined([*fitting, hint]))) <= self.size.width:
                fitting.append(hint)
        return strip(joined(fitting), self.size.width, _look(self))


def _look(bar: Widget) -> Styles:
    return based(styles(bar.app.theme), bar.rich_style)


def _hint(command: Command) -> Line:
    return Span(command.cap or command.shown, "key"), Span(f" {command.hint}", "dim")
