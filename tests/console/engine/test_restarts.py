"""Every end and every return of a process is marked, however often it happens."""

from itertools import pairwise

from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.marker import Marker, MarkerKind
from tests.console.engine.watched import RANKER, Watched
from tests.parts.rehearsal import Rehearsal

EMBED = ModelVersion("embed", "1")
OF_A_PROCESS = {MarkerKind.DOWN, MarkerKind.UP, MarkerKind.RESTART}


def of_process(markers: tuple[Marker, ...], target: str) -> list[MarkerKind]:
    return [m.kind for m in markers if m.target == target and m.kind in OF_A_PROCESS]


def serving(n: float, failed: float = 0.0) -> dict[ModelVersion, dict[F, float]]:
    return {
        RANKER: {F.SUCCESS: n, F.EXECUTIONS: n, F.FAIL_BACKEND: failed},
        EMBED: {F.SUCCESS: 2 * n, F.EXECUTIONS: n},
    }


def test_each_time_a_process_is_gone_and_back_is_marked() -> None:
    watched = Watched("a")
    for _ in range(3):
        watched.poll("a", serving(1000.0))
        watched.tick()
        for _ in range(5):
            watched.fail("a")
            watched.tick()
        watched.poll("a", serving(1.0))
        snapshot = watched.tick()

    assert of_process(snapshot.markers, "a") == [MarkerKind.DOWN, MarkerKind.UP, MarkerKind.RESTART] * 3


def test_a_restart_between_two_polls_is_marked_each_time() -> None:
    watched = Watched("a")
    for n in (1000.0, 3.0, 900.0, 2.0, 800.0, 1.0):
        watched.poll("a", serving(n))
        snapshot = watched.tick()

    assert of_process(snapshot.markers, "a") == [MarkerKind.RESTART] * 3


def test_a_process_with_one_model_is_told_from_a_reload_by_its_forgotten_failures() -> None:
    watched = Watched("a")
    for n, failed in ((100.0, 8.0), (3.0, 8.0), (90.0, 9.0), (2.0, 0.0)):
        watched.poll("a", {RANKER: serving(n, failed)[RANKER]})
        snapshot = watched.tick()

    assert [m.kind for m in snapshot.markers] == [MarkerKind.RESET, MarkerKind.RESTART]


async def test_the_rehearsed_crash_loop_leaves_marks_of_every_crash() -> None:
    async with Rehearsal("crash-loop") as rehearsal:
        snapshot = await rehearsal.watch(101.0)

    kinds = of_process(snapshot.markers, "triton-3")
    assert kinds == [MarkerKind.DOWN, MarkerKind.UP, MarkerKind.RESTART] * 3
    downs = [m.at for m in snapshot.markers if m.kind is MarkerKind.DOWN]
    assert [round(later - earlier) for earlier, later in pairwise(downs)] == [28, 28]
    others = {t.name for t in snapshot.targets} - {"triton-3"}
    assert [kind for name in others for kind in of_process(snapshot.markers, name)] == []
