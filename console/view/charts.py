"""Charts as values: series over a stretch of time, a level, and marks where something changed."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from console.domain.snapshot import Points
from console.view.format import moment, threshold
from console.view.spark import buckets
from console.view.styled import Line, Span, Tint, joined

_STEPS = 150
# Looks that are further apart are two watches, and what was between them is unknown.
_SELDOM_S = 65.0
_YOUNG_S = (60.0, 120.0, 300.0, 900.0)
_ROUND_S = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0)


class Series(NamedTuple):
    """One line: a value for each step of the chart, None where nothing is known.

    ``right`` measures it on an axis of its own, at the right. ``seldom`` are the steps between two looks that were
    further apart than a step, as remembered ones are: nothing was unknown there.
    """

    label: str
    tint: Tint
    values: tuple[float | None, ...]
    right: bool = False
    seldom: frozenset[int] = frozenset()


class Mark(NamedTuple):
    """A moment (epoch seconds) to draw as a vertical line, its label, and one for where there is no room.

    Without a label the line stands alone.
    """

    at: float
    label: str
    short: str


class Chart(NamedTuple):
    """What to draw; two equal charts look the same.

    Series have a value every ``step`` seconds, the first at ``since``. ``level`` is a
    horizontal line, such as a threshold, with ``level_label``. The axis reaches ``top`` at least.
    """

    unit: str
    since: float
    step: float
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    level: float | None = None
    level_label: str = ""
    top: float = 0.0

    @property
    def until(self) -> float:
        """The end of the stretch, epoch seconds."""
        return self.since + self.step * max((len(s.values) for s in self.series), default=0)


def legend(chart: Chart) -> Line:
    """Which line is which."""
    parts: list[Line] = [
        (Span("━ ", line.tint), Span(f"{line.label} →" if line.right else line.label, "dim"))
        for line in chart.series
    ]
    if chart.level is not None:
        parts.append((Span("╌ ", "level"), Span(chart.level_label, "dim")))
    return joined(parts)


class Stretch(NamedTuple):
    """The stretch that charts show: ``seconds`` up to ``until``; polls come every ``refresh`` s.

    The history may be ``lag`` s ahead of ``until``.
    """

    until: float
    seconds: float
    refresh: float
    lag: float = 0.0

    @property
    def step(self) -> float:
        """Seconds between two values: wide enough that a poll falls into nearly each."""
        return max(self.seconds / _STEPS, 2 * self.refresh)

    @property
    def number(self) -> int:
        """How many steps."""
        return max(int(self.seconds / self.step), 1)

    @property
    def since(self) -> float:
        """Start of the first step, at a multiple of it."""
        return (self.until // self.step - self.number) * self.step


class Scale(NamedTuple):
    """The vertical axis: from 0 to ``top``, with ticks and their labels."""

    top: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


def scale(chart: Chart, ticks: int, *, right: bool = False) -> Scale:
    """A round top over the values of one axis; the level belongs to the left one unless it would flatten the lines."""
    lines = [line for line in chart.series if line.right == right]
    highest = max((v for line in lines for v in line.values if v is not None), default=0.0)
    if not right:
        highest = max(highest, chart.top)
        if chart.level is not None and (chart.level <= 4 * highest or not highest):
            highest = max(highest, chart.level)
    highest = highest or 1.0
    step = _round_up(highest * 1.05 / max(ticks, 1))
    values = tuple(step * i for i in range(ticks + 1) if step * (i - 1) < highest)
    return Scale(values[-1], values, tuple(threshold(value) for value in values))


def fitting(chosen: float, elapsed: float) -> float:
    """Seconds for charts to show: what was chosen, or less while there is not so much to show."""
    return next((seconds for seconds in _YOUNG_S if elapsed <= seconds < chosen), chosen)


def _round_up(value: float) -> float:
    size = 10.0 ** math.floor(math.log10(value))
    return next(nice * size for nice in (1, 2, 2.5, 5, 10) if value <= nice * size * (1 + 1e-9))


def time_ticks(chart: Chart, ticks: int) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Round moments within the chart, at most that many, and their UTC time of day."""
    seconds = chart.until - chart.since
    every = next((step for step in _ROUND_S if seconds / step <= max(ticks, 1)), _ROUND_S[-1])
    first = math.ceil(chart.since / every)
    moments = tuple(i * every for i in range(first, int(chart.until // every) + 1))
    shown = 8 if every < 60 else 5
    return moments, tuple(moment(at)[:shown] for at in moments)


def runs(line: Series) -> tuple[tuple[tuple[int, float], ...], ...]:
    """Stretches of known values as (step, value); a single unknown step is bridged, a longer gap is not."""
    found: list[list[tuple[int, float]]] = []
    for step, value in enumerate(line.values):
        if value is None:
            continue
        last = found[-1][-1][0] if found else None
        if last is not None and (step - last <= 2 or line.seldom.issuperset(range(last + 1, step))):
            found[-1].append((step, value))
        else:
            found.append([(step, value)])
    return tuple(tuple(run) for run in found)


def series(label: str, tint: Tint, points: Points, stretch: Stretch) -> Series:
    """The highest value in each step of the stretch."""
    values = buckets(points.at, points.values, stretch.until, stretch.step, stretch.number)
    return Series(label, tint, tuple(values), seldom=frozenset(_seldom(points, stretch)))


def _seldom(points: Points, stretch: Stretch) -> Iterator[int]:
    first = stretch.until // stretch.step - stretch.number
    for (begin, before), (end, after) in pairwise(zip(points.at, points.values, strict=True)):
        if before is not None and after is not None and stretch.step < end - begin <= _SELDOM_S:
            yield from range(int(begin // stretch.step - first) + 1, int(end // stretch.step - first))
