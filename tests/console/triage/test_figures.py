import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.fleet import ModelVersion
from console.domain.rows import Lifetime
from console.domain.snapshot import Points
from console.triage.figures import Figures, Window, past
from tests.parts.memory import NOW, Memory, Served, gaps, remember, stepped

ONE, TWO = ModelVersion("ranker", "1"), ModelVersion("ranker", "2")
COLUMNS = (
    "rate", "success", "failed", "error_ratio", "mean_ms", "p50_ms", "p99_ms", "queue_ms", "input_ms", "infer_ms",
    "output_ms", "batch", "pending", "executions", "inferences", "items", "compute_ms", "exec_ms", "item_ms", "nonsense",
)  # fmt: skip
# What has no kept column behind it, but is made of others.
MADE = {"items", "compute_ms", "exec_ms", "item_ms"}


def figures(*served, target="", width=2.0, **kept):
    memory = Memory(**{"watched_s": 60.0, **kept})
    for each in served:
        remember(memory, each)
    return Figures(memory, [each.key for each in served], Window(NOW, 1800.0, width), target)


def newest(found, column):
    value = float(found.bins(column).values[-1])
    return None if math.isnan(value) else round(value, 6)


def kept(**columns):
    """Figures of one version from lists of values, the last one now."""
    memory = Memory()
    for column, values in columns.items():
        at = [NOW - number for number in range(len(values))][::-1]
        memory.courses[ONE, column] = Points(at, values)
    return Figures(memory, (ONE,), Window(NOW, 1800.0, 2.0))


def life(requests=1000.0, failed=0.0, **means):
    none = dict.fromkeys(("mean_ms", "queue_ms", "input_ms", "infer_ms", "output_ms", "batch", "items"))
    return Lifetime(NOW - 600, requests, failed, **{**none, **means})


def test_counts_of_versions_are_added():
    found = figures(Served(rate=30.0), Served(version="2", rate=12.0, items=2.0))
    assert [newest(found, column) for column in ("rate", "success", "inferences", "pending")] == [
        42.0,
        42.0,
        54.0,
        2.0,
    ]


def test_a_mean_over_versions_is_of_their_requests():
    found = figures(
        Served(rate=30.0, infer_ms=10.0, mean_ms=20.0),
        Served(version="2", rate=10.0, infer_ms=50.0, mean_ms=60.0),
    )
    assert newest(found, "infer_ms") == 20.0
    assert newest(found, "mean_ms") == 30.0


def test_a_version_that_serves_nothing_does_not_make_a_mean_unknown():
    found = figures(Served(infer_ms=10.0), Served(version="2", rate=0.0))
    assert newest(found, "infer_ms") == 10.0


def test_a_mean_is_of_the_requests_that_succeed():
    found = figures(
        Served(rate=20.0, failed=10.0, infer_ms=10.0), Served(version="2", rate=10.0, infer_ms=30.0)
    )
    assert newest(found, "infer_ms") == 20.0


def test_the_worst_version_is_the_percentile():
    found = figures(Served(p99_ms=30.0), Served(version="2", p99_ms=90.0), Served(version="3"))
    assert newest(found, "p99_ms") == 90.0


def test_shares_are_of_sums():
    found = figures(Served(rate=90.0), Served(version="2", rate=10.0, failed=5.0))
    assert newest(found, "error_ratio") == 0.05


def test_inferences_are_told_by_request_and_by_execution():
    found = figures(Served(rate=10.0, items=4.0, batch=8.0, infer_ms=16.0))
    assert newest(found, "items") == 4.0
    assert newest(found, "batch") == 8.0
    assert newest(found, "exec_ms") == 16.0
    assert newest(found, "item_ms") == 2.0


def test_computing_is_all_of_its_parts_or_unknown():
    assert newest(figures(Served(input_ms=1.0, infer_ms=8.0, output_ms=0.5)), "compute_ms") == 9.5
    assert not len(figures(Served(input_ms=None)).bins("compute_ms").known.at)


def test_computing_is_unknown_while_a_part_of_it_is():
    found = figures(Served(input_ms=gaps(1.0, (9.0, 0.0)))).bins("compute_ms")
    assert found.known.at[-1] == NOW - 10


def test_nothing_is_divided_by_nothing():
    executed = kept(
        infer_ms=[8.0] * 9, success=[5.0] * 9, inferences=[0.0] * 9, executions=[1.0] * 9, failed=[0.0] * 9
    )
    with np.errstate(all="raise"):
        for column in COLUMNS:
            executed.bins(column)
        assert not len(executed.bins("item_ms").known.at)
        assert not len(executed.fine("error_ratio").known.at)


def test_without_requests_means_and_shares_are_unknown_and_not_zero():
    idle = figures(Served(rate=0.0))
    for column in ("mean_ms", "queue_ms", "error_ratio", "items", "compute_ms", "exec_ms", "item_ms"):
        assert not len(idle.bins(column).known.at), column
    assert newest(idle, "rate") == 0.0


def test_a_target_has_its_own_figures():
    served = Served(on=("a", "b"), rate=10.0, only={"b": {"infer_ms": 100.0, "rate": 40.0}})
    assert newest(figures(served, target="b"), "infer_ms") == 100.0
    assert newest(figures(served, target="a"), "infer_ms") == 8.0
    assert newest(figures(served), "infer_ms") == pytest.approx(81.6)
    assert newest(figures(served), "rate") == 50.0
    assert not len(figures(served, target="c").bins("rate").at)


def test_bins_are_as_wide_as_was_asked_for_and_end_now():
    bins = figures(Served(rate=stepped(10.0, 20.0, 9.0)), width=10.0).bins("rate")
    assert bins.at[-1] == NOW
    assert set(np.diff(bins.at)) == {10.0}
    assert list(bins.values[-2:]) == [10.0, 20.0]


def test_fine_figures_are_as_they_were_kept():
    found = figures(Served(p99_ms=stepped(10.0, 90.0, 3.0), failed=stepped(0.0, 5.0, 3.0)))
    assert list(found.fine("p99_ms").values[-5:]) == [10.0, 90.0, 90.0, 90.0, 90.0]
    assert list(found.fine("error_ratio").values[-5:]) == [0.0, 0.25, 0.25, 0.25, 0.25]
    assert found.fine("mean_ms").values[-1] == pytest.approx(10.0)
    assert len(found.fine("mean_ms").at) == 61


def test_each_column_is_asked_for_once():
    memory = Memory(watched_s=60.0)
    remember(memory, Served())
    found = Figures(memory, (ONE,), Window(NOW, 1800.0, 2.0))
    for _ in range(3):
        for column in ("mean_ms", "queue_ms", "infer_ms", "item_ms"):
            found.bins(column)
    assert memory.asked["model"] == 6  # three means, and success, inferences and executions


def test_no_more_is_asked_for_than_the_window():
    memory = Memory(watched_s=3600.0)
    remember(memory, Served())
    assert len(Figures(memory, (ONE,), Window(NOW, 100.0, 2.0)).fine("rate").at) == 101


@pytest.mark.parametrize("column", COLUMNS)
def test_of_nobody_nothing_is_known(column):
    memory = Memory()
    for keys in ((), (ONE, TWO)):
        assert not len(Figures(memory, keys, Window(NOW, 1800.0, 2.0)).bins(column).known.at)


def test_a_mean_without_its_counter_is_unknown():
    assert not len(kept(mean_ms=[5.0] * 20).bins("mean_ms").at)
    assert not len(kept(mean_ms=[5.0] * 20).fine("mean_ms").at)


VALUES = st.lists(st.one_of(st.none(), st.floats(0, 1e6, width=32)), max_size=40)


@given(st.dictionaries(st.sampled_from(sorted(set(COLUMNS) - MADE)), VALUES))
def test_any_history_can_be_read_and_no_figure_comes_out_of_thin_air(columns):
    found = kept(**columns)
    for column in COLUMNS:
        bins = found.bins(column)
        assert len(bins.at) == len(bins.values)
        if column not in MADE and not any(value is not None for value in columns.get(column, ())):
            parts = {"error_ratio": "failed", "batch": "inferences"}
            made_of = columns.get(parts.get(column, ""), ())
            assert not len(bins.known.at) or any(value is not None for value in made_of), column


def test_the_past_is_what_the_counters_held():
    found = past(
        [life(1000.0, mean_ms=20.0, infer_ms=12.0, input_ms=1.0, output_ms=1.0, batch=4.0, items=2.0)]
    )
    assert found is not None
    assert found.requests == 1000.0
    told = {
        name: found.figures[name]
        for name in ("mean_ms", "exec_ms", "item_ms", "compute_ms", "batch", "items")
    }
    assert told == {
        "mean_ms": 20.0,
        "exec_ms": 12.0,
        "item_ms": 3.0,
        "compute_ms": 14.0,
        "batch": 4.0,
        "items": 2.0,
    }


def test_lives_count_by_the_requests_that_succeeded():
    found = past([life(1000.0, 900.0, mean_ms=100.0), None, life(300.0, mean_ms=20.0)])
    assert found is not None
    assert found.figures["mean_ms"] == 40.0
    assert found.requests == 1300.0


def test_failed_requests_are_among_those_that_were_counted():
    found = past([life(1000.0, 500.0)])
    assert found is not None
    assert found.figures["error_ratio"] == 0.5


def test_what_a_life_does_not_tell_stays_unknown():
    found = past([life(1000.0, 1000.0), life(10.0, mean_ms=5.0, infer_ms=3.0)])
    assert found is not None
    assert found.figures["mean_ms"] == 5.0
    assert found.figures["queue_ms"] is None
    assert found.figures["compute_ms"] is None
    assert found.figures["item_ms"] is None


@pytest.mark.parametrize("lives", [[], [None], [life(0.0)], [None, life(0.0)]])
def test_who_served_nothing_has_no_past(lives):
    assert past(lives) is None
