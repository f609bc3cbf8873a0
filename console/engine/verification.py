"""After a plan's last step: does it serve, and is the share the one that was asked for?"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import sqrt

from console.domain.plan import ShareGoal
from console.domain.release import Release
from console.domain.run import Measured, Result, Run, Verdict
from console.domain.situation import Traffic
from console.ports import Clock, Control, Verifier

CHECKS_S = 10.0
COUNT_S = 5.0
COUNT_MOST_S = 20.0
ENOUGH = 400
_CLOSE = 0.03
_SERVER_READY = "server_ready"


class Verification:
    """Checks what a plan promised, on the servers and on the gateway's own counters."""

    def __init__(self, controls: Mapping[str, Control], verifier: Verifier, clock: Clock) -> None:
        self._controls = controls
        self._verifier = verifier
        self._clock = clock

    async def verified(self, run: Run, report: Callable[[Run], None], release: Release | None) -> Run:
        """The run with its verdicts, its measured share and its result; a run that has failed is left as it is."""
        if run.result is not Result.RUNNING:
            return run
        run = replace(run, verdicts=await self._checked(run, release), message="")
        report(run)
        if run.plan.share is not None:
            run = replace(run, measured=await self._counted(run.plan.share))
        said = _faults(run)
        return replace(run, result=Result.FAILED if said else Result.VERIFIED, message=said)

    async def _checked(self, run: Run, release: Release | None) -> tuple[Verdict, ...]:
        """The verdicts, with patience for a server that is just settling."""
        until = self._clock.monotonic() + CHECKS_S
        while True:
            found = [v for check in run.plan.checks for v in await self._verifier.verify(check, release)]
            if not any(_failed(verdict) for verdict in found) or self._clock.monotonic() >= until:
                return tuple(found)
            await self._clock.sleep(1.0)

    async def _counted(self, goal: ShareGoal) -> Measured | None:
        """Count until there is enough to tell, or the time is up."""
        began, first = self._clock.monotonic(), await self._traffic(goal)
        if first is None:
            return None
        while True:
            await self._clock.sleep(COUNT_S)
            seconds, last = self._clock.monotonic() - began, await self._traffic(goal)
            if last is None or last.total < first.total:
                return Measured(goal.asked, None, 0, seconds)
            requests = last.total - first.total
            if requests >= ENOUGH or seconds >= COUNT_MOST_S:
                share = (last.kept - first.kept) / requests if requests else None
                return Measured(goal.asked, share, round(requests), seconds)

    async def _traffic(self, goal: ShareGoal) -> Traffic | None:
        try:
            return await self._controls[goal.control].traffic(goal.subject)
        except Exception:  # noqa: BLE001 - what cannot be counted is unknown, whatever the reason
            return None


def _faults(run: Run) -> str:
    said = [f"{verdict.check}: {verdict.detail}" for verdict in run.verdicts if _failed(verdict)]
    measured = run.measured
    if measured is not None and measured.share is not None and not _close(measured):
        said.append(f"asked for {measured.asked:.1%} of the requests, counted {measured.share:.1%}")
    return "; ".join(said)


def _failed(verdict: Verdict) -> bool:
    """A server is not ready for many reasons, most of them none of the plan's."""
    return verdict.passed is False and verdict.check != _SERVER_READY


def _close(measured: Measured) -> bool:
    """Whether the difference is what chance explains (three standard deviations), or under three points."""
    if measured.share is None:
        return False
    chance = 3 * sqrt(max(measured.asked * (1 - measured.asked), 0.01) / max(measured.requests, 1))
    return abs(measured.share - measured.asked) <= max(_CLOSE, chance)
