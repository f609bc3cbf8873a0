"""What a report tells, it tells once, and says no more than the rest of it."""

from dataclasses import replace

from console.domain.incident import markers_of
from console.domain.marker import Marker, MarkerKind
from console.domain.report import Reset
from tests.console.view.test_report import section
from tests.parts.reports import AT, facts


def test_what_the_markers_tell_is_not_told_again() -> None:
    made = facts()
    assert made.incident is not None
    _, closed = markers_of(made.incident)
    answer = made.answers[0].walk
    marked = Marker(answer.at + 1, MarkerKind.TRIAGE, answer.model, "p99-latency says rollout", answer.model)

    said = section(replace(made, markers=(*made.markers, closed, marked)), "Timeline")

    assert (said.count("| incident"), said.count("| triage")) == (2, 1)
    assert "after 10 min" in said


def test_figures_that_several_questions_stand_on_are_told_once() -> None:
    made = facts()
    answered = made.answers[0]
    twice = answered.walk.path * 2
    once = section(made, "Evidence")

    said = section(
        replace(made, answers=(answered._replace(walk=replace(answered.walk, path=twice)),)), "Evidence"
    )

    assert said.count("183.4 ms |") == once.count("183.4 ms |")


def test_alerts_that_are_of_no_model_are_not_denied() -> None:
    said = section(facts(answers=()), "Evidence")
    calm = section(facts(answers=(), alerts=()), "Evidence")

    assert "there was no alert about a model to ask it about" in said
    assert "there was no alert to ask it about" in calm


def test_without_a_model_out_of_promise_there_are_no_others() -> None:
    kept = facts().impacts[1:]

    assert "1 model was not seen out of promise" in section(facts(impacts=kept), "Impact")
    assert "1 other model was not seen" in section(facts(), "Impact")


def test_sums_of_calm_models_whose_counters_began_anew_are_the_least_there_were() -> None:
    calm = facts().impacts[1]
    assert calm.counted is not None
    again = replace(calm, counted=calm.counted._replace(resets=(Reset("embed/1", "triton-0", AT),)))
    said = facts(impacts=(again,))

    assert "at least 90,000 requests were served and at least 0 failed" in section(said, "Summary")
    assert "at least 0 failed, since counters began anew" in section(said, "Impact")
    assert "at least" not in section(facts(impacts=(calm,)), "Summary")


def test_models_whose_counters_were_never_compared_have_no_zero() -> None:
    calm = facts(impacts=(replace(facts().impacts[1], counted=None),))

    assert "how many requests came is unknown" in section(calm, "Summary")
    assert "their requests are unknown" in section(calm, "Impact")
