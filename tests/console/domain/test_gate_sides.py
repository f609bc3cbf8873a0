from dataclasses import replace

import pytest

from console.domain.fleet import Target
from console.domain.gate_sides import NoSuchSideError, default_sides, pair_of, sides
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from tests.fake_history import FakeHistory
from tests.snapshots import fleet, model_row, snapshot


def picture(**versions: tuple[str, ...]) -> Snapshot:
    rows = [
        model_row("ranker", name[1:], targets=targets, ready=len(targets))
        for name, targets in versions.items()
    ]
    return snapshot(rows, fleet=fleet("stable-0", "stable-1", "canary"), history=FakeHistory(replica_rows=()))


TWO = picture(v6=("stable-0", "stable-1", "canary"), v7=("canary",))


def test_a_version_is_meant_on_all_its_targets():
    first, second = sides(TWO, "ranker", "6", "7")
    assert (first.label, first.targets) == ("6", ("stable-0", "stable-1", "canary"))
    assert (second.label, second.whole) == ("7", True)


def test_a_target_means_the_newest_version_that_it_serves():
    _, second = sides(TWO, "ranker", "6", "canary")
    assert (second.version, second.targets) == ("7", ("canary",))
    _, second = sides(TWO, "ranker", "6@stable-0", "http://canary:8000/")
    assert second.targets == ("canary",)


def test_one_version_on_two_targets_can_be_compared():
    same = picture(v6=("stable-0", "stable-1", "canary"))
    first, second = sides(same, "ranker", "stable-0", "canary")
    assert (first.label, second.label) == ("6@stable-0", "6@canary")


def test_a_version_against_one_of_its_own_targets_is_the_others():
    same = picture(v6=("stable-0", "stable-1", "canary"))
    first, second = sides(same, "ranker", "6", "6@canary")
    assert (first.targets, first.whole) == (("stable-0", "stable-1"), False)
    assert second.targets == ("canary",)


@pytest.mark.parametrize(
    ("model", "baseline", "candidate", "what", "said"),
    [
        ("rankr", "6", "7", "model", "did you mean ranker"),
        ("ranker", "6", "8", "version", "it has 6, 7"),
        ("ranker", "6", "8@canary", "version", "no target knows version 8"),
        ("ranker", "6", "canry", "target", "did you mean canary"),
        ("ranker", "6", "fresh", "target", "called fresh; the versions are 6, 7; the targets are"),
        ("ranker", "6", "7@", "target", 'called ""; the versions are 6, 7'),
        ("ranker", "6", "7@stable-0", "target", "stable-0 does not serve ranker/7; canary does"),
        ("ranker", "6", "6", "sides", "both ranker/6"),
        ("ranker", "7", "canary", "sides", "nothing to compare"),
        ("ranker", "6", "\x1b[31m", "target", "\\e[31m"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    model: str, baseline: str, candidate: str, what: str, said: str
) -> None:
    with pytest.raises(NoSuchSideError) as error:
        sides(TWO, model, baseline, candidate)
    assert error.value.what == what
    assert said in str(error.value)


def test_the_newest_that_is_ready_is_the_candidate_by_itself():
    ready = [model_row("ranker", version) for version in ("9", "10", "8")]
    failed = model_row("ranker", "11", state=State.UNAVAILABLE, ready=0)
    found = default_sides([*ready, failed])
    assert found is not None
    assert [side.version for side in found] == ["9", "10"]
    assert default_sides(ready[:1]) is None
    waiting = default_sides([ready[0], failed])
    assert waiting is not None
    assert [side.version for side in waiting] == ["9", "11"]


def test_both_are_asked_on_one_target_where_there_is_one_that_has_both():
    first, second = sides(TWO, "ranker", "6", "7")
    pair = pair_of(TWO.fleet, "ranker", first, second)
    assert pair is not None
    assert pair.where == "canary"
    apart = pair_of(TWO.fleet, "ranker", *sides(TWO, "ranker", "6@stable-1", "7"))
    assert apart is not None
    assert apart.where == "stable-1 and canary"


def test_a_group_seen_through_prometheus_cannot_be_asked():
    group = Target("all", "http://prom:9090", "", scraped=True)
    one = snapshot([model_row("m", "1", targets=("all",)), model_row("m", "2", targets=("all",))])
    first, second = sides(one, "m", "1", "2")
    assert pair_of(replace(fleet(), targets=(group,)), "m", first, second) is None
