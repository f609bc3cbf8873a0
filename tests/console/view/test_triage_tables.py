"""The parts of the triage screen as values: which row leads, what gives way on a narrow terminal, what is recommended."""

import pytest

from console.domain.action import Action, ActionKind
from console.domain.triage import NONE, Advice, Answer, Mitigation
from console.view.charts import Stretch
from console.view.marks import with_onset
from console.view.panels import panels
from console.view.styled import plain, width
from console.view.table import Table, heading, lay, places
from console.view.triage import point_rows, step_rows
from console.view.triage_evidence import evidence_row, figure
from console.view.triage_tables import (
    advice_detail,
    advice_table,
    answer_lines,
    evidence_detail,
    evidence_table,
    point_lines,
    problem_line,
    recommended,
    recovery_line,
    steps_table,
    title_lines,
)
from tests.parts.walks import CHANGE, P99, RECOVERY, ROLLBACK, SM, overruled, walk, walked
from tests.snapshots import HOSTILE_NAMES, NOW, frozen, marker, model_row, snapshot

FREEZE = Mitigation("freeze", "Freeze", "first", (), ActionKind.FREEZE)


def drawn(table: Table[object], cells: int) -> list[str]:
    """The table as it is drawn in so many cells."""
    placed = places(table.columns, cells)
    lines = [heading(table.columns, placed, table.sort)]
    lines += [lay(table.row(row, frozenset()), table.columns, placed, cells) for row in table.items]
    return [plain(line).rstrip() for line in lines]


def test_the_step_that_gave_the_verdict_leads_and_the_rest_is_not_asked() -> None:
    table = steps_table(step_rows(walk()), "p99-latency")
    assert table.lead == "change"
    lines = drawn(table, 60)
    assert lines[0].split() == ["p99-latency", "ANSWER"]
    assert lines[1].split()[0] == "1"
    assert lines[1].endswith("YES")
    assert lines[2].startswith("▶2")
    assert lines[3].endswith("–")


def test_an_answer_of_somebody_has_a_star() -> None:
    rows = step_rows(walk(path=(walked(CHANGE, Answer.NO, overruled=overruled()),)))
    assert drawn(steps_table(rows), 60)[1].endswith("NO*")


def test_evidence_keeps_its_figures_when_it_gets_narrow() -> None:
    table = evidence_table([evidence_row(P99)], "")
    wide, narrow = drawn(table, 120), drawn(table, 42)
    assert wide[0].split() == ["EVIDENCE", "NOW", "WAS", "CHANGE", "AGE", "SOURCE"]
    assert narrow[0].split() == ["EVIDENCE", "NOW", "WAS", "CHANGE"]
    assert narrow[1].split()[-6:] == ["183.4", "msˢ", "38.2", "ms", "+145.2", "ms"]


def test_the_selected_figure_says_how_it_is_known_and_what_to_ask() -> None:
    known = [plain(line) for line in evidence_detail(evidence_row(P99), 60)]
    assert known[0] == "p99, ranker/7"
    assert known[1] == "summary · metrics of triton-0 · 0.8s ago"
    assert known[2].startswith("Y nv_inference_request_summary_us{")
    short = [plain(line) for line in evidence_detail(evidence_row(P99), 30, 1)]
    assert len(short) == 3
    assert short[-1].endswith("…")


def test_what_to_switch_on_comes_before_how_it_is_known() -> None:
    lines = [plain(line) for line in evidence_detail(evidence_row(SM), 60)]
    assert lines == ["SM activity, GPU 0", "→ set gpu.dcgm in the fleet's settings"]


@pytest.mark.parametrize(("value", "said"), [(2.0, "2 targets"), (-1.0, "-1 targets"), (None, "unknown")])
def test_things_are_counted_in_whole_numbers(value: float | None, said: str) -> None:
    assert figure(value, "targets") == said


def test_freezing_comes_first_while_deploys_are_free_and_keeps_its_own_key() -> None:
    rows = recommended(walk(), snapshot())
    assert [(row.key, row.text) for row in rows] == [
        ("f", "Freeze deploys and capture the window"),
        ("a", "Roll back ranker to version 6"),
        ("b", "Move tenants to another GPU"),
    ]
    assert rows[0].action is not None
    assert rows[0].action.kind is ActionKind.FREEZE


def test_a_runbooks_own_freeze_takes_that_place() -> None:
    own = Advice(FREEZE, Action(ActionKind.FREEZE), "Freeze, as the team does", "")
    rows = recommended(walk(advice=(walk().advice[0], own)), snapshot())
    assert [(row.key, row.text) for row in rows] == [
        ("f", "Freeze, as the team does"),
        ("a", "Roll back ranker to version 6"),
    ]


def test_nothing_is_frozen_that_is_frozen_or_where_nothing_is_wrong() -> None:
    assert [row.key for row in recommended(walk(), snapshot(frozen=frozen()))] == ["a", "b"]
    assert recommended(walk(NONE, advice=()), snapshot()) == ()
    over = frozen(until=NOW - 1)
    assert recommended(walk(NONE, advice=()), snapshot(frozen=over)) == ()
    assert recommended(walk(), snapshot(frozen=over))[0].key == "f"


def test_a_freeze_that_is_needed_no_more_is_lifted() -> None:
    (row,) = recommended(walk(NONE, advice=()), snapshot(frozen=frozen()))
    assert (row.key, row.action) == ("f", Action(ActionKind.UNFREEZE))


def test_no_more_is_recommended_than_there_are_keys() -> None:
    many = tuple(Advice(ROLLBACK, None, f"do {number}", "") for number in range(9))
    assert [row.key for row in recommended(walk(advice=many), snapshot())] == ["f", *"abcde"]


def test_those_who_may_only_look_see_no_keys() -> None:
    rows = recommended(walk(), snapshot())
    lines = drawn(advice_table(rows, acting=False, empty=""), 80)
    assert [line.split()[0] for line in lines[1:]] == ["·", "·", "·"]
    assert "rollback --model ranker" in "".join(plain(line) for line in advice_detail(rows[1], 200))


def test_the_title_says_verdict_since_when_and_which_runbook() -> None:
    first, second = (plain(line) for line in title_lines(walk(), 100, auto=True))
    assert first.startswith("✗ ROLLOUT  ranker, 90 % sure  since 08:51:00Z, 2m 20s")
    assert first.endswith("p99-latency auto")
    assert "the load of version 7 came 40 s before" in second
    assert "auto" not in plain(title_lines(walk(), 100, auto=False)[0])
    assert "since" not in plain(title_lines(walk(NONE), 100, auto=True)[0])


def test_where_there_is_no_room_the_runbook_goes_and_the_verdict_stays() -> None:
    line = plain(title_lines(walk(), 30, auto=True)[0])
    assert line.startswith("✗ ROLLOUT  ranker")
    assert width(line) <= 30


def test_points_say_what_was_found_where_there_is_room() -> None:
    rows = point_rows(walk())
    wide = [plain(line).rstrip() for line in point_lines(rows, 100)]
    assert wide[1].startswith("✓ Queue time and pending requests")
    assert wide[1].endswith("queue 1.2 ms, as before")
    assert all("as before" not in plain(line) for line in point_lines(rows, 40))
    assert point_lines((), 40) == ()


def test_the_recovery_line_tells_whether_it_is_over() -> None:
    assert "○ NO  p99 is 183.4 ms" in plain(recovery_line(walk(), 120))
    over = walk(recovery=walked(RECOVERY, Answer.YES, reason="p99 is in its band"))
    assert "✓ YES  p99 is in its band" in plain(recovery_line(over, 120))
    assert recovery_line(walk(recovery=None), 120) == ()


def test_problems_are_counted_and_the_first_is_told() -> None:
    assert problem_line(()) == ()
    assert plain(problem_line(("a",))) == "! a"
    assert plain(problem_line(("a", "b", "c"))) == "! a  and 2 more"


def test_the_onset_is_a_mark_on_the_charts_while_it_is_within_them() -> None:
    row = model_row()
    chart = panels(snapshot([row]), row, Stretch(NOW, 300.0, 1.0))[0].chart
    assert [mark.short for mark in with_onset(chart, NOW - 140).marks] == ["onset"]
    loads = tuple(marker(at=NOW - 90 + 30 * n, version=str(n)) for n in range(3))
    busy = panels(snapshot([row], markers=loads), row, Stretch(NOW, 300.0, 1.0))[0].chart
    assert [mark.short for mark in with_onset(busy, NOW - 140).marks] == ["", "load v1", "load v2", "onset"]
    assert with_onset(chart, NOW - 4000) == chart
    assert with_onset(chart, None) == chart


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("cells", [1, 20, 80])
def test_hostile_words_stay_within_their_cells(name: str, cells: int) -> None:
    odd = P99._replace(what=name, subject=name, source=name, query=name, hint=name, basis=name, unit=name)
    step = step_rows(walk(path=(walked(CHANGE, reason=name, overruled=overruled(note=name)),)))[0]
    lines = [
        *evidence_detail(evidence_row(odd), cells),
        *answer_lines(step, cells),
        *title_lines(walk(name, story=name, model=name), cells, auto=True),
        *advice_detail(recommended(walk(), snapshot())[0]._replace(why=name), cells),
    ]
    row = drawn(evidence_table([evidence_row(odd)], ""), 60)[1]
    assert row.isprintable()
    assert width(row) <= 60
    assert all(plain(line).isprintable() for line in lines if line)
    assert all(width(plain(line)) <= cells for line in lines)
