"""Watches both sides of a gate until there is enough to judge, sends what was asked for, and judges."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import NamedTuple

from console import wiring
from console.cli._errors import USAGE, CliError
from console.cli._triage_look import unreachable
from console.domain.fleet import Fleet
from console.domain.gate import CORRECTNESS, GPU_MEMORY, Gate, Limits, Outcome, Side, contracted
from console.domain.gate_answers import Answers, Input
from console.domain.gate_figures import Figures, figures
from console.domain.gate_judge import Evidence, Probed, judged
from console.domain.gate_memory import held
from console.domain.gate_sides import NoSuchSideError, Pair, pair_of, sides
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.engine.engine import Engine
from console.engine.gate import WARM_UP, Trials
from console.transport.contract_files import ContractFiles

NO_DATA = 2
# A server that just began to be watched may name its models a moment later.
_LOOKS = 3
_LEAST_S = 5.0
_PACE_S = 1.0

Tell = Callable[[str], None]


class Wish(NamedTuple):
    """What shall be judged: both sides as they were written, for how long at the most, and what is sent.

    The model's contract sets the limits that are not ``by_hand``.
    """

    model: str
    baseline: str
    candidate: str
    seconds: float
    probe: int
    limits: Limits
    by_hand: frozenset[str]
    given: tuple[Input, ...]


async def gated(fleet: Fleet, wish: Wish, tell: Tell) -> Gate:
    """The gate; ``tell`` hears what goes on. Raises CliError where a side is not there, or no target answers."""
    own = tuple(
        Input(f"probe {number}", probe.request)
        for number, probe in enumerate((p for p in fleet.probes if p.model == wish.model), 1)
    )
    # The console's own probes would count as traffic.
    watched = replace(fleet, refresh=min(fleet.refresh, _PACE_S), probes=())
    # Not the engine's: by its first pictures it may not have read them.
    contract = await asyncio.to_thread(ContractFiles(fleet).of, wish.model)
    limits, terms = contracted(wish.limits, contract, wish.by_hand)
    engine = wiring.build(watched)
    try:
        found = _Watch(engine, wish._replace(given=wish.given or own, limits=limits), tell)
        return replace(await found.gate(), terms=terms)
    finally:
        await engine.close()


class _Watch:
    """One run of a gate."""

    def __init__(self, engine: Engine, wish: Wish, tell: Tell) -> None:
        self._engine = engine
        self._wish = wish
        self._tell = tell
        self._probing: asyncio.Task[tuple[Probed, Probed]] | None = None
        self._counted = False
        self._sent = 0
        self._began = 0.0

    async def gate(self) -> Gate:
        pictures = self._engine.paced()
        baseline, candidate, snapshot = await self._sides(pictures)
        self._began = snapshot.elapsed_s
        pair = pair_of(snapshot.fleet, self._wish.model, baseline, candidate)
        trials = self._trials()
        if self._wish.probe and pair is not None:
            self._probing = asyncio.create_task(
                trials.measure(pair, self._wish.given, self._wish.probe, self._was_sent)
            )
        try:
            async for snapshot in pictures:
                if self._enough(snapshot, baseline, candidate):
                    break
        finally:
            if self._probing is not None and not self._probing.done():
                self._probing.cancel()
        answers = await self._answers(trials, pair)
        evidence = self._evidence(snapshot, baseline, candidate)._replace(answers=answers)
        return Gate(
            model=self._wish.model,
            baseline=baseline,
            candidate=candidate,
            limits=self._wish.limits,
            at=snapshot.at,
            seconds=snapshot.elapsed_s - self._began,
            checks=judged(evidence, self._wish.limits),
            notes=(*self._notes(pair, answers), *_standing(snapshot, self._wish.model, baseline, candidate)),
        )

    def _trials(self) -> Trials:
        trials = self._engine.trials
        if trials is None:
            raise RuntimeError("this engine was built without trials")
        return trials

    async def _sides(self, pictures: AsyncIterator[Snapshot]) -> tuple[Side, Side, Snapshot]:
        wish = self._wish
        looks = 0
        async for snapshot in pictures:
            looks += 1
            self._tell(
                f"looking for {visible(wish.model, 60)}: {snapshot.up} of {len(snapshot.targets)} targets answer"
            )
            try:
                found = sides(snapshot, wish.model, _text(wish.baseline), _text(wish.candidate))
                # The first poll of a server takes longer than the others, and what it counts is not told apart.
                if looks > 1:
                    return *found, snapshot
            except NoSuchSideError as error:
                if looks < _LOOKS:
                    continue
                if not snapshot.up:
                    raise unreachable(snapshot) from error
                code = USAGE if error.what == "sides" else NO_DATA
                hint = "name two" if error.what == "sides" else "triton-console status lists what there is"
                raise CliError(str(error), hint, id=error.what, code=code) from error
        raise RuntimeError("pictures have no end")

    def _was_sent(self, number: int) -> None:
        self._sent = number

    def _enough(self, snapshot: Snapshot, baseline: Side, candidate: Side) -> bool:
        """Whether there is no more to wait for: all is known, or the time is over."""
        seconds = snapshot.elapsed_s - self._began
        self._tell(self._progress(seconds))
        if self._probing is not None and not self._counted:
            # The picture after the last inference is the first that counts all of them.
            self._counted = self._probing.done()
            return False
        if seconds >= self._wish.seconds:
            return True
        if seconds < min(_LEAST_S, self._wish.seconds):
            return False
        checks = judged(self._evidence(snapshot, baseline, candidate), self._wish.limits)
        waited = (each for each in checks if each.id not in (CORRECTNESS, GPU_MEMORY))
        return all(each.outcome is not Outcome.UNKNOWN or not each.needed for each in waited)

    def _progress(self, seconds: float) -> str:
        said = f"watching for up to {self._wish.seconds:.0f} s: {seconds:.0f} s"
        total = self._wish.probe + WARM_UP
        return f"{said}, {self._sent:,} of {total:,} inferences sent to each" if self._wish.probe else said

    def _evidence(self, snapshot: Snapshot, baseline: Side, candidate: Side) -> Evidence:
        model, seconds = self._wish.model, snapshot.elapsed_s - self._began
        first, second = (figures(snapshot, model, side, seconds) for side in (baseline, candidate))
        return Evidence(
            baseline=_at_least(first, self._sent),
            candidate=_at_least(second, self._sent),
            memory=held(snapshot, model, baseline, candidate),
            probes=self._probed(),
        )

    def _probed(self) -> tuple[Probed, Probed] | None:
        task = self._probing
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    async def _answers(self, trials: Trials, pair: Pair | None) -> Answers | None:
        if CORRECTNESS in self._wish.limits.skipped:
            return None
        if pair is None:
            return Answers(
                problem="a side is seen through Prometheus alone: name its server to compare answers"
            )
        self._tell("comparing answers")
        return await trials.compare(pair, self._wish.given, self._wish.limits)

    def _notes(self, pair: Pair | None, answers: Answers | None) -> list[str]:
        notes = []
        where = visible(pair.where, 100) if pair is not None else ""
        if self._sent:
            notes.append(f"sent {self._sent:,} inferences to each on {where} to measure: load, one at a time")
        task = self._probing
        problem = task.exception() if task is not None and task.done() and not task.cancelled() else None
        if problem is not None:
            notes.append(f"nothing could be sent to measure: {problem}")
        if answers is not None and answers.sent:
            notes.append(f"sent {answers.sent} inferences on {where} to compare the answers")
        return notes


def _at_least(found: Figures, sent: int) -> Figures:
    """With the requests of the gate itself among those that were counted: a count of polls may miss some by a hair."""
    requests = None if found.requests is None else max(found.requests, float(sent))
    return found._replace(requests=requests, probed=sent)


def _text(side: str) -> str:
    """A side without the options that an address may carry."""
    return side.partition(",")[0] if "://" in side else side


def _standing(snapshot: Snapshot, model: str, *both: Side) -> list[str]:
    """What keeps a side from serving."""
    rows = {row.version: row for row in snapshot.models if row.model == model}
    return [
        f"version {visible(side.version, 40)} is {row.state.value}: {visible(row.reason, 200) or 'no reason given'}"
        for side in both
        if (row := rows.get(side.version)) is not None and not row.ready
    ]
