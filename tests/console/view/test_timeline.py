"""The timeline: which changes stand in it, in which words, folded how."""

import pytest

from console.domain.marker import Marker, MarkerKind
from console.domain.rows import Alert
from console.domain.snapshot import Snapshot
from console.view.styled import plain, width
from console.view.table import lay, places
from console.view.timeline import (
    SIGNS,
    Change,
    alert_of,
    change_lines,
    change_text,
    changes,
    eventful,
    timeline_table,
)
from console.view.waves import WORDS
from tests.snapshots import HOSTILE_NAMES, NOW, alert, marker, snapshot

WHOLE = frozenset[str]()


def loads(*ats: float, **other: object) -> list[Marker]:
    """A load that goes from target to target, at so many seconds ago."""
    return [marker(at=NOW - at, target=f"triton-{n}", **other) for n, at in enumerate(ats)]


def of_servers(kind: MarkerKind, number: int, gap: float = 5.0) -> list[Marker]:
    """The same on so many servers, each with its own words."""
    names = [f"triton-{n}" for n in range(number)]
    return [Marker(NOW - 90 + n * gap, kind, name, f"at {name}", target=name) for n, name in enumerate(names)]


def note(at: float = NOW - 5, detail: str = "ana: paged bob") -> Marker:
    return Marker(at, MarkerKind.NOTE, "prod", detail)


def shown(made: Snapshot, cells: int = 120, text: str = "") -> list[str]:
    """The rows as they are drawn."""
    table = timeline_table(made, text)
    placed = places(table.columns, cells)
    lines = [lay(table.row(item, WHOLE), table.columns, placed, cells) for item in table.items]
    assert all(width(plain(line)) == cells for line in lines)
    return [" ".join(plain(line).split()) for line in lines]


def detail(change: Change, cells: int = 100) -> list[str]:
    lines = change_lines(change, NOW, cells)
    assert all(width(plain(line)) <= cells for line in lines)
    return [" ".join(plain(line).split()) for line in lines]


def test_the_newest_is_on_top_with_time_word_subject_target_and_detail() -> None:
    made = snapshot(markers=(marker(detail="ranker v7 READY"), note()))
    assert shown(made) == [
        "08:53:15 ✎ note prod ana: paged bob",
        "08:50:20 ↑ load ranker/7 triton-0 ranker v7 READY",
    ]


@pytest.mark.parametrize("kind", MarkerKind)
def test_every_kind_has_a_sign_of_one_cell_and_a_word(kind: MarkerKind) -> None:
    made = snapshot(markers=(marker(kind, at=NOW - 60),))
    assert f"{SIGNS[kind].text} {WORDS[kind]} ranker/7" in shown(made)[0]
    assert width(SIGNS[kind].text) == 1


def test_a_rollout_over_the_targets_is_one_line_with_a_count_where_it_began() -> None:
    made = snapshot(markers=tuple(loads(60, 50, 40, 30)))
    assert shown(made) == ["08:52:20 ↑ load ×4 ranker/7 triton-0 +3 ranker/7 load"]


def test_other_words_another_version_or_a_long_pause_are_another_line() -> None:
    first, second = loads(60, 50)
    apart = (first, second._replace(detail="reloaded"))
    assert len(changes(apart)) == 2
    assert len(changes((first, second._replace(version="6")))) == 2
    assert len(changes((first, second._replace(subject="embed/3")))) == 2
    assert len(changes(loads(100, 69))) == 2
    assert len(changes(loads(100, 70))) == 1


def test_what_one_target_does_again_is_another_line() -> None:
    again = [marker(MarkerKind.FAILURE, at=NOW - 60 + 5 * n) for n in range(3)]
    assert len(changes(again)) == 3
    there = marker(MarkerKind.FAILURE, at=NOW - 55, target="triton-1")
    assert len(changes((again[0], there, there._replace(at=NOW - 50)))) == 2


def test_notes_of_the_same_words_stay_apart() -> None:
    assert len(changes([note(NOW - 9), note(NOW - 5)])) == 2


def test_servers_that_go_down_together_are_one_line_and_each_keeps_its_words() -> None:
    down = of_servers(MarkerKind.DOWN, 3)
    made = snapshot(markers=tuple(down))
    assert shown(made) == ["08:51:50 ✗ down ×3 3 targets triton-0 +2 at triton-0"]
    told = detail(changes(down)[0])
    assert "08:52:00Z triton-2: at triton-2" in told
    assert not any(line.startswith("what") for line in told)


def test_one_server_is_named_and_told_as_anything_else() -> None:
    (change,) = changes(of_servers(MarkerKind.UP, 1))
    assert change.subject == "triton-0"
    assert detail(change) == [
        "● up triton-0",
        "when 2025-10-09 08:51:50Z, 1m 30s ago",
        "what at triton-0",
        "target triton-0",
    ]


def test_the_targets_of_a_folded_change_stand_with_their_times() -> None:
    told = detail(changes(loads(60, 50))[0])
    assert told[2:] == ["model ranker, version 7", "what ranker/7 load", "", "ON", *told[6:]]
    assert told[6:] == ["08:52:20Z triton-0", "08:52:30Z triton-1"]


def test_a_reason_of_many_lines_is_one_line_in_the_table_and_whole_below() -> None:
    failed = marker(MarkerKind.FAILURE, detail="no module\n\nAt:\n  model.py(3)")
    assert shown(snapshot(markers=(failed,)))[0].endswith("no module …")
    assert detail(changes([failed])[0])[3:6] == ["what no module", "At:", "model.py(3)"]


def test_another_day_has_its_date() -> None:
    made = snapshot(markers=(note(NOW - 90_000), note()))
    assert [row.split(" ✎")[0] for row in shown(made)] == ["08:53:15", "10-08 07:53"]


@pytest.mark.parametrize("words", ["LOAD ranker", "ranker/7", "triton-1 v7", "10-09 load", "08:52:20Z"])
def test_any_of_its_words_finds_a_change(words: str) -> None:
    made = (*loads(60, 50, detail="ranker v7 READY"), note())
    (found,) = changes(made, words)
    assert found.first.kind is MarkerKind.LOAD
    assert len(found.markers) == 2


def test_every_word_must_be_there() -> None:
    assert changes([note()], "paged alice") == ()


def test_what_each_server_said_is_found() -> None:
    assert len(changes(of_servers(MarkerKind.DOWN, 3), "at triton-2")) == 1


def test_an_empty_timeline_says_since_when_and_what_was_not_found_says_so() -> None:
    def empty(made: Snapshot, text: str = "") -> str:
        return " ".join(plain(line) for line in timeline_table(made, text).empty)

    assert "nothing has changed since the watch began, 15m 00s ago" in empty(snapshot())
    assert "nothing has changed" in empty(snapshot(), "zzz")
    assert "nothing on the timeline has these words" in empty(snapshot(markers=(note(),)), "zzz")


def test_a_line_is_copied_whole_with_every_target() -> None:
    copied = change_text(changes(loads(60, 50))[0])
    assert copied == "2025-10-09 08:52:20Z load ×2 ranker/7 on triton-0, triton-1: ranker/7 load"
    assert change_text(changes([note()])[0]) == "2025-10-09 08:53:15Z note prod: ana: paged bob"
    assert change_text(changes([note(detail="")])[0]) == "2025-10-09 08:53:15Z note prod"


def told_by(detail: str, *alerts: Alert, subject: str = "ranker/7") -> str | None:
    (change,) = changes([marker(MarkerKind.ALERT, subject, detail=detail)])
    found = alert_of(change, snapshot(alerts=alerts[:1], calm=alerts[1:]))
    return found.id if found else None


def test_the_alert_of_a_change_is_the_one_it_tells_of_and_no_guess() -> None:
    burn = alert(id="budget-burn", message="burns its budget")
    slow = alert(id="latency-objective", message="is slow")
    assert told_by("page: burns its budget", burn, slow) == "budget-burn"
    assert told_by("over: is slow", burn, slow) == "latency-objective"
    assert told_by("silenced by ana: known", burn, slow) is None
    assert told_by("silenced by ana: known", burn) == "budget-burn"
    assert told_by("page: burns its budget", burn, subject="embed/3") is None
    assert alert_of(changes([marker(subject="ranker/7")])[0], snapshot(alerts=(burn,))) is None


def test_a_note_of_long_ago_is_no_event() -> None:
    assert not eventful(snapshot())
    assert not eventful(snapshot(markers=(note(NOW - 3600),)))
    assert eventful(snapshot(markers=(note(NOW - 3599),)))
    assert eventful(snapshot(markers=(marker(at=NOW - 90_000),)))


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("kind", [MarkerKind.LOAD, MarkerKind.DOWN])
def test_hostile_words_are_visible_and_bounded(name: str, kind: MarkerKind) -> None:
    odd = Marker(NOW, kind, name, name, name, name, name)
    both = [odd, odd._replace(target=f"{name}2")]
    for cells in (77, 200):
        assert all(row.isprintable() for row in shown(snapshot(markers=(odd,)), cells))
        assert all(line.isprintable() for change in (both, [odd]) for line in detail(changes(change)[0], 40))
    assert change_text(changes(both)[0]).isprintable()
    assert len(change_text(changes(both)[0])) < 3000
