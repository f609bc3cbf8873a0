"""The gate screen: two versions side by side, check by check, as the figures come in."""

from collections.abc import Iterator
from typing import ClassVar

from textual.widget import Widget

from console.domain.snapshot import Snapshot
from screens.commands import Where
from screens.deciding import Deciding
from screens.page import Page
from screens.watch import Watch
from screens.widgets.lines import Lines


class GatePage(Page):
    """Judges the two versions anew with each picture; it sends nothing unless it is asked to."""

    where: ClassVar[Where] = "gate"

    def __init__(self, watch: Watch, deciding: Deciding) -> None:
        super().__init__(watch)
        self._deciding = deciding
        self._title = Lines(classes="title body")

    def body(self) -> Iterator[Widget]:
        """The verdict."""
        yield self._title

    def draw(self, snapshot: Snapshot) -> None:
        """Judge and show."""
