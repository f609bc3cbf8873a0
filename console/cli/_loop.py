"""Runs what waits for servers, and says what the journal refuses."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from console.cli._codes import FAILED
from console.cli._errors import CliError
from console.domain.journal import JournalError

T = TypeVar("T")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work; raises CliError where the journal cannot be written."""
    import asyncio  # noqa: PLC0415 - for nothing before the arguments are known to be good

    try:
        return asyncio.run(work)
    except JournalError as error:
        raise CliError(
            f"the journal cannot be written: {error}",
            "what cannot be written down is not done: repair the state folder first",
            id="journal",
            code=FAILED,
        ) from error
