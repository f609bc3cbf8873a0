"""What lies over the screen in sight, and is left once."""

from typing import TypeVar

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
