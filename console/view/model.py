"""The model screen's sections: everything that is known about one version."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from console.domain.basis import Basis
from console.domain.config import ModelConfig
from console.domain.fleet import ModelVersion
from console.domain.lies import percentile_hint
from console.domain.probe import ProbeOutcome
from console.domain.rows import ModelRow, ReplicaRow
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.domain.triton import State
from console.view import format as write
from console.view.contract import contract_lines
from console.view.grid import grid
from console.view.missing import shown
from console.view.reason import all_lines, first_line, state_word
from console.view.severity import FACES, Level, level
from console.view.styled import Line, Role, Span, joined
from console.view.verdict import verdict
from console.view.versions import side_by_side
from console.view.wrap import wrapped

_HISTORY = 40
_CONFIG_LINES = 2000
_SCRAPED = "counted by Prometheus, which tells no state, config, batch sizes or probes: open a server of it directly for those"

_BASIS: dict[Basis, str] = {
    Basis.HISTOGRAM: "from histogram buckets",
    Basis.SUMMARY: "summary of one target: percentiles of several cannot be merged",
    Basis.PROBE: "from the console's own probes",
    Basis.MEAN: "mean only",
}


class Section(NamedTuple):
    """A heading and its lines; those of ``prose`` are broken where they are too long, others are cut."""

    title: str
    lines: tuple[Line, ...]
    prose: bool = False


def find(snapshot: Snapshot, key: ModelVersion) -> ModelRow | None:
    """The row of a version, None once it is gone."""
    return next((row for row in snapshot.models if row.key == key), None)


def title(row: ModelRow, at: float) -> Line:
    """One line: name, version, state and since when, on how many targets, the objective."""
    face = FACES[level(row)]
    aim = row.slo.objective
    promise = (
        f"objective: {aim.quantile * 100:g} % within {write.threshold(aim.latency_ms)} ms, "
        f"{aim.availability * 100:g} % answered"
    )
    where, partly = _where(row), row.ready < len(row.targets) and not row.scraped
    return joined(
        [
            (
                face.sign,
                Span(f" {visible(row.key.model, 100)} ", "title"),
                Span(f"v{visible(row.key.version, 12)}"),
            ),
            (Span(state_word(row.state, row.reason), "" if row.state is State.READY else face.role),),
            (Span(verdict(row), face.role),) if level(row) > Level.WELL else (),
            (Span(f"for {write.duration(at - row.since)}", "dim"),),
            (Span(where, "warn" if partly else "dim"),),
            (Span(promise, "dim"),),
        ]
    )


def sections(snapshot: Snapshot, row: ModelRow) -> tuple[Section, ...]:
    """All sections that have something to say, in reading order."""
    found = (
        Section("Warnings", _warnings(row), prose=True),
        Section("Latency", _latency(row), prose=True),
        Section("Errors", _errors(row)),
        Section("Probes", _probes(row, snapshot.at)),
        Section("Contract", _contract(snapshot, row), prose=True),
        Section("Replicas", replicas(snapshot.history.replicas(row.key))),
        Section("Versions side by side", side_by_side(snapshot, row.key.model)),
        Section("Versions", _versions(snapshot, row)),
        Section("State history", _states(snapshot, row)),
        *_configs(snapshot, row),
    )
    return tuple(section for section in found if section.lines)


def text(found: tuple[Section, ...], cells: int) -> tuple[Line, ...]:
    """The sections one under the other, in lines of at most that many cells."""
    lines: list[Line] = []
    for section in found:
        lines.append((Span(section.title, "title"),))
        for line in section.lines:
            lines += wrapped(line, cells) if section.prose else (line,)
        lines.append(())
    return tuple(lines)


def _where(row: ModelRow) -> str:
    """On how many targets it is ready; of groups nobody tells."""
    number = len(row.targets)
    if row.scraped:
        return f"in {number} group{'s' if number != 1 else ''}"
    return f"{row.ready}/{number} targets"


def _contract(snapshot: Snapshot, row: ModelRow) -> tuple[Line, ...]:
    held = snapshot.contracts.get(row.key.model)
    return () if held is None else tuple(contract_lines(held, row))


def _warnings(row: ModelRow) -> tuple[Line, ...]:
    lines: list[Line] = []
    if row.scraped:
        lines.append((Span("· ", "dim"), Span(_SCRAPED, "dim")))
    elif row.reason:
        lines.append((Span("▲ ", "warn"), Span(f"{row.state.value}, and the server says why:")))
        lines += [(Span(f"  {line}", "dim"),) for line in all_lines(row.reason)]
    for warning in row.warnings:
        lines.append((Span("▲ ", "warn"), Span(visible(warning.text, 1000))))
        if warning.hint:
            lines.append((Span("  → ", "dim"), Span(visible(warning.hint, 1000), "accent")))
    return tuple(lines)


def _latency(row: ModelRow) -> tuple[Line, ...]:
    known = row.percentiles
    mean: Line = (
        Span("mean ", "dim"),
        *shown(row.mean_ms, write.number, row.missing),
        Span(Basis.MEAN.mark, "dim"),
    )
    if known is None:
        unknown = shown(None, write.number, row.latency_missing or row.missing)
        known_line = joined([mean, (Span("p50 p90 p95 p99 ", "dim"), *unknown)])
        hint = percentile_hint(row)
        return (known_line, (Span("  → ", "dim"), Span(hint, "accent"))) if hint else (known_line,)
    quantiles = (("p50", known.p50), ("p90", known.p90), ("p95", known.p95), ("p99", known.p99))
    parts: list[Line] = [
        (Span(f"{name} ", "dim"), Span(write.number(value)), Span(known.basis.mark, "dim"))
        for name, value in quantiles
        if value is not None
    ]
    of = f"worst target {visible(known.target, 60)}" if known.target else "all targets merged"
    about: list[Line] = [(Span(f"{_BASIS.get(known.basis, known.basis.value)}; {of}", "dim"),)]
    if known.median_p99 is not None:
        about.append((Span("median target's p99 ", "dim"), Span(write.number(known.median_p99))))
    if known.bounds is not None:
        low, high = known.bounds
        about.append((Span(f"p99 is between {write.number(low)} and {write.number(high)}", "dim"),))
    return (joined([mean, *parts, (Span("ms", "dim"),)]), joined(about))


def _errors(row: ModelRow) -> tuple[Line, ...]:
    failed = {reason: number for reason, number in row.errors.items() if number}
    if not failed:
        return ((Span("none in the window", "dim"),),) if row.errors else ()
    rows = [
        ((Span(visible(reason, 40)),), (Span(write.count(number), "warn"),))
        for reason, number in sorted(failed.items(), key=lambda pair: -pair[1])
    ]
    return grid(("reason", f"in {write.duration(row.window_s)}"), rows, right=(1,))


def _probes(row: ModelRow, at: float) -> tuple[Line, ...]:
    rows = []
    for probe in row.probes:
        good = probe.outcome is ProbeOutcome.OK
        rows.append(
            (
                (Span("● " if good else "✗ ", "good" if good else "bad"), Span(visible(probe.target, 40))),
                (Span(probe.outcome.value, "" if good else "bad"),),
                (Span(f"for {write.duration(at - probe.since)}", "dim"),),
                (Span(write.count(probe.n)),),
                shown(probe.p50_ms, write.number),
                shown(probe.p99_ms, write.number),
                (Span(visible(probe.detail)),),
            )
        )
    return grid(("target", "answer", "", "n", "p50 ms", "p99 ms (n ≥ 100)", "detail"), rows, right=(3, 4, 5))


def replicas(rows: Sequence[ReplicaRow]) -> tuple[Line, ...]:
    """The version on each of its targets."""
    return grid(
        ("target", "state", "rate/s", "err %", "p99 ms", "mean", "queue", "infer", "wait", "age"),
        [_replica(row) for row in rows],
        right=range(2, 10),
        gap=1,
    )


def _replica(row: ReplicaRow) -> list[Line]:
    late: Role = "stale" if row.stale else ""
    failed = row.state is State.UNAVAILABLE
    sign = Span("✗ ", "bad") if failed else Span("◌ ", "stale") if row.stale else Span("● ", "good")
    figures = (row.rate, row.error_ratio, row.p99_ms, row.mean_ms, row.queue_ms, row.infer_ms, row.pending)
    writers = (write.number, write.percent, *[write.number] * 4, write.count)
    cells: list[Line] = [
        (sign, Span(visible(row.target, 40), late)),
        (Span(state_word(row.state, row.reason), late),),
    ]
    cells += [shown(value, writer) for value, writer in zip(figures, writers, strict=True)]
    cells.append(shown(row.age_s, write.age))
    return [tuple(Span(span.text, "stale") for span in cell) for cell in cells] if row.stale else cells


def _versions(snapshot: Snapshot, row: ModelRow) -> tuple[Line, ...]:
    lines = []
    for other in snapshot.models:
        if other.key.model != row.key.model:
            continue
        reason = first_line(other.reason, 100)
        lines.append(
            (
                (FACES[level(other)].sign, Span(f" v{visible(other.key.version, 12)}")),
                (Span(state_word(other.state, other.reason)),),
                (Span(_where(other)),),
                shown(other.rate, write.number, other.missing),
                (Span("" if other.scraped else reason, "dim"),),
            )
        )
    return (
        grid(("version", "state", "ready", "rate/s", "reason"), lines, right=(3,)) if len(lines) > 1 else ()
    )


def _states(snapshot: Snapshot, row: ModelRow) -> tuple[Line, ...]:
    changes = list(snapshot.history.states(row.key))[-_HISTORY:]
    rows = [
        (
            (Span(write.clock(change.at), "dim"),),
            (Span(visible(change.target, 40)),),
            (
                Span(
                    state_word(change.state, change.reason),
                    "bad" if change.state is State.UNAVAILABLE and change.reason else "",
                ),
            ),
            (Span(first_line(change.reason), "dim"),),
        )
        for change in reversed(changes)
    ]
    return grid(("when", "target", "state", "reason"), rows)


def _configs(snapshot: Snapshot, row: ModelRow) -> tuple[Section, ...]:
    """The config once where all targets agree, else one for each group of targets."""
    groups: dict[ModelConfig, list[str]] = {}
    for target, config in snapshot.history.config(row.key.model).items():
        groups.setdefault(config, []).append(target)
    found = []
    for config, targets in groups.items():
        names = "" if len(groups) == 1 else f" on {', '.join(visible(t, 40) for t in targets[:6])}"
        body = json.dumps(config.tree, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
        lines: tuple[Line, ...] = tuple((Span(visible(line)),) for line in body[:_CONFIG_LINES])
        found.append(Section(f"Config{names}", lines))
    return tuple(found)
