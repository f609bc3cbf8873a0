"""What every screen has: the header, the news, a body, the keys; and when it draws."""

from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from console.domain.snapshot import Snapshot
from console.view.charts import Stretch, fitting
from console.view.connection import disconnected
from console.view.filters import Field
from console.view.header import header
from console.view.headline import headlines
from console.view.severity import worst_first
from console.view.styled import Span
from console.view.table import Column
from screens.case import Case
from screens.commands import OF_A_MODEL, Where, available
from screens.operation import status
from screens.watch import Watch
from screens.widgets.bars import FooterBar, HeaderBar
from screens.widgets.lines import Lines

LEAST_WIDTH, LEAST_HEIGHT = 40, 8
_TALL, _HUGE = 30, 48
_WIDE, _VAST = 110, 160


class Page(Screen[None]):
    """One screen over the watch; subclasses fill the body.

    Its classes tell the style sheets how much room there is: ``-tall`` and ``-huge``,
    ``-wide`` and ``-vast``, ``-tiny`` where there is none.
    """

    where: ClassVar[Where]
    # Textual declares these two without ClassVar.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide"), (_VAST, "-vast")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (_TALL, "-tall"), (_HUGE, "-huge")]  # noqa: RUF012

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watching = watch
        self._header = HeaderBar()
        self._news = Lines(classes="news")
        self._notice = Lines(classes="notice", wrap=True)
        self._doing = Lines(classes="doing")
        keys = available(self.where, read_only=watch.fleet.read_only, replay=watch.replay)
        self._footer = FooterBar(keys)

    def compose(self) -> ComposeResult:
        """Header, news, body, what is being done, keys."""
        yield self._header
        yield self._news
        yield self._notice
        yield from self.body()
        yield self._doing
        yield self._footer

    def body(self) -> Iterator[Widget]:
        """The widgets between the news and the keys; they carry the class ``body``."""
        raise NotImplementedError

    def draw(self, snapshot: Snapshot) -> None:
        """Show the picture in the body."""
        raise NotImplementedError

    def explained(self) -> tuple[tuple[Column, ...], Mapping[str, Field[Any]]]:
        """The columns and the filter's fields that the help explains."""
        return (), {}

    def case(self) -> Case:
        """What a triage that is opened from here is about: the selected model, else the worst one."""
        key, shown = self.watching.selected, self.watching.shown
        if key is not None:
            return Case(key.model)
        return Case(min(shown.models, key=worst_first).model if shown is not None and shown.models else "")

    def aimed(self) -> float | None:
        """The moment (epoch seconds) that is selected here, to seek it in a recording."""
        return None

    def clear(self) -> bool:
        """Undo what narrows the view; whether there was something to undo."""
        return False

    @property
    def about_a_model(self) -> bool:
        """Whether it is plain to see here which model is meant."""
        return self.where in OF_A_MODEL

    def journal_changed(self) -> None:
        """Take note that the journal is longer now."""

    def on_mount(self) -> None:
        """Keep the clock going between pictures."""
        self.set_interval(1.0, self.tick)
        self.refresh_page()

    def on_screen_resume(self) -> None:
        """Catch up with what came while another screen was shown."""
        self.refresh_page()

    def on_resize(self) -> None:
        """Draw for the new size, once it is laid out."""
        self.call_after_refresh(self.refresh_page)

    def tick(self) -> None:
        """Bring the header up to date, and what is being done."""
        state = self.watching
        if not self.is_current:
            return
        mono = monotonic()
        cells = self._header.size.width
        moment = state.moment(mono)
        self._header.show(header(state.fleet, state.shown, moment, cells, replay=state.replay, one=state.one))
        doing = status(state.operation, state.marking, mono, state.doing)
        self._doing.show((doing,) if doing else ())

    def refresh_page(self) -> None:
        """Show the watch's picture, or say why there is none to show."""
        self.tick()
        width, height = self.size
        if width < LEAST_WIDTH or height < LEAST_HEIGHT:
            said = f"Too small: {width}×{height}. Make the terminal {LEAST_WIDTH}×{LEAST_HEIGHT} or larger."
            self.replace_body(((Span(said, "warn"),),))
            return
        self.show_body()

    def show_body(self) -> None:
        """The news and the body, or what there is to do while nobody answers."""
        snapshot = self.watching.shown
        away = disconnected(self.watching.fleet, snapshot, replay=self.watching.replay)
        self.replace_body(away)
        if away or snapshot is None:
            return
        self.show_news(snapshot)
        self.draw(snapshot)

    def show_news(self, snapshot: Snapshot) -> None:
        """What an engineer should read first."""
        self._news.show(headlines(snapshot, self.news_lines))

    def replace_body(self, lines: tuple[tuple[Span, ...], ...]) -> None:
        """Show these lines in the place of the body, or the body where there are none."""
        self._notice.show(lines)
        self.set_class(bool(lines), "-notice")

    @property
    def tall(self) -> bool:
        """Whether there is room for charts whatever else there is."""
        return self.size.height >= _TALL

    @property
    def news_lines(self) -> int:
        """Lines for the news."""
        return 3 if self.size.height >= _HUGE else 2 if self.tall else 1

    def stretch(self, snapshot: Snapshot) -> Stretch:
        """What the charts show."""
        state = self.watching
        seconds = fitting(state.stretch_s, snapshot.history_s)
        return Stretch(snapshot.at, seconds, state.fleet.refresh, state.lag)
