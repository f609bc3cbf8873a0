"""What lies over the screen in sight, and is left once."""

from contextlib import suppress
from typing import TypeVar

from textual._styles_cache import StylesCache
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

R = TypeVar("R")


class Over(ModalScreen[R]):
    """A screen over the others.

    Keys that come faster than it goes neither answer a second time nor close what lies below it or over it.
    """

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """End with a result, where it is in sight."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)

    def on_unmount(self) -> None:
        """Let go of what was drawn here: Textual's cache of pairs of colours keeps the lines of widgets that are gone."""
        with suppress(AttributeError):
            StylesCache.get_inner_outer.cache_clear()
