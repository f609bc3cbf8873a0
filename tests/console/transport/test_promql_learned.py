"""What is learned of a Prometheus: whether it answers, what it is by what it says of its build, and how often it scrapes."""

from typing import Any

import pytest

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.transport.promql_learned import REACH_S, Learned, _usual, flavour, learned
from tests.parts.clock import HandClock


class Silent:
    """A Prometheus that never answers; ``waited`` is how long each call would have waited."""

    def __init__(self) -> None:
        self.waited: list[float | None] = []

    async def query(self, text: str, at: float | None = None, seconds: float | None = None) -> Any:
        self.waited.append(seconds)
        raise SourceError(Failure(FailureKind.TIMEOUT, "prometheus", f"no answer to {text}"))


async def test_one_that_never_answers_is_given_up_soon_and_asked_nothing_else() -> None:
    silent = Silent()

    with pytest.raises(SourceError):
        await learned(silent, Fleet(), HandClock())  # type: ignore[arg-type]  # as much of a client as is used

    assert silent.waited == [REACH_S]
    assert REACH_S <= 5


@pytest.mark.parametrize(
    ("build", "said"),
    [
        ({"version": "2.42.0+ds", "goVersion": "go1.19", "branch": "x"}, "Prometheus 2.42.0"),
        ({"application": "Grafana Mimir", "version": "2.14.1", "features": "{}"}, "Mimir 2.14.1"),
        ({"version": "0.36.1", "goVersion": "go1.22"}, "Thanos 0.36.1"),
        ({"version": "2.24.0"}, "VictoriaMetrics, which calls itself Prometheus 2.24.0"),
        ({"version": "9\x1b[31m", "revision": "x"}, "Prometheus 9\\e[31m"),
        ({}, ""),
    ],
)
def test_it_is_called_what_it_says_that_it_is(build: dict[str, str], said: str) -> None:
    assert flavour(build) == said


@pytest.mark.parametrize(
    ("measured", "usual"), [(14.9, 15.0), (15.8, 15.0), (0.5, 0.5), (61.0, 60.0), (40.0, 40.0)]
)
def test_an_interval_is_one_that_somebody_would_write(measured: float, usual: float) -> None:
    assert _usual(measured) == usual


@pytest.mark.parametrize(
    ("scrape_s", "window_s"), [(None, 240.0), (0.5, 15.0), (15.0, 60.0), (60.0, 240.0), (7200.0, 3600.0)]
)
def test_rates_are_taken_over_some_scrapes(scrape_s: float | None, window_s: float) -> None:
    assert Learned(0.0, "", scrape_s).window_s == window_s
