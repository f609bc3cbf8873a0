"""The servers that there are now, each with the load of ours that is under way there."""

import asyncio
from collections.abc import Mapping

from console.controls.triton.server import Server
from console.domain.fleet import Fleet, Target
from console.transport.kit import Kit


class Servers:
    """A server for each target of the roster; one that is gone is kept while a load of ours goes on there."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self._fleet = fleet
        self._kit = kit
        self._known: dict[Target, Server] = {}

    @property
    def now(self) -> Mapping[str, Server]:
        """By the target's name, in the fleet's order."""
        targets = self._kit.roster.of(self._fleet)
        there = frozenset(targets)
        kept = {target: server for target, server in self._known.items() if target in there or server.busy}
        new = (target for target in targets if target not in kept)
        self._known = kept | {target: Server(target, self._fleet, self._kit) for target in new}
        return {target.name: self._known[target] for target in targets}

    async def close(self) -> None:
        """Leave what is under way to the servers."""
        await asyncio.gather(*(server.close() for server in self._known.values()))
