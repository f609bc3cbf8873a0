"""To a moment of the recording."""

from collections.abc import Callable, Iterator

from textual.widget import Widget
from textual.widgets import Input

from console.domain.moment import MOMENT_FORMS
from console.domain.snapshot import Snapshot
from console.view.fields import words
from console.view.playback import seek_lines, sought
from console.view.styled import EMPTY, Line, Span
from screens.modal import Modal
from screens.widgets.button import PushButton
from screens.widgets.field import Field


class SeekScreen(Modal[float]):
    """Judges what is typed against the recording as ``shown`` stands in it; ends with epoch seconds, or None."""

    def __init__(self, shown: Callable[[], Snapshot | None], typed: str = "") -> None:
        super().__init__()
        self._shown = shown
        self._typed = Field("to:", "10:41:07  +00:12:31  -5m", typed)
        self._cancel = PushButton("Cancel")
        self._go = PushButton("Go", "title")

    def buttons(self) -> tuple[PushButton, ...]:
        """Cancel, and go."""
        return self._cancel, self._go

    def first(self) -> Widget:
        """The moment is typed first."""
        return self._typed.input

    def below(self) -> Iterator[Widget]:
        """The moment."""
        yield self._typed

    def draw(self) -> None:
        """What there is, what can be typed, and what that comes to."""
        self.head.show(((Span("SEEK", "accent"),),))
        shown = self._shown()
        if shown is None or shown.playback is None:
            self._go.disabled = True
            return
        lines = seek_lines(shown.playback, shown.at, self.cells)
        lines += [EMPTY, *words(MOMENT_FORMS, self.cells, role="dim")]
        self.text.show(tuple(lines))
        found, said = sought(self._typed.value, shown.playback, shown.at)
        self._go.disabled = found is None
        sign = Span("→ ", "accent") if found is not None else Span("✗ ", "bad")
        judged: list[Line] = words(said, self.cells, before=(sign,)) if said else []
        self.state.show(tuple(judged))
        self.state.display = bool(judged)

    def keys(self) -> list[tuple[str, str]]:
        """What works."""
        return [("enter", "go"), ("tab", "next"), ("esc", "cancel")]

    def ring(self) -> list[Widget]:
        """The moment first."""
        return [self._typed.input, self._go, self._cancel]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge while it is typed."""
        event.stop()
        self.fit()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go."""
        event.stop()
        self._leave()

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Go, or stay."""
        event.stop()
        if event.button is self._go:
            self._leave()
        else:
            self.dismiss(None)

    def _leave(self) -> None:
        """To what was typed, as the recording stands now."""
        shown = self._shown()
        if shown is not None and shown.playback is not None:
            found, _ = sought(self._typed.value, shown.playback, shown.at)
            if found is not None:
                self.dismiss(found)
