"""What one server says of one model now, and the state by which a change of it is judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.domain.model_change import config_digest, knobs
from console.domain.states import Json
from console.domain.text import whole
from console.domain.triton import IndexEntry, State
from console.domain.versions import UNLOADED

Config = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Serving:
    """One model on one server: its versions by state, oldest first.

    ``rested`` were unloaded in good order, ``failed`` maps versions to why their load failed. ``listed`` is whether
    the index names the model. ``config`` and ``metadata`` are as served, None while no version is ready.
    """

    model: str
    ready: tuple[str, ...] = ()
    loading: tuple[str, ...] = ()
    unloading: tuple[str, ...] = ()
    rested: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    listed: bool = False
    config: Config | None = None
    metadata: Config | None = None

    @property
    def known(self) -> tuple[str, ...]:
        """Every version that the server names, oldest first."""
        return in_order({*self.ready, *self.loading, *self.unloading, *self.rested, *self.failed})

    @property
    def moving(self) -> str:
        """What is under way in words, empty when nothing is."""
        said = [f"version {', '.join(which)} is {how}" for which, how in self._moves() if which]
        return " and ".join(said)

    def _moves(self) -> tuple[tuple[tuple[str, ...], str], ...]:
        return (self.loading, "loading"), (self.unloading, "unloading")


def read_serving(
    model: str, index: Iterable[IndexEntry], metadata: Config | None, config: Config | None
) -> Serving:
    """A model's part of the index, with the versions of its metadata: the index leaves out some that serve."""
    rows = [entry for entry in index if entry.model == model]
    versions = metadata.get("versions") if metadata else None
    served = {str(version) for version in versions} if isinstance(versions, list) else set()
    by_state = {state: {row.version for row in rows if row.state is state} for state in State}
    gone = {row.version: row.reason for row in rows if row.state is State.UNAVAILABLE}
    busy = by_state[State.LOADING] | by_state[State.UNLOADING]
    return Serving(
        model=model,
        ready=in_order(by_state[State.READY] | (served - busy - gone.keys())),
        loading=in_order(by_state[State.LOADING]),
        unloading=in_order(by_state[State.UNLOADING]),
        rested=in_order(version for version, reason in gone.items() if reason == UNLOADED),
        failed={version: reason for version, reason in gone.items() if reason != UNLOADED},
        listed=bool(rows),
        config=config,
        metadata=metadata,
    )


def state_of(serving: Serving) -> dict[str, Json]:
    """What decides whether a change was made: ready versions, and the served config without its version policy.

    The policy is left out because the server's answer about it is out of date after a change in place.
    """
    return {
        "loaded": bool(serving.ready),
        "ready": list(serving.ready),
        "config": config_digest(serving.config) if serving.config else "",
        "values": knobs(serving.config) if serving.config else {},
    }


def in_order(versions: Iterable[str]) -> tuple[str, ...]:
    """Version numbers by number, whatever is none of them last."""
    return tuple(sorted((v for v in versions if v), key=lambda v: (whole(v) is None, whole(v) or 0, v)))
