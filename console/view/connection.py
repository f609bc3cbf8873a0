"""What stands in the place of a table while no server answers."""

import shlex
from urllib.parse import urlsplit

from console.domain.fleet import Fleet, Target
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view.styled import Line, Span

_SHOWN = 12
_DOCTOR = "triton-console doctor"


def disconnected(fleet: Fleet, snapshot: Snapshot | None, *, replay: bool = False) -> tuple[Line, ...]:
    """Each target's failure in words, with what to do; empty when there is something to show instead."""
    if snapshot is None:
        return ((Span("Opening the recording …", "title"),),) if replay else _connecting(fleet)
    if snapshot.models or snapshot.up:
        return ()
    if snapshot.fleet.unfolding and not snapshot.targets:
        return _none_found(snapshot, replay=replay)
    if not any(target.failures for target in snapshot.targets):
        return ((Span("No target had answered yet.", "title"),),) if replay else _connecting(fleet)
    lines: list[Line] = [(Span("No target answered then." if replay else "No target answers.", "bad"),), ()]
    known = {target.name: target for target in snapshot.fleet.targets}
    for target in snapshot.targets[:_SHOWN]:
        lines.append(
            (Span("✗ ", "bad"), Span(visible(target.name, 60), "title"), Span(f"  {target.url}", "dim"))
        )
        for failure in target.failures[:2]:
            lines.append((Span(f"  {visible(failure.message)}"),))
            if failure.hint:
                lines.append((Span(f"  → {visible(failure.hint)}", "accent"),))
        lines += () if replay else _forward(known.get(target.name))
        lines.append(())
    if len(snapshot.targets) > _SHOWN:
        lines.append((Span(f"and {len(snapshot.targets) - _SHOWN} more targets", "dim"),))
    if not replay:
        trying = Span("The console keeps trying.  To see it at work: ", "dim")
        lines.append((trying, Span("triton-console drill", "key")))
    return tuple(lines)


def _none_found(snapshot: Snapshot, *, replay: bool) -> tuple[Line, ...]:
    """What the looks said; a console goes on looking."""
    title = "No server was found then." if replay else "No server is found."
    lines: list[Line] = [(Span(title, "bad"),), ()]
    lines += [(Span(f"  {visible(note, 400)}"),) for note in snapshot.notes[:_SHOWN]]
    if not replay:
        lines += [(), (Span("The console keeps looking.  What it looks for: ", "dim"), Span(_DOCTOR, "key"))]
    return tuple(lines)


def _forward(target: Target | None) -> list[Line]:
    """The way to a pod that cannot be reached from here."""
    if target is None or not target.pod:
        return []
    where = f"-n {shlex.quote(visible(target.namespace, 80))} " if target.namespace else ""
    ports = " ".join(str(port) for port in _ports(target))
    command = f"kubectl port-forward {where}{shlex.quote(f'pod/{visible(target.pod, 80)}')} {ports}"
    return [
        (Span("  → is it reachable from here? if not: ", "accent"), Span(command, "key")),
        (Span("    and then: ", "dim"), Span(f"triton-console http://localhost:{_ports(target)[0]}", "key")),
    ]


def _ports(target: Target) -> tuple[int, ...]:
    """Of the API, of the metrics, of gRPC."""
    addresses = (target.url, target.metrics, f"//{target.grpc}" if target.grpc else "")
    found = (urlsplit(address).port for address in addresses if address)
    return tuple(port for port in found if port is not None) or (8000, 8002)


def _connecting(fleet: Fleet) -> tuple[Line, ...]:
    if fleet.unfolding and not fleet.targets:
        return ((Span("Looking for servers …", "title"),),)
    lines: list[Line] = [(Span("Connecting …", "title"),), ()]
    lines += [(Span(f"  {visible(target.url, 100)}", "dim"),) for target in fleet.targets[:_SHOWN]]
    if len(fleet.targets) > _SHOWN:
        lines.append((Span(f"  and {len(fleet.targets) - _SHOWN} more", "dim"),))
    return tuple(lines)
