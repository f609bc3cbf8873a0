"""The model screen: everything known about one version, large."""

from collections.abc import Iterator
from typing import ClassVar

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget

from console.domain.snapshot import Snapshot
from console.view.model import find, sections, text, title
from console.view.panels import panels
from console.view.styled import Span
from screens.commands import Where
from screens.page import Page
from screens.watch import Watch
from screens.widgets.lines import Lines
from screens.widgets.panel import PanelView


class ModelPage(Page):
    """The selected version: three charts, and every section of figures and text."""

    CSS_PATH = "model.tcss"
    AUTO_FOCUS = "VerticalScroll"
    where: ClassVar[Where] = "model"

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch)
        self._title = Lines(classes="title body", wrap=True)
        self._panels = (PanelView(), PanelView(), PanelView())
        self._text = Lines()

    def body(self) -> Iterator[Widget]:
        """Title; charts beside the text."""
        yield self._title
        with_charts = Vertical(*self._panels, classes="charts")
        yield Horizontal(with_charts, VerticalScroll(self._text, classes="text"), classes="split body")

    @property
    def news_lines(self) -> int:
        """One: what the news is about here has a line of its own."""
        return 1

    def draw(self, snapshot: Snapshot) -> None:
        """Fill the page with the selected version."""
        key = self.watching.selected
        if key is None and snapshot.models:
            key = self.watching.selected = snapshot.models[0].key
        row = find(snapshot, key) if key is not None else None
        if row is None:
            self._title.show(((Span("This version is gone from every server.", "warn"),),))
            return
        self._title.show((title(row, snapshot.at),))
        self._text.show(text(sections(snapshot, row), self._text.size.width))
        if self.tall:
            for view, panel in zip(self._panels, panels(snapshot, row, self.stretch(snapshot)), strict=True):
                view.show(panel)
