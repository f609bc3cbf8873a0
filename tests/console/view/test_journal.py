import unicodedata
from dataclasses import replace

import pytest

from console.domain.action import Action, ActionKind
from console.domain.journal import Damage
from console.domain.run import Outcome, Result, StepRun
from console.view.journal import damage_lines, entry_lines, journal_rows, journal_table, unfinished_lines
from console.view.state_words import state_words
from console.view.styled import plain, width
from tests.parts.plans import AT, HOSTILE, entry, plan, run, step


def lines_of(lines) -> str:
    return "\n".join(plain(line).rstrip() for line in lines)


def died(*steps: StepRun):
    return entry(run(plan(step(1), step(2)), result=Result.RUNNING, steps=steps, verdicts=(), effects=()))


def test_the_newest_plan_is_on_top():
    older, newer = entry(id="old", at=AT), entry(id="new", at=AT + 60)
    assert [row.entry.id for row in journal_rows([older, newer], "", AT)] == ["new", "old"]


@pytest.mark.parametrize(
    "words",
    ["multi", "ANA", "left band", "triton-2:8000", "verified rollback", "2025-03-01", "curl back", "host-7"],
)
def test_any_of_its_words_finds_a_plan(words):
    here = entry(run(plan(step(call="curl back"))))
    other = entry(
        run(
            plan(
                step(title="x", call="y", subject="z"),
                goal="freeze",
                action=Action(ActionKind.FREEZE),
                blast=plan().blast._replace(models=(), targets=()),
            )
        ),
        id="other",
        at=AT + 9e6,
        who="bo",
        targets={},
        runner=here.runner._replace(host="h"),
        result=Result.FAILED,
        reason="",
    )
    assert [row.entry.id for row in journal_rows([here, other], words, AT)] == [here.id]


def test_a_row_says_what_became_of_it():
    undone = entry(undone="later-1")
    handled = entry(result=Result.HANDLED, handled="bo: rebooted")
    unfinished = died(StepRun(), StepRun())
    rows = {
        row.standing or row.result
        for row in journal_rows([undone, handled, entry(), unfinished], "", AT + 300)
    }
    assert rows == {"undone by later-1", "handled, bo: rebooted", "stands", "? UNFINISHED 5m"}


def test_an_undo_does_not_stand_by_itself():
    undo = entry(run(plan(action=Action(ActionKind.UNDO, plan="x"))))
    assert journal_rows([undo], "", AT)[0].standing == ""


def test_an_empty_journal_and_a_search_without_a_hit_say_different_things():
    assert "is empty" in lines_of(journal_table([], "", AT).empty)
    assert "these words" in lines_of(journal_table([entry()], "nowhere", AT).empty)


def test_an_entry_tells_who_when_why_each_call_and_each_state():
    said = lines_of(entry_lines(entry(undone="later-1"), 100))
    for part in (
        "2025-03-01 10:41:07Z",
        "ana on host-7, process 4242",
        "p99 left its band",
        "http://triton-1:8000, http://triton-2:8000",
        "curl -sS http://triton-1:8000",
        "versions 3 → versions 2",
        "✓ VERIFIED",
        "p99      183.2 → 41.0 ms",
        "undone by later-1",
    ):
        assert part in said


def test_after_a_crash_each_step_says_whether_it_was_done_and_what_is_now():
    done = StepRun(Outcome.DONE, 1.0, "", {"versions": ["3"]}, {"versions": ["2"]})
    half = StepRun(Outcome.FAILED, 1.0, "", {"versions": ["3"]}, {"versions": ["3"]})
    odd = StepRun(Outcome.UNKNOWN, None, "", {"versions": ["3"]}, {"versions": ["7"]})
    said = lines_of(unfinished_lines(died(done, half), 100))
    assert "triton-1: done: now versions 2" in said
    assert "triton-2: not done: still versions 3" in said
    assert "now versions 7" in lines_of(unfinished_lines(died(done, odd), 120))
    untouched = lines_of(unfinished_lines(died(StepRun(), StepRun()), 100))
    assert untouched.count("not begun") == 2
    assert "nothing was changed" in untouched


def test_damage_is_named_by_its_line():
    said = lines_of(damage_lines([Damage(7, "does not follow"), Damage(0, "is shorter than it was")], 80))
    assert said.splitlines() == ["✗ line 7: does not follow", "✗ is shorter than it was"]
    assert "is whole" in lines_of(damage_lines([], 80))


@pytest.mark.parametrize("cells", [10, 40, 80, 120])
def test_no_line_is_wider_than_asked(cells):
    of = entry(who=HOSTILE * 9, reason="why " * 90, message=HOSTILE * 20)
    shown = [
        *entry_lines(of, cells),
        *unfinished_lines(of, cells),
        *damage_lines([Damage(1, HOSTILE * 9)], cells),
    ]
    assert max(width(plain(line)) for line in shown) <= cells


def test_no_text_of_the_journal_can_act_on_the_terminal():
    of = entry(
        run(plan(step(title=HOSTILE, call=HOSTILE), goal=HOSTILE)), id=HOSTILE, who=HOSTILE, handled=HOSTILE
    )
    of = replace(of, targets={HOSTILE: HOSTILE}, runner=of.runner._replace(host=HOSTILE))
    table = journal_table([of], "", AT)
    cells = [plain(cell) for cell in table.row(table.items[0], frozenset()).cells]
    said = "".join(
        [
            *lines_of(entry_lines(of, 80)).splitlines(),
            *lines_of(unfinished_lines(of, 80)).splitlines(),
            *cells,
        ]
    )
    assert not [char for char in said if unicodedata.category(char) in ("Cc", "Cf")]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "cannot be read"),
        ({}, "nothing"),
        ({"paused": True, "weight": 50}, "paused yes, weight 50"),
        ({"queue_delay_us": None, "versions": ["2", "3"]}, "queue delay us none, versions (2, 3)"),
        ({"policy": {"specific": ["2"]}}, "policy (specific 2)"),
        ("ready", "ready"),
        ([], "none"),
        (0.5, "0.5"),
        ({f"k{i}": i for i in range(20)}, "k0 0, k1 1, k2 2, k3 3, k4 4, k5 5, k6 6, k7 7 and 12 more"),
    ],
)
def test_a_state_in_words(state, said):
    assert state_words(state) == said


def test_a_whole_config_as_a_state_stays_short():
    assert len(state_words({"config": "x" * 100_000, "more": ["y" * 90] * 500})) <= 200
