"""What goes on behind the pages: the plan that runs, its effect, a release in the making, what was left unfinished."""

from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic

from textual.app import App
from textual.notifications import SeverityLevel

from console.domain.action import ActionKind
from console.domain.journal import Entry
from console.domain.plan import Plan
from console.domain.run import Result
from console.domain.text import visible
from console.view.run import RESULTS, effect_lines
from console.view.styled import Span, plain
from screens import offers
from screens.ask import AskScreen
from screens.choice import Choice
from screens.door import Door
from screens.good import MarkingScreen, Wish
from screens.operation import Marking, Operation, begin
from screens.page import Page
from screens.plan import Offer, PlanScreen
from screens.problem import problem
from screens.progress import ProgressScreen
from screens.recovery import Decision, RecoveryScreen
from screens.watch import Watch

_TOAST = 64
_LONG_S = 15.0


class Desk:
    """One operation at a time; it outlives the screens that show it, and ends with the app."""

    def __init__(self, app: App[None], watch: Watch) -> None:
        self._app = app
        self._watch = watch
        self._looked = False
        self._asked_to_leave = False
        self._waiting: tuple[Entry, ...] = ()
        self.door: Door | None = None
        self.unfinished: tuple[Entry, ...] = ()

    # Plans

    def plan(self, offer: Offer) -> None:
        """Show the plan that the offer makes; while one runs, show that."""
        operation = self._watch.operation
        if self.door is None:
            self.say("the console is still connecting", "warning")
        elif operation is not None and operation.running:
            self.say("one plan at a time: this one runs", "information")
            self.show(operation)
        else:
            screen = PlanScreen(self.door, self._watch.fleet, offer, self.unfinished)
            self._app.push_screen(screen, self._confirmed)

    def show(self, operation: Operation) -> None:
        """Show the operation as it stands."""

        def left(asked: str | None) -> None:
            if asked == "undo":
                self.plan(_following(ActionKind.UNDO, operation.run.id))
            else:
                self.ask_waiting()

        screen = ProgressScreen(operation, self._watch, self._watch.fleet.secrets)
        self._app.push_screen(screen, left)

    def _confirmed(self, plan: Plan | None) -> None:
        if plan is None or self.door is None:
            return
        operation = self._watch.operation = begin(plan, monotonic())
        self._start(partial(self._run, self.door, operation))
        self.show(operation)

    async def _run(self, door: Door, operation: Operation) -> None:
        try:
            operation.report(await door.run(operation.plan, operation.report))
        except Exception as error:  # noqa: BLE001 - whatever it is, the operator reads it in place of a result
            operation.error = error
        operation.ended = monotonic()
        operation.measuring = operation.error is None and operation.run.result is not Result.REFUSED
        self._result(operation)
        self._changed()
        if operation.measuring:
            await self._measure(door, operation)

    def _result(self, operation: Operation) -> None:
        """Tell how it ended where nobody looks."""
        if self._in_sight(operation):
            return
        if operation.error is not None:
            operation.seen = True
            self._fault(operation.error, f"not run: {operation.plan.goal}")
            return
        word, _, about = RESULTS[operation.run.result]
        good = operation.run.result is Result.VERIFIED
        said = f"{visible(operation.plan.goal)}: {visible(operation.run.message or about)}"
        self.say(said, "information" if good else "error", word)

    def _in_sight(self, operation: Operation) -> bool:
        screen = self._app.screen
        return isinstance(screen, ProgressScreen) and screen.operation is operation

    async def _measure(self, door: Door, operation: Operation) -> None:
        try:
            operation.report(await door.effect(operation.run))
        except Exception as error:  # noqa: BLE001 - the change stands; only its effect stays unknown
            self._fault(error, "the effect could not be written down")
        finally:
            operation.measuring = False
        self._changed()
        lines = [plain(line) for line in effect_lines(operation.run.effects, _TOAST)]
        if lines and not self._in_sight(operation):
            self.say("\n".join(lines[1:]), "information", f"Effect: {visible(operation.plan.goal, _TOAST)}")

    # Known-good

    def mark(self, door: Door, wish: Wish) -> None:
        """Keep what serves now, and show how far that is."""
        marking = self._watch.marking = Marking()
        self._start(partial(self._mark, door, wish, marking))
        self._app.push_screen(MarkingScreen(marking))

    async def _mark(self, door: Door, wish: Wish, marking: Marking) -> None:
        try:
            release = await door.mark_good(wish.models, wish.note, marking.report)
        except Exception as error:  # noqa: BLE001 - nothing was kept, and the operator is told
            self._fault(error, "nothing was marked as known-good")
        else:
            number = len(release.models)
            what = f"{number} model{'s' if number != 1 else ''}"
            self.say(f"release {visible(release.id, 40)} of {what}", "information", "Known-good")
        marking.done = True
        self._changed()

    # What was left unfinished

    def look_back(self) -> None:
        """Ask once, with the first picture, for what consoles that died have left."""
        if self._looked or self.door is None:
            return
        self._looked = True
        read_only = self._watch.fleet.read_only
        self._start(partial(self._remark if read_only else self._recover, self.door))

    def recover(self) -> None:
        """Show what is unfinished, or say that nothing is."""
        if self.door is not None:
            self._start(partial(self._recover, self.door, tell=True))

    async def _remark(self, door: Door) -> None:
        """Reading alone tells no dead console from one that is at work elsewhere."""
        try:
            found = [entry for entry in await door.entries() if entry.unfinished]
        except Exception as error:  # noqa: BLE001 - a journal that cannot be read must not end the watch
            self._fault(error, "the journal cannot be read")
            return
        for entry in found[:1]:
            said = f"{visible(entry.plan.goal)} ({visible(entry.id, 40)}), or under way in another console"
            self.say(said, "warning", f"{len(found)} unfinished in the journal")

    async def _recover(self, door: Door, *, tell: bool = False) -> None:
        try:
            self.unfinished = self._waiting = await door.unfinished()
        except Exception as error:  # noqa: BLE001 - see above
            self._fault(error, "unfinished plans cannot be read back")
            return
        if tell and not self.unfinished:
            self.say("nothing is unfinished", "information")
        self.ask_waiting()

    def ask_waiting(self) -> None:
        """Ask about the next unfinished plan, as soon as nothing lies over the page."""
        if not self._waiting:
            return
        if not isinstance(self._app.screen, Page):
            self.say("the palette (:) shows it", "warning", f"{len(self._waiting)} unfinished in the journal")
            return
        entry, *rest = self._waiting
        self._waiting = tuple(rest)
        self._app.push_screen(RecoveryScreen(entry, len(rest)), self._decided)

    def _decided(self, decision: Decision | None) -> None:
        if decision is None:
            self._waiting = ()
            return
        entry = decision.entry
        if decision.way == "handled":
            goal = (Span(visible(entry.plan.goal)),)
            screen = AskScreen("MARK AS HANDLED", (goal,), "Mark as handled", "Cancel", "what was done:")
            self._app.push_screen(screen, lambda reason: self._handled(entry, reason))
        else:
            kind = ActionKind.CONTINUE if decision.way == "continue" else ActionKind.UNDO
            self.plan(_following(kind, entry.id))

    def _handled(self, entry: Entry, reason: str | None) -> None:
        if reason is not None and self.door is not None:
            self._start(partial(self._handle, self.door, entry.id, reason))

    async def _handle(self, door: Door, plan: str, reason: str) -> None:
        try:
            await door.handled(plan, reason)
        except Exception as error:  # noqa: BLE001 - see above
            self._fault(error, "not marked")
            return
        self.say(f"plan {visible(plan, 40)} is marked as handled", "information")
        self.unfinished = tuple(entry for entry in self.unfinished if entry.id != plan)
        self.ask_waiting()
        self._changed()

    # Leaving, telling

    def may_leave(self, leave: Callable[[], None], doing: str) -> bool:
        """Whether nothing is on its way; else ask, once, whether to ``leave`` all the same. ``doing`` is what is asked for."""
        operation = self._watch.operation
        if operation is None or not operation.running or self._asked_to_leave:
            return True
        self._asked_to_leave = True
        lines = (
            (Span(visible(operation.plan.goal), "title"),),
            (Span("is on its way. The step in flight goes on without the console,"),),
            (Span("the rest is not done; the journal knows, and the next start asks."),),
        )

        def answered(yes: str | None) -> None:
            self._asked_to_leave = False
            if yes is not None:
                leave()

        screen = AskScreen(f"{doing.upper()} WHILE A PLAN RUNS?", lines, doing, "Stay")
        self._app.push_screen(screen, answered)
        return False

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Work that ends with the app, and says itself what went wrong."""
        self._app.run_worker(work, group=self._watch.group, exit_on_error=False)

    def say(self, message: str, severity: SeverityLevel, title: str = "") -> None:
        """A toast."""
        long = severity != "information" or len(message) > _TOAST
        self._app.notify(
            message, title=title, severity=severity, timeout=_LONG_S if long else None, markup=False
        )

    def _fault(self, error: Exception, title: str) -> None:
        message, hint = problem(error, self._watch.fleet.secrets)
        self.say(f"{message}\n→ {hint}" if hint else message, "error", visible(title, _TOAST))

    def _changed(self) -> None:
        """The journal is longer now."""
        followed = self._watch.operation.plan.action.plan if self._watch.operation else ""
        self.unfinished = tuple(entry for entry in self.unfinished if entry.id != followed)
        page = next((s for s in reversed(self._app.screen_stack) if isinstance(s, Page)), None)
        if page is not None:
            page.tick()
            page.journal_changed()


def _following(kind: ActionKind, plan: str) -> Offer:
    async def made() -> Choice:
        return offers.following(kind, plan)

    return made
