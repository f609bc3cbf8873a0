"""One panel: a title with its legend, a few lines of figures, a chart."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical

from console.view.charts import legend
from console.view.panels import Panel
from console.view.styled import joined
from screens.widgets.lines import Lines

if TYPE_CHECKING:
    from screens.widgets.chart import ChartView


class PanelView(Vertical):
    """Shows a ``Panel``; the chart is mounted with the first one, so that starting does not wait for plotext."""

    DEFAULT_CSS = """
    PanelView { background: $surface; padding: 0 1; height: 1fr; width: 1fr; }
    PanelView > .facts { height: 4; }
    .-vast PanelView > .facts { height: 3; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._title = Lines()
        self._facts = Lines(classes="facts", wrap=True)
        self._chart: ChartView | None = None

    def compose(self) -> ComposeResult:
        """Title and figures."""
        yield self._title
        yield self._facts

    def show(self, panel: Panel) -> None:
        """Show this panel."""
        self._title.show((joined([panel.title, legend(panel.chart)], "   "),))
        self._facts.show(panel.facts)
        if self._chart is None:
            self._chart = _chart()
            self.mount(self._chart)
        self._chart.show(panel.chart)


def _chart() -> "ChartView":
    from screens.widgets.chart import ChartView  # noqa: PLC0415 - plotext costs start time

    return ChartView()
