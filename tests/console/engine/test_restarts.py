"""Every end and every return of a process is marked, however often it happens."""

from itertools import pairwise

from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.marker import Marker, MarkerKind
from console.domain.triton import VersionStatistics
from tests.console.engine.watched import RANKER, Watched
from tests.parts.rehearsal import Rehearsal

EMBED = ModelVersion("embed", "1")
OF_A_PROCESS = {MarkerKind.DOWN, MarkerKind.UP, MarkerKind.RESTART}


def of_process(markers: tuple[Marker, ...], target: str) -> list[MarkerKind]:
    return [m.kind for m in markers if m.target == target and m.kind in OF_A_PROCESS]


def serving(n: float, failed: float = 0.0) -> dict[ModelVersion, dict[F, float]]:
    return {
        RANKER: {F.SUCCESS: n, F.EXECUTIONS: n, F.REQUEST_MS: 5 * n, F.FAIL_BACKEND: failed},
        EMBED: {F.SUCCESS: 2 * n, F.EXECUTIONS: n, F.REQUEST_MS: 9 * n},
    }


def statistics(key: ModelVersion, n: int) -> VersionStatistics:
    return VersionStatistics(key, 0, n, n, n, 0, 0, 0, 0, 0, 0, 0, 0, {1: n})


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


def test_a_process_with_one_busy_model_that_was_away_restarted_and_loaded_nothing_new() -> None:
    watched = Watched("a")

    def poll(n: int) -> None:
        values = {RANKER: serving(n)[RANKER], EMBED: serving(0)[EMBED]}
        watched.poll("a", values, statistics=(statistics(RANKER, n), statistics(EMBED, 0)))

    for _ in range(2):
        poll(1000)
        watched.tick()
        watched.fail("a")
        watched.tick()
        poll(3)
        snapshot = watched.tick()

    kinds = [m.kind for m in snapshot.markers if m.kind is not MarkerKind.ALERT]
    assert kinds == [MarkerKind.DOWN, MarkerKind.UP, MarkerKind.RESTART] * 2


def test_statistics_that_are_read_later_than_the_counters_tell_of_the_same_restart() -> None:
    watched = Watched("a")
    before, after, reloaded = ((statistics(RANKER, n),) for n in (900, 7, 2))
    for n, read in ((1000, before), (5, before), (9, before), (12, after), (15, after), (20, reloaded)):
        watched.poll("a", serving(n), statistics=read)
        snapshot = watched.tick()

    assert [m.kind for m in snapshot.markers] == [MarkerKind.RESTART, MarkerKind.LOAD]


async def test_the_rehearsed_crash_loop_leaves_marks_of_every_crash() -> None:
    async with Rehearsal("crash-loop") as rehearsal:
        snapshot = await rehearsal.watch(101.0)

    kinds = of_process(snapshot.markers, "triton-3")
    assert kinds == [MarkerKind.DOWN, MarkerKind.UP, MarkerKind.RESTART] * 3
    downs = [m.at for m in snapshot.markers if m.kind is MarkerKind.DOWN]
    assert [round(later - earlier) for earlier, later in pairwise(downs)] == [28, 28]
    others = {t.name for t in snapshot.targets} - {"triton-3"}
    assert [kind for name in others for kind in of_process(snapshot.markers, name)] == []
