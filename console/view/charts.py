"""Charts as values: series over a stretch of time, a level, and marks where something changed."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from console.domain.fleet import ModelVersion
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import ModelRow
from console.domain.snapshot import Points, Snapshot
from console.domain.text import visible
from console.view.format import moment
from console.view.spark import buckets

Tint = Literal["first", "second", "third", "level", "mark"]
"""Which of a theme's chart colours a line takes."""

_MARKS = 6


class Series(NamedTuple):
    """One line: a value for each step of the chart, None where nothing is known."""

    label: str
    tint: Tint
    values: tuple[float | None, ...]


class Mark(NamedTuple):
    """A moment (epoch seconds) to draw as a vertical line, and its label."""

    at: float
    label: str


class Chart(NamedTuple):
    """What to draw; two equal charts look the same.

    Series have a value every ``step`` seconds, the first at ``since``. ``level`` is a
    horizontal line, such as a threshold, with ``level_label``.
    """

    unit: str
    since: float
    step: float
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    level: float | None = None
    level_label: str = ""

    @property
    def until(self) -> float:
        """The end of the stretch, epoch seconds."""
        return self.since + self.step * max((len(s.values) for s in self.series), default=0)


class Stretch(NamedTuple):
    """The stretch that charts show: ``seconds`` up to ``until``, in ``steps``; the history may be ``lag`` s ahead."""

    until: float
    seconds: float
    steps: int
    lag: float = 0.0

    @property
    def step(self) -> float:
        """Seconds between two values: never finer than the history, whole or a simple part of a second."""
        return max(self.seconds / max(self.steps, 1), 1.0)

    @property
    def since(self) -> float:
        """Start of the first step, at a multiple of it."""
        return (self.until // self.step - self.number) * self.step

    @property
    def number(self) -> int:
        """How many steps."""
        return max(int(self.seconds / self.step), 1)


def series(label: str, tint: Tint, points: Points, stretch: Stretch) -> Series:
    """The highest value in each step of the stretch."""
    return Series(
        label, tint, tuple(buckets(points.at, points.values, stretch.until, stretch.step, stretch.number))
    )


def marks(snapshot: Snapshot, row: ModelRow, stretch: Stretch) -> tuple[Mark, ...]:
    """The newest changes within the stretch that concern this version: its model's, and its targets'."""
    near = [
        m
        for m in snapshot.markers
        if stretch.since <= m.at <= stretch.until and _concerns(m, row.key, row.targets)
    ]
    merged: dict[str, Mark] = {}
    for marker in near:
        label = _label(marker)
        merged.setdefault(f"{label} {moment(marker.at)[:5]}", Mark(marker.at, f"{label} {moment(marker.at)}"))
    return tuple(list(merged.values())[-_MARKS:])


_WORDS: dict[MarkerKind, str] = {
    MarkerKind.LOAD: "load",
    MarkerKind.UNLOAD: "unload",
    MarkerKind.FAILURE: "load failed",
    MarkerKind.CONFIG: "config",
    MarkerKind.RESET: "reset",
    MarkerKind.RESTART: "restart",
    MarkerKind.DOWN: "down",
    MarkerKind.UP: "up",
    MarkerKind.PROBE: "probe",
}


def _label(marker: Marker) -> str:
    word = _WORDS.get(marker.kind, marker.kind.value)
    if marker.version:
        return f"{word} v{visible(marker.version, 8)}"
    return word if marker.model else f"{visible(marker.target or marker.subject, 16)} {word}"


def _concerns(marker: Marker, key: ModelVersion, targets: Iterable[str]) -> bool:
    if marker.model:
        return marker.model == key.model
    return marker.target in targets
