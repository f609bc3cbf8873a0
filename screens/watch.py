"""What is being looked at: the newest picture, the one shown, and the version that is selected."""

from dataclasses import dataclass

from console.domain.fleet import Fleet, ModelVersion
from console.domain.snapshot import Snapshot
from console.view.header import Moment
from screens.operation import Marking, Operation

STRETCHES = (300.0, 900.0, 3600.0)
"""Seconds that the charts may show."""


@dataclass(slots=True)
class Watch:
    """The state that all screens share; times are the loop's monotonic seconds.

    While paused ``shown`` stays and ``newest`` goes on. ``operation`` is the plan that runs, or that ran last,
    ``marking`` the release that is being made, or was last; ``doing`` says what else goes on. In a ``replay`` the
    pictures are of a recording. ``one`` is the name of the only server where it was opened out of its fleet.
    """

    fleet: Fleet
    replay: bool = False
    newest: Snapshot | None = None
    shown: Snapshot | None = None
    paused: bool = False
    selected: ModelVersion | None = None
    stretch_s: float = STRETCHES[0]
    operation: Operation | None = None
    marking: Marking | None = None
    doing: str = ""
    one: str = ""
    _arrived: float = 0.0

    @property
    def group(self) -> str:
        """What the work for this watch is called among all that goes on, so that it can end with it."""
        return f"watch {id(self)}"

    def take(self, snapshot: Snapshot, mono: float) -> bool:
        """Accept a picture; whether it is now the one to show."""
        self.newest = snapshot
        self._arrived = mono
        if not self.paused:
            self.shown = snapshot
        return not self.paused

    def toggle_pause(self) -> None:
        """Hold the shown picture still, or go on with the newest."""
        self.paused = not self.paused and self.shown is not None
        if not self.paused:
            self.shown = self.newest

    def select(self, model: str) -> None:
        """Mean this model from now on, the version that serves; one that is selected already stays."""
        if self.shown is None or (self.selected is not None and self.selected.model == model):
            return
        rows = [row for row in self.shown.models if row.model == model]
        serving = [row for row in rows if row.ready] or rows
        if serving:
            self.selected = max(serving, key=lambda row: row.rate or 0.0).key

    def next_stretch(self) -> None:
        """The charts' next length of time."""
        self.stretch_s = STRETCHES[(STRETCHES.index(self.stretch_s) + 1) % len(STRETCHES)]

    def moment(self, mono: float) -> Moment:
        """The fleet's time now: the newest picture's, and what has passed since it came.

        In a replay no time passes between two pictures.
        """
        if self.newest is None:
            return Moment(0.0)
        if self.replay:
            return Moment(self.newest.at)
        return Moment(self.newest.at + max(mono - self._arrived, 0.0), self.paused)

    @property
    def lag(self) -> float:
        """Seconds that the history is ahead of the shown picture."""
        if self.newest is None or self.shown is None:
            return 0.0
        return max(self.newest.at - self.shown.at, 0.0)
