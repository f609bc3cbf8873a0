"""What to say where a fleet's servers are looked for, and none is found."""

from console.cli._errors import CliError
from console.domain.prospect import DISCOVERY
from console.domain.snapshot import Snapshot
from console.domain.text import visible

NOTHING = 2


def none_found(snapshot: Snapshot) -> CliError | None:
    """Why there is no target, None where there is one or nobody looks for any."""
    if not snapshot.fleet.discovery or snapshot.fleet.targets:
        return None
    said = "; ".join(visible(note, 400) for note in snapshot.notes if note.startswith(DISCOVERY))
    hint = f"triton-console --fleet {snapshot.fleet.name} doctor says what was looked for"
    return CliError(f"no server was found{f': {said}' if said else ''}", hint, id="none_found", code=NOTHING)
