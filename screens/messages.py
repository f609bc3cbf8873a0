"""What travels through the app's queue."""

from textual.message import Message

from console.domain.fleet import Target
from console.domain.journal import Entry
from console.domain.snapshot import Snapshot
from screens.watch import Watch


class SnapshotArrived(Message, bubble=False):
    """A new picture for a watch; one that still waits in the queue gives way to it."""

    def __init__(self, snapshot: Snapshot, watch: Watch) -> None:
        self.snapshot = snapshot
        self.watch = watch
        super().__init__()

    def can_replace(self, message: Message) -> bool:
        """Whether the waiting message is an older picture."""
        return isinstance(message, SnapshotArrived)


class CommandAsked(Message):
    """A command was asked for by other means than its key."""

    def __init__(self, command: str) -> None:
        self.command = command
        super().__init__()


class UndoAsked(Message):
    """A plan of the journal shall be undone."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        super().__init__()


class ConnectAsked(Message):
    """This one server shall be opened by itself."""

    def __init__(self, target: Target) -> None:
        self.target = target
        super().__init__()
