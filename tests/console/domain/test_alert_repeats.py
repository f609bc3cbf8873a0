"""Loads that fail and processes that restart, again and again."""

from console.domain.alert_repeats import repeats
from console.domain.marker import Marker, MarkerKind
from tests.fake_history import NOW
from tests.snapshots import down_target, target_row


def failure(ago: float, target: str = "a", version: str = "7", detail: str = "no file") -> Marker:
    return Marker(NOW - ago, MarkerKind.FAILURE, f"ranker/{version}", detail, "ranker", version, target)


def load(ago: float, version: str = "7") -> Marker:
    return Marker(NOW - ago, MarkerKind.LOAD, f"ranker/{version}", "READY", "ranker", version, "a")


def end(kind: MarkerKind, ago: float, target: str = "a") -> Marker:
    return Marker(NOW - ago, kind, target, f"{target} {kind}", target=target)


def told(*markers: Marker, targets=("a", "b")) -> list[tuple[str, str, str]]:
    ordered = sorted(markers, key=lambda marker: marker.at)
    rows = [target_row(name) for name in targets]
    return [(c.id, c.severity, c.message) for c in repeats(ordered, rows, NOW)]


TWICE = ("load-failures", "ticket", "loads of ranker failed 2 times in 10 min")


def test_two_failed_loads_within_ten_minutes() -> None:
    assert told(failure(100)) == []
    assert told(failure(100), failure(40)) == [TWICE]
    assert told(failure(700), failure(40)) == []


def test_one_load_that_fails_on_every_replica_and_for_each_version_is_one_failure() -> None:
    assert told(failure(100), failure(99, "b"), failure(98, "c")) == []
    assert told(failure(100, version="7"), failure(100, version="8")) == []
    assert told(failure(100), failure(99, "b"), failure(50), failure(49, "b")) == [TWICE]


def test_quick_retries_on_one_target_count_each() -> None:
    assert told(failure(12), failure(10), failure(8)) == [
        ("load-failures", "ticket", "loads of ranker failed 3 times in 10 min")
    ]


def test_a_load_that_succeeds_ends_it_and_another_version_does_not() -> None:
    assert told(failure(100), failure(40), load(10)) == []
    assert told(failure(100), failure(40), load(10, "6")) == [TWICE]


def test_a_load_failure_names_its_model_and_when_and_why() -> None:
    markers = [failure(100), failure(40, detail="\n No module \x1b[31m'cv2'\nAt: 3")]
    (found,) = repeats(markers, [target_row("a")], NOW)
    assert (found.subject, found.model, found.version, found.target) == ("ranker", "ranker", "7", "a")
    assert found.evidence == "08:51:40, 08:52:40Z; last: No module \\e[31m'cv2'"


def test_going_down_coming_back_and_counters_at_zero_are_one_restart() -> None:
    once = [end(MarkerKind.DOWN, 300), end(MarkerKind.UP, 290), end(MarkerKind.RESTART, 289)]
    assert told(*once) == []
    assert told(*once, end(MarkerKind.DOWN, 100)) == [
        ("crash-loop", "ticket", "a restarted or went away 2 times in 10 min")
    ]
    assert told(*once, end(MarkerKind.RESTART, 100)) == [
        ("crash-loop", "ticket", "a restarted or went away 2 times in 10 min")
    ]


def test_restarts_too_quick_to_be_seen_as_down_count() -> None:
    assert len(told(end(MarkerKind.RESTART, 300), end(MarkerKind.RESTART, 100))) == 1
    assert told(end(MarkerKind.RESTART, 300), end(MarkerKind.RESTART, 100, "b")) == []


def test_a_crash_loop_pages_when_nothing_else_serves() -> None:
    loop = [end(MarkerKind.RESTART, 300), end(MarkerKind.RESTART, 100)]
    assert told(*loop, targets=("a",))[0][1] == "page"
    (found,) = repeats(loop, [target_row("a"), down_target("b")], NOW)
    assert (found.severity, found.target) == ("page", "a")


def test_many_restarts_are_told_in_a_few_words() -> None:
    many = [end(MarkerKind.RESTART, 500 - 10 * n) for n in range(40)]
    (found,) = repeats(many, [target_row("a")], NOW)
    assert found.message == "a restarted or went away 40 times in 10 min"
    assert found.evidence.startswith("… 36 before, ")
    assert len(found.evidence) < 120
