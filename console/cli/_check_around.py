"""Checks of what stands around the servers, as far as a snapshot and this machine's files tell."""

from collections.abc import Iterator, Sequence

from console.cli._check import Check, counted, fail, ok, warn
from console.domain.fleet import Fleet
from console.domain.lock import SOURCE as LOCK
from console.domain.snapshot import Snapshot
from console.domain.surfaces import Envoy, Haproxy
from console.domain.text import visible

NOT_ASKED = "not asked for"
_MOST = 20


def around_checks(snapshot: Snapshot) -> Iterator[Check]:
    """The gateway's counters, Alertmanager, the deploy lock and the models' contracts."""
    yield _gateway_metrics(snapshot)
    yield _alertmanager(snapshot)
    yield _lock(snapshot)
    yield from _contracts(snapshot)


def file_checks(fleet: Fleet) -> Iterator[Check]:
    """The runbooks and the journal."""
    yield from _runbooks(fleet)
    yield _journal(fleet)


def _gateway_metrics(snapshot: Snapshot) -> Check:
    fleet = snapshot.fleet
    if not (fleet.gateway_metrics or isinstance(fleet.gateway, Envoy | Haproxy)):
        return ok("gateway.metrics", NOT_ASKED)
    if snapshot.routes:
        return ok("gateway.metrics", f"{counted(len(snapshot.routes), 'route')} counted")
    said = _noted(snapshot, "gateway") or "no route is counted"
    return warn("gateway.metrics", said, "retries and the gateway's own latency stay unknown")


def _alertmanager(snapshot: Snapshot) -> Check:
    url = snapshot.fleet.alertmanager
    if not url:
        return ok("alertmanager", NOT_ASKED)
    if snapshot.pages is None:
        said = _noted(snapshot, "alertmanager") or f"no answer from {url}"
        return warn("alertmanager", said, "who else was paged stays unknown")
    return ok("alertmanager", f"{url} holds {counted(len(snapshot.pages.pages), 'alert')}")


def _lock(snapshot: Snapshot) -> Check:
    if snapshot.lock_unknown:
        return fail(
            "deploy_lock",
            snapshot.lock_unknown,
            f"check freeze.deploy_lock: a {LOCK} nobody can read stops all",
        )
    lock = snapshot.frozen
    if lock is not None and not lock.expired(snapshot.at):
        return ok("deploy_lock", f"readable; frozen {lock.held(snapshot.at)}")
    return ok("deploy_lock", "readable; not frozen")


def _contracts(snapshot: Snapshot) -> Iterator[Check]:
    """What is wrong with their files; whether they are kept is what ``verify`` tells."""
    held = snapshot.contracts
    if not snapshot.fleet.contracts and not held:
        yield ok("contracts", NOT_ASKED)
        return
    problems = [(model, said) for model, each in held.items() for said in each.contract.problems]
    for model, said in problems[:_MOST]:
        yield fail("contracts", said, "correct the file: what is understood of it counts meanwhile", model)
    left = len(problems) - _MOST
    if left > 0:
        yield fail("contracts", counted(left, "more problem"), "correct those above first")
    noted = [note for note in snapshot.notes if note.startswith("contracts: ")] if not problems else []
    for note in noted:
        yield fail("contracts", note.removeprefix("contracts: "), "correct contracts in the settings")
    if not (problems or noted):
        yield ok("contracts", f"{counted(len(held), 'contract')} understood")


def _runbooks(fleet: Fleet) -> Iterator[Check]:
    from console import wiring  # noqa: PLC0415 - HTTP and numpy, once the arguments are good

    library = wiring.library(fleet)
    for problem in library.problems[:_MOST]:
        yield fail("runbooks", problem, "correct the file: the others are used meanwhile")
    left = len(library.problems) - _MOST
    if left > 0:
        yield fail("runbooks", counted(left, "more problem"), "correct those above first")
    if not library.problems:
        own = f", with those of {fleet.runbooks}" if fleet.runbooks else ""
        yield ok("runbooks", f"{counted(len(library.runbooks), 'runbook')}{own}")


def _journal(fleet: Fleet) -> Check:
    from console import wiring  # noqa: PLC0415 - as above

    found = wiring.journal(fleet).read()
    if found.damages:
        said = "; ".join(visible(damage.message) for damage in found.damages[:3])
        return fail("journal", said, "triton-console journal --verify tells all of it")
    return ok("journal", f"{counted(len(found.records), 'record')}, none changed or cut away")


def _noted(snapshot: Snapshot, source: str) -> str:
    found: Sequence[str] = [note for note in snapshot.notes if note.startswith(source)]
    return "; ".join(found)
