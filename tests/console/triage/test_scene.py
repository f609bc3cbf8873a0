import pytest

from console.domain.rows import Lifetime
from console.domain.triage import Answer
from console.domain.triton import State
from tests.parts.memory import NOW, Memory, Served, scene, stepped

FOUR = ("triton-0", "triton-1", "triton-2", "triton-3")
LIFE = Lifetime(NOW - 600, 50_000.0, 0.0, 6.0, 1.0, 0.5, 4.0, 0.5, 1.0, 1.0)


def slowed(ago=60.0, **figures):
    """A model that got slower so many seconds ago."""
    return Served(**{"infer_ms": stepped(8.0, 40.0, ago), "p99_ms": stepped(15.0, 90.0, ago), **figures})


# Who it is about


def test_the_row_is_the_version_that_serves_the_most():
    found = scene(Served(rate=5.0), Served(version="2", rate=50.0), Served(version="3", row={"rate": None}))
    assert found.row is not None
    assert found.row.version == "2"
    assert [row.version for row in found.rows] == ["1", "2", "3"]


def test_what_serves_comes_before_what_does_not():
    broken = Served(version="2", row={"state": State.UNAVAILABLE, "rate": 900.0})
    found = scene(Served(rate=5.0), broken)
    assert found.row is not None
    assert found.row.version == "1"
    alone = scene(broken)
    assert alone.row is not None
    assert alone.row.version == "2"


def test_of_those_that_serve_nothing_the_newest_counts():
    found = scene(
        Served(rate=0.0, row={"since": NOW - 5}), Served(version="2", rate=0.0, row={"since": NOW - 500})
    )
    assert found.row is not None
    assert found.row.version == "1"


def test_a_model_that_nobody_knows_is_nothing():
    found = scene(Served(), model="nobody")
    assert found.row is None
    assert (found.rows, found.targets, found.parts, found.focus, found.onset) == ((), (), (), "", None)
    assert found.quiet
    assert found.shift("mean_ms").now is None
    assert found.inner is found


def test_the_targets_are_those_of_all_versions():
    found = scene(Served(on=("b", "a")), Served(version="2", on=("c", "a")))
    assert found.targets == ("a", "b", "c")


def test_neighbours_have_traffic_on_the_same_targets():
    found = scene(
        Served(on=("a", "b")),
        Served("near", on=("b", "c")),
        Served("far", on=("c",)),
        Served("idle", on=("a",), rate=0.0),
    )
    assert [each.model for each in found.neighbours] == ["near"]


def ensemble(*parts, **figures):
    steps = [{"model_name": part} for part in parts]
    return Served("search", config={"name": "search", "ensemble_scheduling": {"step": steps}}, **figures)


def test_a_part_of_an_ensemble_is_no_neighbour():
    found = scene(ensemble("ranker"), Served("ranker"), Served("ocr"), model="search")
    assert found.parts == ("ranker",)
    assert [each.model for each in found.neighbours] == ["ocr"]


def test_the_time_of_an_ensemble_is_spent_in_the_part_that_grew_most():
    found = scene(
        ensemble("embed", "ranker", "ocr", infer_ms=stepped(20, 60, 60)),
        Served("embed", infer_ms=stepped(4, 6, 60)),
        Served("ranker", infer_ms=stepped(8, 44, 60)),
        Served("ocr", infer_ms=100.0),
    )
    assert found.inner.model == "ranker"
    assert found.inner.inner is found.inner


def test_where_no_part_grew_it_is_the_ensemble_itself():
    parts = (Served("embed"), Served("ranker", infer_ms=stepped(44, 8, 60)))
    found = scene(ensemble("embed", "ranker", "gone"), *parts)
    assert found.inner is found


def test_an_ensemble_that_calls_itself_is_looked_at_once():
    found = scene(ensemble("search", "search", infer_ms=stepped(8, 44, 60)))
    assert found.parts == ("search",)
    assert found.inner.model == "search"


# One target or all


def test_one_target_of_four_stands_out():
    assert (
        scene(slowed(on=FOUR, infer_ms=8.0, only={"triton-2": {"infer_ms": stepped(8, 40, 60)}})).focus
        == "triton-2"
    )


def test_where_all_grew_alike_none_stands_out():
    assert scene(slowed(on=FOUR)).focus == ""


def test_the_one_that_was_always_slow_does_not_stand_out():
    assert scene(slowed(on=FOUR, only={"triton-1": {"infer_ms": 400.0}})).focus == ""


def test_a_target_that_grew_by_a_little_more_does_not_stand_out():
    little = {"triton-1": {"infer_ms": stepped(8, 10.5, 60)}}
    assert scene(Served(on=FOUR, p99_ms=stepped(15, 90, 60), only=little)).focus == ""


def test_the_one_that_did_not_get_faster_does_not_stand_out():
    faster = {name: {"infer_ms": stepped(30.0, 4.0, 60)} for name in FOUR[1:]}
    assert scene(Served(on=FOUR, p99_ms=stepped(15, 90, 60), only=faster)).focus == ""


def test_a_target_alone_is_no_focus():
    assert scene(slowed()).focus == ""


def test_a_few_slow_requests_on_one_target_are_no_focus():
    """Three requests a minute say nothing about a target."""
    odd = {"triton-3": {"rate": 0.05, "infer_ms": stepped(8, 60, 60)}}
    assert scene(Served(on=FOUR, rate=10.0, only=odd)).focus == ""


def test_a_target_that_is_stuck_and_answers_little_is_the_focus_all_the_same():
    stuck = {"triton-3": {"rate": stepped(20.0, 0.2, 60), "infer_ms": stepped(8, 4000, 60)}}
    assert scene(Served(on=FOUR, p99_ms=stepped(15, 4000, 60), only=stuck)).focus == "triton-3"


def test_one_of_many_targets_is_found_at_a_bounded_cost():
    names = tuple(f"triton-{number:03}" for number in range(200))
    served = slowed(on=names, infer_ms=8.0, only={names[120]: {"infer_ms": stepped(8, 40, 60)}})
    memory = Memory(watched_s=120.0)
    found = scene(served, memory=memory)
    memory.asked.clear()
    assert found.focus == names[120]
    assert memory.asked["replica"] <= 40


# Evidence


@pytest.mark.parametrize(
    ("column", "unit", "basis"),
    [
        ("p99_ms", "ms", "summary"),
        ("mean_ms", "ms", "mean"),
        ("item_ms", "ms", "mean"),
        ("rate", "/s", "counter"),
        ("inferences", "/s", "counter"),
        ("executions", "/s", "counter"),
        ("error_ratio", "", "counter"),
        ("pending", "", "gauge"),
    ],
)
def test_evidence_of_a_figure_tells_all_that_is_known_of_it(column, unit, basis):
    found = scene(slowed())
    made = found.figure("layers", Answer.YES, "words", found.shift(column))
    assert (made.check, made.answer, made.what, made.subject) == ("layers", Answer.YES, "words", "ranker")
    assert (made.unit, made.basis) == (unit, f"{basis}, baseline median of 540 s before")
    assert (made.source, made.age_s) == ("triton", 0.4)
    assert made.now is not None
    assert 'model="ranker"' in made.query


def test_evidence_of_one_target_names_it():
    found = scene(slowed())
    made = found.figure("layers", Answer.YES, "words", found.shift("mean_ms", "triton-0"), "triton-0")
    assert made.subject == "ranker on triton-0"


def test_evidence_about_a_model_that_is_gone_knows_nothing():
    found = scene(Served(), model="nobody")
    made = found.figure("layers", Answer.UNKNOWN, "words", found.shift("p99_ms"))
    assert (made.now, made.baseline, made.source, made.age_s, made.basis) == (None, None, "", None, "summary")
