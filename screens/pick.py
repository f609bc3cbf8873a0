"""One of several, over the page."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from console.view.fields import words
from console.view.styled import EMPTY, Line, Role, Span
from screens.modal import Modal
from screens.widgets.button import PushButton


class Item(NamedTuple):
    """What can be picked: what it stands for, its name, and a few words about it."""

    id: str
    name: str
    about: str = ""


class PickScreen(Modal[str]):
    """Ends with the id of what was picked, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "step(1)", "Next", show=False)]

    def __init__(self, title: str, items: Sequence[Item], chosen: str, remarks: Sequence[str] = ()) -> None:
        super().__init__()
        self._title = title
        self._items = items
        self._remarks = remarks
        self._at = next((i for i, item in enumerate(items) if item.id == chosen), 0)
        self._pick = PushButton("Choose", "title")
        self._cancel = PushButton("Cancel")

    def buttons(self) -> tuple[PushButton, ...]:
        """Nothing here is dangerous: enter chooses."""
        return self._pick, self._cancel

    def draw(self) -> None:
        """The items under each other, the one under the cursor marked."""
        self.head.show(((Span(self._title, "accent"),),))
        wide = max((len(item.name) for item in self._items), default=0)
        lines: list[Line] = []
        for number, item in enumerate(self._items):
            here = number == self._at
            role: Role = "title" if here else ""
            mark = Span("▸ " if here else "  ", "accent")
            before: Line = (mark, Span(f"{item.name:<{wide}}  ", role))
            lines += words(item.about, self.cells, before=before, role="" if here else "dim", most=1)
        for remark in self._remarks:
            lines += [EMPTY, *words(remark, self.cells, before=(Span("! ", "warn"),), role="warn")]
        self.text.show(tuple(lines))
        self.state.display = False

    def keys(self) -> list[tuple[str, str]]:
        """What works."""
        return [("enter", "choose"), ("↑ ↓", "move"), ("esc", "cancel")]

    def action_step(self, by: int) -> None:
        """The next item, round the end."""
        self._at = (self._at + by) % len(self._items)
        self.draw()

    def action_scroll(self, lines: int) -> None:
        """The next item, or the one before."""
        self._at = min(max(self._at + lines, 0), len(self._items) - 1)
        self.draw()
        self.show_line(self._at)

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Choose, or leave."""
        event.stop()
        self.dismiss(self._items[self._at].id if event.button is self._pick else None)
