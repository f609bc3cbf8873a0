"""What a check sees: one model on one picture, its figures against their baselines, and what changed when."""

from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cached_property

from console.domain.config import ModelConfig
from console.domain.fleet import ModelVersion
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.domain.triage import Answer, Asked, Evidence
from console.domain.triton import State
from console.triage.columns import basis, unit
from console.triage.figures import Figures, Past, Window, past
from console.triage.peers import against_peers, uneven
from console.triage.queries import among, promql
from console.triage.series import Line, band
from console.triage.shift import Onset, Shift, level
from console.triage.standing import Frame, came_late, first_moved, over_since
from console.triage.words import lacking

LOOKBACK_S = 1800.0
# The stretch that counts as now, longer where there is little traffic, and the requests that it needs.
NOW_S, LONGEST_NOW_S, LEAST_REQUESTS = 15.0, 60.0, 20
# Bins: seconds of the shortest and of the longest, and the requests that one should hold.
_BIN_S, _LONGEST_BIN_S, _FILLED = 2.0, 10.0, 5.0
_BASELINE_S, _JUST_S = 600.0, 60.0
# Of many neighbours so many are looked at, the busiest.
_NEIGHBOURS = 12
# A change this long before something began may have caused it; this much after, the clocks of polls differ.
CAUSE_S, LATE_S = 600.0, 20.0
_CHANGES = frozenset(
    (
        MarkerKind.LOAD,
        MarkerKind.CONFIG,
        MarkerKind.ROLLOUT,
        MarkerKind.WEIGHT,
        MarkerKind.RESTART,
        MarkerKind.ACTION,
    )
)


class Scene:
    """One model over the last half hour; ``asked`` are the answers to the runbook's PromQL expressions."""

    def __init__(
        self,
        snapshot: Snapshot,
        model: str,
        asked: Mapping[str, Asked] | None = None,
        frame: Frame | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.model = model
        self.asked = asked or {}
        self._frame = frame
        self._figures: dict[str, Figures] = {}
        self._shifts: dict[tuple[str, str], Shift] = {}
        self._pasts: dict[str, Past | None] = {}

    # Who it is about

    @cached_property
    def rows(self) -> tuple[ModelRow, ...]:
        """All versions of the model."""
        return tuple(row for row in self.snapshot.models if row.model == self.model)

    @cached_property
    def row(self) -> ModelRow | None:
        """The version that serves the most, or the newest."""
        serving = [row for row in self.rows if row.state is State.READY or row.scraped]
        return max(serving or self.rows, key=lambda row: (row.rate or 0.0, row.since), default=None)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """The targets that have the model, by name."""
        return tuple(sorted({name for row in self.rows for name in row.targets}))

    @cached_property
    def config(self) -> ModelConfig | None:
        """The model's config on any of its targets."""
        return next(iter(self.snapshot.history.config(self.model).values()), None)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The models that an ensemble calls."""
        return tuple(dict.fromkeys(self.config.composing)) if self.config else ()

    @cached_property
    def inner(self) -> "Scene":
        """Where the time is spent: the part of an ensemble whose time grew most, else the model itself."""
        scenes = [self._part(part) for part in self.parts]
        grown = [(scene.shift("mean_ms").difference or 0.0, number) for number, scene in enumerate(scenes)]
        most, number = max(grown, default=(0.0, 0))
        return scenes[number] if most > 0 else self

    def of(self, model: str) -> "Scene":
        """Another model on the same picture; the model itself as it is."""
        return self if model == self.model else Scene(self.snapshot, model, self.asked)

    def _part(self, model: str) -> "Scene":
        """A part in its own time, or, where it did not leave its band itself, in that of the whole."""
        part = self.of(model)
        if part.moved is not None or self.onset is None:
            return part
        return Scene(self.snapshot, model, self.asked, Frame(self.onset, self.over, _BASELINE_S))

    @cached_property
    def neighbours(self) -> tuple["Scene", ...]:
        """The other models with traffic on the same targets, the busiest of them."""
        mine = {self.model, *self.parts}
        wanted = set(self.targets)
        busy: Counter[str] = Counter()
        for row in self.snapshot.models:
            if row.model not in mine and row.rate and not wanted.isdisjoint(row.targets):
                busy[row.model] += int(1e3 * row.rate * (row.infer_ms or 0.0) / (row.batch or 1.0))
        return tuple(Scene(self.snapshot, model) for model, _ in busy.most_common(_NEIGHBOURS))

    @cached_property
    def focus(self) -> str:
        """The target whose latency grew well more than the others'; empty where it grew alike, or there is but one.

        Of many targets the slowest are looked at, and some others to compare with.
        """
        return uneven(self)

    def requests(self, target: str = "") -> float:
        """How many were counted in the last minute."""
        served = self.figures(target).bins("rate").known
        seen = served.between(self.snapshot.at - LONGEST_NOW_S, self.snapshot.at).values
        return float(seen.sum()) * self.width

    # Figures

    def figures(self, target: str = "") -> Figures:
        """The model's series, on one target or over all."""
        found = self._figures.get(target)
        if found is None:
            keys = [row.key for row in self.rows]
            found = self._figures[target] = Figures(self.snapshot.history, keys, self._window, target)
        return found

    def version(self, key: ModelVersion, target: str = "") -> Figures:
        """The series of one version alone."""
        return Figures(self.snapshot.history, (key,), self._window, target)

    @cached_property
    def _window(self) -> Window:
        return Window(self.snapshot.at, LOOKBACK_S, self.width)

    @cached_property
    def width(self) -> float:
        """Seconds of a bin: two polls, or more where few requests come."""
        rate = sum(row.rate or 0.0 for row in self.rows)
        filled = min(_FILLED / rate, _LONGEST_BIN_S) if rate else _LONGEST_BIN_S
        return max(_BIN_S, 2 * self.snapshot.fleet.refresh, filled)

    @cached_property
    def now_s(self) -> float:
        """The length of now: long enough to hold requests, as far as there are any."""
        rate = self.figures().bins("rate")
        for seconds in (NOW_S, 30.0, LONGEST_NOW_S):
            served = rate.between(self.snapshot.at - seconds, self.snapshot.at).known.values
            if len(served) and served.mean() * seconds >= LEAST_REQUESTS:
                return max(seconds, 2 * self.width)
        return LONGEST_NOW_S

    @cached_property
    def quiet(self) -> bool:
        """Whether there is too little traffic to say anything about shares and percentiles."""
        return self.requests() < LEAST_REQUESTS

    def past(self, target: str = "") -> Past | None:
        """The counters at the first look."""
        if target not in self._pasts:
            lives = (self.snapshot.history.lifetime(row.key, target) for row in self.rows)
            self._pasts[target] = past(lives)
        return self._pasts[target]

    def shift(self, column: str, target: str = "") -> Shift:
        """A figure now against its baseline.

        The baseline is the median before the onset; without an onset that of all that was watched before now, or, where
        the counters had a past, the mean since the load. Where the trouble is older than the watch, what was watched is no
        baseline: a target is held against the others then. What is over is looked at as it was while it lasted.
        """
        found = self._shifts.get((column, target))
        if found is None:
            found = against_peers(self, column, target) if target and self.late else None
            if found is None:
                found = self.against(self.figures(target).bins(column), column, self.past(target))
            self._shifts[column, target] = found
        return found

    def against(self, bins: Line, column: str = "", before: Past | None = None) -> Shift:
        """Any binned figure now against its own baseline; ``before`` is that where nothing moved during the watch."""
        at = self.over or self.snapshot.at
        began = self.onset
        since = at - self.now_s
        now = level(bins.between(since, at), since if began is None else began)
        end = min(since, at) if began is None else began - self.width / 2
        usual = band(bins.between(end - (self._frame.base_s if self._frame else _BASELINE_S), end))
        if before is not None and began is None:
            mean = before.figures.get(column)
            if mean is not None:
                return Shift(
                    now, mean, 0.0, f"mean of {before.requests:,.0f} requests before the watch", column
                )
        if usual is None or self.late:
            return Shift(now, None, column=column)
        width = float(bins.at[1] - bins.at[0])
        over = f"median of {usual.bins * width:.0f} s before"
        return Shift(now, usual.median, usual.deviation, over, column)

    # Time

    @cached_property
    def moved(self) -> Onset | None:
        """The first of the model's symptoms that left its band and has not come back."""
        return first_moved(self)

    @property
    def onset(self) -> float | None:
        """When it began, epoch seconds; None where nothing left its band while the console watched."""
        if self._frame is not None:
            return self._frame.began
        return self.moved.at if self.moved else None

    def since(self, at: float) -> "Scene":
        """The same model, now against the minute before ``at``."""
        return Scene(self.snapshot, self.model, self.asked, Frame(at, self.over, _JUST_S))

    @cached_property
    def late(self) -> bool:
        """Whether the trouble is older than the watch."""
        return came_late(self)

    @cached_property
    def over(self) -> float | None:
        """When the trouble ended that a percentile still shows; None while it lasts."""
        return over_since(self) if self._frame is None else self._frame.over

    def changes(self, *kinds: MarkerKind) -> tuple[Marker, ...]:
        """What changed about the model, its parts, its targets or its routes, close enough before the onset to cause it.

        Without an onset: over the whole look-back. Oldest first.
        """
        began = self.onset
        since = self.snapshot.at - LOOKBACK_S if began is None else began - CAUSE_S
        until = self.snapshot.at if began is None else began + LATE_S
        wanted = frozenset(kinds) or _CHANGES
        return tuple(
            marker
            for marker in self.snapshot.markers
            if marker.kind in wanted and since <= marker.at <= until and self._concerns(marker)
        )

    def _concerns(self, marker: Marker) -> bool:
        if marker.model:
            return marker.model == self.model or marker.model in self.parts
        if marker.kind is MarkerKind.WEIGHT:
            return self._carried(marker.subject)
        return not marker.target or marker.target in self.targets

    def _carried(self, route: str) -> bool:
        """Whether a route carries the model or a part of it, as far as its gateway tells which models it carries."""
        globs = [glob for row in self.snapshot.routes if row.name == route for glob in row.models]
        mine = (self.model, *self.parts)
        return not globs or any(fnmatchcase(name, glob) for glob in globs for name in mine)

    # Evidence

    def figure(self, check: str, answer: Answer, what: str, shift: Shift, target: str = "") -> Evidence:
        """Evidence of a figure of this model; its column tells unit, basis and query."""
        row, column = self.row, shift.column
        return Evidence(
            check=check,
            answer=answer,
            what=what,
            subject=f"{self.model} on {target}" if target else self.model,
            now=shift.now,
            baseline=shift.base,
            unit=unit(column),
            basis=shift.told(basis(row, column)),
            source=row.source if row else "",
            age_s=row.age_s if row else None,
            query=promql(column, self.model, among(self.snapshot, target)),
            hint=lacking(shift) if answer is Answer.UNKNOWN else "",
        )
