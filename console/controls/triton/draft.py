"""A proposal in the making, and what every plan for a Triton server has to say."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from console.controls.triton.look import Look, Seen, dependents
from console.controls.triton.steps import Place
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.plan import Check, Part, Proposal, Step
from console.domain.situation import Situation
from console.domain.text import visible
from console.domain.triton import ControlMode


@dataclass(slots=True)
class Draft:
    """What has been gathered so far."""

    steps: list[Step] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    dependents: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    def proposal(self) -> Proposal:
        """All of it, each sentence once."""
        return Proposal(
            steps=tuple(self.steps),
            warnings=tuple(dict.fromkeys(self.warnings)),
            unknown=tuple(dict.fromkeys(self.unknown)),
            refusals=tuple(dict.fromkeys(self.refusals)),
            parts=self.parts,
            dependents=self.dependents,
            checks=tuple(dict.fromkeys(self.checks)),
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """The action, the picture and what was seen for it, together."""

    fleet: Fleet
    action: Action
    situation: Situation
    look: Look

    @property
    def model(self) -> str:
        """The model's name."""
        return self.action.model

    @property
    def shown(self) -> str:
        """The model's name made harmless."""
        return visible(self.action.model, 80)

    @property
    def dependents(self) -> tuple[str, ...]:
        """Ensembles that call the model."""
        return dependents(self.situation, self.model)

    def place(self, seen: Seen, *, pin: bool = False) -> Place:
        """A target as steps need it."""
        return Place(self.fleet, seen, self.look.files, self.load_s, pin)

    @property
    def load_s(self) -> float | None:
        """The longest load of the model that any target reports, seconds."""
        known = [
            row.load_s for row in self.situation.snapshot.models if row.model == self.model and row.load_s
        ]
        return max(known, default=None)

    @property
    def share(self) -> float | None:
        """The model's part (0-1) of all requests now."""
        rows = self.situation.snapshot.models
        mine = [row.rate for row in rows if row.model == self.model and row.rate is not None]
        total = sum(row.rate or 0.0 for row in rows)
        return sum(mine) / total if mine and total else None


def able(wish: Wish, draft: Draft) -> Iterator[Seen]:
    """The targets where the model can be changed; the others are refused with what is possible instead."""
    absent = []
    for seen in wish.look.seen:
        said = _barred(wish, seen)
        serving = seen.models.get(wish.model)
        if _by_files(wish, seen):
            continue
        if said:
            draft.refusals.append(f"{seen.target.name}: {said}")
        elif serving is None or not (serving.listed or serving.ready):
            absent.append(seen.target.name)
        else:
            yield seen
    if absent and len(absent) == len(wish.look.seen):
        draft.refusals.append(f"{', '.join(absent)}: there is no model {wish.shown} in the repository")
    elif absent:
        draft.warnings.append(f"{wish.shown} is not on {', '.join(absent)}, which are left as they are")


def _by_files(wish: Wish, seen: Seen) -> bool:
    """Whether the rollback by files is asked about this target: it says itself what it can do there."""
    follows = seen.mode in {ControlMode.NONE_OR_POLL, ControlMode.POLL}
    return (
        wish.action.kind is ActionKind.ROLLBACK
        and bool(wish.fleet.repository)
        and follows
        and not seen.trouble
    )


def _barred(wish: Wish, seen: Seen) -> str:
    if seen.trouble:
        return seen.trouble
    if seen.mode is not ControlMode.EXPLICIT:
        return _instead(wish.fleet)
    if seen.busy:
        return f"a load of {visible(seen.busy, 80)} from here is still under way; one at a time"
    moving = [m for name, m in seen.models.items() if name == wish.model and m.loading]
    if moving:
        return f"{wish.shown}: {moving[0].moving}; wait until that has ended"
    return ""


def _instead(fleet: Fleet) -> str:
    """What is possible where the server takes no loads."""
    said = "the server refuses load and unload (its control mode is none or poll)"
    if fleet.kubernetes.workload:
        return f"{said}; roll back {fleet.kubernetes.workload}, which runs it"
    if fleet.repository:
        return f"{said}; if it polls, change the files in {fleet.repository}; else restart it with another repository"
    return (
        f"{said}; roll its pod back (kubectl rollout undo), restart it with another repository, "
        "or set repository in the settings, for a rollback by files if it polls"
    )


def told_of_carrier(seen: Seen, draft: Draft) -> None:
    """What a load over HTTP does to others."""
    if not seen.carrier.grpc:
        draft.warnings.append(
            f"{seen.target.name}: the load goes over HTTP ({seen.carrier.note}): every keep-alive connection that "
            "shares its server thread freezes until the load is done, health checks too"
        )


def told_of_loads(wish: Wish, seen: Seen, draft: Draft) -> None:
    """What a load over what serves does besides."""
    name = seen.target.name
    told_of_carrier(seen, draft)
    draft.unknown.append(f"{name}: whether the old and the new one fit into memory side by side")
    if wish.model not in wish.look.files:
        draft.unknown.append(
            f"{name}: whether a newer version lies in the repository, which cannot be read from here: an undo restores "
            "the version policy as it was, and one such as latest would serve it"
        )
    if wish.load_s is None:
        draft.unknown.append(f"how long a load of {wish.shown} takes")
    serving = seen.models[wish.model]
    if serving.config and "sequence_batching" in serving.config:
        draft.warnings.append(f"{wish.shown} keeps sequences: those under way lose their state")


def told_of_readiness(seen: Seen, draft: Draft) -> None:
    """What a change of versions does to the server's readiness; a load over the same version does not."""
    draft.warnings.append(
        f"{seen.target.name}: /v2/health/ready answers 400 until the old version is gone; a load balancer that asks "
        "it sends no traffic there meanwhile"
    )
