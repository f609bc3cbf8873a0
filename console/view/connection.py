"""What stands in the place of a table while no server answers."""

from console.domain.fleet import Fleet
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
    for target in snapshot.targets[:_SHOWN]:
        lines.append(
            (Span("✗ ", "bad"), Span(visible(target.name, 60), "title"), Span(f"  {target.url}", "dim"))
        )
        for failure in target.failures[:2]:
            lines.append((Span(f"  {visible(failure.message)}"),))
            if failure.hint:
                lines.append((Span(f"  → {visible(failure.hint)}", "accent"),))
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


def _connecting(fleet: Fleet) -> tuple[Line, ...]:
    if fleet.unfolding and not fleet.targets:
        return ((Span("Looking for servers …", "title"),),)
    lines: list[Line] = [(Span("Connecting …", "title"),), ()]
    lines += [(Span(f"  {visible(target.url, 100)}", "dim"),) for target in fleet.targets[:_SHOWN]]
    if len(fleet.targets) > _SHOWN:
        lines.append((Span(f"  and {len(fleet.targets) - _SHOWN} more", "dim"),))
    return tuple(lines)
