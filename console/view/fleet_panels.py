"""What stands under the fleet table: where the selected server runs, which replicas differ, what scaling sees."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from console.domain.config import ModelConfig
from console.domain.gpu import GpuRow
from console.domain.placement import Held, How
from console.domain.prospect import Worst
from console.domain.rows import ModelRow
from console.domain.scaling import Inputs, Scaling, Signal, fleet_scaling, scaling
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.fleet_rows import Server, called
from console.view.grid import grid
from console.view.replicas import imbalance
from console.view.styled import Line, Span, joined

_GPUS = 6
_WORST = 5
_DIFFERENCES = 6
# Rows of the models that carry something; the others ask for nothing.
_MODELS = 300


class TextPanel(NamedTuple):
    """A panel without a chart: its title, and lines that are broken where they are too long."""

    title: Line
    lines: tuple[Line, ...]


def fleet_panels(
    snapshot: Snapshot, server: Server, focus: ModelRow | None, model: str
) -> tuple[TextPanel, TextPanel, TextPanel]:
    """Placement of the server, differences between the replicas of the version in focus, scaling signals of a model (empty: all)."""
    return placement_panel(server), imbalance_panel(snapshot, focus), scaling_panel(snapshot, focus, model)


def placement_panel(server: Server) -> TextPanel:
    """Where the server runs, and how that is known."""
    title: Line = (Span("Placement  ", "title"), Span(visible(server.name, 60), "accent"))
    if server.worst is not None:
        return TextPanel(title, tuple(_named_alone(server, server.worst)))
    place = server.placement
    if place is None:
        return TextPanel(title, ())
    where = joined([_pair("node", place.node), _pair("pod", server.pod)])
    lines: list[Line] = [
        where,
        (Span(f"GPU {place.how.value}: ", "" if place.gpus else "dim"), Span(place.why, "dim")),
    ]
    lines += [_held(held) for held in place.gpus[:_GPUS]]
    if len(place.gpus) > _GPUS:
        lines.append((Span(f"and {len(place.gpus) - _GPUS} more GPUs", "dim"),))
    if place.hint:
        lines.append((Span(f"→ {place.hint}", "accent"),))
    if server.group is not None:
        labels = ", ".join(f"{visible(k, 30)}={visible(v, 60)}" for k, v in server.group.labels.items())
        lines.append((Span(f"{server.group.up} of {server.group.known} servers are up  {labels}", ""),))
    elif server.direct is not None:
        lines.append((Span("enter", "key"), Span(" opens this server by itself", "dim")))
    return TextPanel(title, tuple(lines))


def _named_alone(server: Server, worst: Worst) -> Iterator[Line]:
    """What Prometheus says of a server that is not asked itself."""
    yield joined([_pair("node", server.node), _pair("pod", server.pod)])
    labels = ", ".join(f"{visible(k, 30)}={visible(v, 60)}" for k, v in worst.labels.items())
    yield (Span(f"as Prometheus names it: {labels}", "dim"),)
    if server.direct is None:
        yield (Span("nothing says its address: it cannot be opened from here", "warn"),)
    else:
        yield (Span("enter", "key"), Span(f" opens {server.direct.url} by itself", "dim"))


def _pair(name: str, value: str) -> Line:
    return (Span(f"{name} ", "dim"), Span(visible(value, 80) or "unknown", "" if value else "dim"))


def _held(held: Held) -> Line:
    mark = Span("● " if held.how in {How.EXACT, How.MIG} else "○ ", "accent")
    if held.row is None:
        return mark, Span(visible(held.uuid, 60)), Span("  no GPU source knows it", "dim")
    gpu = held.row.gpu
    name = f"GPU {visible(gpu.number, 8) or '?'} {visible(gpu.mig, 20)}".strip()
    used = () if gpu.utilization is None else (Span(f"{write.percent(gpu.utilization)} % busy"),)
    free = () if gpu.memory_free_bytes is None else (Span(f"{write.gib(gpu.memory_free_bytes)} GiB free"),)
    return joined([(mark, Span(name)), used, free, (Span(held.how.value, "dim"),)])


def imbalance_panel(snapshot: Snapshot, focus: ModelRow | None) -> TextPanel:
    """Which replica of the version differs, in sentences."""
    if focus is None:
        return TextPanel((Span("Replicas", "title"),), ((Span("no model is selected", "dim"),),))
    name = f"{visible(focus.key.model, 40)} v{visible(focus.key.version, 12)}"
    title: Line = (Span("Replicas  ", "title"), Span(name, "accent"))
    found = imbalance(snapshot, focus.key)
    lines: list[Line] = [(Span("▲ ", "warn"), Span(each.text)) for each in found[:_DIFFERENCES]]
    if len(found) > _DIFFERENCES:
        lines.append((Span(f"and {len(found) - _DIFFERENCES} more", "dim"),))
    lines += _slowest(snapshot, focus)
    if not found:
        lines.insert(0, (Span(_nothing_odd(snapshot, focus), "dim"),))
    return TextPanel(title, tuple(lines))


def _slowest(snapshot: Snapshot, focus: ModelRow) -> Iterator[Line]:
    told = snapshot.prometheus.worst if snapshot.prometheus is not None else ()
    for each in [worst for worst in told if worst.key == focus.key][:_WORST]:
        figures = (Span(f"{write.number(each.value_ms)}{each.basis.mark} ms"),)
        rate = () if each.rate is None else (Span(f"{write.number(each.rate)}/s", "dim"),)
        yield joined([(Span("› ", "dim"), Span(visible(called(snapshot.fleet, each), 60))), figures, rate])


def _nothing_odd(snapshot: Snapshot, focus: ModelRow) -> str:
    number = len(snapshot.history.replicas(focus.key))
    if number < 2:
        return "one replica: there is none to compare it with"
    return f"{number} replicas: none stands out, as far as there are requests to tell"


def scaling_panel(snapshot: Snapshot, focus: ModelRow | None, model: str) -> TextPanel:
    """The signals of the version in focus, or of all versions where no ``model`` is meant; and what follows from them."""
    if model and focus is not None:
        found = model_scaling(snapshot, focus)
        name = f"{visible(focus.key.model, 40)} v{visible(focus.key.version, 12)}"
    else:
        found, name = whole_scaling(snapshot), "all models, the most demanding of each"
    title: Line = (Span("Scaling  ", "title"), Span(name, "accent"))
    rows = [_signal(signal) for signal in found.signals]
    table = grid(("signal", "now", "target", "wants"), rows, right=(1, 3))
    return TextPanel(title, (*_verdict(found), *table, *_unknown(found), *_pods(found)))


def model_scaling(snapshot: Snapshot, row: ModelRow) -> Scaling:
    """The signals of one version."""
    return scaling(_inputs(snapshot, row, tuple(snapshot.history.config(row.model).values())))


def whole_scaling(snapshot: Snapshot) -> Scaling:
    """The signals of the fleet: each is that of the version that asks for most by it."""
    rows = [row for row in snapshot.models if row.rate][:_MODELS]
    config = snapshot.history.config
    each = (scaling(_inputs(snapshot, row, tuple(config(row.model).values()))) for row in rows)
    return fleet_scaling(each, _replicas(snapshot, None), snapshot.workloads, snapshot.gpus)


def _inputs(snapshot: Snapshot, row: ModelRow, configs: Sequence[ModelConfig]) -> Inputs:
    targets = [target for target in snapshot.targets if target.name in row.targets]
    seen = {uuid for target in targets for uuid in target.gpus}
    gpus: list[GpuRow] = [gpu for gpu in snapshot.gpus if gpu.gpu.uuid in seen]
    return Inputs(row, _replicas(snapshot, row), targets, gpus, configs, snapshot.workloads)


def _replicas(snapshot: Snapshot, row: ModelRow | None) -> int | None:
    """Servers that serve the version, or that are up; those of groups as Prometheus counts them."""
    if snapshot.prometheus is not None:
        groups = snapshot.prometheus.groups
        return sum(group.up for group in groups if row is None or group.target in row.targets) or None
    return (snapshot.up if row is None else row.ready) or None


def _signal(signal: Signal) -> tuple[Line, Line, Line, Line]:
    mark = signal.basis.mark if signal.basis else ""
    now: Line = (Span("unknown", "dim"),)
    if signal.value is not None:
        now = (Span(write.number(signal.value)), Span(mark, "dim"))
    target = "" if signal.target is None else f"{write.threshold(round(signal.target, 2))} {signal.unit}"
    wanted: Line = (Span(f"{signal.wanted:,}"),) if signal.wanted is not None else (Span("–", "dim"),)
    return (Span(signal.name),), now, (Span(target or signal.unit, "dim"),), wanted


def _unknown(found: Scaling) -> Iterator[Line]:
    """Why signals are not known, those of one reason together."""
    reasons: dict[str, list[str]] = {}
    for signal in found.signals:
        if signal.unknown:
            reasons.setdefault(signal.unknown, []).append(signal.name)
    for reason, names in reasons.items():
        yield (Span(f"{', '.join(names)}: {visible(reason, 100)}", "dim"),)


def _verdict(found: Scaling) -> Iterator[Line]:
    """What an autoscaler on these signals would compute."""
    if found.replicas is None or found.wanted is None:
        yield (Span("how many replicas an autoscaler would ask for is not known", "dim"),)
        return
    name = next(f"{each.name} of {visible(each.of, 40)}" for each in found.signals if each.id == found.by)
    yield (
        Span(f"has {found.replicas:,}", ""),
        Span("  an autoscaler on these computes ", "dim"),
        Span(f"{found.wanted:,}", "title"),
        Span(f" by {name}", "dim"),
    )
    if found.held:
        yield (Span("and keep what there is while a metric that it was given is unknown", "dim"),)


def _pods(found: Scaling) -> Iterator[Line]:
    if found.asked is not None:
        words = f"pods available {found.available:,} of {found.asked:,}"
        yield (Span(words, "warn" if found.pending else ""),)
    if found.free_bytes is not None:
        yield (Span("least free GPU memory ", "dim"), Span(f"{write.gib(found.free_bytes)} GiB"))
    yield (Span("ceil(replicas × now / target), within 10 % unchanged; a calculation, not advice", "dim"),)


def one_line(server: Server, snapshot: Snapshot, focus: ModelRow | None) -> Line:
    """The panels in one line, for a terminal that has no room for them."""
    odd = imbalance(snapshot, focus.key)[:1] if focus is not None else ()
    place = server.placement
    return joined(
        [
            (Span(visible(server.name, 30), "accent"),),
            tuple(span for each in odd for span in (Span("▲ ", "warn"), Span(each.text))),
            (Span(f"GPU {place.how.value}: {place.why}", "dim"),) if place is not None else (),
        ]
    )
