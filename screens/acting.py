"""The commands that change the fleet: each makes an offer, and the desk shows its plan."""

from collections.abc import Callable

from textual.app import App

from console.domain.action import Action, ActionKind
from console.domain.config import ModelConfig
from console.domain.journal import Entry
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from screens import offers
from screens.choice import Choice, Option
from screens.desk import Desk
from screens.good import GoodScreen, Wish
from screens.problem import NothingError
from screens.watch import Watch


class Acting:
    """What the acting commands do."""

    def __init__(self, app: App[None], watch: Watch) -> None:
        self._app = app
        self._watch = watch
        self.desk = Desk(app, watch)

    def do_freeze(self) -> None:
        """Freeze deploys; while they are frozen, lift it."""

        async def offer() -> Choice:
            moment = self._watch.newest
            lock = moment.frozen if moment is not None else None
            return offers.freeze(self._watch.fleet.freeze.expires_s, lock, moment.at if moment else 0.0)

        self.desk.plan(offer)

    def do_reduce(self) -> None:
        """Reduce the selected model's traffic."""
        self._of_model(offers.reduce)

    def do_rollback(self) -> None:
        """Roll the selected model back."""
        key, snapshot, door = self._watch.selected, self._watch.newest, self.desk.door
        if key is None or snapshot is None or door is None:
            self.desk.say("no model is selected", "warning")
            return

        async def offer() -> Choice:
            return offers.rollback(key.model, key.version, snapshot, await door.releases())

        self.desk.plan(offer)

    def do_unload(self) -> None:
        """Unload the selected model."""
        self._of_model(offers.unload)

    def do_load(self) -> None:
        """Load the selected model."""
        self._of_model(lambda model: offers.of_model(ActionKind.LOAD, model))

    def do_instances(self) -> None:
        """Change its number of instances."""
        self._of_model(lambda model: offers.instances(model, self._config(model)))

    def do_queue_delay(self) -> None:
        """Change its queue delay."""
        self._of_model(lambda model: offers.queue_delay(model, self._config(model)))

    def do_queue_size(self) -> None:
        """Change its queue size."""
        self._of_model(lambda model: offers.queue_size(model, self._config(model)))

    def do_restore(self) -> None:
        """Give traffic back that was taken."""

        async def offer() -> Choice:
            taken = [e.plan.action.model for e in await self._standing() if _reduces(e)]
            if not taken:
                raise NothingError("no traffic is reduced: there is nothing to give back")
            models = list(dict.fromkeys(reversed(taken)))
            selected = self._watch.selected
            if selected is not None and selected.model in models:
                models.sort(key=lambda model: model != selected.model)
            every = [Option("every model", Action(ActionKind.RESTORE))] if len(models) > 1 else []
            each = [Option(visible(m, 60), Action(ActionKind.RESTORE, model=m)) for m in models]
            return Choice("to", (*each, *every))

        self.desk.plan(offer)

    def do_undo(self) -> None:
        """Undo the newest plan that stands, or one before it."""

        async def offer() -> Choice:
            standing = [e for e in await self._standing() if not e.undoing]
            if not standing:
                raise NothingError("nothing stands that could be undone: see the journal")
            return Choice("undo", tuple(_undoing(entry) for entry in reversed(standing)))

        self.desk.plan(offer)

    def undo(self, entry: Entry) -> None:
        """Undo this one."""

        async def offer() -> Choice:
            return offers.following(ActionKind.UNDO, entry.id)

        self.desk.plan(offer)

    def do_good(self) -> None:
        """Mark what serves now as known-good."""
        snapshot, door, marking = self._watch.newest, self.desk.door, self._watch.marking
        if snapshot is None or door is None or (marking is not None and not marking.done):
            said = (
                "a release is being marked already"
                if door and snapshot
                else "the console is still connecting"
            )
            self.desk.say(said, "warning")
            return
        models = tuple(dict.fromkeys(row.key.model for row in snapshot.models))
        selected = self._watch.selected

        def wished(wish: Wish | None) -> None:
            if wish is not None:
                self.desk.mark(door, wish)

        self._app.push_screen(GoodScreen(selected.model if selected else "", models), wished)

    def do_doing(self) -> None:
        """Show the plan that runs, or its result."""
        operation = self._watch.operation
        if operation is None:
            self.desk.say("no plan has been run from this console", "information")
        else:
            self.desk.show(operation)

    def do_recover(self) -> None:
        """Show what is unfinished."""
        self.desk.recover()

    def _of_model(self, choice: Callable[[str], Choice]) -> None:
        key = self._watch.selected
        if key is None:
            self.desk.say("no model is selected", "warning")
            return

        async def offer() -> Choice:
            return choice(key.model)

        self.desk.plan(offer)

    def _config(self, model: str) -> ModelConfig | None:
        snapshot: Snapshot | None = self._watch.newest
        configs = snapshot.history.config(model) if snapshot is not None else {}
        return next(iter(configs.values()), None)

    async def _standing(self) -> list[Entry]:
        door = self.desk.door
        return list(await door.standing()) if door is not None else []


def _reduces(entry: Entry) -> bool:
    return entry.plan.action.kind is ActionKind.REDUCE


def _undoing(entry: Entry) -> Option:
    text = f"{visible(entry.plan.goal, 60)}  ({visible(entry.id, 20)})"
    return Option(text, Action(ActionKind.UNDO, plan=entry.id))
