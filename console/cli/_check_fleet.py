"""Checks of a fleet, from one snapshot: what was reached, what was refused, what is switched off."""

from collections.abc import Iterator

from console.cli._check import Check, fail, ok, warn
from console.cli._check_prometheus import prometheus_checks
from console.domain.basis import Missing
from console.domain.failure import Failure, FailureKind
from console.domain.lies import percentile_hint
from console.domain.rows import TargetRow
from console.domain.snapshot import Snapshot
from console.domain.triton import ControlMode

_NEVER_CONNECTED = {
    FailureKind.REFUSED,
    FailureKind.UNREACHABLE,
    FailureKind.TLS,
    FailureKind.TIMEOUT,
    FailureKind.RESET,
}


def fleet_checks(snapshot: Snapshot, refresh: float) -> Iterator[Check]:
    """Checks of each target, or of what is seen in their place, then of the percentiles, then of the GPU feeds.

    ``refresh`` is what the settings say, in seconds: the snapshot was made at another pace.
    """
    if snapshot.fleet.through_prometheus:
        yield from prometheus_checks(snapshot, refresh)
    else:
        for row in snapshot.targets:
            yield from _target(row)
    if snapshot.up:
        yield _percentiles(snapshot)
    yield from _gpus(snapshot)


def _target(row: TargetRow) -> Iterator[Check]:
    """From the name to the details; what cannot be known after a failure is left out."""
    name = row.name
    failed = {failure.part: failure for failure in row.failures}
    contact = failed.get("live") or (None if row.up else next(iter(row.failures), None))
    if contact is not None and contact.kind is FailureKind.UNRESOLVED:
        yield _failed("target.name", name, contact)
        return
    yield ok("target.name", f"{row.url} resolves", name)
    if contact is not None and contact.kind in _NEVER_CONNECTED:
        yield _failed("target.connection", name, contact)
    else:
        yield ok("target.connection", "connects", name)
        yield from _service(row, contact)
    if row.up:
        yield from _metrics(row, failed.get("metrics"))


def _service(row: TargetRow, contact: Failure | None) -> Iterator[Check]:
    name = row.name
    if contact is not None and contact.kind is not FailureKind.FORBIDDEN:
        yield _failed("target.live", name, contact)
        return
    if row.live is False:
        yield fail("target.live", "says that it is not live", "look at the server's log", name)
    elif row.live:
        server = f"{row.server.name} {row.server.version}" if row.server else "server"
        yield ok("target.live", f"{server} is live", name)
    if row.ready is False:
        hint = next((w.text for w in row.warnings if w.id == "not-ready-for-good"), "")
        yield warn("target.ready", "is not ready", hint or "a model is loading, or failed to load", name)
    elif row.ready:
        yield ok("target.ready", "is ready", name)
    yield _permissions(row)
    yield _control_mode(row)


def _permissions(row: TargetRow) -> Check:
    refused = [f for f in row.failures if f.kind is FailureKind.FORBIDDEN]
    if refused:
        parts = ", ".join(failure.part for failure in refused)
        said = refused[0].message.removeprefix(f"{refused[0].part}: ")
        return fail("target.permissions", f"{parts}: {said}", refused[0].hint, row.name)
    others = [f for f in row.failures if f.part not in {"live", "ready", "metrics"}]
    if others:
        return _failed("target.permissions", row.name, others[0])
    return ok("target.permissions", "every API that the console reads is allowed", row.name)


def _control_mode(row: TargetRow) -> Check:
    if row.mode is ControlMode.UNKNOWN:
        hint = "leave --read-only away, or pass the credential of the model-repository API"
        return warn("target.control_mode", f"unknown: {row.mode_note or 'not asked'}", hint, row.name)
    return ok("target.control_mode", row.mode.value, row.name)


def _metrics(row: TargetRow, failure: Failure | None) -> Iterator[Check]:
    if failure is not None:
        hint = "if they are elsewhere: TARGET,metrics=http://HOST:PORT/metrics"
        yield fail("target.metrics", failure.message, hint, row.name)
    elif row.broken_lines:
        said = f"{row.broken_lines} lines could not be read"
        yield warn("target.metrics", said, "is it Triton's own metrics port?", row.name)
    else:
        yield ok("target.metrics", "readable", row.name)


def _percentiles(snapshot: Snapshot) -> Check:
    without = [row for row in snapshot.models if row.latency_missing is Missing.UNSUPPORTED]
    if without:
        said = f"{len(without)} of {len(snapshot.models)} model versions have means only"
        hints = sorted({percentile_hint(row) or "" for row in without})
        return warn("latency.percentiles", said, "; ".join(hints))
    return ok("latency.percentiles", "the servers export what percentiles take")


def _gpus(snapshot: Snapshot) -> Iterator[Check]:
    feeds = snapshot.fleet.gpu
    for kind, wanted in (("dcgm", bool(feeds.dcgm)), ("nvml", feeds.nvml)):
        seen = sum(1 for row in snapshot.gpus if kind in row.source)
        notes = [note for note in snapshot.notes if note.startswith(kind)]
        if not wanted:
            yield ok(f"gpu.{kind}", "not asked for")
        elif seen and not notes:
            yield ok(f"gpu.{kind}", f"{seen} GPUs")
        else:
            said = "; ".join(notes) or "no GPU was reported"
            yield warn(f"gpu.{kind}", said, f"check gpu.{kind} in the settings")


def _failed(check: str, name: str, failure: Failure) -> Check:
    return fail(check, failure.message, failure.hint, name)
