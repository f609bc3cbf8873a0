"""Freezing and reducing by shell commands of the settings.

A command runs in a session of its own, so that it goes on when the console dies; the files of its record say
what became of it. What ``apply`` runs is always the settings' own text: a step names only which one, so that a
plan or a lock that somebody tampered with can never bring a command along.
"""

import asyncio
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from console.controls.command.record import CommandRecord
from console.controls.command.shell import Started, ask, last_words, start
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.plan import ChangedError, ControlError, Proposal, Step, StillRunningError
from console.domain.secret import redact
from console.domain.situation import Situation
from console.domain.states import Json, brief, holds
from console.domain.surfaces import CommandGateway
from console.domain.text import visible
from console.ports import Control
from console.transport.kit import Kit

NAME = "command"
_TIMEOUT_S = 120.0
# The step's time is the executor's too: this one's words are better than a cancellation.
_EARLIER_S = 0.5
_LOOK_S = 0.05
_SAID = 300
_OUTPUT_S = 1.0
_CANNOT_RUN = 126
_CLOSE = 0.5
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?%?")
# Whatever the command's own quotes around {model} are, these signs stand for themselves.
_PLAIN = re.compile(r"[A-Za-z0-9_.:@+/=][A-Za-z0-9_.:@+/=-]{0,199}")
_NO_CHECK = (
    "no check in the settings: whether the command is in force is known to consoles of this machine alone"
)


def controls(fleet: Fleet, kit: Kit) -> list[Control]:
    """The commands of the settings; none without any, or without a folder to remember them in."""
    asked = fleet.freeze.command or isinstance(fleet.gateway, CommandGateway)
    return [Command(fleet, kit)] if asked and fleet.state else []


class Command(Control):
    """Runs the settings' commands.

    The state of a freeze is ``{"in_force": bool, "command": "idle"}``, of a reduction ``{"reduced_to":
    percent or null, "command": "idle"}``; after a command that failed the first member is null and ``command``
    says how it ended.
    """

    name = NAME

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self._fleet = fleet
        self._clock = kit.clock
        self._gateway = fleet.gateway if isinstance(fleet.gateway, CommandGateway) else None
        self._left: list[Started] = []

    async def survey(self, action: Action, situation: Situation) -> Mapping[str, Json] | None:
        """The state before; None when no command belongs to the action."""
        del situation
        if action.kind is ActionKind.FREEZE and self._fleet.freeze.command:
            return await self._state("freeze", "")
        if action.kind is ActionKind.REDUCE and self._gateway is not None:
            return await self._state("reduce", action.model) if _PLAIN.fullmatch(action.model) else {}
        return None

    def propose(self, action: Action, situation: Situation, survey: Mapping[str, Json]) -> Proposal:
        """One step, unless it is so already."""
        del situation
        if action.kind is ActionKind.FREEZE:
            return self._freeze(survey)
        return self._reduce(action, survey)

    def _freeze(self, before: Mapping[str, Json]) -> Proposal:
        settings = self._fleet.freeze
        if before["in_force"] is True:
            return Proposal(warnings=("the freeze command is in force already: it is not run again",))
        after: dict[str, Json] = {"in_force": True, "command": "idle"}
        step = self._step("freeze", "run the freeze command", {"what": "freeze"}, before, after)
        step = replace(step, effect="what the command freezes is frozen")
        if settings.uncommand:
            goal: dict[str, Json] = {"in_force": False, "command": "idle"}
            back = self._step("freeze", "run the command that lifts it", {"what": "unfreeze"}, after, goal)
            step = replace(step, inverse=replace(back, effect="what the command froze is free again"))
        else:
            step = replace(step, final="there is no uncommand in the settings: lift it by hand")
        return Proposal((step,), _doubts(before), () if settings.check else (_NO_CHECK,))

    def _reduce(self, action: Action, before: Mapping[str, Json]) -> Proposal:
        name = visible(action.model, 80)
        if not before:
            return Proposal(refusals=(f"the name {name} cannot be put into a shell command safely",))
        if action.percent is None or not 0 <= action.percent <= 100:
            return Proposal(refusals=("say how many percent are to be kept, 0 to 100",))
        if before["reduced_to"] == action.percent:
            return Proposal(refusals=(f"{name} is reduced to {action.percent:g} % already",))
        subject = f"reduce {action.model}"
        change: dict[str, Json] = {"what": "reduce", "model": action.model, "percent": action.percent}
        after: dict[str, Json] = {"reduced_to": action.percent, "command": "idle"}
        step = self._step(subject, f"reduce {name} to {action.percent:g} %", change, before, after)
        found = before["reduced_to"]
        reduced = isinstance(found, int | float) and found < 100
        back = {**change, "percent": found} if reduced else {"what": "restore", "model": action.model}
        goal: dict[str, Json] = {"reduced_to": found, "command": "idle"}
        inverse = self._step(subject, f"give {name} its traffic back", back, after, goal)
        step = replace(
            step,
            effect=f"the command makes {name} keep {action.percent:g} % of its traffic",
            inverse=replace(inverse, effect=f"{name} gets what it had before"),
        )
        unknown = ("nothing counts requests at a command: the share cannot be measured",)
        checked = self._gateway is not None and self._gateway.check
        return Proposal((step,), _doubts(before), unknown if checked else (*unknown, _NO_CHECK))

    def _step(self, subject: str, title: str, change: Mapping[str, Json], before: Json, after: Json) -> Step:
        call = self._shown(self._text(change))
        return Step(NAME, subject, title, call, before, after, "", change, timeout_s=_TIMEOUT_S)

    async def read(self, step: Step) -> Json:
        """The state now; raises ControlError while the command runs, or when its check cannot tell."""
        kind, _, model = step.subject.partition(" ")
        state = await self._state(kind, model)
        return _snapped(state, step)

    async def apply(self, step: Step) -> None:
        """Run the command and wait for its end; beyond the step's time it goes on alone."""
        text = self._text(step.change)
        if self._shown(text) != step.call:
            raise ControlError("the settings have another command now than when this was planned")
        kind, _, model = step.subject.partition(" ")
        asked = await self._asked(kind, model)
        if not isinstance(step.after, Mapping):
            raise ControlError("the step does not say what it is for")
        goal = {name: value for name, value in step.after.items() if name != "command"}
        record = self._record(kind, model)

        def begin() -> tuple[Started, Path]:
            with record.claim(asked, partial(_refuse_other, step), goal) as run:
                return start(text, run.prefix, run.lock), run.prefix

        started, prefix = await asyncio.to_thread(begin)
        self._left = [each for each in (*self._left, started) if each.runner.poll() is None]
        code = await self._ended(started, step.timeout_s - _EARLIER_S)
        if code:
            await self._printed(started)
            said = visible(self._shown(last_words(prefix)), _SAID)
            raise ControlError(f"the command ended with {code}" + (f": {said}" if said else ""))

    async def _ended(self, started: Started, seconds: float) -> int:
        until = self._clock.monotonic() + seconds
        while (code := started.runner.poll()) is None:
            if self._clock.monotonic() >= until:
                raise StillRunningError(f"not finished after {seconds:.0f} s; it goes on by itself")
            await self._clock.sleep(_LOOK_S)
        return code

    async def _printed(self, started: Started) -> None:
        """Wait a moment until what it printed is in its file; what it left running may keep printing."""
        until = self._clock.monotonic() + _OUTPUT_S
        while started.collector.poll() is None and self._clock.monotonic() < until:
            await self._clock.sleep(_LOOK_S)

    async def _state(self, kind: str, model: str) -> Mapping[str, Json]:
        recorded = await asyncio.to_thread(self._record(kind, model).state)
        return {**recorded, **await self._asked(kind, model)}

    async def _asked(self, kind: str, model: str) -> Mapping[str, Json]:
        """What the settings' check says; empty without one."""
        check = self._fleet.freeze.check if kind == "freeze" else self._gateway.check if self._gateway else ""
        if not check:
            return {}
        code, said = await ask(_filled(check, {"model": model}))
        shown = visible(self._shown(said), 120)
        if kind == "freeze":
            if not 0 <= code < _CANNOT_RUN:
                raise ControlError(f"the check cannot tell (it ended with {code}): {shown}")
            return {"in_force": code == 0}
        match = _PERCENT.fullmatch(said)
        if code or match is None or float(match[1]) > 100:
            raise ControlError(f"the check does not print a percentage but: {shown} (it ended with {code})")
        return {"reduced_to": float(match[1])}

    def _record(self, kind: str, model: str) -> CommandRecord:
        nothing: dict[str, Json] = {"in_force": False} if kind == "freeze" else {"reduced_to": None}
        folder = Path(self._fleet.state) / "commands"
        return CommandRecord(folder, kind, f"{self._fleet.name}\0{model}", nothing)

    def _text(self, change: Mapping[str, Json]) -> str:
        """The settings' command of a step, filled in."""
        gateway, freeze = self._gateway, self._fleet.freeze
        texts = {
            "freeze": freeze.command,
            "unfreeze": freeze.uncommand,
            "reduce": gateway.reduce if gateway else "",
            "restore": gateway.restore if gateway else "",
        }
        text = texts.get(str(change.get("what")), "")
        if not text:
            raise ControlError("the settings have no command for this any more")
        return _filled(text, change)

    def _shown(self, text: str) -> str:
        return redact(text, self._fleet.secrets)


def _filled(text: str, values: Mapping[str, Json]) -> str:
    """The text with its placeholders filled in; raises ControlError for a name that a shell might act on."""
    model, percent = str(values.get("model", "")), values.get("percent")
    if "{model}" in text:
        if not _PLAIN.fullmatch(model):
            raise ControlError(f"the name {visible(model, 80)} cannot be put into a shell command safely")
        text = text.replace("{model}", shlex.quote(model))
    if "{percent}" in text:
        if isinstance(percent, bool) or not isinstance(percent, int | float):
            raise ControlError("the step does not say how many percent")
        text = text.replace("{percent}", f"{percent:.6g}")
    return text


def _doubts(before: Mapping[str, Json]) -> tuple[str, ...]:
    ended = before.get("command")
    return () if ended == "idle" else (f"the last command of this kind {ended}: what it left is unknown",)


def _refuse_other(step: Step, present: Mapping[str, Json]) -> None:
    """Raise ChangedError unless the state is as the step expects."""
    if not holds(step.before, _snapped(present, step)):
        said = f"changed under you: was {brief(step.before)}, is {brief(present)}"
        raise ChangedError(said, present)


def _snapped(state: Mapping[str, Json], step: Step) -> Mapping[str, Json]:
    """A gateway may round a share: one that is close to what the step expects is that."""
    found = state.get("reduced_to")
    if not isinstance(found, int | float):
        return state
    for each in (step.after, step.before):
        wanted = each.get("reduced_to") if isinstance(each, Mapping) else None
        if isinstance(wanted, int | float) and abs(wanted - found) <= _CLOSE:
            return {**state, "reduced_to": wanted}
    return state
