"""The console's app: it paints first, opens the engine then, and hands every picture to the screen in sight."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import PurePath
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import NoColor
from textual.screen import Screen

from console.domain.fleet import Fleet, ModelVersion
from console.view.help import help_lines
from console.view.shell import picture_command
from screens.commands import COMMAND_TABLE, EVERYWHERE, Command, Where, available
from screens.engine import Engine, Fleets
from screens.help import HelpScreen
from screens.look import DARK, LIGHT, THEMES
from screens.messages import CommandAsked, ConnectAsked, SnapshotArrived, UndoAsked
from screens.page import Page
from screens.palette import PaletteCommands
from screens.session import Session
from screens.watch import Watch

if TYPE_CHECKING:
    from screens.acting import Acting
    from screens.switching import Switching


class ConsoleApp(App[None]):
    """The screens over one fleet, or over a ``replay``; ``fleets`` are those that can be changed to, ``ask`` asks for one at once.

    ``open_engine`` is called in a thread, after the first paint.
    """

    TITLE = "Triton Console"
    # Textual does not read the sheet of a default screen by itself.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "models.tcss"]
    COMMANDS: ClassVar[set[Any]] = {PaletteCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, f"command('{keys}')", show=False)
        for keys in dict.fromkeys(command.keys for command in COMMAND_TABLE if command.keys)
    ]

    def __init__(  # noqa: PLR0913 - what a console is opened with; all but two have a default
        self,
        fleet: Fleet,
        open_engine: Callable[[], Engine],
        *,
        color: bool = True,
        replay: bool = False,
        fleets: Fleets | None = None,
        ask: bool = False,
    ) -> None:
        super().__init__()
        if not color and not self.no_color:
            self.no_color = True
            self._filters.append(NoColor())
        for theme in THEMES:
            self.register_theme(theme)
        # Before the first paint: a change of theme would paint twice.
        self.set_reactive(App.theme, DARK.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.session = Session(self, Watch(fleet, replay), open_engine)
        self._fleets, self._asks = fleets, ask
        self._opened_from: Where = "models"

    @property
    def watching(self) -> Watch:
        """What is looked at."""
        return self.session.watching

    @property
    def acting(self) -> "Acting":
        """The commands that act."""
        return self.session.acting

    @cached_property
    def switching(self) -> "Switching | None":
        """The commands that change the fleet that is seen; None where there is only the one."""
        if self._fleets is None:
            return None
        from screens.switching import Switching  # noqa: PLC0415 - nobody leaves before the first paint

        return Switching(self, self, self._fleets)

    def get_default_screen(self) -> Screen[Any]:
        """The models screen."""
        return self.session.first_page()

    def on_mount(self) -> None:
        """Open the engine once the first screen is painted."""
        self.session.prepare()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.session.start()
        if self.switching is not None:
            self.switching.look()
            if self._asks:
                self.switching.do_fleets()

    async def change(self, session: Session) -> None:
        """End the session of now, and begin this one: nothing that the old one showed is left on screen."""
        before, self.session = self.session, session
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        under, mode = self.screen, self.current_mode
        self.add_mode(session.watching.group, session.first_page)
        await self.switch_mode(session.watching.group)
        # The first session is in Textual's own mode, which stays.
        await (self.remove_mode(mode) if mode == before.watching.group else under.remove())
        await before.leave()
        session.prepare()
        await before.end()
        session.start()

    def on_snapshot_arrived(self, event: SnapshotArrived) -> None:
        """Show the picture on the screen in sight, unless it is of a fleet that was left, or no screen is left."""
        if event.watch is not self.watching or not self.screen_stack:
            return
        if self.watching.take(event.snapshot, monotonic()) and isinstance(self.screen, Page):
            self.screen.refresh_page()
        if not self.watching.replay:
            self.acting.desk.look_back()

    def on_undo_asked(self, event: UndoAsked) -> None:
        """Undo a plan of the journal."""
        self.acting.undo(event.entry)

    @property
    def page(self) -> Page:
        """The page in sight, or under what lies over it."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, Page))

    def commands(self) -> tuple[Command, ...]:
        """The commands of the page."""
        state = self.watching
        return available(self.page.where, read_only=state.fleet.read_only, replay=state.replay)

    def models(self) -> Sequence[ModelVersion]:
        """The versions that can be opened."""
        shown = self.watching.shown
        return [row.key for row in shown.models] if shown is not None else ()

    def fleets(self) -> Sequence[str]:
        """The names of the fleets that can be opened."""
        return [fleet.name for fleet in self.switching.known] if self.switching is not None else ()

    def open_fleet(self, name: str) -> None:
        """Open the fleet of this name."""
        if self.switching is not None:
            self.switching.open(name)

    def action_command(self, keys: str) -> None:
        """Run the page's command of these keys, unless something lies over the page."""
        if isinstance(self.screen, Page):
            for command in self.commands():
                if command.keys == keys:
                    self.run_command(command.id)

    def on_connect_asked(self, event: ConnectAsked) -> None:
        """Open one server by itself."""
        if self.switching is not None:
            self.switching.connect(event.target)

    def on_command_asked(self, event: CommandAsked) -> None:
        """Run a command that a widget asks for."""
        self.run_command(event.command)

    def run_command(self, name: str) -> None:
        """Run a command if the page has it: the page's own way, or that of acting, or the app's; else it names a page."""
        if any(command.id == name for command in self.commands()):
            ways = (getattr(owner, f"do_{name}", None) for owner in self.owners)
            way = next((found for found in ways if found is not None), None)
            if way is not None:
                way()
            elif name in EVERYWHERE:
                self._go(name)

    @property
    def owners(self) -> tuple[object, ...]:
        """Who has the commands, the page before all others."""
        return self.page, *self.session.owners, self.switching, self

    def do_open(self) -> None:
        """Open the selected model."""
        self._go("model")

    def open_model(self, key: ModelVersion) -> None:
        """Open this version."""
        self.watching.selected = key
        self._go("model")

    def do_back(self) -> None:
        """Undo a filter, else go back: from a triage to where it was opened, from the others to the models."""
        if self.page.clear():
            return
        if self.page.where == "triage":
            self.do_leave()
        elif self.page.where == "models" and self.switching is not None:
            self.switching.back()
        else:
            self.do_models()

    def do_models(self) -> None:
        """Go to the models."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def do_incident(self) -> None:
        """Go to the timeline where it tells of something, else to the journal; from either of them nowhere."""
        from console.view.timeline import eventful  # noqa: PLC0415 - nobody asks before the first paint

        shown = self.watching.shown
        if self.page.where not in {"timeline", "journal"}:
            self._go("timeline" if shown is not None and eventful(shown) else "journal")

    def do_gate(self) -> None:
        """Watch the gate of two versions of the selected model."""
        self.watching.select(self.page.case().model)
        self._go("gate")

    def do_triage(self) -> None:
        """Triage what is selected."""
        page = self.page
        if self.session.triage is not None:
            case = page.case()
            self._opened_from = page.where
            self.watching.select(case.model)
            self.session.triage.open(case)
            self._go("triage")

    def do_leave(self) -> None:
        """Go back to where the triage was opened."""
        self._go(self._opened_from)

    def _go(self, name: Where) -> None:
        if self.page.where == name:
            self.page.refresh_page()
        elif name == "models":
            self.do_models()
        elif not self.is_screen_installed(name):
            return
        elif len(self.screen_stack) > 1:
            self.switch_screen(name)
        else:
            self.push_screen(name)

    def do_pause(self) -> None:
        """Hold the picture, or go on."""
        self.watching.toggle_pause()
        self.page.refresh_page()

    def do_stretch(self) -> None:
        """Show another length of time in the charts."""
        self.watching.next_stretch()
        self.page.refresh_page()

    def do_copy(self) -> None:
        """Copy the command line that shows what the page shows."""
        state = self.watching
        one = state.selected if self.page.where == "model" else None
        command = picture_command(state.fleet, state.shown, one)
        self.copy_to_clipboard(command)
        self.notify(command, title="Copied", markup=False)

    def do_theme(self) -> None:
        """Change between dark and light."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def do_palette(self) -> None:
        """Open the palette."""
        self.action_command_palette()

    def action_command_palette(self) -> None:
        """Open the palette over whatever is in sight, unless it is there."""
        from screens.finder import Finder  # noqa: PLC0415 - nobody looks for a command before the first paint

        if not isinstance(self.screen, Finder):
            self.push_screen(Finder(id="--command-palette"))

    def do_help(self) -> None:
        """Explain the page."""
        page = self.page
        keys = [(command.shown, command.title) for command in self.commands()]
        columns, fields = page.explained()
        self.push_screen(HelpScreen(help_lines(keys, columns, fields, models=page.where == "models")))

    def do_quit(self) -> None:
        """Leave; while a plan runs, ask first."""
        if self.acting.desk.may_leave(self.exit, "Quit"):
            self.exit()

    async def action_quit(self) -> None:
        """Leave by Textual's own key."""
        self.do_quit()
