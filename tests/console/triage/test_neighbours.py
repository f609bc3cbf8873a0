import pytest

from console.triage.neighbours import grown, others
from console.triage.strain import Strain
from tests.parts.memory import Memory, Served, gaps, ramp, scene, stepped

FOUR = ("triton-0", "triton-1", "triton-2", "triton-3")


def strain(*served, **changes):
    return Strain(scene(*served, **changes))


def slowed(**figures):
    """A model that got slower a minute ago."""
    return Served(**{"infer_ms": stepped(8.0, 40.0, 60.0), "p99_ms": stepped(15.0, 90.0, 60.0), **figures})


def noisy_one(**figures):
    return Served(**{"model": "ocr", "rate": stepped(2.0, 60.0, 60.0), "infer_ms": 30.0, **figures})


def test_a_neighbour_that_does_far_more_is_found():
    found = grown(strain(slowed(), noisy_one()))
    assert [each.model for each in found] == ["ocr"]
    assert found[0].shift.ratio == 30.0
    told = found[0].evidence("tenants")
    assert (told.check, told.subject, told.now, told.baseline, told.unit) == (
        "tenants",
        "ocr",
        60.0,
        2.0,
        "/s",
    )


@pytest.mark.parametrize(
    "figures",
    [
        {"rate": 60.0},  # as ever
        {"rate": stepped(60.0, 80.0, 60.0)},  # a third more
        {"infer_ms": 0.1},  # next to no time
        {"rate": stepped(0.1, 0.9, 60.0), "infer_ms": 500.0},  # next to no requests
        {"rate": stepped(60.0, 2.0, 60.0)},  # less
        {"on": ("triton-7",)},  # elsewhere
        {"infer_ms": None},  # nobody knows
    ],
)
def test_others_are_no_noisy_neighbours(figures):
    assert grown(strain(slowed(), noisy_one(**figures))) == []


def test_the_busiest_neighbour_comes_first():
    found = grown(strain(slowed(), noisy_one(model="a"), noisy_one(model="b", infer_ms=90.0)))
    assert [each.model for each in found] == ["b", "a"]


def test_a_large_batch_takes_its_time_once():
    """Sixty inferences a second in batches of thirty take two executions."""
    assert grown(strain(slowed(), noisy_one(batch=30.0))) == []


def test_an_ensemble_is_no_neighbour_of_its_own():
    config = {"name": "ocr", "ensemble_scheduling": {"step": [{"model_name": "x"}]}}
    assert grown(strain(slowed(), noisy_one(config=config))) == []


def test_on_the_target_in_question_only_its_neighbours_count():
    served = slowed(on=FOUR, infer_ms=8.0, only={"triton-1": {"infer_ms": stepped(8.0, 60.0, 60.0)}})
    near, far = noisy_one(model="near", on=("triton-1",)), noisy_one(model="far", on=("triton-2",))
    found = strain(served, near, far)
    assert [each.model for each in others(found)] == ["near"]
    assert [(each.model, each.target) for each in grown(found)] == [("near", "triton-1")]
    assert grown(found)[0].evidence("tenants").subject == "near on triton-1"


def test_a_neighbour_that_came_while_it_was_watched_did_nothing_before():
    """A model that was loaded a minute ago has no figures from before: it was not there."""
    came = noisy_one(rate=gaps(60.0, (9999.0, 61.0)))
    found = grown(strain(slowed(), came))
    assert [each.model for each in found] == ["ocr"]
    assert (found[0].shift.now, found[0].shift.base) == (60.0, 0.0)


def test_a_neighbour_that_came_before_the_onset_grew_all_the_same():
    came = noisy_one(rate=gaps(60.0, (9999.0, 80.0)))
    assert [each.model for each in grown(strain(slowed(), came))] == ["ocr"]


def test_who_was_there_as_long_as_anybody_watched_did_not_come():
    assert grown(strain(slowed(), noisy_one(rate=60.0), memory=Memory(watched_s=90.0))) == []
    late = gaps(60.0, (90.0, 86.0))
    assert grown(strain(slowed(), noisy_one(rate=late), memory=Memory(watched_s=90.0))) == []


def test_a_gap_is_no_absence():
    assert grown(strain(slowed(), noisy_one(rate=gaps(60.0, (500.0, 61.0))))) == []


def test_many_neighbours_are_looked_at_at_a_bounded_cost():
    memory = Memory(watched_s=60.0)
    crowd = [
        noisy_one(model=f"m{number:03}", rate=ramp(1.0, 2.0, 30.0), infer_ms=0.1) for number in range(300)
    ]
    found = strain(slowed(), noisy_one(rate=stepped(2.0, 60.0, 30.0)), *crowd, memory=memory)
    memory.asked.clear()
    assert [each.model for each in grown(found)] == ["ocr"]
    assert memory.asked.total() < 250
