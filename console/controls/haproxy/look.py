"""What a look at HAProxy found, route by route, and what of it can be turned."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from console.controls.haproxy.knobs import Knob, entry_of, state_of, weight_of
from console.controls.haproxy.tables import Backend, Server
from console.domain.surfaces import HaproxyRoute


class RouteLook(NamedTuple):
    """One route of the settings. ``shed`` is the map's value; a ``trouble`` says why the part cannot be used."""

    route: HaproxyRoute
    backend: Backend | None = None
    trouble: str = ""
    shed: str | None = None
    shed_trouble: str = ""

    @property
    def kept(self) -> tuple[Server, ...]:
        """The servers that get what the model keeps."""
        servers = self.backend.servers if self.backend else ()
        return tuple(server for server in servers if server.name in self.route.servers)

    @property
    def others(self) -> tuple[Server, ...]:
        """The backend's other servers."""
        servers = self.backend.servers if self.backend else ()
        return tuple(server for server in servers if server.name not in self.route.servers)

    @property
    def sheds(self) -> bool:
        """Whether the route has a map entry to shed by."""
        return bool(self.route.shed_map and self.route.shed_key)

    def knobs(self) -> Iterator[Knob]:
        """Everything of the route that a release remembers: all weights, the model's states, the map's entry."""
        if self.backend is not None and self.route.servers and not self.trouble:
            yield from (weight_of(self.backend, server) for server in self.backend.servers)
            yield from (state_of(self.backend, server) for server in self.kept)
        if self.sheds and not self.shed_trouble:
            yield self.entry

    @property
    def entry(self) -> Knob:
        """The map's entry."""
        return entry_of(self.route.shed_map, self.route.shed_key, self.shed)


class Look(NamedTuple):
    """The socket's address and level, and the routes of one model."""

    address: str
    level: str
    routes: tuple[RouteLook, ...]


def matching(routes: Sequence[HaproxyRoute], model: str) -> tuple[HaproxyRoute, ...]:
    """The routes of a model."""
    return tuple(route for route in routes if model and fnmatchcase(model, route.model))


def counted_as(route: HaproxyRoute, *, shed: bool) -> str:
    """The subject under which a route's traffic is counted."""
    return f"{route.backend} admitted" if shed else f"{route.backend}/{','.join(route.servers)}"


def trouble_of(route: HaproxyRoute, backend: Backend | None) -> str:
    """Why a route's servers cannot be turned; empty when they can."""
    if not route.servers:
        return ""
    if backend is None:
        return f"HAProxy has no backend {route.backend}"
    missing = [name for name in route.servers if backend.server(name) is None]
    if missing:
        known = ", ".join(server.name for server in backend.servers)
        return f"backend {route.backend} has no server {', '.join(missing)} (it has {known or 'none'})"
    return ""
