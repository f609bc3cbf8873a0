import pytest

from console.domain.gate import Limits, Outcome
from console.domain.gate_errors import Counted, errors, excess

LIMITS = Limits(min_requests=20)


def outcome(
    baseline: tuple[float, float], candidate: tuple[float, float], limits: Limits = LIMITS
) -> Outcome:
    return errors((Counted(*baseline), Counted(*candidate)), None, limits, "").outcome


def test_one_of_twenty_is_chance_and_thirty_of_a_thousand_are_not():
    assert outcome((1000, 0), (20, 1)) is Outcome.PASS
    assert outcome((1000, 0), (1000, 30)) is Outcome.FAIL


def test_a_model_that_always_failed_as_much_passes():
    assert outcome((1000, 50), (1000, 55)) is Outcome.PASS
    assert outcome((1000, 50), (1000, 100)) is Outcome.FAIL


def test_what_may_be_added_passes_however_sure_it_is():
    many = Limits(errors_over=0.02, min_requests=20)
    assert outcome((1e6, 0), (1e6, 15_000), many) is Outcome.PASS
    assert outcome((1e6, 0), (1e6, 25_000), many) is Outcome.FAIL


def test_chance_is_named_where_it_decides():
    found = errors((Counted(100, 0), Counted(100, 2)), None, LIMITS, "")
    assert found.outcome is Outcome.PASS
    assert found.why == "2 of 100 failed, of the baseline's 0 of 100: no more than chance explains"


def test_errors_that_no_counter_tells_of_are_seen_by_whoever_was_answered_them():
    counters = (Counted(5000, 0), Counted(5000, 0))
    found = errors(counters, (Counted(100, 0), Counted(100, 40)), LIMITS, "")
    assert (found.outcome, found.basis, found.candidate) == (Outcome.FAIL, "probe", 0.4)


def test_own_requests_stand_for_traffic_that_is_not_there():
    lacking = "candidate had 3 requests"
    sent = (Counted(100, 0), Counted(100, 0))
    assert errors((Counted(3, 0), Counted(3, 0)), sent, LIMITS, lacking).outcome is Outcome.PASS
    alone = errors((Counted(None, None), Counted(3, 0)), None, LIMITS, lacking)
    assert (alone.outcome, alone.why, alone.baseline, alone.n) == (Outcome.UNKNOWN, lacking, None, 0)


@pytest.mark.parametrize("n", [1, 5, 100, 10**6])
def test_the_bound_is_never_above_what_was_seen(n: int) -> None:
    for failed in {0, 1, n // 2, n}:
        seen = failed / n
        assert excess(Counted(n, 0), Counted(n, failed)) <= seen + 1e-12
