"""What people say of an incident: notes, answers of their own, silences; and the triage that they ask."""

from time import monotonic

from textual.app import App

from console.domain.marker import Marker, MarkerKind
from console.domain.rows import Alert
from console.domain.text import visible
from console.domain.triage import UNKNOWN, Overrule, Walk
from console.view.styled import Span
from screens.ask import WriteScreen
from screens.engine import Engine
from screens.page import Page
from screens.watch import Watch

_NAME = 60


class Deciding:
    """The commands that write to the timeline; ``engine`` is None until it is open."""

    def __init__(self, app: App[None], watch: Watch) -> None:
        self._app = app
        self._watch = watch
        self.engine: Engine | None = None
        self._overruled: set[str] = set()
        self._told: dict[str, str] = {}
        self._last: dict[str, str] = {}

    @property
    def who(self) -> str:
        """Who sits here."""
        return self.engine.door.who if self.engine is not None else ""

    @property
    def now(self) -> float:
        """The fleet's time, epoch seconds."""
        return self._watch.moment(monotonic()).now

    def do_note(self) -> None:
        """Write a note to the timeline."""
        key = self._watch.selected
        about = key.model if key is not None and self._page.about_a_model else ""
        subject = visible(about, _NAME) or "the fleet"
        lines = ((Span("About "), Span(subject, "title"), Span(", for the timeline of the incident.")),)

        def noted(text: str | None) -> None:
            if text:
                self._mark(MarkerKind.NOTE, about, f"{self.who}: {text}" if self.who else text)

        self._app.push_screen(WriteScreen("NOTE", lines, "Write it", "Cancel", "note:"), noted)

    def silence(self, alert: Alert) -> None:
        """Ask why an alert shall be let be, and do so."""
        lines = (
            (Span(visible(alert.message, 200), "title"),),
            (Span("It stays in the list with your note, and counts no more until it is lifted.", "dim"),),
        )

        def said(note: str | None) -> None:
            if note and self.engine is not None:
                self.engine.silence(alert.id, alert.subject, note, self.who)
                self._say(f"{visible(alert.subject, _NAME)}: {visible(note, 200)}", "Silenced")

        screen = WriteScreen("SILENCE THIS ALERT", lines, "Silence", "Cancel", "because:")
        self._app.push_screen(screen, said)

    def unsilence(self, alert: Alert) -> None:
        """Let an alert count again."""
        if alert.note and self.engine is not None:
            self.engine.unsilence(alert.id, alert.subject)
            self._say(visible(alert.subject, _NAME), "The silence is lifted")

    def overruled(self, walk: Walk, step: str, overrule: Overrule | None) -> None:
        """Write down that somebody answers a step of this walk, or takes that back; the next walk is remembered."""
        self._overruled.add(walk.model)
        asked = f"{walk.runbook.id}, {step}"
        if overrule is None:
            said = f"{asked}: {self.who or 'somebody'} takes the answer back"
        else:
            said = f"{asked}: {overrule.who or 'somebody'} says {overrule.answer.value}: {overrule.note}"
        self._mark(MarkerKind.TRIAGE, walk.model, said)

    def concluded(self, walk: Walk) -> None:
        """Write down a verdict that is new, once two walks in a row agree on it, and remember that walk."""
        if walk.model in self._overruled:
            self._overruled.remove(walk.model)
            self._tell(walk)
        before, self._last[walk.model] = self._last.get(walk.model), walk.verdict
        told = self._told.get(walk.model, "none")
        if walk.verdict in (told, UNKNOWN) or walk.verdict != before:
            return
        self._told[walk.model] = walk.verdict
        story = f": {walk.story}" if walk.story else ""
        said = f"{walk.runbook.id} says {walk.verdict}, {walk.confidence * 100:.0f} % sure{story}"
        self._mark(MarkerKind.TRIAGE, walk.model, said)
        self._tell(walk)

    def _tell(self, walk: Walk) -> None:
        if self.engine is not None:
            self.engine.tell(walk)

    @property
    def _page(self) -> Page:
        return next(screen for screen in reversed(self._app.screen_stack) if isinstance(screen, Page))

    def _mark(self, kind: MarkerKind, model: str, detail: str) -> None:
        if self.engine is not None:
            subject = model or self._watch.fleet.name
            self.engine.mark(Marker(self.now, kind, subject, visible(detail, 600), model))

    def _say(self, message: str, title: str) -> None:
        self._app.notify(message, title=title, markup=False)
