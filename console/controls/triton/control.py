"""Triton's own model repository API: load, unload, rollback, tuning, and admission as the last way to reduce traffic."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence

from console.controls.triton import admission, loads
from console.controls.triton.draft import Wish
from console.controls.triton.look import Look, called, dependents, parts_first, read_files, see
from console.controls.triton.rollback import rollback
from console.controls.triton.server import Server
from console.controls.triton.servers import Servers
from console.controls.triton.steps import NAME
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.model_change import objections
from console.domain.plan import ChangedError, ControlError, Proposal, Step, StillRunningError
from console.domain.serving import Config, Serving, state_of
from console.domain.situation import Situation
from console.domain.states import Json, brief, holds
from console.domain.text import visible
from console.domain.triton import ControlMode
from console.ports import Control
from console.transport.kit import Kit

# What is left of a step's time for the old version to go, at most.
SETTLE_S = 15.0

_PROPOSALS: Mapping[ActionKind, Callable[[Wish], Proposal]] = {
    ActionKind.ROLLBACK: rollback,
    ActionKind.LOAD: loads.load,
    ActionKind.UNLOAD: loads.unload,
    ActionKind.TUNE: loads.tune,
    ActionKind.REDUCE: admission.admit,
}


def controls(fleet: Fleet, kit: Kit) -> list[Control]:
    """One control for all targets."""
    return [TritonControl(fleet, kit)] if fleet.targets or fleet.discovery else []


class TritonControl(Control):
    """Loads over what serves, with the full config and one thing changed; never sent twice."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self.name = NAME
        self._fleet = fleet
        self._kit = kit
        self._servers = Servers(fleet, kit)

    async def survey(self, action: Action, situation: Situation) -> Look | None:
        """What the targets serve, and the files of it; None for a reduction that a gateway can do."""
        if action.kind not in _PROPOSALS or not action.model:
            return None
        reduces = action.kind is ActionKind.REDUCE
        if reduces and action.via != NAME and admission.gateway_serves(self._fleet, action.model):
            return None
        modes = {row.name: row.mode for row in situation.snapshot.targets}
        others = (*dependents(situation, action.model), *called(situation.release, action.model))
        now = self._servers.now
        asked = [server for name, server in now.items() if name in (action.targets or now)]
        seen = await asyncio.gather(
            *(see(s, action.model, others, modes.get(s.target.name, ControlMode.UNKNOWN)) for s in asked)
        )
        wanted = _wanted(action, situation, [each.models for each in seen])
        return Look(tuple(seen), await read_files(self._fleet, wanted, situation.release, self._kit.clock))

    def propose(self, action: Action, situation: Situation, survey: Look) -> Proposal:
        """The steps for each target, in order."""
        now = self._servers.now
        strange = [name for name in action.targets if name not in now]
        if strange:
            known = ", ".join(now)
            return Proposal(
                refusals=(f"no target is called {visible(', '.join(strange), 80)}; there are {known}",)
            )
        return _PROPOSALS[action.kind](Wish(self._fleet, action, situation, survey))

    async def read(self, step: Step) -> Json:
        """What the target serves of the model; raises ControlError while that is being decided."""
        serving = await self._server(step).serving(_model(step))
        if serving.loading:
            raise ControlError(f"{visible(serving.model, 80)}: {serving.moving}", "wait until that has ended")
        return state_of(serving)

    async def apply(self, step: Step) -> None:
        """Load or unload, and wait until the old version is gone."""
        server, change, model = self._server(step), step.change, _model(step)
        until = self._kit.clock.monotonic() + step.timeout_s
        serving = await server.serving(model)
        state = state_of(serving)
        if not holds(step.before, state):
            raise ChangedError(f"changed under you: it is {brief(state)}", state)
        if change["op"] == "load":
            config = _checked(change, serving)
            await server.load(model, config, str(change["grpc"]), step.timeout_s)
            left = until - self._kit.clock.monotonic()
            await server.settled(model, min(SETTLE_S, left / 2))
            return
        await server.unload(model, str(change["grpc"]), step.timeout_s, dependents=bool(change["dependents"]))
        if change["wait"]:
            found = await server.settled(model, (until - self._kit.clock.monotonic()) / 2)
            if found.moving:
                raise StillRunningError(f"{found.moving}: its last requests are not answered yet")

    async def close(self) -> None:
        """Leave what is under way to the servers."""
        await self._servers.close()

    def _server(self, step: Step) -> Server:
        name = str(step.change["target"])
        server = self._servers.now.get(name)
        if server is None or server.target.url != step.change["url"]:
            said = f"{visible(name, 80)} at {visible(str(step.change['url']), 120)} is no target any more"
            raise ControlError(said, "the plan was made with other settings, or it has gone since")
        return server


def _model(step: Step) -> str:
    return str(step.change["model"])


def _checked(change: Mapping[str, Json], serving: Serving) -> str | None:
    """The config that a load may send; raises ControlError for one that is not whole, and nothing is sent."""
    text = change["config"]
    if text is None:
        return None
    fields = change["fields"]
    try:
        config: Config = json.loads(str(text))
        said = objections(serving.config, config, fields if isinstance(fields, list | tuple) else None)
    except (ValueError, AttributeError, TypeError) as error:
        raise ControlError(f"the config is not JSON: {error}") from error
    if said or config["name"] != serving.model:
        raise ControlError(f"the config was not sent: {'; '.join(said) or 'it is of another model'}")
    return str(text)


def _wanted(
    action: Action, situation: Situation, models: Sequence[Mapping[str, Serving]]
) -> dict[str, Sequence[str]]:
    """The versions by model whose files matter: those of the release, or the one asked for."""
    wanted: dict[str, Sequence[str]] = {}
    for name in dict.fromkeys(name for each in models for name in parts_first(each, action.model)):
        known = situation.release.model(name) if situation.release else None
        wanted[name] = known.versions if known else ((action.version,) if action.version else ())
    return wanted
