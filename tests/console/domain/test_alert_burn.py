"""When a budget burns too fast, and what is said while the long windows fill."""

import pytest

from console.domain.alert_burn import PAIRS, burning, filled, told
from console.domain.alerts import conditions
from console.domain.rows import ModelRow
from tests.snapshots import model_row, slo

HOUR = 3600.0


def burns(observed_s: float, requests: float = 10_000.0, **by_window: float) -> ModelRow:
    """A row whose windows burn as given; the names begin with w."""
    burn = dict.fromkeys(("5m", "30m", "1h", "2h", "6h", "1d", "3d"))
    burn.update({name.removeprefix("w"): rate for name, rate in by_window.items()})
    asked = dict.fromkeys(burn, requests)
    return model_row(slo=slo(ratio=None, observed_s=observed_s, requests=asked)._replace(burn=burn))


def severity(row: ModelRow) -> str:
    found = burning(row)
    return found.severity if found else ""


def test_the_windows_and_factors_are_those_of_the_method() -> None:
    assert [tuple(pair) for pair in PAIRS] == [
        (14.4, "1h", "5m", "page"),
        (6.0, "6h", "30m", "page"),
        (3.0, "1d", "2h", "ticket"),
        (1.0, "3d", "6h", "ticket"),
    ]


def test_a_page_needs_both_windows_once_they_are_full() -> None:
    day = 90_000.0
    assert severity(burns(day, w5m=21.0, w1h=15.0)) == "page"
    assert severity(burns(day, w5m=21.0, w1h=9.0)) == ""
    assert severity(burns(day, w5m=2.0, w1h=20.0)) == ""
    assert severity(burns(day, w5m=7.0, w1h=7.0, w30m=7.0, w6h=6.1)) == "page"


def test_slow_burns_are_tickets() -> None:
    days = 4 * 86400.0
    slow = {"w5m": 1.2, "w30m": 1.2, "w1h": 1.2, "w6h": 1.2, "w2h": 1.2}
    assert severity(burns(days, **slow, w1d=1.1, w3d=1.1)) == "ticket"
    assert severity(burns(days, **slow, w1d=1.1, w3d=0.9)) == ""
    assert severity(burns(days, **{**slow, "w2h": 3.5}, w1d=3.2, w3d=0.4)) == "ticket"


def test_a_console_opened_in_an_incident_pages_at_once_and_says_how_little_it_saw() -> None:
    row = burns(12.0, w5m=21.0)
    found = burning(row)
    assert found is not None
    assert found.severity == "page"
    assert told(row.slo, found) == "5 m burn 21.0 (12 of 300 s seen), 1 h 21.0 (12 of 3600 s seen)"


def test_the_longest_window_seen_so_far_stands_in_for_the_long_one() -> None:
    row = burns(12 * 60.0, w5m=21.0, w30m=15.0)
    found = burning(row)
    assert found is not None
    assert told(row.slo, found) == "5 m burn 21.0, 1 h 15.0 (12 of 60 min seen)"
    assert severity(burns(12 * 60.0, w5m=21.0, w30m=9.4)) == "page"
    assert severity(burns(12 * 60.0, w5m=21.0, w30m=5.0)) == ""


def test_a_moment_proves_less_than_half_an_hour() -> None:
    assert severity(burns(20.0, w5m=7.0)) == "ticket"
    assert severity(burns(20.0, w5m=4.0)) == ""
    assert severity(burns(1200.0, w5m=7.0, w30m=7.0)) == "page"


def test_a_window_without_requests_is_unknown_and_alarms_nobody() -> None:
    assert severity(burns(90_000.0, w1h=20.0, w6h=0.5)) == ""


@pytest.mark.parametrize(
    ("requests", "burn", "expected"), [(19, 1000.0, ""), (25, 40.0, ""), (25, 1000.0, "page")]
)
def test_few_requests_and_a_single_bad_one_prove_nothing(requests, burn, expected) -> None:
    assert severity(burns(300.0, requests, w5m=burn)) == expected


def test_the_alert_says_the_burn_and_the_evidence() -> None:
    (found,) = conditions((), [burns(12 * 60.0, w5m=21.0, w30m=15.0)], ())
    assert (found.id, found.severity, found.model, found.version) == ("budget-burn", "page", "ranker", "7")
    assert found.instead_of == "latency-objective"
    assert found.message == "ranker/7 burns its error budget 21.0 times too fast"
    assert found.evidence.startswith("5 m burn 21.0, 1 h 15.0 (12 of 60 min seen), errors 0.02%")


@pytest.mark.parametrize(
    ("observed_s", "window", "said"),
    [
        (20.0, "5m", "20 of 300 s"),
        (720.0, "1h", "12 of 60 min"),
        (720.0, "6h", "12 min of 6 h"),
        (3 * HOUR, "1d", "3 of 24 h"),
        (25 * HOUR, "1d", ""),
    ],
)
def test_how_much_of_a_window_was_seen(observed_s: float, window: str, said: str) -> None:
    assert filled(slo(observed_s=observed_s), window) == said
