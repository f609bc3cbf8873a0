"""The groups of a fleet seen through Prometheus, from one refresh to the next."""

from console.domain.fleet import Fleet
from console.sources._prometheus_groups import Answers, Groups
from console.sources._prometheus_worst import MOST
from console.transport._prometheus_series import Grid
from console.transport.promql_client import Row
from console.transport.promql_figures import FleetFigures
from console.transport.promql_learned import Learned


def test_that_nobody_is_scraped_is_said_with_what_was_asked_for() -> None:
    fleet = Fleet(through_prometheus=True, selector='job="triton"')
    nothing = Answers(FleetFigures((), Grid(0.0, 1.0, 1)), 0.0, Learned(0.0, "", None))

    (note,) = Groups(fleet).take(nothing).notes

    assert 'no Triton is scraped that has {job="triton"}' in note
    assert "nv_inference_request_success" in note


def test_that_not_all_slow_servers_are_shown_is_said() -> None:
    def noted(servers: int) -> str:
        labels = {"figure": "worst_summary", "model": "ranker", "version": "7"}
        rows = [Row({**labels, "instance": f"p{n}:8002"}, (1.0, "1000")) for n in range(servers)]
        figures = FleetFigures((), Grid(0.0, 1.0, 1))
        figures.take(rows)
        answers = Answers(figures, 0.0, Learned(0.0, "", None))
        return " ".join(Groups(Fleet(through_prometheus=True)).take(answers).notes)

    assert f"the {MOST} furthest from their median" in noted(MOST + 1)
    assert "furthest" not in noted(MOST - 1)
