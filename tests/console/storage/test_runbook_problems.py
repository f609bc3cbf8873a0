"""Everything that can be wrong with a runbook, and the sentence that says it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.action import ActionKind
from console.domain.toml_document import read_document
from console.domain.triage import CheckUse, Way
from console.storage._runbook import read_runbook
from tests.console.storage.runbook_mistakes import GOOD, WRONG

KNOWN = ("queue_up", "captured", "promise_broken")


def read(text: str):
    values, problems = read_document(text.encode(), "ours.toml")
    assert values is not None, problems.found
    made = read_runbook("ours", values, problems, KNOWN)
    return made, [str(problem) for problem in problems.found]


def said(text: str) -> list[str]:
    made, problems = read(text)
    assert (made is None) == bool(problems)
    return problems


def test_a_good_one_is_what_it_says():
    made, problems = read(GOOD)
    assert problems == []
    page, freeze, queue = made.steps
    assert (page.yes, page.no, page.unknown) == (Way("freeze"), Way(verdict="none"), Way("freeze"))
    assert freeze.yes == freeze.no == freeze.unknown == Way("queue")
    assert (freeze.act, queue.every) == (("freeze",), True)
    assert queue.checks == (
        CheckUse("queue_up", negated=True),
        CheckUse("promql", "up{m='{model}'}", above=5.0),
    )
    assert queue.yes == Way(verdict="*", otherwise="queue")
    assert made.points[0].checks == (CheckUse("queue_up"),)
    frozen, tune, less = made.mitigations
    assert (frozen.action, frozen.verdicts) == (ActionKind.FREEZE, ())
    assert (tune.values, tune.verdicts) == ({"instances": "+1", "queue_size": "4"}, ("queue", "*"))
    assert less.percent == 25
    assert (made.recovery.question, made.recovery.checks) == ("Over?", (CheckUse("queue_up", negated=True),))
    assert (made.rank, made.alerts) == (100, ())
    assert {page.every, freeze.every, made.recovery.every} == {False}


def test_recovery_may_be_left_away():
    made, problems = read(GOOD.partition("[recovery]")[0])
    assert problems == []
    assert made.recovery is None


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_line(name):
    old, new, line, message = WRONG[name]
    assert GOOD.count(old) >= 1
    problems = said(GOOD.replace(old, new, 1))
    where = "ours.toml:" if line is None else f"ours.toml:{line}: "
    assert any(each.startswith(where) and message in each for each in problems), problems


@pytest.mark.parametrize(
    "name",
    [
        "a mistyped key of a step",
        "a way to nowhere",
        "a next to nowhere",
        "a mistyped check",
        "no share",
        "a circle",
    ],
)
def test_one_mistake_is_one_problem(name):
    old, new, _, _ = WRONG[name]
    assert len(said(GOOD.replace(old, new, 1))) == 1


def test_a_mitigation_for_a_verdict_that_no_step_gives():
    text = GOOD.replace('{ verdict = "*", otherwise = "queue" }', '{ verdict = "queue" }').replace(
        'for = ["queue"]', 'for = ["queu"]'
    )
    assert said(text) == [
        'ours.toml:41: mitigations[3].for: no step gives the verdict "queu"; did you mean queue?'
    ]


def test_all_problems_are_told_at_once():
    text = (
        GOOD.replace("title =", "titel =")
        .replace('"promise_broken"', '"nope"')
        .replace("percent = 25", "percent = -1")
    )
    assert len(said(text)) == 4


def test_a_step_of_the_recoverys_name():
    text = GOOD.replace('"queue"\nquestion', '"recovery"\nquestion').replace(
        'next = "queue"', 'next = "recovery"'
    )
    assert any("none can be called recovery" in each for each in said(text))


def test_no_steps_at_all():
    assert any("steps: are missing" in each for each in said('title = "x"'))
    assert any("steps: must be one or more tables" in each for each in said('title = "x"\nsteps = []'))


def test_more_than_fits_a_screen():
    points = "".join(f'[[points]]\nid = "p{n}"\ntext = "x"\n' for n in range(51))
    assert any("points: are 52; at most 50 fit" in each for each in said(GOOD + points))
    checks = ", ".join(f'{{ name = "c{n}", promql = "x", above = {n} }}' for n in range(21))
    assert any("lists 21; at most 20 fit" in each for each in said(GOOD.replace('"promise_broken"', checks)))


def test_what_just_fits_is_right():
    checks = ", ".join(f'{{ name = "c{n}", promql = "{"x" * 2000}", above = {n} }}' for n in range(20))
    points = "".join(f'[[points]]\nid = "p{n}"\ntext = "{"x" * 200}"\n' for n in range(49))
    assert said(GOOD.replace('"promise_broken"', checks) + points) == []


def test_queries_and_their_names_have_bounds():
    long = GOOD.replace("up{m='{model}'}", "x" * 2001)
    assert said(long) == ["ours.toml:20: steps[3].checks[2].promql: is longer than 2000 characters"]
    odd = GOOD.replace("{ promql", '{ name = "Odd name", promql')
    assert said(odd) == ['ours.toml:20: steps[3].checks[2].name: is not a name: "Odd name"']


def test_a_verdict_and_a_number_must_be_what_they_are():
    odd = GOOD.replace('for = ["queue"]', 'for = ["Queue up"]')
    assert said(odd) == ['ours.toml:41: mitigations[3].for[1]: is no name of a verdict: "Queue up"']
    for value, shown in (("true", "true"), ("1.5", "1.5"), ('""', '""')):
        problems = said(GOOD.replace('instances = "+1"', f"instances = {value}"))
        assert len(problems) == 1
        assert problems[0].endswith(f'a change such as "+1" or "-50%", not {shown}')


def test_one_check_alone_needs_no_list():
    assert said(GOOD.replace('["promise_broken"]', '"promise_broke"')) == [
        'ours.toml:9: steps[1].checks: there is no check "promise_broke"; did you mean promise_broken?'
    ]
    made, _ = read(GOOD.replace('["promise_broken"]', '{ promql = "up", below = 1 }'))
    assert made.steps[0].checks == (CheckUse("promql", "up", below=1.0),)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["queue", "page", "*", "none", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "question",
                    "checks",
                    "yes",
                    "no",
                    "unknown",
                    "next",
                    "act",
                    "verdict",
                    "otherwise",
                    "text",
                    "for",
                    "values",
                    "action",
                    "percent",
                    "promql",
                    "above",
                    "name",
                    "instances",
                    "every",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["title", "alerts", "rank", "steps", "points", "mitigations", "recovery"]), _VALUES
    )
)
def test_nothing_that_toml_can_say_raises(values):
    _, problems = read_document(b"", "ours.toml")
    made = read_runbook("ours", values, problems, KNOWN)
    assert (made is None) == bool(problems.found)
    for problem in problems.found:
        assert len(str(problem)) <= 500
