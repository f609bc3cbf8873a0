import pytest

from console.domain.around import RouteRow
from console.domain.basis import Basis
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import Lifetime
from console.domain.triton import State
from console.triage.rollouts import previous, rollouts, young
from console.triage.story import story
from console.triage.words import clock, times
from tests.parts.memory import NOW, Memory, Served, scene, stepped
from tests.snapshots import HOSTILE_NAMES

BEGAN = 60.0


def marker(ago, kind=MarkerKind.LOAD, subject="ranker/2", target="triton-0", detail="ranker v2 READY"):
    model, _, version = subject.partition("/")
    return Marker(NOW - ago, kind, subject, detail, model, version, target)


def fleet_marker(ago, kind, subject="triton-0", target="triton-0", detail="it changed"):
    """A change that is of no model."""
    return Marker(NOW - ago, kind, subject, detail, target=target)


def slowed(*markers, **changes):
    """A model that got slower a minute ago, and what changed."""
    served = Served(infer_ms=stepped(8, 40, BEGAN), p99_ms=stepped(15, 90, BEGAN))
    return scene(served, markers=tuple(sorted(markers)), **changes)


def route(name, *models):
    nothing = dict.fromkeys(RouteRow._fields[3:], None)
    told = {"rate": 20.0, "basis": Basis.MEAN, "weights": {}, "query": "q", "age_s": 1.0, "stale": False}
    return RouteRow(name, "envoy", models, **{**nothing, "edge": False, **told})


def ago(markers):
    return [round(NOW - each.at) for each in markers]


# What changed close to the onset


def test_changes_close_before_the_onset_may_have_caused_it():
    memory = Memory(watched_s=1700.0)
    found = slowed(*(marker(each) for each in (1500, 670, 650, 65, 60, 45, 30, 2)), memory=memory)
    assert ago(found.changes()) == [650, 65, 60, 45]


def test_without_an_onset_all_that_was_watched_counts():
    found = scene(Served(), markers=tuple(marker(each) for each in (1900, 1700, 5)))
    assert ago(found.changes()) == [1700, 5]


def test_only_kinds_that_can_cause_something_are_changes():
    kinds = (*MarkerKind,)
    found = slowed(*(marker(61 + number, kind) for number, kind in enumerate(kinds)))
    assert {each.kind.value for each in found.changes()} == {
        "load",
        "config",
        "rollout",
        "weight",
        "restart",
        "action",
    }
    assert {each.kind for each in found.changes(MarkerKind.PROBE)} == {MarkerKind.PROBE}


def test_changes_of_other_models_and_targets_are_left_out():
    found = slowed(
        marker(61, subject="other/1"),
        marker(62),
        fleet_marker(63, MarkerKind.RESTART, target="triton-7"),
        fleet_marker(64, MarkerKind.RESTART),
        fleet_marker(65, MarkerKind.ROLLOUT, "deployment/triton", target=""),
    )
    assert ago(found.changes()) == [65, 64, 62]


def test_what_changed_about_a_part_of_an_ensemble_counts():
    steps = {"name": "search", "ensemble_scheduling": {"step": [{"model_name": "ranker"}]}}
    slow = Served("search", config=steps, infer_ms=stepped(8, 40, BEGAN))
    found = scene(slow, Served("ranker"), markers=(marker(62), marker(61, subject="ocr/1")))
    assert ago(found.changes()) == [62]


def test_a_weight_concerns_those_whose_route_it_is():
    weights = [
        fleet_marker(60 + number, MarkerKind.WEIGHT, name, target="")
        for number, name in enumerate(("mine", "all", "theirs", "unknown"), 1)
    ]
    routes = (route("mine", "ocr", "rank*"), route("all"), route("theirs", "ocr"))
    assert {each.subject for each in slowed(*weights, routes=routes).changes()} == {"mine", "all", "unknown"}


# Which of them are rollouts


def test_what_a_server_loads_when_it_comes_back_is_no_rollout():
    back = (
        fleet_marker(100, MarkerKind.RESTART),
        marker(95),
        marker(94, target="triton-1"),
        marker(70, MarkerKind.CONFIG),
    )
    served = Served(on=("triton-0", "triton-1"), p99_ms=stepped(15, 90, BEGAN))
    assert [(each.target, each.kind) for each in rollouts(scene(served, markers=back))] == [
        ("triton-1", MarkerKind.LOAD)
    ]


@pytest.mark.parametrize("kind", [MarkerKind.RESTART, MarkerKind.UP, MarkerKind.DOWN])
def test_a_load_long_after_a_start_or_before_it_is_one(kind):
    found = slowed(marker(170), fleet_marker(165, kind), marker(70))
    assert ago(rollouts(found)) == [170, 70]


def test_what_a_model_went_through_is_no_start_of_a_server():
    assert ago(rollouts(slowed(marker(63, MarkerKind.UP), marker(62)))) == [62]


def test_weights_and_actions_are_no_rollouts():
    found = slowed(
        marker(61, MarkerKind.WEIGHT), marker(62, MarkerKind.ACTION), marker(63, MarkerKind.ROLLOUT)
    )
    assert ago(rollouts(found)) == [63]


# The version to go back to


def test_the_version_before_is_the_one_that_served_the_most_until_then():
    found = scene(
        Served(version="3", rate=stepped(2.0, 0.0, BEGAN)),
        Served(version="1", rate=stepped(18.0, 0.0, BEGAN)),
        Served(version="4", rate=stepped(0.0, 500.0, BEGAN), infer_ms=80.0),
    )
    assert previous(found, "4") == "1"
    assert previous(found, "1") == "3"


def test_where_none_was_seen_to_serve_the_next_lower_one_is_the_one_before():
    rows = [Served(version=each, rate=None) for each in ("1", "2", "9", "10", "11")]
    assert previous(scene(*rows), "10") == "9"
    assert previous(scene(*rows), "1") == ""
    assert previous(scene(*rows), "") == ""


@pytest.mark.parametrize("odd", ["²", "v2", "-1", "1" * 5000, *HOSTILE_NAMES])
def test_odd_versions_are_no_number_and_no_harm(odd):
    rows = [Served(version=each, rate=None) for each in ("1", odd)]
    assert previous(scene(*rows), odd) in {"1", ""}
    assert previous(scene(*rows, Served(version="3", rate=None)), "3") == "1"


def test_a_version_that_is_no_number_is_not_lower():
    assert previous(scene(Served(version="v2", rate=None), Served(version="3", rate=None)), "3") == ""


def test_a_version_alone_has_none_before_it():
    assert previous(scene(Served()), "1") == ""


# Versions that came lately, by their counters


def lived(seconds, rate=20.0, **figures):
    life = Lifetime(NOW - 60, seconds * rate, 0.0, *[1.0] * 7)
    return Served(rate=rate, life=life, **figures)


def test_a_version_with_few_requests_came_later_than_the_others():
    found = young(scene(lived(90_000), lived(240, version="2")))
    assert found is not None
    assert (found.row.version, found.age_s, found.oldest_s) == ("2", 300.0, 90_060.0)


def test_it_is_young_compared_with_other_models_as_well():
    found = young(scene(lived(240), lived(90_000, model="ocr", rate=3.0)))
    assert found is not None
    assert found.oldest_s == 90_060.0


def test_the_newest_version_is_the_one_with_the_highest_number():
    found = young(scene(lived(90_000, version="9"), lived(240, version="10")))
    assert found is not None
    assert found.row.version == "10"
    assert young(scene(lived(240, version="9"), lived(90_000, version="10"))) is None


def test_failed_requests_count_once():
    life = Lifetime(NOW - 60, 4800.0, 2400.0, *[1.0] * 7)
    found = young(scene(Served(life=life), lived(90_000, model="ocr")))
    assert found is not None
    assert found.age_s == 300.0


@pytest.mark.parametrize(("seconds", "is_young"), [(1600, True), (1800, False), (4000, False)])
def test_half_an_hour_is_not_young(seconds, is_young):
    assert (young(scene(lived(90_000), lived(seconds, version="2"))) is not None) is is_young


def test_half_as_old_as_the_oldest_is_not_young():
    assert young(scene(lived(1000), lived(600, version="2"))) is None
    assert young(scene(lived(1000), lived(400, version="2"))) is not None


def test_a_version_that_does_not_serve_is_not_the_newest():
    broken = lived(10, version="3", row={"state": State.UNAVAILABLE})
    found = young(scene(lived(90_000), lived(240, version="2"), broken))
    assert found is not None
    assert found.row.version == "2"


def test_without_counters_nothing_is_young():
    assert young(scene(Served(), Served(version="2"))) is None
    assert young(scene(Served(rate=0.0, life=Lifetime(NOW, 10.0, 0.0, *[None] * 7)))) is None
    assert young(scene(Served(), model="nobody")) is None


# The story


def test_the_story_tells_when_it_began_and_what_came_just_before():
    assert story(slowed(marker(400, detail="ranker v1 READY"), marker(64))) == (
        "p99 of ranker left its band at 08:52:20Z (15.0 → 90.0 ms); ranker v2 READY on triton-0 came 4 s before"
    )


def test_what_came_after_is_not_said_to_have_come_before():
    assert story(slowed(marker(48))).endswith("ranker v2 READY on triton-0 came 12 s after")
    assert story(slowed(marker(60))).endswith("ranker v2 READY on triton-0 came in the same moment")


def test_the_nearest_change_is_told():
    assert story(slowed(marker(80, detail="far"), marker(62, detail="near"))).endswith(
        "near on triton-0 came 2 s before"
    )
    late = marker(45, detail="late")
    assert story(slowed(marker(62, detail="near"), late)).endswith("near on triton-0 came 2 s before")
    assert story(slowed(marker(90, detail="far"), late)).endswith("late on triton-0 came 15 s after")


def test_what_is_of_no_target_names_none():
    change = fleet_marker(70, MarkerKind.ROLLOUT, target="", detail="image 2.1")
    assert story(slowed(change)).endswith("; image 2.1 came 10 s before")


def test_where_nothing_changed_the_story_says_so():
    assert story(slowed(marker(61, subject="ocr/1"))).endswith("; nothing is known to have changed before")


def test_without_an_onset_there_is_no_story():
    assert story(scene(Served(), markers=(marker(61),))) == ""


def test_errors_and_means_are_told_in_their_own_words():
    errors = story(scene(Served(failed=stepped(0.0, 5.0, BEGAN))))
    assert errors.startswith("the share of errors of ranker left its band at 08:52:20Z (0.00% → 25.00%)")
    mean = story(scene(Served(infer_ms=stepped(8, 40, BEGAN))))
    assert mean.startswith("the mean latency of ranker left its band at 08:52:20Z (10.0 → 42.0 ms)")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names_stay_literal_and_short(name):
    served = Served(name, infer_ms=stepped(8, 40, BEGAN))
    told = story(
        scene(served, model=name, markers=(marker(61, subject=f"{name}/1", target=name, detail=name * 3),))
    )
    assert told.isprintable()
    assert len(told) < 400


def test_moments_and_ratios_in_words():
    assert clock(0.0) == "00:00:00Z"
    assert times(None) == "an unknown factor"
    assert times(2.04) == "2.0×"
