import unicodedata
from dataclasses import replace

import pytest

from console.domain.plan import Plan
from console.domain.run import Effect, Figures, Measured, Outcome, Result, Run, StepRun, Verdict
from console.view.run import run_lines, seconds, share_words
from console.view.styled import plain, width
from tests.parts.plans import HOSTILE, plan, run, step

NOW = 1000.0


def text(of: Run, cells: int = 100) -> str:
    return "\n".join(plain(line).rstrip() for line in run_lines(of, cells, NOW))


def going(of: Plan) -> Run:
    steps = (StepRun(Outcome.DONE, 1.43), StepRun(Outcome.RUNNING, since=NOW - 3.2), StepRun())
    return Run("id", of, steps)


def test_each_step_shows_its_sign_and_its_time_while_the_plan_runs():
    lines = text(going(plan(step(1), step(2), step(3)))).splitlines()
    assert lines[1] == "  ✓ 1 serve version 2 of multi on triton-1: done in 1.4 s"
    assert lines[2] == "  ▶ 2 serve version 2 of multi on triton-2: running for 3.2 s"
    assert lines[3] == "  · 3 serve version 2 of multi on triton-3: waiting"
    assert len(lines) == 4


def test_every_outcome_has_a_sign_of_its_own():
    signs = {
        text(run(plan(step()), outcome)).splitlines()[1].split()[0]
        for outcome in Outcome
        if outcome is not Outcome.RUNNING
    }
    assert len(signs) == len(Outcome) - 1


def test_a_clock_that_stepped_back_shows_no_negative_time():
    of = going(plan(step(1), step(2), step(3)))
    of = replace(of, steps=(of.steps[0], of.steps[1]._replace(since=NOW + 50), of.steps[2]))
    assert "running for 0.0 s" in text(of)


def test_the_share_is_given_as_asked_and_as_counted():
    assert share_words(Measured(0.5, 0.493, 1240, 5.0)) == (
        "asked 50.0 %, counted 49.3 % of 1,240 requests in 5.0 s, difference -0.7 points"
    )
    assert share_words(Measured(0.5, None, 0, 5.0)) == (
        "asked 50.0 %, counted unknown: no request came in 5.0 s"
    )


def test_the_effect_is_before_and_after_with_its_basis_and_unknown_stays_unknown():
    said = text(run())
    assert "p99      183.2 → 41.0 ms (summary)" in said
    assert "queue    140.0 → 1.20 ms" in said
    assert "errors   0.02 → unknown %" in said


def test_without_any_figure_everything_is_unknown_and_nothing_is_zero():
    said = text(run(effects=(Effect("multi", 60.0, Figures(), Figures()),)))
    assert "p99      unknown → unknown ms" in said
    assert "queue    unknown → unknown ms" in said
    assert "rate     unknown → unknown requests/s" in said


def test_a_verified_run_says_how_to_undo_it():
    said = text(run())
    assert "✓ VERIFIED" in said
    assert said.splitlines()[-1] == "undo     20250301-104107-ab12"


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (
            run(plan(step()), Outcome.CHANGED, result=Result.CHANGED),
            "nothing was changed, so there is nothing to undo",
        ),
        (run(plan(step(inverse=None)), result=Result.VERIFIED), "nothing of it can be undone"),
        (run(plan(), Outcome.DONE, Outcome.FAILED, result=Result.FAILED), "undo     20250301-104107-ab12"),
    ],
)
def test_what_can_be_done_next_follows_from_what_was_done(of, says):
    assert says in text(of)


def test_changed_under_you_says_what_was_and_what_is():
    steps = (StepRun(Outcome.CHANGED, 0.1, "", {"versions": ["4"]}),)
    said = text(run(plan(step()), Outcome.CHANGED, steps=steps, result=Result.CHANGED))
    assert "was versions 3, is versions 4" in said
    assert "≠ CHANGED UNDER YOU" in said


def test_a_failed_check_says_why_and_one_that_is_unknown_is_no_failure():
    verdicts = (
        Verdict("version ready", "triton-1", passed=False, detail="answers 400"),
        Verdict("synthetic inference", "triton-1", None, "no probe is set up"),
    )
    said = text(run(verdicts=verdicts))
    assert "✗ triton-1  version ready: answers 400" in said
    assert "? triton-1  synthetic inference is unknown: no probe is set up" in said


@pytest.mark.parametrize("cells", [10, 40, 80, 120])
def test_no_line_is_wider_than_asked(cells):
    long = run(plan(goal=HOSTILE * 9), message="went wrong " * 40)
    assert max(width(plain(line)) for line in run_lines(long, cells, NOW)) <= cells


def test_no_text_of_a_server_can_act_on_the_terminal():
    steps = (StepRun(Outcome.FAILED, 1.0, HOSTILE, HOSTILE, HOSTILE),)
    of = run(plan(step(title=HOSTILE)), Outcome.FAILED, steps=steps, message=HOSTILE)
    of = replace(of, verdicts=(Verdict(HOSTILE, HOSTILE, passed=False, detail=HOSTILE),))
    said = text(of).replace("\n", "")
    assert not [char for char in said if unicodedata.category(char) in ("Cc", "Cf")]


@pytest.mark.parametrize(("value", "said"), [(-1, "0.0 s"), (1.44, "1.4 s"), (59.99, "59s"), (200, "3m 20s")])
def test_a_span_is_tenths_under_a_minute(value, said):
    assert seconds(value) == said
