"""A page around a table that is searched for words."""

from screens.page import Page
from screens.watch import Watch
from screens.widgets.filterbar import FilterBar
from screens.widgets.table import TableView


class Searching(Page):
    """A page whose table shows what has every one of ``words`` anywhere."""

    AUTO_FOCUS = "TableView"

    def __init__(self, watch: Watch, sought: str) -> None:
        super().__init__(watch)
        self.words = ""
        self.table = TableView()
        self.bar = FilterBar(sought)

    def say_found(self, found: int, every: int) -> None:
        """Say beside the words how much they leave."""
        if self.words:
            self.bar.say(f"{found} of {every}", ())

    def do_search(self) -> None:
        """Type words to search for."""
        self.bar.open()

    def clear(self) -> bool:
        """From the words that were found back to all."""
        if not self.words:
            return False
        self.bar.close()
        return True

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Search while typing."""
        self.words = event.text
        self.refresh_page()

    def on_filter_bar_left(self) -> None:
        """Give the keys back to the table."""
        self.table.focus()
