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
            f"nothing was changed, because the journal cannot be written: {error}",
            "free or repair the state folder first: what is not written down is not done",
            id="journal",
            code=FAILED,
        ) from error
