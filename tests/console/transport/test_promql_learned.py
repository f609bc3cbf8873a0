"""What is learned of a Prometheus: what it is by what it says of its build, and how often it scrapes."""

import pytest

from console.transport.promql_learned import Learned, _usual, flavour


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
