"""A console whose triage says what it is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from console.domain.snapshot import Snapshot
from console.domain.triage import Library
from tests.parts.triage import ToldTriage
from tests.parts.walks import BOOK
from tests.screens.acts import picture
from tests.screens.stage import Stage, staged


@asynccontextmanager
async def triaged(
    told: ToldTriage, shown: Snapshot | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Stage]:
    """A console whose triage answers as told."""
    async with staged(shown or picture(), size) as stage:
        stage.engine.triage = told
        yield stage


async def opened(stage: Stage) -> None:
    await stage.press("4")
    await stage.until("RECOVERED?")


def library() -> Library:
    """Two runbooks, and one that cannot be read."""
    other = replace(BOOK, id="load-failure", title="a model does not load", rank=10)
    return Library({BOOK.id: BOOK, other.id: other}, ("mine.toml: no steps",))
