"""What produces the pictures and the answers, as the screens see it."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from console.domain.fleet import Fleet
from console.domain.incident import Incident
from console.domain.marker import Marker
from console.domain.snapshot import Snapshot
from console.domain.triage import Library, Overrule, Walk
from screens.door import Door

if TYPE_CHECKING:
    from console.domain.gate import Limits
    from console.domain.gate_answers import Answers, Input
    from console.domain.gate_sides import Pair


class Triage(Protocol):
    """Walks runbooks over pictures."""

    @property
    def library(self) -> Library:
        """The runbooks there are."""
        ...

    async def look(
        self,
        snapshot: Snapshot,
        model: str,
        runbook: str = "",
        overrules: Mapping[str, Overrule] | None = None,
    ) -> Walk:
        """The walk of this runbook (empty: the one that fits) on this picture, in short stretches of work.

        ``overrules`` are answers of people, by step. Raises LookupError when there is no such runbook.
        """
        ...

    def runbook_for(self, alert: str) -> str:
        """The id of the runbook that names this alert's id, empty where none does."""
        ...


class Incidents(Protocol):
    """The fleet's incidents; calls block."""

    def open(self, who: str, why: str = "", plan: str = "") -> Incident:
        """Open one, or return the one that is open; raises OSError."""
        ...

    def close(self, who: str) -> Incident | None:
        """Close the open one and keep its window as a bundle; None where none is open. Raises OSError."""
        ...


class Player(Protocol):
    """Moves a replay; every call returns at once, and the picture that comes of it goes to the listeners."""

    def toggle(self) -> None:
        """Stand still, or go on."""
        ...

    def step(self, frames: int) -> None:
        """Go so many pictures on, back where negative, and stand still there."""
        ...

    def jump(self, markers: int) -> None:
        """Go to the next marker, to the one before where negative, and stand still there."""
        ...

    def faster(self) -> None:
        """Double the speed, as far as that goes."""
        ...

    def slower(self) -> None:
        """Halve it."""
        ...

    def seek(self, at: float) -> None:
        """Go to this moment (epoch seconds) within the recording."""
        ...


class Trials(Protocol):
    """Sends the same inferences to two versions."""

    async def compare(self, pair: "Pair", given: "Sequence[Input]", limits: "Limits") -> "Answers":
        """The answers to each input compared; without any given, to those that can be had."""
        ...


class Engine(Protocol):
    """What produces the pictures; listeners are called on the app's loop, at most once a refresh.

    ``door`` is the way to change anything, ``triage`` the way to a cause.
    """

    @property
    def player(self) -> Player | None:
        """What moves a replay; None where the pictures are of now."""
        ...

    @property
    def incidents(self) -> Incidents:
        """The fleet's incidents; raises RuntimeError where none are kept."""
        ...

    @property
    def trials(self) -> Trials | None:
        """What asks two versions the same; None where no server is asked."""
        ...

    @property
    def door(self) -> Door:
        """Plans, runs and the journal."""
        ...

    @property
    def triage(self) -> Triage:
        """Runbooks, walked."""
        ...

    def subscribe(self, listener: Callable[[Snapshot], None]) -> None:
        """Call the listener with each new picture."""
        ...

    def mark(self, marker: Marker) -> None:
        """Put a marker on the timeline."""
        ...

    def tell(self, walk: Walk) -> None:
        """Remember an answer of the triage as it was shown."""
        ...

    def silence(self, id: str, subject: str, note: str, who: str, until: float | None = None) -> None:  # noqa: A002
        """Let an alert no longer count, because of a note."""
        ...

    def unsilence(self, id: str, subject: str) -> None:  # noqa: A002
        """Let it count again."""
        ...

    async def run(self) -> None:
        """Poll until cancelled."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Fleets(Protocol):
    """The fleets that can be opened; calls block, and raise FleetError where one cannot."""

    def listed(self) -> Sequence[Fleet]:
        """Every fleet there is to choose from, without its secrets; the one that was opened first is among them."""
        ...

    def read(self, name: str) -> Fleet:
        """The fleet of this name, its secrets looked up."""
        ...

    def engine(self, fleet: Fleet) -> Engine:
        """What watches the fleet; it asks nobody before it runs."""
        ...
