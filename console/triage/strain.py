"""What a model's latency grew by, and whether more work or slower work made it grow."""

from fnmatch import fnmatchcase
from functools import cached_property

from console.domain.around import RouteRow
from console.triage.scene import LEAST_REQUESTS, LONGEST_NOW_S, LOOKBACK_S, Scene
from console.triage.series import binned, line
from console.triage.shift import Shift

# An execution that takes this much longer is slower; less is batching and noise.
SLOWER = 1.25
# Work that grew by this much is more work.
MORE = 1.3
# The median of several bins leaves its usual scatter with this many deviations of one bin.
_SCATTER = 2.0
# A repeat in ten is a gateway at work on its own; less is chance.
_REPEATS = 1.1


def enough(route: RouteRow) -> bool:
    """Whether so much is asked for on a route that a share of it is more than chance."""
    return (route.rate or 0.0) * LONGEST_NOW_S >= LEAST_REQUESTS


class Strain:
    """One model's time on the target where it grew most, or on all: demand, service and waiting against their baselines."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    @property
    def focus(self) -> str:
        """The target that stands out, empty where none does."""
        return self.scene.focus

    def shift(self, column: str) -> Shift:
        """A figure where the trouble is."""
        return self.scene.shift(column, self.focus)

    @cached_property
    def routes(self) -> tuple[RouteRow, ...]:
        """The gateway's routes of the model that say how much was asked for."""
        return tuple(
            row
            for row in self.scene.snapshot.routes
            if any(fnmatchcase(self.scene.model, glob) for glob in row.models)
            and not row.edge
            and not row.stale
            and row.rate
        )

    def route_shift(self, route: RouteRow, column: str) -> Shift:
        """A figure of a gateway's route against its baseline."""
        scene = self.scene
        history = scene.snapshot.history
        points = history.route(route.name, column, LOOKBACK_S)
        return scene.against(binned(line(points), scene.width, scene.snapshot.at))

    @cached_property
    def more(self) -> float:
        """How many times its baseline the work is that Triton gets, 1 where that is unknown."""
        return self.shift("inferences").growth or 1.0

    @cached_property
    def slower(self) -> float | None:
        """How many times longer the work takes, for the same amount of it; None if unknown.

        Longer executions are slower ones, unless there is more work and they only carry larger batches.
        """
        execution, item = self.shift("exec_ms"), self.shift("item_ms")
        difference = execution.difference
        if execution.ratio is None or difference is None:
            return None
        if difference < max(0.2, _SCATTER * execution.deviation):
            return 1.0
        known = self.shift("inferences").ratio
        if item.ratio is None:
            return execution.ratio
        if known is None or known >= SLOWER:
            return item.ratio
        # Executions that grew no more than their batches do may be as fast as ever: fewer of them then run at once.
        batch = self.shift("batch").ratio or 1.0
        return (
            item.ratio if item.ratio < 1.0 and execution.ratio <= batch else max(item.ratio, execution.ratio)
        )

    @property
    def by_service(self) -> bool:
        """Whether slower work explains what grew, and not more of it."""
        return self.slower is not None and self.slower >= SLOWER and self.slower > self.more

    @cached_property
    def repeated(self) -> float | None:
        """How many times the gateway sends what its clients ask for once; None where no gateway tells."""
        found = [1.0 + row.retries / row.rate for row in self.routes if row.retries is not None and row.rate]
        return max(found) if found else None

    @cached_property
    def asked(self) -> float | None:
        """How many times its baseline the requests are that clients ask the gateway for; None where none tells."""
        shifts = [self.route_shift(route, "rate") for route in self.routes]
        known = [(each.now, each.base) for each in shifts if each.now is not None and each.base is not None]
        usual = sum(base for _, base in known)
        return sum(now for now, _ in known) / usual if usual else None

    @property
    def by_repeats(self) -> bool:
        """Whether the gateway repeats what clients ask for no more often than before."""
        return (self.repeated or 0.0) >= _REPEATS and self.asked is not None and self.asked < MORE

    @property
    def where(self) -> str:
        """`` on TARGET`` where one target stands out."""
        return f" on {self.focus}" if self.focus else ""
