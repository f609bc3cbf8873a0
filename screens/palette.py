"""The palette: every command of the screen, and every model by name."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from console.domain.text import visible

if TYPE_CHECKING:
    from screens.app import ConsoleApp


class PaletteCommands(Provider):
    """Commands from the one table, and models to open."""

    @property
    def _console(self) -> "ConsoleApp":
        console: Any = self.app
        app: ConsoleApp = console
        return app

    async def discover(self) -> Hits:
        """Everything that works here, before anything is typed."""
        for command in self._console.commands():
            run = partial(self._console.run_command, command.id)
            yield DiscoveryHit(Content(f"{command.title}  ({command.shown})"), run, command.title)

    async def search(self, query: str) -> Hits:
        """Commands by title, models by name."""
        for command in self._console.commands():
            hit = self._hit(
                query, command.title, partial(self._console.run_command, command.id), command.shown
            )
            if hit is not None:
                yield hit
        for key in self._console.models():
            name = f"Open {visible(key.model, 80)} v{visible(key.version, 12)}"
            hit = self._hit(query, name, partial(self._console.open_model, key), None)
            if hit is not None:
                yield hit

    def _hit(self, query: str, text: str, run: Callable[[], None], key: str | None) -> Hit | None:
        score = self.matcher(query).match(text)
        if score <= 0:
            return None
        return Hit(score, Content(text if key is None else f"{text}  ({key})"), run, text)
