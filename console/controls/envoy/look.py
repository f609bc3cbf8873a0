"""What a look at Envoy found, route by route."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from console.controls.envoy.file import RouteFile
from console.domain.envoy_config import Fault, Split, whole_number
from console.domain.states import Json
from console.domain.surfaces import EnvoyRoute
from console.transport.envoy_admin import Value

_CONFIGURED = "as configured"


class RouteLook(NamedTuple):
    """One route of the settings. A ``trouble`` says why its part cannot be used.

    ``values`` are the runtime weights by cluster. ``healthy`` counts a cluster's healthy hosts, where that is
    known. ``served`` are the splits of the file's routes that are in force.
    """

    route: EnvoyRoute
    trouble: str = ""
    splits: tuple[Split, ...] = ()
    values: Mapping[str, Value] = {}
    healthy: Mapping[str, float] = {}
    file: RouteFile | None = None
    served: tuple[Split, ...] = ()
    shed_trouble: str = ""
    shed: Value = Value()
    fault: Fault | None = None

    @property
    def weights(self) -> dict[str, int]:
        """The weights in force: of the runtime, else of the configuration."""
        if self.route.rds:
            return dict(self.served[0].weights) if self.served else {}
        configured = self.splits[0].weights if self.splits else {}
        finals = {name: whole_number(self.values[name].final) for name in self.values}
        return {name: configured.get(name, 0) if final is None else final for name, final in finals.items()}

    @property
    def shed_now(self) -> float | None:
        """The percent that is shed now; None if unknown."""
        final = whole_number(self.shed.final)
        return final if final is not None else self.fault.percent if self.fault else None


class Look(NamedTuple):
    """The admin interface's URL, and the routes of one model."""

    url: str
    routes: tuple[RouteLook, ...]


def matching(routes: Sequence[EnvoyRoute], model: str) -> tuple[EnvoyRoute, ...]:
    """The routes of a model."""
    return tuple(route for route in routes if model and fnmatchcase(model, route.model))


def counted_as(route: EnvoyRoute, *, shed: bool) -> str:
    """The subject under which a route's traffic is counted."""
    return f"{route.model} admitted ({route.shed})" if shed else f"clusters {','.join(route.reduced)}"


def weights_state(values: Mapping[str, Value]) -> dict[str, Json]:
    """The state of a split's runtime weights, by cluster."""
    return {name: value_state(value) for name, value in values.items()}


def value_state(value: Value) -> str:
    """The state of one runtime key in a word that tells apart what the admin layer sets and what is in force."""
    if value.given == value.final:
        return value.given or _CONFIGURED
    return f"{value.given}, overridden by {value.final}" if value.given else f"{value.final} from below"


def text_of(state: Json) -> str:
    """The text to set for a state: its number, nothing where the admin layer set nothing."""
    return state if isinstance(state, str) and state.isascii() and state.isdigit() else ""


def served_state(file_digest: str | None, served: Sequence[Split]) -> dict[str, Json]:
    """The state of a route file: the digest of its bytes, and what Envoy serves of it."""
    return {
        "file": file_digest,
        "version": served[0].version if served else "",
        "weights": [dict(split.weights) for split in served],
    }
