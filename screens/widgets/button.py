"""A word to press."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from console.view.styled import Line, Role, Span, width
from screens.look import based, styles
from screens.widgets.lines import strip
from screens.widgets.themed import Themed

_AROUND = 6


class PushButton(Themed, can_focus=True):
    """Pressed with enter, space or a click; arrows point at the one that has the keys."""

    DEFAULT_CSS = """
    PushButton { height: 1; width: auto; margin-right: 2; background: $surface; }
    PushButton:focus { background: $cursor; }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "press", "Press", show=False)]

    class Pressed(Message):
        """The button was pressed."""

        def __init__(self, button: "PushButton") -> None:
            self.button = button
            super().__init__()

    def __init__(self, label: str, role: Role = "") -> None:
        super().__init__()
        self.label = label
        self._role: Role = role

    def relabel(self, label: str) -> None:
        """Show another word."""
        if label != self.label:
            self.label = label
            self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """The label with room for the arrows."""
        del container, viewport
        return width(self.label) + _AROUND

    def render_line(self, y: int) -> Strip:
        """The label, and how it stands."""
        del y
        return strip(self._text(), self.size.width, based(styles(self.app.theme), self.rich_style))

    def _text(self) -> Line:
        if self.disabled:
            return (Span(f"  ({self.label})", "stale"),)
        if self.has_focus:
            return Span(" ▸ ", "accent"), Span(self.label, "title"), Span(" ◂ ", "accent")
        return (Span(f"   {self.label}", self._role),)

    def watch_has_focus(self, has_focus: bool) -> None:  # noqa: FBT001 - Textual's signature
        """Show whether keys go here."""
        super().watch_has_focus(has_focus)
        self.refresh()

    def action_press(self) -> None:
        """Say that it was pressed."""
        if not self.disabled:
            self.post_message(self.Pressed(self))

    def on_click(self) -> None:
        """A click presses."""
        self.action_press()
