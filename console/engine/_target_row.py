"""One target as a row of the picture."""

from console.domain.lies import target_warnings
from console.domain.rows import TargetRow
from console.domain.triton import ControlMode, HostGauges
from console.engine._target import TargetMemory


def target_row(target: TargetMemory, mono: float, *, found: bool = False) -> TargetRow:
    """The target as of its newest poll; what a failed one withholds is unknown."""
    reading = target.reading
    failures = (target.failure,) if target.failure else reading.failures if reading else ()
    return TargetRow(
        name=target.name,
        url=target.target.url,
        up=target.answers and not target.is_stale(mono),
        live=reading.live if reading and not target.failure else None,
        ready=reading.ready if reading and not target.failure else None,
        server=reading.server if reading else None,
        mode=reading.mode if reading else ControlMode.UNKNOWN,
        mode_note=reading.mode_note if reading else "",
        host=reading.host if reading else HostGauges(),
        poll_ms=None if target.took_s is None else target.took_s * 1000,
        age_s=target.age_s(mono),
        stale=target.is_stale(mono),
        failures=failures,
        broken_lines=reading.broken_lines if reading else 0,
        warnings=tuple(target_warnings(reading)) if reading else (),
        gpus=tuple(dict.fromkeys(gpu.uuid for gpu in reading.gpus)) if reading else (),
        found=found,
    )
