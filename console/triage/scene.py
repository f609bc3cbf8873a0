"""What a check sees: one model on one picture, its figures against their baselines, and what changed when."""

from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from statistics import median

from console.domain.config import ModelConfig
from console.domain.fleet import ModelVersion
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.domain.triage import Answer, Asked, Evidence
from console.domain.triton import State
from console.triage.columns import basis, unit
from console.triage.figures import Figures, Past, Window, past
from console.triage.queries import promql
from console.triage.series import Line, band, widened
from console.triage.shift import Onset, Shift, level, onset
from console.triage.words import lacking

LOOKBACK_S = 1800.0
# The stretch that counts as now, longer where there is little traffic, and the requests that it needs.
NOW_S, LONGEST_NOW_S, LEAST_REQUESTS = 15.0, 60.0, 20
# Bins: seconds of the shortest and of the longest, and the requests that one should hold.
_BIN_S, _LONGEST_BIN_S, _FILLED = 2.0, 10.0, 5.0
# A change is looked for among so many bins, first the newest, then all of them drawn together.
_MOST_BINS = 150
_BASELINE_S = 600.0
# Of many neighbours so many are looked at, the busiest.
_NEIGHBOURS = 12
# A target stands out that grew by this factor over the others; of many, so many are compared from either end.
_UNEVEN, _COMPARED = 1.3, 4
# Fewer requests than this in the last minute say nothing about one target.
_LEAST_ON_ONE = 5
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

    def __init__(self, snapshot: Snapshot, model: str, asked: Mapping[str, Asked] | None = None) -> None:
        self.snapshot = snapshot
        self.model = model
        self.asked = asked or {}
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
        serving = [row for row in self.rows if row.state is State.READY]
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
        scenes = [Scene(self.snapshot, part, self.asked) for part in self.parts]
        grown = [(scene.shift("mean_ms").difference or 0.0, number) for number, scene in enumerate(scenes)]
        most, number = max(grown, default=(0.0, 0))
        return scenes[number] if most > 0 else self

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
        told = [name for name in self._slowest() if self._requests(name) >= _LEAST_ON_ONE]
        ratios = {name: self.shift("mean_ms", name).ratio for name in told}
        known = {name: ratio for name, ratio in ratios.items() if ratio is not None}
        if len(known) < 2:
            return ""
        worst = max(known, key=lambda name: known[name])
        others = median(ratio for name, ratio in known.items() if name != worst)
        return worst if known[worst] >= _UNEVEN * max(others, 1.0) else ""

    def _requests(self, target: str = "") -> float:
        """How many were counted in the last minute."""
        served = self.figures(target).bins("rate").known
        seen = served.between(self.snapshot.at - LONGEST_NOW_S, self.snapshot.at).values
        return float(seen.sum()) * self.width

    def _slowest(self) -> list[str]:
        """The slowest targets by their newest mean, and as many of the fastest."""
        means: dict[str, float] = {}
        for row in self.rows:
            for replica in self.snapshot.history.replicas(row.key):
                if replica.mean_ms is not None:
                    means[replica.target] = max(replica.mean_ms, means.get(replica.target, 0.0))
        order = sorted(means, key=lambda name: means[name])
        return order if len(order) <= 2 * _COMPARED else [*order[:_COMPARED], *order[-_COMPARED:]]

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
        return self._requests() < LEAST_REQUESTS

    def past(self, target: str = "") -> Past | None:
        """The counters at the first look."""
        if target not in self._pasts:
            lives = (self.snapshot.history.lifetime(row.key, target) for row in self.rows)
            self._pasts[target] = past(lives)
        return self._pasts[target]

    def shift(self, column: str, target: str = "") -> Shift:
        """A figure now against its baseline.

        The baseline is the median before the onset; without an onset that of all that was watched before now, or, where
        the counters had a past, the mean since the load.
        """
        found = self._shifts.get((column, target))
        if found is None:
            bins = self.figures(target).bins(column)
            found = self._shifts[column, target] = self.against(bins, column, self.past(target))
        return found

    def against(self, bins: Line, column: str = "", before: Past | None = None) -> Shift:
        """Any binned figure now against its own baseline; ``before`` is that where nothing moved during the watch."""
        at = self.snapshot.at
        began = self.onset
        since = at - self.now_s
        now = level(bins, max(since, began) if began is not None else since)
        end = min(since, at if began is None else began - self.width / 2)
        usual = band(bins.between(end - _BASELINE_S, end))
        if before is not None and began is None:
            mean = before.figures.get(column)
            if mean is not None:
                return Shift(
                    now, mean, 0.0, f"mean of {before.requests:,.0f} requests before the watch", column
                )
        if usual is None:
            return Shift(now, None, column=column)
        width = float(bins.at[1] - bins.at[0])
        over = f"median of {usual.bins * width:.0f} s before"
        return Shift(now, usual.median, usual.deviation, over, column)

    # Time

    @cached_property
    def moved(self) -> Onset | None:
        """The first of the model's symptoms that left its band and has not come back."""
        row = self.row
        if row is None or self.quiet:
            return None
        threshold = row.slo.objective.latency_ms
        limits = {
            "p99_ms": (1.5, max(1.0, 0.02 * threshold)),
            "mean_ms": (1.4, 1.0),
            "error_ratio": (3.0, 0.01),
        }
        found = [self._moved(column, *limit) for column, limit in limits.items()]
        return min((each for each in found if each is not None), key=lambda each: each.at, default=None)

    def _moved(self, column: str, factor: float, least: float) -> Onset | None:
        """When one symptom left its band: lately, else some time in the whole look-back."""
        figures = self.figures()
        bins = figures.bins(column)
        fine = figures.fine(column)
        newest = Line(bins.at[-_MOST_BINS:], bins.values[-_MOST_BINS:])
        found = onset(column, newest, fine, factor, least)
        if found is None and len(bins.at) > _MOST_BINS:
            found = onset(column, widened(bins, -(-len(bins.at) // _MOST_BINS)), fine, factor, least)
        return found

    @property
    def onset(self) -> float | None:
        """When it began, epoch seconds; None where nothing left its band while the console watched."""
        return self.moved.at if self.moved else None

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
            basis=f"{basis(row, column)}, baseline {shift.basis}" if shift.basis else basis(row, column),
            source=row.source if row else "",
            age_s=row.age_s if row else None,
            query=promql(column, self.model),
            hint=lacking(shift) if answer is Answer.UNKNOWN else "",
        )
