"""The palette's screen, on a terminal of any size and under keys of any speed."""

from textual.command import CommandList, CommandPalette

from screens.over import Over


class Finder(CommandPalette, Over[None]):
    """Textual's palette without what ends the console: moving in a list that has no room, and leaving twice."""

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
