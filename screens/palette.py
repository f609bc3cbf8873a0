"""The palette: every command of the screen, every model and every fleet by name."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from console.domain.fleet import ModelVersion
from console.domain.text import visible
from screens.commands import Command


class Host(Protocol):
    """What the palette asks of the app."""

    def commands(self) -> Sequence[Command]:
        """The commands that work on the screen as it is."""
        ...

    def models(self) -> Sequence[ModelVersion]:
        """The versions that can be opened."""
        ...

    def fleets(self) -> Sequence[str]:
        """The names of the fleets that can be opened."""
        ...

    def open_fleet(self, name: str) -> None:
        """Open the fleet of this name."""
        ...

    def run_command(self, name: str) -> None:
        """Run a command by its id."""
        ...

    def open_model(self, key: ModelVersion) -> None:
        """Open the model screen on a version."""
        ...


class PaletteCommands(Provider):
    """Commands from the one table, models to open, fleets to change to."""

    @property
    def _console(self) -> Host:
        app: Any = self.app
        host: Host = app
        return host

    async def discover(self) -> Hits:
        """Everything that works here, before anything is typed."""
        for command in self._console.commands():
            run = partial(self._console.run_command, command.id)
            text = f"{command.title}  ({command.shown})" if command.keys else command.title
            yield DiscoveryHit(Content(text), run, command.title)

    async def search(self, query: str) -> Hits:
        """Commands by title, models and fleets by name."""
        for command in self._console.commands():
            hit = self._hit(
                query,
                command.title,
                partial(self._console.run_command, command.id),
                command.shown if command.keys else None,
            )
            if hit is not None:
                yield hit
        for key in self._console.models():
            name = f"Open {visible(key.model, 80)} v{visible(key.version, 12)}"
            hit = self._hit(query, name, partial(self._console.open_model, key), None)
            if hit is not None:
                yield hit

        for fleet in self._console.fleets():
            hit = self._hit(
                query, f"Fleet: {visible(fleet, 80)}", partial(self._console.open_fleet, fleet), None
            )
            if hit is not None:
                yield hit

    def _hit(self, query: str, text: str, run: Callable[[], None], key: str | None) -> Hit | None:
        score = self.matcher(query).match(text)
        if score <= 0:
            return None
        return Hit(score, Content(text if key is None else f"{text}  ({key})"), run, text)
