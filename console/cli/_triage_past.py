"""Walks a runbook on a moment of a recording."""

import argparse
import asyncio

from console import wiring
from console.cli._errors import CliError
from console.cli._hindsight import NO_DATA, chosen
from console.cli._past import Place, look_at, place_of
from console.cli._triage_look import check_runbook
from console.domain.triage import Walk


def looked_back(options: argparse.Namespace) -> tuple[Walk, Place]:
    """The walk, and what it was walked on; the same for the same file and moment. Raises CliError."""
    look = look_at(options)
    try:
        triage = wiring.hindsight(look.settings.runbooks)
        if options.runbook:
            check_runbook(triage.library, options.runbook)
        found = chosen(look.recording, options.model or "", look.at)
        walk = asyncio.run(triage.look(found.snapshot, found.model, options.runbook))
        return walk, place_of(look.recording, found.snapshot, found.why)
    except LookupError as error:
        raise CliError(
            str(error), "triton-console triage --list shows them all", id="runbook", code=NO_DATA
        ) from error
    finally:
        look.recording.close()
