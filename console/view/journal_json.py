"""The journal as JSON for scripts."""

from collections.abc import Iterable

from console.domain.journal import Damage, Entry
from console.domain.states import Json
from console.view.journal import as_run, when
from console.view.plan_json import run_object


def entry_object(entry: Entry) -> dict[str, Json]:
    """A plan of the journal: the run that it was, by whom, where, and what became of it since."""
    return {
        **run_object(as_run(entry)),
        "at": when(entry.at).replace(" ", "T"),
        "who": entry.who,
        "host": entry.runner.host,
        "targets": dict(entry.targets),
        "unfinished": entry.unfinished,
        "standing": entry.standing,
        "undone": entry.undone or None,
        "continued": entry.continued or None,
        "handled": entry.handled or None,
    }


def journal_object(entries: Iterable[Entry], damages: Iterable[Damage]) -> dict[str, Json]:
    """Plans, newest first, and every place where the journal is not what was written."""
    found: list[Json] = [{"line": damage.line, "message": damage.message} for damage in damages]
    return {"whole": not found, "damages": found, "entries": [entry_object(entry) for entry in entries]}
