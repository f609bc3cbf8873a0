from dataclasses import replace

import pytest

from console.domain.triage import Answer, CheckUse, Finding, Overrule, Point, Way
from console.triage.walker import uses, walk
from tests.console.triage.books import AT, BOOK, CHANGE, NO, PAGE, QUEUE, UNKNOWN, YES, Found, step, yes


def over(answer: Answer, note: str = "I was there") -> Overrule:
    return Overrule(answer, note, "ana", AT)


def ids(walked) -> list[str]:
    return [each.step.id for each in walked.path]


def test_a_gate_that_says_no_ends_it_with_none():
    done = walk(BOOK, Found(), "ranker", AT)
    assert (done.verdict, ids(done)) == ("none", ["page"])
    assert (done.model, done.at, done.runbook) == ("ranker", AT, BOOK)
    assert done.path[0].reason == "page is no"


@pytest.mark.parametrize("gate", [YES, UNKNOWN])
def test_a_gate_that_does_not_say_no_lets_in(gate):
    done = walk(BOOK, Found(page=gate, queue=YES), "ranker", AT)
    assert (done.verdict, ids(done)) == ("queue", ["page", "change", "queue"])


def test_the_finding_names_the_verdict():
    done = walk(BOOK, Found(page=YES, shift=yes("shift", "traffic_shift")), "ranker", AT)
    assert (done.verdict, ids(done)) == ("traffic_shift", ["page", "change"])


def test_of_two_findings_the_surer_names_the_verdict():
    found = Found(page=YES, rollout=yes("rollout", "rollout", 0.6), shift=yes("shift", "traffic_shift", 0.9))
    done = walk(BOOK, found, "ranker", AT)
    assert (done.verdict, done.confidence) == ("traffic_shift", 0.9)
    assert done.path[-1].reason == "shift says traffic_shift; rollout says rollout"


def test_a_yes_that_names_nothing_goes_on_as_from_unknown():
    done = walk(BOOK, Found(page=YES, shift=YES, queue=YES), "ranker", AT)
    assert (done.verdict, ids(done)) == ("queue", ["page", "change", "queue"])
    assert done.path[1].answer is YES


def test_a_step_is_unknown_when_one_of_its_checks_is_and_none_says_yes():
    done = walk(BOOK, Found(page=YES, rollout=UNKNOWN), "ranker", AT)
    assert (done.path[1].answer, done.path[1].reason) == (UNKNOWN, "rollout is unknown")


@pytest.mark.parametrize(
    ("first", "second", "any_of", "all_of"),
    [
        (YES, NO, YES, NO),
        (YES, UNKNOWN, YES, UNKNOWN),
        (NO, UNKNOWN, UNKNOWN, NO),
        (YES, YES, YES, YES),
        (NO, NO, NO, NO),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_any_and_every(first, second, any_of, all_of):
    for every, expected in ((False, any_of), (True, all_of)):
        only = replace(step("only", "a b", "=x", "=none", "=unknown"), every=every)
        done = walk(replace(BOOK, steps=(only,)), Found(a=first, b=second), "m", AT)
        assert done.path[0].answer is expected


def test_a_question_for_people_is_unknown_until_somebody_answers():
    book = replace(BOOK, steps=(PAGE, step("change", "", "=theirs", "=none", "=unknown")))
    done = walk(book, Found(page=YES), "m", AT)
    assert (done.verdict, done.path[1].answer) == ("unknown", UNKNOWN)
    assert done.path[1].reason == "for people: nobody has answered yet"
    asked = walk(book, Found(page=YES), "m", AT, overrules={"change": over(YES)})
    assert (asked.verdict, asked.confidence) == ("theirs", 1.0)


def test_an_overrule_counts_and_the_consoles_own_answer_stays():
    done = walk(BOOK, Found(page=YES, queue=NO), "m", AT, overrules={"queue": over(YES, "seen it")})
    last = done.path[-1]
    assert (done.verdict, done.confidence) == ("queue", 1.0)
    assert (last.answer, last.found, last.overruled) == (YES, NO, over(YES, "seen it"))
    assert last.reason == "ana: seen it"
    assert [each.reason for each in last.findings] == ["queue is no"]
    silent = walk(BOOK, Found(page=YES), "m", AT, overrules={"queue": over(YES, "")})
    assert silent.path[-1].reason == "ana says so"


def test_an_overrule_of_the_gate_opens_and_closes():
    assert walk(BOOK, Found(), "m", AT, overrules={"page": over(YES)}).verdict == "unknown"
    assert walk(BOOK, Found(page=YES), "m", AT, overrules={"page": over(NO)}).verdict == "none"


def test_an_overrule_where_no_finding_names_a_cause():
    assert walk(BOOK, Found(page=YES), "m", AT, overrules={"change": over(YES)}).verdict == "unknown"
    known = replace(CHANGE, yes=Way(verdict="*", otherwise="rollout"))
    book = replace(BOOK, steps=(PAGE, known, QUEUE))
    assert walk(book, Found(page=YES), "m", AT, overrules={"change": over(YES)}).verdict == "rollout"
    found = Found(page=YES, shift=yes("shift", "traffic_shift"))
    assert walk(book, found, "m", AT, overrules={"change": over(YES)}).verdict == "traffic_shift"


def test_otherwise_is_for_people_alone():
    known = replace(CHANGE, yes=Way(verdict="*", otherwise="rollout"))
    book = replace(BOOK, steps=(PAGE, known, QUEUE))
    assert walk(book, Found(page=YES, rollout=YES, queue=YES), "m", AT).verdict == "queue"


def test_confidence_is_that_of_the_finding_and_less_past_steps_that_could_not_tell():
    sure = walk(BOOK, Found(page=YES, queue=yes("queue", "", 0.8)), "m", AT)
    blind = walk(BOOK, Found(page=YES, rollout=UNKNOWN, queue=yes("queue", "", 0.8)), "m", AT)
    blinder = walk(BOOK, Found(page=UNKNOWN, rollout=UNKNOWN, queue=yes("queue", "", 0.8)), "m", AT)
    assert sure.confidence == 0.8
    assert sure.confidence > blind.confidence > blinder.confidence > 0


def test_a_step_that_decides_nothing_costs_no_confidence():
    looks = step("looks", "looks", "queue", "queue")
    book = replace(BOOK, steps=(step("page", "page", "looks", "=none"), looks, QUEUE))
    done = walk(book, Found(page=YES, looks=UNKNOWN, queue=yes("queue", "", 0.8)), "m", AT)
    assert done.confidence == 0.8


def test_a_finding_of_another_cause_does_not_lend_its_confidence():
    found = {"a": yes("a", "gpu", 0.6, model="embed"), "b": yes("b", "rollout", 0.9, model="other")}
    only = step("only", "a b", "=gpu", "=none")
    assert walk(replace(BOOK, steps=(only,)), Found(**found), "m", AT).confidence == 0.6


def test_none_is_as_sure_as_its_least_sure_finding():
    only = step("only", "a b", "=x", "=none")
    found = Found(a=Finding("a", NO, "", confidence=0.9), b=Finding("b", NO, "", confidence=0.4))
    assert walk(replace(BOOK, steps=(only,)), found, "m", AT).confidence == 0.4


def test_confidence_stays_within_its_bounds():
    for said, expected in ((7.0, 1.0), (-2.0, 0.0)):
        assert walk(BOOK, Found(page=YES, queue=yes("queue", "", said)), "m", AT).confidence == expected


def test_a_negated_check_asks_for_the_opposite_and_is_run_once():
    book = replace(
        BOOK,
        steps=(step("only", "!serves", "=x", "=none", "=unknown"),),
        recovery=step("r", "serves", "", ""),
    )
    for said, answer in ((YES, NO), (NO, YES), (UNKNOWN, UNKNOWN)):
        found = Found(serves=said)
        done = walk(book, found, "m", AT)
        assert (done.path[0].answer, done.recovery.answer) == (answer, said)
        assert found.asked == {CheckUse("serves"): 1}


def test_each_check_is_run_once_however_often_it_is_named():
    points = (Point("a", "A", (CheckUse("queue"), CheckUse("page"))), Point("b", "B", (CheckUse("queue"),)))
    book = replace(BOOK, points=points, recovery=step("recovery", "queue", "=none", ""))
    found = Found(page=YES)
    walk(book, found, "m", AT)
    assert set(found.asked.values()) == {1}
    assert [use.name for use in found.asked] == ["page", "rollout", "shift", "queue"]
    assert tuple(found.asked) == uses(book)


def test_two_expressions_are_two_checks():
    slow, down = CheckUse("promql", "slow", above=1.0), CheckUse("promql", "down", above=1.0)
    book = replace(BOOK, points=(Point("a", "A", (slow, down)),))
    assert uses(book)[-2:] == (slow, down)


def test_points_are_looked_at_whatever_the_path():
    points = (
        Point("a", "A", (CheckUse("x"), CheckUse("y"))),
        Point("b", "B", (CheckUse("y"),)),
        Point("c", "C", (CheckUse("y"), CheckUse("z"))),
        Point("d", "D"),
    )
    done = walk(replace(BOOK, points=points), Found(x=YES, z=UNKNOWN), "m", AT)
    assert done.verdict == "none"
    assert [(each.point.id, each.answer, each.reason) for each in done.points] == [
        ("a", YES, "x is yes"),
        ("b", NO, "y is no"),
        ("c", UNKNOWN, "z is unknown"),
        ("d", UNKNOWN, "nothing that the console sees tells"),
    ]


def test_a_finding_may_settle_a_point_that_does_not_name_it():
    points = (Point("config", "Config"), Point("engine", "Engine"))
    found = Found(page=yes("page", "config_parse", settles=("config", "no such point")))
    done = walk(replace(BOOK, points=points), found, "m", AT)
    assert [each.answer for each in done.points] == [YES, UNKNOWN]
    assert done.points[0].reason == "page says config_parse"


def test_recovery_is_looked_at_on_any_path_and_may_be_overruled():
    book = replace(BOOK, recovery=step("recovery", "band", "=none", ""))
    assert walk(BOOK, Found(), "m", AT).recovery is None
    done = walk(book, Found(band=YES), "m", AT)
    assert (done.verdict, done.recovery.answer) == ("none", YES)
    assert walk(book, Found(), "m", AT, overrules={"recovery": over(YES)}).recovery.answer is YES


def test_a_circle_and_a_way_to_nowhere_end_with_unknown():
    circle = replace(BOOK, steps=(step("a", "x", "b", "b"), step("b", "y", "a", "a")))
    assert (walk(circle, Found(), "m", AT).verdict, len(walk(circle, Found(), "m", AT).path)) == (
        "unknown",
        2,
    )
    nowhere = replace(BOOK, steps=(step("a", "x", "gone", "gone"),))
    assert walk(nowhere, Found(), "m", AT).verdict == "unknown"


def test_reasons_are_harmless_and_bounded():
    found = Found(page=Finding("page", NO, "\x1b[31m" + "x" * 1000))
    reason = walk(BOOK, found, "m", AT).path[0].reason
    assert "\x1b" not in reason
    assert len(reason) <= 300
    said = walk(BOOK, Found(), "m", AT, overrules={"page": over(NO, "\u202e" + "y" * 1000)}).path[0].reason
    assert "\u202e" not in said
    assert len(said) <= 300
