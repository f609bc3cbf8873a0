"""The palette's screen, on a terminal of any size and under keys of any speed."""

from contextlib import suppress

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches

from screens.over import Over


class Finder(CommandPalette, Over[None]):
    """Textual's palette without what ends the console.

    That is: moving in a list that has no room, leaving twice, and a search that ends when its list is gone.
    """

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Search no further, and leave."""
        self._cancel_gather_commands()
        return super().dismiss(result)

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)

    def _watch__list_visible(self) -> None:
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
