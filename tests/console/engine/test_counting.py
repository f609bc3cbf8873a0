"""What counters grew by is exact, whatever restarts, comes back, or is read late."""

from collections.abc import Mapping

import pytest

from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.report import Counted, Reset
from console.domain.sample import Sample
from console.domain.triton import Histogram, TritonReading
from console.engine._counting import Counting
from tests.console.engine.watched import AT, counters

SIX, SEVEN, EMBED = ModelVersion("ranker", "6"), ModelVersion("ranker", "7"), ModelVersion("embed", "1")
Values = Mapping[F, float]


class Polls:
    """Polls in the order of time, a second apart."""

    def __init__(self) -> None:
        self.counting = Counting(lambda _: 50.0)
        self.mono = 0.0

    def poll(
        self,
        values: Mapping[ModelVersion, Values],
        target: str = "a",
        *,
        counts: bool = True,
        **parts: object,
    ) -> None:
        self.mono += 1.0
        reading = TritonReading(counters=counters(values), counters_at=self.mono, **parts)  # type: ignore[arg-type]
        sample = Sample(f"triton:{target}", target, AT + self.mono, self.mono, 0.0, 1.0, reading, None)
        self.counting.take(sample, counts=counts)

    def of(self, model: str) -> Counted:
        return self.counting.models()[model]


@pytest.fixture
def watch() -> Polls:
    return Polls()


def served(n: float, **more: float) -> Values:
    return {
        F.SUCCESS: n,
        F.EXECUTIONS: n,
        F.INFERENCES: n,
        **{F[name]: value for name, value in more.items()},
    }


def test_only_what_came_within_the_window_is_counted(watch: Polls) -> None:
    watch.poll({SIX: served(100)}, counts=False)
    watch.poll({SIX: served(150)}, counts=False)
    watch.poll({SIX: served(170)})
    watch.poll({SIX: served(175, FAIL_BACKEND=2)})

    assert watch.of("ranker") == Counted(25, {"BACKEND": 2}, ())


def test_counters_that_were_read_once_tell_of_no_request(watch: Polls) -> None:
    watch.poll({SIX: served(100)})
    assert watch.counting.models() == {}

    watch.poll({SIX: served(100)})
    assert watch.of("ranker") == Counted(0, {}, ())


def test_versions_and_targets_add_up(watch: Polls) -> None:
    for target in ("a", "b"):
        watch.poll({SIX: served(100), EMBED: served(7)}, target)
        watch.poll({SIX: served(110), EMBED: served(7)}, target)

    watch.poll({SIX: served(110), SEVEN: served(30), EMBED: served(7)})

    assert watch.of("ranker").served == 20 + 30
    assert watch.of("embed").served == 0
    assert watch.counting.versions("ranker") == ("6", "7")


def test_a_version_that_began_anew_counts_what_it_has_since_and_is_named(watch: Polls) -> None:
    watch.poll({SIX: served(100, FAIL_REJECTED=5)})
    watch.poll({SIX: served(120, FAIL_REJECTED=6)})
    watch.poll({SIX: served(30, FAIL_REJECTED=8)})

    counted = watch.of("ranker")
    assert counted.served == 20 + 30
    assert counted.failed == {"REJECTED": 3}
    assert counted.resets == (Reset("ranker/6", "a", AT + 3),)


def test_a_version_that_was_away_goes_on_where_it_was(watch: Polls) -> None:
    watch.poll({SIX: served(100)})
    watch.poll({EMBED: served(1)})
    watch.poll({SIX: served(140), EMBED: served(2)})

    assert watch.of("ranker") == Counted(40, {}, ())


def test_late_polls_lose_nothing_and_an_old_one_counts_once(watch: Polls) -> None:
    watch.poll({SIX: served(100)})
    watch.mono += 600
    watch.poll({SIX: served(9_100)})
    watch.mono -= 1
    watch.poll({SIX: served(9_100)})

    assert watch.of("ranker").served == 9_000


def test_another_run_of_the_console_counts_what_came_meanwhile(watch: Polls) -> None:
    watch.mono = 5_000.0
    watch.poll({SIX: served(100)})
    watch.counting.forget()
    watch.mono = 0.0
    watch.poll({SIX: served(160)})

    assert watch.of("ranker").served == 60


def test_what_two_consoles_read_at_once_counts_once(watch: Polls) -> None:
    def at_once(served_by_then: float, fast: float) -> None:
        histogram = Histogram((50.0, float("inf")), (fast, served_by_then))
        watch.poll({SIX: served(served_by_then)}, histograms={SIX: histogram})

    at_once(100, 90)
    at_once(160, 140)
    watch.counting.forget()
    watch.mono -= 2
    at_once(110, 99)
    at_once(160, 140)
    at_once(180, 150)

    counted = watch.of("ranker")
    assert (counted.served, counted.slow, counted.resets) == (80, 20, ())


def test_counters_read_elsewhere_begin_a_new_difference(watch: Polls) -> None:
    watch.poll({SIX: served(100)})
    watch.mono += 1
    other = counters({SIX: served(7_000)})
    statistics = TritonReading(
        counters=type(other)(other.keys, other.values, "statistics"), counters_at=watch.mono
    )
    watch.counting.take(Sample("triton:a", "a", AT + 2, 2.0, 0.0, 1.0, statistics, None), counts=True)
    watch.poll({SIX: served(120)})

    assert watch.counting.models() == {}
    watch.poll({SIX: served(125)})
    assert watch.of("ranker").served == 5


def test_slow_ones_are_counted_by_the_buckets_of_a_histogram(watch: Polls) -> None:
    def poll(fast: float, all_: float) -> None:
        histogram = Histogram((10.0, 50.0, float("inf")), (fast / 2, fast, all_))
        watch.poll({SIX: served(all_)}, histograms={SIX: histogram})

    poll(90, 100)
    poll(180, 200)
    poll(180, 230)

    assert watch.of("ranker").slow == 10 + 30
    assert watch.of("ranker").slow_basis == "histogram"


def test_slow_ones_are_proven_by_summaries_and_else_unknown(watch: Polls) -> None:
    watch.poll({SIX: served(100, P50=10.0, P99=40.0), EMBED: served(1)})
    watch.poll({SIX: served(200, P50=10.0, P99=70.0), EMBED: served(9)})
    watch.poll({SIX: served(300, P50=60.0, P99=70.0), EMBED: served(19)})

    assert watch.of("ranker").slow == pytest.approx(1 + 50)
    assert watch.of("ranker").slow_basis == "summary"
    assert watch.of("embed").slow is None
