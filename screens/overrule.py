"""An answer of one's own, in place of the console's."""

from collections.abc import Iterator
from typing import NamedTuple

from textual.widget import Widget
from textual.widgets import Input

from console.domain.triage import Answer
from console.view.fields import words
from console.view.styled import Line, Span
from screens.modal import Modal
from screens.widgets.button import PushButton
from screens.widgets.field import Field


class Own(NamedTuple):
    """What somebody answers, and why."""

    answer: Answer
    note: str


class OverruleScreen(Modal[Own]):
    """Asks for an answer to one question and for the reason; ends with both, or None."""

    def __init__(self, question: str, said: str) -> None:
        super().__init__()
        self._question = question
        self._said = said
        self._note = Field("because:", "what you know that the console does not")
        self._cancel = PushButton("Cancel")
        self._answers = {PushButton(answer.value.capitalize(), "title"): answer for answer in Answer}

    def buttons(self) -> tuple[PushButton, ...]:
        """Cancel, and the answers."""
        return self._cancel, *self._answers

    def first(self) -> Widget:
        """The reason is typed first."""
        return self._note.input

    def below(self) -> Iterator[Widget]:
        """The reason."""
        yield self._note

    def draw(self) -> None:
        """The question, and what the console says."""
        self.head.show(((Span("OVERRULE", "accent"), Span("   the walk goes on from your answer", "dim")),))
        lines: list[Line] = words(self._question, self.cells, role="title")
        lines += words(self._said, self.cells, before=(Span("the console says ", "dim"),))
        self.text.show(tuple(lines))
        self.state.display = False
        for button in self._answers:
            button.disabled = not self._note.value

    def keys(self) -> list[tuple[str, str]]:
        """What works."""
        return [("enter", "to the answers"), ("← →", "choose"), ("esc", "cancel")]

    def ring(self) -> list[Widget]:
        """The reason first."""
        return [self._note.input, *self._answers, self._cancel]

    def on_input_changed(self, event: Input.Changed) -> None:
        """The answers wake up with the first letter."""
        event.stop()
        self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter behind the reason goes to the answers."""
        event.stop()
        if self._note.value:
            next(iter(self._answers)).focus()

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Answer, or leave."""
        event.stop()
        answer = self._answers.get(event.button)
        self.dismiss(Own(answer, self._note.value) if answer is not None else None)
