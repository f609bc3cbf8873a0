"""A chart drawn by plotext; imported when the first one becomes visible."""

from textual.app import RenderResult
from textual.color import Color
from textual_plotext import PlotextPlot

from console.view.charts import Chart, Mark, Scale, runs, scale, time_ticks
from console.view.styled import Tint

_LEAST_WIDTH, _LEAST_HEIGHT = 16, 4
_LEFT, _RIGHT = 1, 2
_TICK_CELLS = 12
_TICK_LINES = 4
_AXIS_CELLS = 5
_MARK_LINES = 4


class ChartView(PlotextPlot):
    """Draws a ``Chart`` in the theme's colours; an equal one is not drawn again."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._chart: Chart | None = None

    def show(self, chart: Chart) -> None:
        """Show this chart, with the paint after the next: it takes longer than all the rest, and keys do not wait for it."""
        if chart != self._chart:
            self._chart = chart
            self.call_after_refresh(self.refresh)

    def render(self) -> RenderResult:
        """The chart as text, nothing where there is no room for one."""
        width, height = self.size
        if self._chart is None or width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
            return ""
        self._draw(self._chart, width, height)
        return super().render()

    def _tint(self, tint: Tint) -> tuple[int, int, int]:
        return Color.parse(self.app.theme_variables.get(f"role-{tint}", "#808080")).rgb

    def _draw(self, chart: Chart, width: int, height: int) -> None:
        plot = self.plt
        plot.clear_figure()
        plot.frame(frame=False)
        ticks = max(height // _TICK_LINES, 2)
        axis = scale(chart, ticks)
        self._axis(axis, _LEFT)
        if any(line.right for line in chart.series):
            self._axis(scale(chart, ticks, right=True), _RIGHT)
        plot.xlim(chart.since, chart.until)
        moments, labels = time_ticks(chart, width // _TICK_CELLS)
        plot.xticks(list(moments), list(labels))
        if chart.level is not None and chart.level <= axis.top:
            plot.hline(chart.level, color=self._tint("level"))
        for line in reversed(chart.series):
            for run in runs(line):
                at = [chart.since + (step + 0.5) * chart.step for step, _ in run]
                values = [value for _, value in run]
                side = "right" if line.right else "left"
                plot.plot(at, values, marker="braille", color=self._tint(line.tint), yside=side)
        # Labels stand under each other, on lines of their own; the last line of the height is the axis.
        lines = max(height - 2, 1)
        for number, mark in enumerate(chart.marks):
            self._mark(
                chart, mark, axis.top * max(1 - (number % _MARK_LINES) / lines, 0.0), width - _AXIS_CELLS
            )

    def _axis(self, axis: Scale, side: int) -> None:
        self.plt.ylim(0, axis.top, yside=side)
        # plotext cuts the last cell of labels at the right.
        labels = [f"{label} " for label in axis.labels] if side == _RIGHT else list(axis.labels)
        self.plt.yticks(list(axis.ticks), labels, yside=side)

    def _mark(self, chart: Chart, mark: Mark, y: float, cells: int) -> None:
        tint = self._tint("mark")
        ground = Color.parse(self.app.theme_variables["surface"]).rgb
        before = (mark.at - chart.since) / (chart.until - chart.since) * cells
        room = max(before, cells - before) - 1
        label = mark.label if len(mark.label) <= room else mark.short
        self.plt.vline(mark.at, color=tint)
        if not label:
            return
        if before > cells / 2:
            self.plt.text(f"{label}▕", mark.at, y, color=tint, background=ground, alignment="right")
        else:
            self.plt.text(f"▏{label}", mark.at, y, color=tint, background=ground, alignment="left")
