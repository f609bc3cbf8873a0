"""A plan over the page: what would be changed, and the one confirmation that changes it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input

from console.domain.action import ActionKind
from console.domain.fleet import Confirm, Fleet
from console.domain.journal import Entry
from console.domain.plan import Plan
from console.domain.text import visible
from console.view.plan import call_text, confirm_word, plan_lines
from console.view.shell import action_command
from console.view.styled import Line, Span
from screens.choice import Choice
from screens.door import Door
from screens.modal import SPINNER, Modal
from screens.problem import problem_lines
from screens.widgets.button import PushButton
from screens.widgets.field import Field
from screens.widgets.lines import Lines

Offer = Callable[[], Awaitable[Choice]]
"""Makes the action and what can be chosen of it; raises NothingError when there is nothing."""

_SETTLE_S = 0.15
_SPIN_S = 0.25
_LONGEST_WORD = 64


class PlanScreen(Modal[Plan]):
    """Makes the plan, anew with each change of the choice, and ends with the one to run, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy the calls", show=False),
        Binding("Y,upper_y", "copy_command", "Copy the command", show=False),
        Binding("w", "why", "Give a reason", show=False),
    ]

    def __init__(self, door: Door, fleet: Fleet, offer: Offer, unfinished: Sequence[Entry] = ()) -> None:
        super().__init__()
        self._door = door
        self._fleet = fleet
        self._offer = offer
        self._unfinished = unfinished
        self._choice: Choice | None = None
        self._plan: Plan | None = None
        self._error: Exception | None = None
        self._busy = True
        self._spin = 0
        self._planned_reason = ""
        self._chosen = Lines(classes="choice")
        self._why = Field("why", "w: a reason, for the journal")
        self._typed = Field("type", "")
        self._cancel = PushButton("Cancel")
        self._run = PushButton("Run", "title")

    def buttons(self) -> tuple[PushButton, ...]:
        """Cancel has the keys."""
        return self._cancel, self._run

    def above(self) -> Iterator[Widget]:
        """The choice."""
        yield self._chosen

    def below(self) -> Iterator[Widget]:
        """The reason, and the word to type."""
        yield self._why
        yield self._typed

    def on_mount(self) -> None:
        """Plan at once."""
        self._why.input.can_focus = False
        self._typed.display = self._run.disabled = False
        self.set_interval(_SPIN_S, self._turn)
        self._make(0.0)

    @property
    def runnable(self) -> Plan | None:
        """The plan, where there is one to run and it belongs to what is chosen."""
        plan = self._plan
        return plan if plan is not None and plan.runs and not self._busy else None

    @property
    def word(self) -> str:
        """What is typed to confirm: a name that can be typed, else what is done."""
        if self._plan is None:
            return ""
        name = confirm_word(self._plan)
        plain = visible(name, _LONGEST_WORD) == name and name.strip() == name and name
        return name if plain else self._plan.action.kind.value

    def draw(self) -> None:
        """Everything that depends on the plan."""
        # While a plan is made anew the rows stay where they are.
        sound = self._plan is not None and self._plan.runs
        typing = sound and bool(self._plan and self._plan.steps) and self._fleet.confirm is Confirm.TYPE
        self._typed.display = typing
        self._why.display = sound
        self._typed.label(f"type {self.word} to run it:" if typing else "")
        self._run.display = self._busy or sound
        self._run.disabled = self.runnable is None or (typing and self._typed.value != self.word)
        self._cancel.relabel("Cancel" if self._run.display else "Close")
        choice = self._choice
        self._chosen.display = choice is not None and bool(choice.label)
        self._chosen.show((choice.line(),) if choice is not None else ())
        self.head.show(((Span("PLAN", "accent"), Span("   nothing is changed before you run it", "dim")),))
        self.text.show(self._lines())
        self._show_state()
        self.show_keys()

    def _lines(self) -> tuple[Line, ...]:
        if self._error is not None:
            return problem_lines(self._error, self._fleet.secrets)
        if self._plan is None:
            return ()
        lines = plan_lines(self._plan, self.cells)
        return tuple(lines if not self._busy else _faded(lines))

    def _show_state(self) -> None:
        lines: list[Line] = []
        if self._busy:
            what = "making the plan anew" if self._plan else "reading back what is so now"
            lines.append((Span(f"{SPINNER[self._spin]} ", "accent"), Span(f"{what} …", "dim")))
        elif self._plan is not None and (entry := _overlap(self._plan, self._unfinished)) is not None:
            said = (
                f" unfinished plan {visible(entry.id, 20)} touches the same: {visible(entry.plan.goal, 120)}"
            )
            lines.append((Span("▲", "warn"), Span(said, "warn")))
        self.state.show(tuple(lines))
        self.state.display = bool(lines)

    def _turn(self) -> None:
        if self._busy:
            self._spin = (self._spin + 1) % len(SPINNER)
            self._show_state()

    def _make(self, after: float) -> None:
        """Plan what is chosen; a plan that is being made already is forgotten."""
        self._busy = True
        work: Callable[[], Awaitable[None]] = partial(self._planned, after)
        self.run_worker(work, group="plan", exclusive=True, exit_on_error=False)
        self.fit()

    async def _planned(self, after: float) -> None:
        await asyncio.sleep(after)
        try:
            if self._choice is None:
                self._choice = await self._offer()
            reason = self._why.value
            self._plan = await self._door.plan(replace(self._choice.chosen.action, reason=reason))
            self._planned_reason = reason
            self._error = None
        except Exception as error:  # noqa: BLE001 - whatever it is, the operator reads it here
            self._plan, self._error = None, error
        self._busy = False
        self.fit()
        if self._fleet.confirm is Confirm.NONE and self.runnable and self.focused in (None, self._cancel):
            self._run.focus()
        elif self.focused is None or not self.focused.focusable:
            self._cancel.focus()

    def keys(self) -> list[tuple[str, str]]:
        """What works now."""
        if self.focused is self._why.input:
            return [("enter", "done"), ("esc", "cancel")]
        if self.focused is self._typed.input:
            done = [("enter", "run")] if not self._run.disabled else []
            return [*done, ("tab", "on"), ("esc", "cancel")]
        found = [("esc", "cancel" if self._run.display else "close")]
        if self.runnable is not None:
            found.insert(
                0, ("tab enter", "run") if self._fleet.confirm is not Confirm.NONE else ("enter", "run")
            )
            if self._fleet.confirm is Confirm.TYPE:
                found[0] = ("tab", "to the word")
        if self._choice is not None and self._choice.movable:
            found.insert(0, ("← →", "change") if self._choice.number is None else ("← → 0-9", "change"))
        if self._plan is not None and self._plan.steps:
            found += [("y", "copy the calls"), ("w", "why"), ("Y", "copy as a command")]
        return found

    def ring(self) -> list[Widget]:
        """Tab goes the way of a confirmation first."""
        return [self._cancel, self._typed.input, self._run, self._why.input]

    def action_side(self, by: int) -> None:
        """Left and right change the choice, where there is one."""
        if self._choice is not None and self._choice.movable:
            self._choose(self._choice.moved(by))
        else:
            self.action_ring(by)

    def on_key(self, event: Key) -> None:
        """Digits type a number into the choice."""
        if self._choice is None or self._choice.number is None or isinstance(self.focused, Input):
            return
        if event.character is not None and event.character in "0123456789":
            event.stop()
            self._choose(self._choice.digit(event.character))
        elif event.key == "backspace" and self._choice.typed:
            event.stop()
            self._choose(self._choice.erased())

    def _choose(self, choice: Choice) -> None:
        if choice != self._choice:
            self._choice = choice
            self._make(_SETTLE_S)

    def action_copy(self) -> None:
        """Copy the exact calls."""
        if self._plan is not None and self._plan.steps:
            self.app.copy_to_clipboard(call_text(self._plan))
            self.notify("the exact calls, as you can type them", title="Copied", markup=False)

    def action_copy_command(self) -> None:
        """Copy the command line that makes the same plan."""
        if self._choice is not None:
            wish = replace(self._choice.chosen.action, reason=self._why.value)
            command = action_command(self._fleet, wish)
            self.app.copy_to_clipboard(command)
            self.notify(visible(command, 300), title="Copied", markup=False)

    def action_why(self) -> None:
        """Type a reason."""
        if self._why.display:
            self._why.input.can_focus = True
            self._why.input.focus()
            self.show_keys()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Run wakes up when the word is typed."""
        event.stop()
        if event.input is self._typed.input:
            self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter behind the word runs; behind the reason it goes back."""
        event.stop()
        if event.input is self._why.input:
            self._cancel.focus()
        else:
            self._confirm()

    def on_descendant_blur(self) -> None:
        """A freeze carries its reason to the lock: it is planned anew with it."""
        self.call_after_refresh(self.show_keys)
        choice = self._choice
        if choice is None or choice.chosen.action.kind is not ActionKind.FREEZE or self._busy:
            return
        if self._why.value != self._planned_reason and not self._why.input.has_focus:
            self._make(0.0)

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Run it, or leave."""
        event.stop()
        if event.button is self._run:
            self._confirm()
        else:
            self.action_leave()

    def _confirm(self) -> None:
        plan = self.runnable
        if plan is None or self._run.disabled:
            return
        self.dismiss(replace(plan, action=replace(plan.action, reason=self._why.value)))


def _faded(lines: Sequence[Line]) -> list[Line]:
    return [tuple(Span(span.text, "quiet") for span in line) for line in lines]


def _overlap(plan: Plan, unfinished: Sequence[Entry]) -> Entry | None:
    """An unfinished plan that touches what this one touches, unless this one follows it."""
    mine = {(step.control, step.subject) for step in plan.steps}
    for entry in unfinished:
        theirs = {(step.control, step.subject) for step in entry.plan.steps}
        if mine & theirs and entry.id not in plan.action.plan.split():
            return entry
    return None
