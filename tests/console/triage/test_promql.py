import math

import pytest

from console.domain.triage import Answer, Asked, CheckUse
from console.triage._promql import ask, filled

NOW = 1000.0
WAITING = CheckUse("promql", 'sum(queue{model="{model}"})', above=5.0)
QUERY = 'sum(queue{model="ranker"})'


def judged(values, use=WAITING, at=NOW - 3):
    return ask(use, "ranker", {filled(use, "ranker"): Asked(values, at)}, NOW)


@pytest.mark.parametrize(
    ("promql", "model", "said"),
    [
        ('x{model="{model}"}', "ranker", 'x{model="ranker"}'),
        ('x{model="{model}"} / y{model="{model}"}', "r", 'x{model="r"} / y{model="r"}'),
        ('x{model="{model}"}', 'a"b\\c\n', 'x{model="a\\x22b\\\\c\\n"}'),
        ("x{model='{model}'}", "a'b", "x{model='a\\x27b'}"),
        ('x{model=~"{model}"}', "a.b|c", 'x{model=~"a\\\\.b\\\\|c"}'),
        ('x{model=~"{model}-.*",pod!~ "{model}"}', "a+b", 'x{model=~"a\\\\+b-.*",pod!~ "a\\\\+b"}'),
        ('x{pod=~"p.*",model="{model}"}', "a.b", 'x{pod=~"p.*",model="a.b"}'),
        ("up", "ranker", "up"),
    ],
)
def test_the_models_name_cannot_leave_its_quotes(promql, model, said):
    assert filled(CheckUse("promql", promql), model) == said


@pytest.mark.parametrize(
    ("value", "use", "answer"),
    [
        (5.1, WAITING, Answer.YES),
        (5.0, WAITING, Answer.NO),
        (0.2, CheckUse("promql", "up", below=0.5), Answer.YES),
        (0.5, CheckUse("promql", "up", below=0.5), Answer.NO),
        (math.inf, WAITING, Answer.YES),
    ],
)
def test_it_is_yes_beyond_the_threshold_alone(value, use, answer):
    assert judged({"": value}, use).answer is answer


def test_the_worst_of_several_counts_and_is_named():
    found = judged({"pod=a": 1.0, "pod=b": 9.0, "pod=c": math.nan})
    assert found.reason == "9 is over 5 (pod=b)"
    found = judged({"pod=a": 0.1, "pod=b": 9.0}, CheckUse("promql", "up", below=0.5))
    assert found.reason == "0.1 is under 0.5 (pod=a)"


def test_the_evidence_can_be_repeated():
    evidence = judged({"pod=b": 9.0}).evidence[0]
    assert (evidence.now, evidence.baseline, evidence.subject) == (9.0, 5.0, "pod=b")
    assert (evidence.source, evidence.query, evidence.age_s) == ("prometheus", QUERY, 3.0)


def test_a_clock_that_stepped_back_gives_no_negative_age():
    assert judged({"": 9.0}, at=NOW + 60).evidence[0].age_s == 0.0


@pytest.mark.parametrize(
    ("asked", "reason", "hint"),
    [
        ({}, "no Prometheus is known", "set prometheus = "),
        ({QUERY: Asked(problem="connection refused\x1b[31m")}, "Prometheus: connection refused\\e[31m", ""),
        ({QUERY: Asked({}, NOW)}, "the query has no result", "labels"),
        ({QUERY: Asked({"": math.nan}, NOW)}, "the query has no result", "labels"),
    ],
)
def test_without_a_value_it_is_unknown_with_its_reason(asked, reason, hint):
    found = ask(WAITING, "ranker", asked, NOW)
    assert found.answer is Answer.UNKNOWN
    assert found.reason == reason
    assert hint in found.evidence[0].hint
    assert found.evidence[0].now is None
    assert found.evidence[0].query == QUERY


def test_without_a_threshold_nothing_is_claimed():
    found = judged({"": 9.0}, CheckUse("promql", "up"))
    assert found.answer is Answer.UNKNOWN
    assert "no threshold" in found.reason
