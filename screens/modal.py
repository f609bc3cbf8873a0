"""What lies over a page: a box with a head, a text that scrolls, a row of buttons, and the keys that work."""

from collections.abc import Iterator
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Region
from textual.widget import Widget

from console.view.styled import Line, Span, joined
from screens.over import Over
from screens.widgets.button import PushButton
from screens.widgets.lines import Lines

R = TypeVar("R")

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_WIDEST = 116
_SIDES = 5
_EDGE = 4
_LOW, _TALL = 14, 30
_LEAST_TEXT = 1


class Modal(Over[R]):
    """Subclasses say what stands around the text, and draw for ``cells``; esc leaves, and so does the first button."""

    CSS_PATH = "modal.tcss"
    # The buttons take the focus themselves.
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-low"), (_LOW, "-short"), (_TALL, "-tall")]  # noqa: RUF012 - Textual's
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(-1)", "Top", show=False),
        Binding("end", "edge(1)", "End", show=False),
        Binding("left", "side(-1)", "Left", show=False),
        Binding("right", "side(1)", "Right", show=False),
        Binding("tab", "ring(1)", "Next", show=False),
        Binding("shift+tab", "ring(-1)", "Previous", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.head = Lines(classes="head")
        self.text = Lines()
        self.state = Lines(classes="state")
        self.hints = Lines(classes="hints")
        self._scroll = VerticalScroll(self.text, can_focus=False)
        self._box = Vertical(classes="box")

    def buttons(self) -> tuple[PushButton, ...]:
        """From left to right; the first is the safe one."""
        raise NotImplementedError

    def first(self) -> Widget:
        """What has the keys at first."""
        return self.buttons()[0]

    def above(self) -> Iterator[Widget]:
        """What stands between the head and the text, one line each."""
        yield from ()

    def below(self) -> Iterator[Widget]:
        """What stands between the text and the buttons, one line each."""
        yield from ()

    def draw(self) -> None:
        """Show what there is, in ``cells``."""
        raise NotImplementedError

    def keys(self) -> list[tuple[str, str]]:
        """The keys that work, and what they do, the most important first."""
        return []

    def compose(self) -> ComposeResult:
        """The box from top to bottom."""
        with self._box:
            yield self.head
            yield from self.above()
            yield self._scroll
            yield self.state
            yield from self.below()
            yield Horizontal(*self.buttons(), classes="buttons")
            yield self.hints

    def on_mount(self) -> None:
        """Draw for the size there is."""
        self.first().focus()
        self.fit()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.fit()

    @property
    def cells(self) -> int:
        """How wide the text is."""
        return max(self._width - _SIDES, 1)

    @property
    def _width(self) -> int:
        return max(min(_WIDEST, self.size.width - (2 if self.size.width < 100 else 8)), 1)

    def fit(self) -> None:
        """Give the text the lines that the rest leaves, and draw."""
        self._box.styles.width = self._width
        self.draw()
        self._bound()
        self.call_after_refresh(self.show_keys)

    def _bound(self) -> None:
        others = [child for child in self._box.children if child is not self._scroll and child.display]
        taken = sum(child.styles.margin.height + _height(child) for child in others)
        taken += self._box.styles.gutter.height + self._scroll.styles.margin.height
        edge = _EDGE if self.size.height >= _TALL else 0
        self._scroll.styles.max_height = max(self.size.height - taken - edge, _LEAST_TEXT)

    def show_keys(self) -> None:
        """The keys in one line, as many as fit."""
        pairs = self.keys()
        if self._scroll.max_scroll_y > 0:
            pairs.insert(1, ("↑ ↓", "scroll"))
        found: list[Line] = []
        room = self.cells
        for key, word in pairs:
            room -= len(key) + len(word) + 3
            if room >= -2:
                found.append((Span(key, "key"), Span(f" {word}", "dim")))
        self.hints.show((joined(found),))

    def ring(self) -> list[Widget]:
        """What can have the keys, in the order of tab."""
        return list(self.buttons())

    def action_ring(self, by: int) -> None:
        """Give the keys to the next one."""
        ring = [w for w in self.ring() if w.focusable and all(part.display for part in w.ancestors_with_self)]
        if ring:
            at = ring.index(self.focused) if self.focused in ring else -1 if by > 0 else 0
            ring[(at + by) % len(ring)].focus()

    def action_side(self, by: int) -> None:
        """Left and right go through the buttons."""
        self.action_ring(by)

    def action_leave(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        self._scroll.scroll_relative(y=lines, animate=False)

    def show_line(self, number: int) -> None:
        """Bring this line of the text in sight."""
        self._scroll.scroll_to_region(Region(0, number, 1, 1), animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by what is on screen."""
        self._scroll.scroll_relative(y=pages * max(self._scroll.size.height - 1, 1), animate=False)

    def action_edge(self, side: int) -> None:
        """Scroll to the top or the end."""
        if side < 0:
            self._scroll.scroll_home(animate=False)
        else:
            self._scroll.scroll_end(animate=False)


def _height(part: Widget) -> int:
    return max(part.number, 1) if isinstance(part, Lines) else 1
