"""Envoy's route files at work: looked at, read back, replaced; a file that Envoy refuses is taken back."""

import asyncio

from console.controls.envoy import disk
from console.controls.envoy.file import digest, edited, route_file
from console.controls.envoy.look import RouteLook, served_state
from console.domain.envoy_config import Split, splits
from console.domain.plan import ChangedError, ControlError, Step
from console.domain.states import Json, holds
from console.ports import Clock
from console.transport.envoy_admin import EnvoyAdmin

# Envoy takes a file up within milliseconds; one that it does not watch it never takes up.
VERDICT_S = 5.0
_LOOK_S = 0.05
_REFUSALS = r"http\..*\.rds\.({})\.update_(rejected|failure)"


class RouteFiles:
    """Files of routes on this machine that one Envoy watches."""

    def __init__(self, admin: EnvoyAdmin, clock: Clock) -> None:
        self._admin = admin
        self._clock = clock

    async def look(self, look: RouteLook, layer: str | None) -> RouteLook:
        """The route with its file and what Envoy serves of it, or with the trouble."""
        route = look.route
        trouble = await asyncio.to_thread(disk.trouble, route.rds)
        try:
            data = await asyncio.to_thread(disk.read, route.rds)
            file = await asyncio.to_thread(route_file, route.rds, data, route.clusters)
        except (ControlError, ValueError) as error:
            return look._replace(trouble=str(error))
        served = await self._served(file.names, route.clusters)
        look = look._replace(file=file, served=tuple(served))
        if trouble:
            return look._replace(trouble=trouble)
        if [dict(each.weights) for each in served] != [dict(each.weights) for each in file.splits]:
            said = f"Envoy does not serve what {route.rds} says: it refused the file, or reads another one"
            return look._replace(trouble=said)
        keys = [f"{each.runtime}.{name}" for each in served if each.runtime for name in each.weights]
        values = await self._admin.runtime(keys, layer)
        overriding = [key for key, value in values.items() if value.final]
        if overriding:
            return look._replace(trouble=f"runtime keys override the file: {', '.join(overriding)}")
        return look

    async def read(self, step: Step) -> Json:
        """The digest of the file, and version and weights as Envoy serves them."""
        found = await asyncio.to_thread(disk.digest_of, str(step.change["path"]))
        return served_state(found, await self._served(_texts(step, "names"), _texts(step, "clusters")))

    async def apply(self, step: Step) -> None:
        """Edit the file and wait until Envoy serves it; where it refuses, the old file comes back.

        Raises ChangedError for a file that is not as planned, and ControlError.
        """
        path = str(step.change["path"])
        old = await asyncio.to_thread(disk.read, path)
        if not holds(_member(step.before, "file"), digest(old)):
            raise ChangedError(f"changed under you: {path} is another file now", {"file": digest(old)})
        new = self._edited(step, old)
        before = await self._refusals(step)
        await asyncio.to_thread(disk.replace, path, new)
        said = await self._verdict(step, before)
        if said:
            await asyncio.to_thread(disk.replace, path, old)
            raise ControlError(f"{said}; {path} is again as it was")

    @staticmethod
    def _edited(step: Step, old: bytes) -> bytes:
        given = step.change["edits"]
        rows = given if isinstance(given, list | tuple) else []
        changes = [(int(row[0]), str(row[1]), str(row[2])) for row in rows]
        try:
            new = edited(old.decode(), changes).encode()
        except ValueError as error:
            raise ControlError(str(error)) from error
        if not holds(_member(step.after, "file"), digest(new)):
            raise ControlError("the edits do not give the file that was planned")
        return new

    async def _verdict(self, step: Step, before: float) -> str:
        """Empty when Envoy serves the new file; else why it does not."""
        until = self._clock.monotonic() + VERDICT_S
        while self._clock.monotonic() < until:
            if holds(step.after, await self.read(step)):
                return ""
            if await self._refusals(step) > before:
                return "Envoy refused the new routes (its log says why)"
            await self._clock.sleep(_LOOK_S)
        return f"Envoy did not take the file up within {VERDICT_S:.0f} s: does it watch this file?"

    async def _refusals(self, step: Step) -> float:
        names = "|".join(name.replace(":", "_") for name in _texts(step, "names"))
        return sum((await self._admin.stats(_REFUSALS.format(names))).values())

    async def _served(self, names: tuple[str, ...], clusters: tuple[str, ...]) -> list[Split]:
        found = splits(await self._admin.routes("dynamic"), clusters)
        return [each for each in found if each.config in names]


def _texts(step: Step, name: str) -> tuple[str, ...]:
    values = step.change[name]
    return tuple(str(value) for value in values) if isinstance(values, list | tuple) else ()


def _member(state: Json, name: str) -> Json:
    return state.get(name) if isinstance(state, dict) else None
