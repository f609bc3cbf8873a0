"""One fleet in the console: what is seen of it, its pages, its commands and its engine; another fleet is another session."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from textual.app import App
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from console.domain.snapshot import Snapshot
from screens.engine import Engine
from screens.gpus import GpusPage
from screens.messages import SnapshotArrived
from screens.model import ModelPage
from screens.models import ModelsPage
from screens.page import Page
from screens.watch import Watch

if TYPE_CHECKING:
    from screens.acting import Acting
    from screens.deciding import Deciding
    from screens.declaring import Declaring
    from screens.playing import Playing
    from screens.triage import TriagePage


class Session:
    """``open_engine`` is called in a thread, after the first paint. What a session began ends with it."""

    def __init__(self, app: App[None], watch: Watch, open_engine: Callable[[], Engine]) -> None:
        self._app = app
        self.watching = watch
        self._open_engine = open_engine
        self._pages: list[Page] = []
        self._engine: Worker[None] | None = None
        self.triage: TriagePage | None = None

    @cached_property
    def acting(self) -> "Acting":
        """The commands that act."""
        from screens.acting import Acting  # noqa: PLC0415 - nobody acts before the first paint

        return Acting(self._app, self.watching)

    @cached_property
    def deciding(self) -> "Deciding":
        """The commands that write to the timeline."""
        from screens.deciding import Deciding  # noqa: PLC0415 - nobody decides before the first paint

        return Deciding(self._app, self.watching)

    @cached_property
    def declaring(self) -> "Declaring":
        """The commands of an incident."""
        from screens.declaring import Declaring  # noqa: PLC0415 - nobody declares before the first paint

        return Declaring(self._app, self.watching)

    @cached_property
    def playing(self) -> "Playing":
        """The commands of a replay."""
        from screens.playing import Playing  # noqa: PLC0415 - nobody plays before the first paint

        return Playing(self._app, self.watching)

    @property
    def owners(self) -> Iterator[object]:
        """Who has commands beside the page and the app."""
        yield from (self.acting, self.deciding, self.declaring, self.playing)

    def first_page(self) -> Page:
        """The models screen, which lies under all others."""
        return ModelsPage(self.watching)

    def prepare(self) -> None:
        """Make the pages that are a key away from the first one."""
        self._install(ModelPage(self.watching), GpusPage(self.watching))

    def start(self) -> None:
        """Make the other pages, and open the engine."""
        from screens.later import later_pages  # noqa: PLC0415 - nobody reads these before the first paint

        later = later_pages(self.watching, self.acting.desk, self.deciding)
        self.triage = later.triage
        self._install(later.triage, *later.others)
        self._engine = self._app.run_worker(
            self._run_engine(), name="engine", group=self.watching.group, exit_on_error=True
        )

    async def end(self) -> None:
        """Close the engine in order: its recorder comes to the end of what it writes. What else was begun is given up."""
        self._app.workers.cancel_group(self._app, self.watching.group)
        if self._engine is not None:
            with suppress(WorkerCancelled, WorkerFailed):
                await self._engine.wait()

    async def leave(self) -> None:
        """Take its pages away; none of them may be on the stack."""
        for page in self._pages:
            self._app.uninstall_screen(page)
            if page.is_running:
                await page.remove()
        self._pages.clear()

    def _install(self, *pages: Page) -> None:
        for page in pages:
            self._app.install_screen(page, page.where)
            self._pages.append(page)

    async def _run_engine(self) -> None:
        engine = await asyncio.to_thread(self._open_engine)
        self.acting.desk.door = engine.door
        self.deciding.engine = self.declaring.engine = self.playing.engine = engine
        engine.subscribe(self._arrived)
        try:
            await engine.run()
        finally:
            await engine.close()

    def _arrived(self, snapshot: Snapshot) -> None:
        self._app.post_message(SnapshotArrived(snapshot, self.watching))
