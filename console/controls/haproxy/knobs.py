"""What of HAProxy can be turned: weights and states of servers, entries of map files; and the steps that turn it."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from console.controls.haproxy.tables import Backend, Server
from console.domain.plan import Phase, Step
from console.domain.states import Json

NAME = "haproxy"
# These balance by weight and take every weight at run time; the hashes do so with ``hash-type consistent`` only.
_DYNAMIC = {"roundrobin", "leastconn", "random"}
TIMEOUT_S = 15.0


class Knob(NamedTuple):
    """One thing: its subject, its state now, and what is needed to name it to HAProxy."""

    subject: str
    state: Json
    change: Mapping[str, Json]


def weight_of(backend: Backend, server: Server) -> Knob:
    """A server's weight, a whole number."""
    return Knob(
        f"weight of {backend.name}/{server.name}",
        server.weight,
        {
            "what": "weight",
            "server": f"{backend.name}/{server.name}",
            "initial": server.initial,
            "percent": backend.algorithm not in _DYNAMIC,
        },
    )


def state_of(backend: Backend, server: Server) -> Knob:
    """A server's state: ``ready``, ``drain`` or ``maint``."""
    full = f"{backend.name}/{server.name}"
    return Knob(f"state of {full}", server.state, {"what": "state", "server": full})


def entry_of(path: str, key: str, value: str | None) -> Knob:
    """The value of a map file's key; null where it is not there."""
    return Knob(f"{key} in {path}", {"value": value}, {"what": "entry", "map": path, "key": key})


def turned(address: str, knob: Knob, after: Json, effect: str, phase: Phase = Phase.CHANGE) -> Step:
    """The step from the knob's state to another, with its inverse."""
    goal = f"{'unix-connect' if '/' in address else 'tcp-connect'}:{address}"
    back = f"{knob.subject} is {_words(knob.state)} again"
    inverse = _step(goal, knob.change, _Turn(knob.subject, after, knob.state, back))
    step = _step(goal, knob.change, _Turn(knob.subject, knob.state, after, effect))
    return replace(step, inverse=replace(inverse, phase=phase), phase=phase)


class _Turn(NamedTuple):
    """From one state of a subject to another."""

    subject: str
    before: Json
    after: Json
    effect: str


def _step(goal: str, change: Mapping[str, Json], turn: _Turn) -> Step:
    sent = command(change, turn.before, turn.after)
    return Step(
        control=NAME,
        subject=turn.subject,
        title=f"{turn.subject}: {_words(turn.before)} → {_words(turn.after)}",
        call=f"echo {shlex.quote(sent)} | socat stdio {shlex.quote(goal)}",
        before=turn.before,
        after=turn.after,
        effect=turn.effect,
        change=change,
        timeout_s=TIMEOUT_S,
    )


def command(change: Mapping[str, Json], before: Json, after: Json) -> str:
    """What is sent to HAProxy."""
    if change["what"] == "state":
        return f"set server {change['server']} state {after}"
    if change["what"] == "weight":
        return f"set server {change['server']} weight {_weight(change, after)}"
    entry = f"map {change['map']} {change['key']}"
    if _value(after) is None:
        return f"del {entry}"
    verb = "add" if _value(before) is None else "set"
    return f"{verb} {entry} {_value(after)}"


def _weight(change: Mapping[str, Json], after: Json) -> str:
    """The weight, as a percentage where that is the only form that a static algorithm takes."""
    if change["percent"] and after in {0, change["initial"]}:
        return "100%" if after else "0%"
    return str(after)


def _value(state: Json) -> Json:
    return state["value"] if isinstance(state, Mapping) else state


def _words(state: Json) -> str:
    value = _value(state)
    return "none" if value is None else str(value)
