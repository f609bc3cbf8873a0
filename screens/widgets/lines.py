"""A widget that shows lines of styled text and redraws only those that changed."""

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip

from console.view.styled import EMPTY, Line, fit
from console.view.wrap import wrapped
from screens.look import Styles, based, styles
from screens.widgets.themed import Themed


class Lines(Themed):
    """Lines of literal text; clipped at the right, or wrapped."""

    DEFAULT_CSS = """
    Lines { height: auto; width: 1fr; }
    """
    ALLOW_SELECT = False

    def __init__(self, classes: str = "", *, wrap: bool = False) -> None:
        super().__init__(classes=classes)
        self._wrap = wrap
        self._given: tuple[Line, ...] = ()
        self._shown: tuple[Line, ...] = ()
        self._shown_width = 0

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show these lines; equal ones cost nothing."""
        if lines == self._given:
            return
        self._given = lines
        before = self._shown
        self._shown = self._broken(self._shown_width)
        if len(before) != len(self._shown):
            self.refresh(layout=True)
            return
        for y, (old, new) in enumerate(zip(before, self._shown, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    @property
    def number(self) -> int:
        """How many lines there are."""
        return len(self._shown)

    def on_resize(self) -> None:
        """Break the lines for the new width."""
        if self._wrap and self.size.width != self._shown_width:
            self._shown_width = self.size.width
            self._shown = self._broken(self._shown_width)
            self.refresh()

    def _broken(self, width: int) -> tuple[Line, ...]:
        if not self._wrap or width <= 0:
            return self._given
        return tuple(piece for line in self._given for piece in wrapped(line, width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are at this width."""
        del container, viewport
        if width != self._shown_width:
            self._shown_width = width
            self._shown = self._broken(width)
        return len(self._shown)

    def render_line(self, y: int) -> Strip:
        """One line of text."""
        line = self._shown[y] if y < len(self._shown) else EMPTY
        width = self.size.width
        return strip(fit(line, width), width, based(styles(self.app.theme), self.rich_style))


def strip(line: Line, width: int, look: Styles) -> Strip:
    """A line in exactly ``width`` cells, its roles as ``look`` says."""
    made = Strip([Segment(span.text, look[span.role]) for span in line])
    return made.adjust_cell_length(width, look[""])
