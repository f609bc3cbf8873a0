"""The groups of a fleet that is seen through Prometheus, from one refresh to the next."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from console.domain.failure import Failure, FailureKind
from console.domain.families import F
from console.domain.fleet import Fleet, Target
from console.domain.gpu import GpuSample
from console.domain.prospect import Group, Worst
from console.domain.sample import Part
from console.domain.triton import TritonReading
from console.sources._prometheus_gpus import cut_gpus, gauged_gpus
from console.sources._prometheus_worst import MOST as MOST_WORST
from console.sources._prometheus_worst import doubled, worst_servers
from console.transport.promql_counters import Sums
from console.transport.promql_figures import FleetFigures, GroupFigures
from console.transport.promql_fleet import ANCHOR, SEEN_S
from console.transport.promql_learned import Learned

MOST = 100
# Beyond so many, or so many characters of their names, all models are asked about.
_MOST_MODELS, _LONGEST = 50, 2000
_MODE = "Prometheus does not tell it; a server that is opened directly does"


class Answers(NamedTuple):
    """What one refresh told: the figures, the moment that was asked about (Prometheus's time), and what is known of it.

    ``whole`` unless Prometheus warned that it left something out.
    """

    figures: FleetFigures
    at: float
    known: Learned
    whole: bool = True


class Told(NamedTuple):
    """The groups that there are, a part for each that has news, their servers, the worst of them, and what is left out."""

    targets: tuple[Target, ...]
    parts: tuple[Part, ...]
    groups: tuple[Group, ...]
    worst: tuple[Worst, ...]
    notes: tuple[str, ...]


class Groups:
    """``without`` are the models that had no percentiles at the last refresh, None before the first."""

    def __init__(self, fleet: Fleet) -> None:
        self.without: frozenset[str] | None = None
        self._fleet = fleet
        self._sums: dict[str, Sums] = {}

    def take(self, answers: Answers) -> Told:
        """One refresh."""
        figures = answers.figures
        groups = figures.groups(self._fleet.name, MOST)
        self._sums = {name: self._kept(name, answers.known.window_s) for name in groups}
        gpus = gauged_gpus(figures.others, self._fleet.by)
        worst = worst_servers(figures.others)
        counted = tuple(_group(name, found, answers.at) for name, found in groups.items())
        self.without = _without(groups)
        return Told(
            targets=tuple(self._target(name) for name in groups),
            parts=tuple(
                part for group in counted for part in self._parts(group, groups[group.target], answers, gpus)
            ),
            groups=counted,
            worst=worst,
            notes=(*self._nobody(groups), *_notes(figures, counted, groups, worst)),
        )

    def _nobody(self, groups: Mapping[str, GroupFigures]) -> Iterator[str]:
        if not groups:
            whom = f"that has {{{self._fleet.selector}}}" if self._fleet.selector else "at all"
            yield f"prometheus: no Triton is scraped {whom}: ask it for {ANCHOR}, and look at the labels"

    def _target(self, name: str) -> Target:
        url = self._fleet.prometheus
        return Target(name, url, url, scraped=True)

    def _kept(self, name: str, window_s: float) -> Sums:
        sums = self._sums.get(name) or Sums(window_s)
        sums.window_s = window_s
        return sums

    def _parts(
        self,
        group: Group,
        figures: GroupFigures,
        answers: Answers,
        gpus: Mapping[tuple[str, ...], tuple[GpuSample, ...]],
    ) -> Iterator[Part]:
        """What is new of a group; nothing where no server of it was scraped since."""
        source, known = f"triton:{group.target}", answers.known
        newest = figures.count("newest", 0)
        if newest is None:
            yield Part(source, group.target, _silent(group))
            return
        step = figures.step(0)
        for at, counters, histograms in self._sums[group.target].add(newest, step, whole=answers.whole):
            mono = at - known.ahead_s
            reading = TritonReading(
                live=True,
                mode_note=_MODE,
                counters=counters,
                counters_at=mono,
                histograms=histograms,
                gpus=gpus.get(tuple(figures.labels.values()), ()),
                host=step.host,
            )
            yield Part(source, group.target, reading, mono, known.scrape_s or 0.0)


def _group(name: str, figures: GroupFigures, at: float) -> Group:
    """Its servers by ``up`` where there is such a series, else by those that were seen in the last minutes."""
    known, up = figures.count("of", 0), figures.count("up", 0) or 0.0
    if known is None:
        known, up = figures.count("seen", 0) or 0.0, figures.count("now", 0) or 0.0
    oldest = figures.count("oldest", 0)
    lag_s = None if oldest is None else max(0.0, at - oldest)
    return Group(name, figures.labels, int(up), int(known), lag_s)


def _silent(group: Group) -> Failure | TritonReading:
    """A group of which no series is new: no server of it answers, or those that do have no model."""
    if group.up:
        return TritonReading(live=True, mode_note=_MODE)
    servers = (
        f"none of its {group.known} servers answers" if group.known > 1 else "its server does not answer"
    )
    said = f"metrics: {servers} when it is scraped"
    return Failure(FailureKind.UNREACHABLE, "metrics", said, "look at Prometheus's own page of targets")


def _without(groups: Mapping[str, GroupFigures]) -> frozenset[str] | None:
    models: set[str] = set()
    for figures in groups.values():
        step = figures.step(0)
        summaries = step.gauges[F.SUMMARY_COUNT - F.PENDING]
        models |= {
            key.model
            for key, number in zip(step.keys, summaries, strict=True)
            if not number > 0 and key not in step.buckets
        }
    long = sum(len(model) + 1 for model in models) > _LONGEST
    return None if long or len(models) > _MOST_MODELS else frozenset(models)


def _notes(
    figures: FleetFigures,
    counted: tuple[Group, ...],
    groups: Mapping[str, GroupFigures],
    worst: tuple[Worst, ...],
) -> Iterator[str]:
    if figures.number > len(groups) == MOST:
        said = f"{figures.number} groups, of which the {MOST} with most servers are shown"
        yield f"prometheus: {said}: group by fewer labels"
    gone = sum(_vanished(group, groups[group.target]) for group in counted)
    if gone:
        who = f"{gone} servers are" if gone > 1 else "1 server is"
        yield f"prometheus: {who} found no more, of those that were scraped within {SEEN_S // 60} minutes"
    twice = doubled(worst)
    if twice:
        yield f"prometheus: servers are there twice, by {twice}: rates are too high; choose one with the selector"
    if len(worst) == MOST_WORST:
        said = f"of the slow servers the {MOST_WORST} furthest from their median are shown"
        yield f"prometheus: {said}: narrow the selector to see others"
    cut = cut_gpus(figures.others)
    if cut:
        yield f"prometheus: {cut}"


def _vanished(group: Group, figures: GroupFigures) -> int:
    """Servers that were scraped a while ago, and that Prometheus no longer finds."""
    seen = figures.count("seen", 0)
    return max(0, int(seen) - group.known) if seen is not None else 0
