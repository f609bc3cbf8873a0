"""From one fleet to another, to one of its servers, and back."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from textual.app import App

from console.domain.fleet import Fleet, Target
from console.domain.fleets import belongs, direct_fleet
from console.domain.text import visible
from console.view.fleets import fleet_words
from screens.engine import Engine, Fleets
from screens.pick import Item, PickScreen
from screens.problem import problem
from screens.session import Session
from screens.watch import Watch

_LONG_S = 15.0
_WITH, _WITHOUT = "with", "without"


class Stage(Protocol):
    """What switching asks of the app."""

    @property
    def session(self) -> Session:
        """The session of now."""
        ...

    async def change(self, session: Session) -> None:
        """End the session of now, and begin this one."""
        ...


class Switching:
    """One change at a time. ``home`` is the fleet that a single server was opened from, ``known`` are those to choose from."""

    def __init__(self, app: App[None], stage: Stage, fleets: Fleets) -> None:
        self._app = app
        self._stage = stage
        self._fleets = fleets
        self._under_way = False
        self.home: Fleet | None = None
        self.known: tuple[Fleet, ...] = ()

    @property
    def _watch(self) -> Watch:
        return self._stage.session.watching

    def look(self) -> None:
        """Learn which fleets there are."""
        self._start(self._look)

    async def _look(self) -> None:
        self.known = tuple(await asyncio.to_thread(self._fleets.listed))

    def do_fleets(self) -> None:
        """Choose a fleet."""
        self._start(self._ask)

    async def _ask(self) -> None:
        try:
            await self._look()
        except Exception as error:  # noqa: BLE001 - settings that cannot be read must not end the watch
            self._fault(error, "the fleets cannot be listed")
            return
        now = self._watch.fleet.name
        items = [Item(fleet.name, visible(fleet.name, 40), fleet_words(fleet)) for fleet in self.known]
        if self._watch.one:
            remarks = [f"one server of {visible(now, 40)} is open: the fleet itself is one of these"]
        else:
            remarks = [] if len(items) > 1 else ["no other fleet is in the settings: [fleets.NAME] makes one"]
        self._app.push_screen(PickScreen("FLEET", items, now, remarks), self._picked)

    def _picked(self, name: str | None) -> None:
        if name is not None and (name != self._watch.fleet.name or self._watch.one):
            self.open(name)

    def open(self, name: str) -> None:
        """Open the fleet of this name; where it cannot be opened the present one goes on."""

        def read() -> Fleet:
            return self._fleets.read(name)

        self._leave(partial(self._switch, read, ""))

    def back(self) -> None:
        """From one server back to its fleet."""
        home = self.home
        if home is not None:
            self._leave(partial(self._switch, lambda: home, ""))

    def connect(self, target: Target) -> None:
        """Open this one server. Credentials of the fleet go to one that is not its own only where that is said."""
        fleet = self._watch.fleet
        if self._watch.one:
            self._say(f"{visible(target.name, 60)} is open by itself already: esc goes back to the fleet")
        elif belongs(fleet, target) or not fleet.headers:
            self._connect(fleet, target, _WITH if fleet.headers else _WITHOUT)
        else:
            self._ask_credentials(fleet, target)

    def _ask_credentials(self, fleet: Fleet, target: Target) -> None:
        names = ", ".join(visible(name, 40) for name in fleet.headers)
        items = [
            Item(_WITHOUT, "without headers", "nothing secret is sent there"),
            Item(_WITH, "with headers", f"sends {names} to {visible(target.url, 100)}"),
        ]
        remark = f"Prometheus names {visible(target.url, 100)}; the settings do not list it"

        def picked(way: str | None) -> None:
            if way is not None:
                self._connect(fleet, target, way)

        self._app.push_screen(PickScreen("CONNECT TO ONE SERVER", items, _WITHOUT, [remark]), picked)

    def _connect(self, fleet: Fleet, target: Target, way: str) -> None:
        one = direct_fleet(fleet, target, headers=way == _WITH)
        self._leave(partial(self._switch, lambda: one, target.name))

    def _leave(self, switch: Callable[[], Awaitable[None]]) -> None:
        """Switch, unless something is on its way that would be lost; what may be left is asked about first."""
        session = self._stage.session
        if self._under_way:
            return
        if session.watching.doing:
            self._say(session.watching.doing)
        elif session.acting.desk.may_leave(lambda: self._start(switch), "Leave"):
            self._start(switch)

    async def _switch(self, read: Callable[[], Fleet], one: str) -> None:
        """Make the next engine first: where that fails, the present one goes on."""
        before, self._under_way = self._watch.fleet, True
        try:
            fleet = await asyncio.to_thread(read)
            engine: Engine = await asyncio.to_thread(self._fleets.engine, fleet)
            if one:
                self.home = before
            else:
                self.home = None
            watch = Watch(fleet, one=one)
            await self._stage.change(Session(self._app, watch, lambda: engine))
        except Exception as error:  # noqa: BLE001 - whatever it is, the operator reads it, and the watch goes on
            self._fault(error, "not opened")
        finally:
            self._under_way = False

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        self._app.run_worker(work, exit_on_error=False)

    def _say(self, message: str) -> None:
        self._app.notify(message, markup=False)

    def _fault(self, error: Exception, title: str) -> None:
        message, hint = problem(error, self._watch.fleet.secrets)
        said = f"{message}\n→ {hint}" if hint else message
        self._app.notify(said, title=title, severity="error", timeout=_LONG_S, markup=False)
