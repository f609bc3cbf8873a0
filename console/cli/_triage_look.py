"""Watches a fleet for a while, then walks a runbook on what was seen."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

from console import wiring
from console.cli._errors import USAGE, CliError
from console.cli._found import none_found
from console.domain.fleet import Fleet, ModelVersion
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.domain.toml_problems import nearest
from console.domain.triage import Library, Walk

NO_DATA = 2
_LEAST_LOOKS = 5
_LIST = "triton-console triage --list shows them all, and what is wrong with the others"

Tell = Callable[[Snapshot], None]


def looked(fleet: Fleet, model: str, runbook: str, seconds: float, tell: Tell) -> Walk:
    """The walk; ``tell`` is called with each picture on the way.

    Raises CliError where there is no such runbook, where no target answers, and where none knows the model.
    """
    return asyncio.run(_looked(fleet, model, runbook, seconds, tell))


async def _looked(fleet: Fleet, model: str, runbook: str, seconds: float, tell: Tell) -> Walk:
    often = replace(fleet, refresh=min(fleet.refresh, seconds / _LEAST_LOOKS))
    engine = wiring.build(often, wiring.Keeping(recall=True))
    try:
        if runbook:
            check_runbook(engine.triage.library, runbook)
        engine.subscribe(tell)
        snapshot = await engine.watched(seconds)
        name = known_model(model, snapshot)
        return await engine.triage.look(snapshot, name, runbook)
    except LookupError as error:
        raise CliError(str(error), _LIST, id="runbook", code=NO_DATA) from error
    finally:
        await engine.close()


def check_runbook(library: Library, wanted: str) -> None:
    """Raise CliError where there is no such runbook."""
    if wanted in library.runbooks:
        return
    guess = nearest(wanted, library.runbooks)
    broken = f"; {len(library.problems)} problems with runbooks" if library.problems else ""
    raise CliError(
        f"there is no runbook {visible(wanted, 80)}{guess}{broken}",
        _LIST,
        id="runbook",
        code=USAGE,
    )


def known_model(wanted: str, snapshot: Snapshot) -> str:
    """The model that ``MODEL`` or ``MODEL/VERSION`` names; raises CliError where no target knows it."""
    keys = [row.key for row in snapshot.models]
    if not keys and not snapshot.up:
        raise unreachable(snapshot)
    models = dict.fromkeys(key.model for key in keys)
    if wanted in models:
        return wanted
    model, _, version = wanted.rpartition("/")
    if model in models:
        _check_version(model, version, keys)
        return model
    guess = nearest(model or wanted, models) or _some(models)
    raise _no_data("model", f"no target knows the model {visible(wanted, 80)}{visible(guess, 400)}")


def _check_version(model: str, version: str, keys: Iterable[ModelVersion]) -> None:
    versions = [key.version for key in keys if key.model == model]
    if version not in versions:
        known = visible(", ".join(versions), 200)
        said = f"no target knows version {visible(version, 40)} of {visible(model, 80)}; it has {known}"
        raise _no_data("version", said)


def unreachable(snapshot: Snapshot) -> CliError:
    """What to say where no target answers: the first reason that one gave, or why none was found."""
    missing = none_found(snapshot)
    if missing is not None:
        return missing
    said = next((failure for row in snapshot.targets for failure in row.failures), None)
    detail = f": {visible(said.message)}" if said else ""
    return CliError(f"no target answers{detail}", said.hint if said else "", id="unreachable", code=NO_DATA)


def _no_data(id: str, message: str) -> CliError:  # noqa: A002 - the name users see in the JSON
    return CliError(message, "triton-console status lists every model", id=id, code=NO_DATA)


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"; there are {', '.join(found[:5])}{more}" if found else "; they know none"
