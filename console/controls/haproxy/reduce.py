"""How a model's share is reduced at HAProxy: by weights, by draining, by shedding; pure."""

from collections.abc import Iterator
from typing import NamedTuple

from console.controls._routes import RefusedError, get
from console.controls.haproxy.knobs import NAME, Knob, state_of, turned, weight_of
from console.controls.haproxy.look import Look, RouteLook, counted_as
from console.controls.haproxy.tables import Backend, Server
from console.domain.plan import Proposal, ShareGoal, Step
from console.domain.shares import against, share

MOST = 256
_AS_ASKED = 0.005
_STATIC = {"static-rr", "first"}
_EVEN = {"roundrobin", "static-rr", "first"}
_FORGETS = "a reload of HAProxy forgets this, unless it loads a server state file"
_FORGETS_MAP = "the map is changed in HAProxy's memory only: a reload forgets it"


class _Change(NamedTuple):
    """Steps from the share now to the one wanted."""

    steps: tuple[Step, ...]
    now: float
    wanted: float


def by_weights(look: Look, route: RouteLook, percent: float) -> Proposal:
    """Steps on the weights and states of servers; raises RefusedError."""
    backend = _usable(route)
    now = _share(backend.servers, route)
    if percent >= 100:
        return _as_configured(look, route, backend, now or 0.0)
    if now is None:
        raise RefusedError(f"backend {backend.name} has no server that is up and ready")
    if not sum(server.effective for server in route.others):
        raise RefusedError(_nobody_else(route, backend))
    if percent <= 0:
        return _drained(look, route, backend)
    if backend.algorithm in _STATIC:
        raise RefusedError(
            f"backend {backend.name} balances by {backend.algorithm}, which takes only --to 0 and --to 100"
        )
    wanted = percent / 100
    if abs(now - wanted) <= _AS_ASKED:
        return _proposal(route, backend, _Change((), now, wanted))
    return _proposal(route, backend, _Change(tuple(_weighed(look, route, backend, wanted)), now, wanted))


def _usable(route: RouteLook) -> Backend:
    if route.trouble:
        raise RefusedError(route.trouble)
    if route.backend is None or not route.route.servers:
        raise RefusedError(f"the route of {route.route.model} names no servers")
    return route.backend


def _nobody_else(route: RouteLook, backend: Backend) -> str:
    if not route.others:
        return f"all servers of {backend.name} are the model's: there is nowhere else for its traffic to go"
    return (
        f"no other server of {backend.name} is up, ready and weighted: there is nowhere for the traffic to go"
    )


def _share(servers: tuple[Server, ...], route: RouteLook) -> float | None:
    mine = {s.name: s.effective for s in servers if s.name in route.route.servers}
    return share(mine, {s.name: s.effective for s in servers if s.name not in route.route.servers})


def _drained(look: Look, route: RouteLook, backend: Backend) -> Proposal:
    effect = f"{_get(route)} no new requests of {backend.name}; those in flight finish"
    steps = [
        turned(look.address, state_of(backend, server), "drain", effect)
        for server in route.kept
        if server.state == "ready"
    ]
    return _proposal(route, backend, _Change(tuple(steps), _share(backend.servers, route) or 0.0, 0.0))


def _as_configured(look: Look, route: RouteLook, backend: Backend, now: float) -> Proposal:
    """What the configuration file gives: initial weights, and no drain of the model's servers."""
    restored = tuple(
        server._replace(
            weight=server.initial,
            admin=0 if server in route.kept and server.state == "drain" else server.admin,
        )
        for server in backend.servers
    )
    wanted = _share(restored, route) or 0.0
    effect = f"{_get(route)} {wanted:.0%} of {backend.name} again, as configured"
    weights = [
        turned(look.address, weight_of(backend, server), server.initial, effect)
        for server in backend.servers
        if server.weight != server.initial
    ]
    states = [
        turned(look.address, state_of(backend, server), "ready", effect)
        for server in route.kept
        if server.state == "drain"
    ]
    said = f"--to 100 gives {backend.name} its configured weights again, which is {wanted:.0%} for {_names(route)}"
    return _proposal(route, backend, _Change((*weights, *states), now, wanted), said)


def _weighed(look: Look, route: RouteLook, backend: Backend, wanted: float) -> Iterator[Step]:
    """First what takes traffic from the model, then what gives it some: on the way it never has too much."""
    mine = _given(route.kept)
    awake = {
        server.name: mine[server.name] for server in route.kept if server.name in mine and server.running
    }
    others = {server.name: server.effective for server in route.others if server.effective}
    split = against(wanted, awake, others, MOST)
    factor = sum(split.kept.values()) / sum(awake.values())
    asleep = {n: max(1, min(MOST, round(w * factor))) for n, w in mine.items() if n not in awake}
    effect = f"after all steps {_get(route)} about {split.share:.1%} of the requests of {backend.name}"
    goals = {**split.kept, **asleep, **split.others}
    turns = [
        (weight_of(backend, server), goals[server.name], server.name in mine)
        for server in backend.servers
        if server.name in goals and goals[server.name] != server.weight
    ]
    for knob, goal, _ in sorted(turns, key=_gives):
        yield turned(look.address, knob, goal, effect)
    for server in route.kept:
        if server.name in mine and server.state == "drain":
            yield turned(look.address, state_of(backend, server), "ready", effect)


def _gives(turn: tuple[Knob, int, bool]) -> bool:
    """Whether the turn gives the model traffic: more weight for it, or less for the others."""
    knob, goal, mine = turn
    return (goal > int(str(knob.state))) == mine


def _given(kept: tuple[Server, ...]) -> dict[str, int]:
    """The model's servers that take part, by weight; drained ones only where no other is ready."""
    ready = [server for server in kept if server.state == "ready"]
    chosen = ready or [server for server in kept if server.state == "drain"]
    names = ", ".join(server.name for server in kept)
    if not chosen:
        raise RefusedError(f"all of {names} are in maintenance")
    if not any(server.running for server in chosen):
        raise RefusedError(f"all of {names} are down and get no requests")
    return {server.name: server.weight or server.initial or 1 for server in chosen}


def _proposal(route: RouteLook, backend: Backend, change: _Change, said: str = "") -> Proposal:
    warnings = [said] if said else []
    return Proposal(
        steps=change.steps,
        warnings=(*warnings, *_warnings(route, backend, change)),
        unknown=tuple(_unknown(backend)) if 0 < change.wanted < 1 and change.steps else (),
        share=ShareGoal(NAME, counted_as(route.route, shed=False), change.wanted),
    )


def _warnings(route: RouteLook, backend: Backend, change: _Change) -> Iterator[str]:
    names, now = _names(route), change.now
    if not change.steps:
        yield f"{names} have {now:.1%} of {backend.name} already: nothing to change, the share is counted"
        return
    if change.wanted > now + _AS_ASKED:
        yield f"this gives {names} more traffic than now: {now:.1%} → {change.wanted:.1%}"
    yield _FORGETS
    down = [server.name for server in backend.servers if not server.running and server.state == "ready"]
    if down:
        yield f"{', '.join(down)} of {backend.name} are down: the shares change when they come back"
    if any(server.cookie for server in route.kept):
        yield "clients that stick to a server by cookie keep coming to it"
    if any(server.agent for server in backend.servers):
        yield f"agent checks are on in {backend.name} and may set weights and states themselves"


def _unknown(backend: Backend) -> Iterator[str]:
    if backend.algorithm == "leastconn" or backend.algorithm.startswith("random"):
        yield f"balance {backend.algorithm} also looks at open connections: the share follows the weights roughly"
    elif backend.algorithm not in _EVEN:
        yield (
            f"balance {backend.algorithm or '(unknown)'} goes by a key of the request, so the share follows the"
            " weights roughly; with hash-type map-based HAProxy refuses every share but 0 and 100"
        )


def by_shedding(look: Look, route: RouteLook, percent: float) -> Proposal:
    """One step on the map's entry; raises RefusedError."""
    if not route.sheds:
        raise RefusedError(f"the route of {route.route.model} has no map to shed by")
    if route.shed_trouble:
        raise RefusedError(route.shed_trouble)
    shed = round(100 - max(0.0, min(100.0, percent)))
    now = float(route.shed or 0)
    goal = ShareGoal(NAME, counted_as(route.route, shed=True), 1 - shed / 100)
    if now == shed:
        said = f"{now:.0f} % are shed already: nothing to change, the share is counted"
        return Proposal(warnings=(said,), share=goal)
    effect = f"HAProxy answers {shed} % of the requests of {route.route.model} itself, with 429"
    step = turned(look.address, route.entry, {"value": str(shed)}, effect)
    warnings = [f"this sheds less than now: {now:.0f} % → {shed} %"] if shed < now else []
    if shed:
        warnings.append(f"shedding burns the error budget: {shed} % of the requests fail with 429")
    return Proposal(steps=(step,), warnings=(*warnings, _FORGETS_MAP), share=goal)


def _names(route: RouteLook) -> str:
    return ", ".join(server.name for server in route.kept)


def _get(route: RouteLook) -> str:
    return get([server.name for server in route.kept])
