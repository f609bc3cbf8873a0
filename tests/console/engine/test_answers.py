"""Which answers of the triage a report has, and when it asks again."""

from console.domain.marker import Marker, MarkerKind
from console.domain.report import Stretch
from console.domain.triage import NONE, UNKNOWN
from console.engine._answers import Moments, answered
from tests.parts.walks import walk

WINDOW = Stretch(0.0, 1000.0)


def alert(at: float, model: str = "ranker", said: str = "page: slow") -> Marker:
    return Marker(at, MarkerKind.ALERT, f"{model}/7", said, model, "7")


def test_a_model_is_asked_about_a_minute_after_its_first_alert_and_once_more_where_that_says_nothing() -> (
    None
):
    moments = Moments([alert(100, said="ticket: slow"), alert(130)], (), WINDOW)

    assert moments.due(159.0) == ()
    assert moments.due(160.0) == ("ranker",)
    moments.answer("ranker", walk(UNKNOWN, at=160.0))
    assert moments.due(161.0) == ()
    assert moments.due(281.0) == ("ranker",)
    moments.answer("ranker", walk("rollout", at=281.0))
    assert [each.verdict for each in moments.walks] == ["rollout"]


def test_a_cause_ends_the_asking_and_nothing_wrong_is_no_answer() -> None:
    moments = Moments([alert(100), alert(100, "embed")], (), WINDOW)

    assert moments.due(160.0) == ("ranker", "embed")
    moments.answer("ranker", walk("rollout"))
    moments.answer("embed", walk(NONE))
    assert moments.due(300.0) == ("embed",)
    assert [each.model for each in moments.walks] == ["ranker"]


def test_it_is_asked_before_anything_was_done_about_it() -> None:
    acted = Marker(130, MarkerKind.ACTION, "ranker", "roll back: verified", "ranker")

    assert Moments([alert(100), acted], (), WINDOW).due(125.0) == ("ranker",)
    assert Moments([alert(100), acted], (), WINDOW, [120.0]).due(115.0) == ("ranker",)
    assert Moments([alert(100), acted], (), WINDOW, [101.0]).due(104.0) == ()


def test_who_was_answered_at_the_time_is_not_asked_again() -> None:
    assert Moments([alert(100)], [walk("rollout")], WINDOW).due(500.0) == ()
    assert Moments([alert(100)], [walk(UNKNOWN)], WINDOW).due(500.0) == ("ranker",)
    assert Moments([alert(100, said="over: slow")], (), WINDOW).due(500.0) == ()


def test_the_same_verdict_is_one_answer_the_surest_of_them() -> None:
    shown = [
        walk("rollout", at=10.0, confidence=0.6),
        walk("rollout", at=20.0, confidence=0.9),
        walk("rollout", at=30.0, confidence=0.7),
    ]

    (found,) = answered([walk(UNKNOWN, at=5.0), *shown, walk(NONE, at=40.0)], [walk("queue", at=50.0)])

    assert (found.walk.at, found.recorded, found.again, found.last) == (20.0, True, 2, 30.0)


def test_what_was_unknown_then_stands_beside_what_is_computed_now() -> None:
    found = answered([walk(UNKNOWN, at=5.0)], [walk("rollout", at=50.0)])

    assert [(each.walk.verdict, each.recorded) for each in found] == [(UNKNOWN, True), ("rollout", False)]
