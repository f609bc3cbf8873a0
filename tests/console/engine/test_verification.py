"""After the last step: does it serve, and is the counted share the one that was asked for?"""

import pytest

from console.domain.action import Action, ActionKind
from console.domain.run import Result, Run, Verdict
from console.domain.situation import Traffic
from tests.parts.knobs import Bench, Knobs, bench
from tests.snapshots import snapshot

BACK = Action(ActionKind.ROLLBACK, model="ranker", version="2")


@pytest.fixture
def stand() -> Bench:
    return bench(snapshot(), Knobs(wanted={ActionKind.ROLLBACK: {"a": 2}, ActionKind.REDUCE: {"a": 5}}))


async def _ran(stand: Bench, action: Action = BACK) -> Run:
    return await stand.door.run(await stand.door.plan(action))


async def test_a_version_that_does_not_serve_afterwards_fails_the_plan(stand: Bench) -> None:
    stand.verifier.verdicts["ranker"] = Verdict("inference", "one ranker", passed=False, detail="HTTP 500")

    run = await _ran(stand)

    assert run.result is Result.FAILED
    assert "HTTP 500" in run.message


async def test_a_server_that_is_not_ready_for_other_reasons_does_not(stand: Bench) -> None:
    stand.verifier.verdicts["ranker"] = Verdict(
        "server_ready", "one", passed=False, detail="another model failed"
    )

    assert (await _ran(stand)).result is Result.VERIFIED


@pytest.mark.parametrize(("kept", "result"), [(492, Result.VERIFIED), (900, Result.FAILED)])
async def test_the_share_is_counted_and_not_believed(stand: Bench, kept: int, result: Result) -> None:
    stand.knobs.counters = [Traffic(100, 50), Traffic(1100, 50 + kept)]

    run = await _ran(stand, Action(ActionKind.REDUCE, model="ranker", percent=50))

    assert run.result is result
    assert run.measured is not None
    assert run.measured.share == pytest.approx(kept / 1000)
    assert run.measured.requests == 1000


async def test_without_requests_there_is_no_share(stand: Bench) -> None:
    stand.knobs.counters = [Traffic(100, 50)]

    run = await _ran(stand, Action(ActionKind.REDUCE, model="ranker", percent=50))

    assert run.measured is not None
    assert run.measured.share is None
    assert run.result is Result.VERIFIED


async def test_counters_that_cannot_be_read_leave_the_share_unknown(stand: Bench) -> None:
    async def odd(subject: str) -> Traffic:
        raise KeyError(subject)

    stand.knobs.counters = [Traffic(1, 1)]
    stand.knobs.traffic = odd  # type: ignore[method-assign]

    run = await _ran(stand, Action(ActionKind.REDUCE, model="ranker", percent=50))

    assert run.result is Result.VERIFIED
    assert run.measured is None
