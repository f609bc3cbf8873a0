"""The groups of a fleet seen through Prometheus, from one refresh to the next."""

from console.domain.fleet import Fleet
from console.sources._prometheus_groups import Answers, Groups
from console.transport._prometheus_series import Grid
from console.transport.promql_figures import FleetFigures
from console.transport.promql_learned import Learned


def test_that_nobody_is_scraped_is_said_with_what_was_asked_for() -> None:
    fleet = Fleet(through_prometheus=True, selector='job="triton"')
    nothing = Answers(FleetFigures((), Grid(0.0, 1.0, 1)), 0.0, Learned(0.0, "", None))

    (note,) = Groups(fleet).take(nothing).notes

    assert 'no Triton is scraped that has {job="triton"}' in note
    assert "nv_inference_request_success" in note
