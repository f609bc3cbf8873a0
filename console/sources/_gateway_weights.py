"""The weights of Envoy's splits: of its runtime where they are set there, else of its configuration."""

from collections.abc import Mapping, Sequence

from console.domain.envoy_config import splits, whole_number
from console.domain.failure import SourceError
from console.domain.plan import ControlError
from console.domain.surfaces import EnvoyRoute
from console.transport.envoy_admin import EnvoyAdmin

# The configuration may be large, and the statistics tell when the routes in it changed: look again only for what
# they do not tell, a restart with another one.
CONFIG_POLLS = 30

Weights = Mapping[str, Mapping[str, float]]
"""The weights of the whole split by each of its clusters."""


class SplitWeights:
    """Reads the weights of the routes of the settings."""

    def __init__(self, admin: EnvoyAdmin, routes: Sequence[EnvoyRoute]) -> None:
        self._admin = admin
        self._routes = [route for route in routes if len(route.clusters) > 1]
        self._configured: Mapping[EnvoyRoute, Mapping[str, float]] = {}
        self._of: str | None = None
        self._polls = 0

    async def read(self, revision: str) -> tuple[Weights, tuple[str, ...]]:
        """The weights now, and what could not be read; a new ``revision`` means that the configuration changed."""
        if not self._routes:
            return {}, ()
        try:
            await self._look(revision)
            values = await self._runtime()
        except (SourceError, ControlError) as error:
            return {}, (f"the weights are unknown: {error}",)
        return {
            cluster: weights
            for route in self._routes
            if (weights := self._weights(route, values))
            for cluster in route.clusters
        }, ()

    async def _look(self, revision: str) -> None:
        """Read the configuration anew where it may have changed."""
        self._polls += 1
        if self._of == revision and self._polls < CONFIG_POLLS:
            return
        configs = [*await self._admin.routes("dynamic"), *await self._admin.routes("static")]
        self._configured = {
            route: {name: float(weight) for name, weight in found[0].weights.items()}
            for route in self._routes
            if (found := splits(configs, route.clusters))
        }
        self._of, self._polls = revision, 0

    async def _runtime(self) -> Mapping[str, float]:
        keys = [
            f"{route.runtime}.{name}" for route in self._routes if route.runtime for name in route.clusters
        ]
        if not keys:
            return {}
        found = await self._admin.runtime(keys, None)
        return {
            key: float(number)
            for key, value in found.items()
            if (number := whole_number(value.final)) is not None
        }

    def _weights(self, route: EnvoyRoute, values: Mapping[str, float]) -> dict[str, float]:
        configured = self._configured.get(route, {})
        found = {name: values.get(f"{route.runtime}.{name}", configured.get(name)) for name in route.clusters}
        return {name: weight for name, weight in found.items() if weight is not None}
