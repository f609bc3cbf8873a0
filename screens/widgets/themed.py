"""Widgets with colours of their own."""

from textual.widget import Widget


class Themed(Widget):
    """Drawn anew when the theme changes."""

    def on_mount(self) -> None:
        """Ask to be told of another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.recolour())

    def on_unmount(self) -> None:
        """Ask no more: the signal would keep a widget that is gone, and with it the screen it stood on, for ever."""
        self.app.theme_changed_signal.unsubscribe(self)

    def recolour(self) -> None:
        """Draw in the colours of the theme there is now."""
        self.refresh()
