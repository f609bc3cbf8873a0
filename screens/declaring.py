"""The commands of an incident: it is opened, and it is closed."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.app import App

from console.domain.text import visible
from console.view.incident import closed_words, opened_words
from screens.engine import Engine
from screens.messages import CommandAsked
from screens.page import Page
from screens.problem import problem
from screens.watch import Watch

_LONG_S = 15.0

Work = Callable[[Engine], Awaitable[None]]


class Declaring:
    """One thing at a time, in a thread: the file is shared, and a bundle takes its time.

    ``engine`` is None until it is open.
    """

    def __init__(self, app: App[None], watch: Watch) -> None:
        self._app = app
        self._watch = watch
        self.engine: Engine | None = None

    def do_declare(self) -> None:
        """Open an incident; where one is open, show its timeline."""
        shown = self._watch.newest
        if shown is not None and shown.incident is not None:
            self._app.post_message(CommandAsked("timeline"))
        else:
            self._start(self._open, "opening an incident", "no incident was opened")

    def do_close_incident(self) -> None:
        """Close the incident, and keep it."""
        doing = "closing the incident: its window is copied into one file"
        self._start(self._close, doing, "closing the incident")

    def _start(self, work: Work, doing: str, fault: str) -> None:
        engine = self.engine
        if engine is None:
            self._say("the console is still connecting")
        elif self._watch.doing:
            self._say(self._watch.doing)
        else:
            self._watch.doing = doing
            work_of = self._done(work, engine, fault)
            self._app.run_worker(work_of, group=self._watch.group, exit_on_error=False)
            self._tick()

    async def _done(self, work: Work, engine: Engine, fault: str) -> None:
        try:
            await work(engine)
        except Exception as error:  # noqa: BLE001 - whatever it is, the watch goes on, and the operator reads it
            message, hint = problem(error, self._watch.fleet.secrets)
            said = f"{message}\n→ {hint}" if hint else message
            self._app.notify(said, title=fault, severity="error", timeout=_LONG_S, markup=False)
        finally:
            self._watch.doing = ""
            self._tick()

    async def _open(self, engine: Engine) -> None:
        incident = await asyncio.to_thread(engine.incidents.open, engine.door.who)
        title = f"Incident {visible(incident.id, 40)} is open"
        shown = self._watch.newest
        self._say(opened_words(incident, shown.taping if shown else None), title)

    async def _close(self, engine: Engine) -> None:
        incident = await asyncio.to_thread(engine.incidents.close, engine.door.who)
        if incident is None:
            self._say("no incident is open: i opens one")
            return
        title = f"Incident {visible(incident.id, 40)} is closed"
        self._say(closed_words(incident, self._watch.fleet.state), title)

    def _say(self, message: str, title: str = "") -> None:
        self._app.notify(message, title=title, timeout=_LONG_S if title else None, markup=False)

    def _tick(self) -> None:
        page = next((s for s in reversed(self._app.screen_stack) if isinstance(s, Page)), None)
        if page is not None:
            page.tick()
