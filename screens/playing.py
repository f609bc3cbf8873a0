"""The commands that move a replay."""

from textual.app import App

from console.view.playback import coded
from screens.engine import Engine, Player
from screens.page import Page
from screens.seek import SeekScreen
from screens.watch import Watch


class Playing:
    """What the keys of a replay do; ``engine`` is None until it is open."""

    def __init__(self, app: App[None], watch: Watch) -> None:
        self._app = app
        self._watch = watch
        self.engine: Engine | None = None

    @property
    def _player(self) -> Player | None:
        return self.engine.player if self.engine is not None else None

    def do_play(self) -> None:
        """Stand still, or go on."""
        if self._player is not None:
            self._player.toggle()

    def do_step_back(self) -> None:
        """One picture back."""
        self._step(-1)

    def do_step_on(self) -> None:
        """One picture on."""
        self._step(1)

    def do_mark_back(self) -> None:
        """To the change before."""
        self._jump(-1)

    def do_mark_on(self) -> None:
        """To the next change."""
        self._jump(1)

    def do_faster(self) -> None:
        """Twice as fast."""
        if self._player is not None:
            self._player.faster()

    def do_slower(self) -> None:
        """Half as fast."""
        if self._player is not None:
            self._player.slower()

    def do_seek(self) -> None:
        """Ask for a moment, that of the selected change at first, and go there."""
        shown = self._watch.shown
        if self._player is None or shown is None or shown.playback is None:
            return
        aimed, last = self._page.aimed(), shown.playback.until
        # A change is seen in the picture after it.
        typed = coded(shown.playback, min(aimed + 1.0, last) if aimed <= last else aimed) if aimed else ""
        self._app.push_screen(SeekScreen(lambda: self._watch.shown, typed), self._sought)

    def do_no_note(self) -> None:
        """Say that a recording is not written to."""
        self._app.notify("a recording is not written to: notes are for the watch itself", markup=False)

    def _sought(self, at: float | None) -> None:
        if at is not None and self._player is not None:
            self._player.seek(at)

    def _step(self, frames: int) -> None:
        if self._player is not None:
            self._player.step(frames)

    def _jump(self, markers: int) -> None:
        if self._player is not None:
            self._player.jump(markers)

    @property
    def _page(self) -> Page:
        return next(screen for screen in reversed(self._app.screen_stack) if isinstance(screen, Page))
