"""Files that were written just now, or at a time that is not there yet."""

from collections.abc import Iterator, Sequence

from console.domain.repository import Entry, Finding, Kind, Live, ModelFolder, fail, warn
from console.domain.text import visible

FRESH, FUTURE = "repo.fresh", "repo.future"
# Clocks of a file server and of this machine differ by less.
_SKEW_S = 60.0


def fresh_findings(model: ModelFolder, at: float, fresh_s: float, live: Live) -> Iterator[Finding]:
    """Files of a model written since its last load, within the last ``fresh_s`` seconds where none is known, or in the future."""
    files = [entry for entry in model.entries.values() if entry.kind is Kind.FILE and not entry.cached]
    ahead = [entry for entry in files if entry.mtime > at + _SKEW_S]
    if ahead:
        newest = max(ahead, key=lambda entry: entry.mtime)
        said = f"{_named(ahead, newest)} has a time that lies {_age(newest.mtime - at)} ahead of this machine's clock"
        hint = "check the clocks: a server in poll mode tells a change by these times"
        yield warn(FUTURE, model.name, said, hint)
    loaded = live.loaded.get(model.name)
    since = at - fresh_s if loaded is None else loaded
    fresh = [entry for entry in files if since < entry.mtime <= at + _SKEW_S]
    if fresh and fresh_s > 0:
        yield _fresh(model, fresh, at, live)


def _fresh(model: ModelFolder, fresh: Sequence[Entry], at: float, live: Live) -> Finding:
    newest = max(fresh, key=lambda entry: entry.mtime)
    said = f"{_named(fresh, newest)} was written {_age(max(at - newest.mtime, 0.0))} ago"
    targets = live.loading.get(model.name)
    if targets:
        said = f"{said}, and {visible(', '.join(targets[:3]), 100)} loads the model now: it may have read half of it"
        return fail(FRESH, model.name, said, "end the copying, and load it again")
    loaded = live.loaded.get(model.name)
    if loaded is not None and newest.mtime > loaded:
        said = f"{said}, after the model was loaded: what serves is not what lies here"
        return warn(FRESH, model.name, said, "load it again when the copying has ended")
    said = f"{said}: a server in poll mode may have loaded half of it"
    return warn(
        FRESH, model.name, said, "copy beside the repository and rename into it; --fresh 0 leaves this out"
    )


def _named(entries: Sequence[Entry], newest: Entry) -> str:
    others = len(entries) - 1
    more = f" (and {others} other file{'' if others == 1 else 's'})" if others else ""
    return f"{visible(newest.path, 100)}{more}"


def _age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
