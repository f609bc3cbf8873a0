"""PromQL against a real Prometheus: values by their labels, and its own words where there are none."""

from collections.abc import AsyncIterator, Iterator

import pytest

from console.domain.fleet import Fleet, Tls
from console.ports import Queries
from console.transport.http import Http
from console.transport.kit import Kit
from console.transport.prometheus import queries_of
from tests.parts.clock import HandClock
from tests.parts.prometheus import Prometheus

EXPOSITION = """\
# TYPE nv_inference_pending_request_count gauge
nv_inference_pending_request_count{model="ranker",version="7"} 57
nv_inference_pending_request_count{model="embed",version="3"} 0
# TYPE seconds histogram
seconds_bucket{le="0.1"} 0
seconds_bucket{le="+Inf"} 5
seconds_sum 9
seconds_count 5
"""


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with Prometheus(tmp_path_factory.mktemp("prometheus"), EXPOSITION) as found:
        yield found


@pytest.fixture
async def queries(prometheus: Prometheus) -> AsyncIterator[Queries]:
    http = Http({}, Tls())
    made = queries_of(Fleet(prometheus=prometheus.url), Kit(HandClock(), http))
    assert made is not None
    yield made
    await http.close()


async def test_every_series_is_told_by_its_labels(queries: Queries) -> None:
    asked = await queries.ask("sum by (model, version) (nv_inference_pending_request_count)")

    assert asked.values == {"model=ranker, version=7": 57, "model=embed, version=3": 0}
    assert (asked.problem, asked.at) == ("", HandClock().now())


async def test_a_name_is_told_with_its_labels_and_a_number_alone_has_none(queries: Queries) -> None:
    (name,) = (await queries.ask('nv_inference_pending_request_count{model="ranker"}')).values
    assert name.startswith("nv_inference_pending_request_count ")
    assert "model=ranker" in name

    assert (await queries.ask("sum(nv_inference_pending_request_count)")).values == {"": 57}
    assert (await queries.ask("2 * 3.5")).values == {"": 7}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sum(", "Prometheus refuses the query: "),
        ("nv_inference_queue_duration_us_bucket", "no series matches"),
        ("nv_inference_pending_request_count[5m]", "put rate(…)"),
        ('"words"', "gives a text"),
        ("0 / (sum(nv_inference_pending_request_count) * 0)", "nothing was there to divide by"),
        ("histogram_quantile(0.99, seconds_bucket) + 1 / 0", "infinite"),
        ("x" * 5000, "longer than 4000 characters"),
    ],
)
async def test_what_has_no_value_says_why(queries: Queries, query: str, said: str) -> None:
    asked = await queries.ask(query)

    assert said in asked.problem, asked
    assert asked.values == {}
    assert len(asked.problem) <= 300


async def test_values_that_are_no_numbers_are_left_out_and_the_others_are_not(queries: Queries) -> None:
    pending = "sum by (model) (nv_inference_pending_request_count)"

    asked = await queries.ask(f"{pending} / {pending}")

    assert asked.values == {"model=ranker": 1}


async def test_a_prometheus_that_is_gone_is_a_problem_and_no_exception() -> None:
    http = Http({}, Tls())
    made = queries_of(Fleet(prometheus="http://127.0.0.1:9"), Kit(HandClock(), http))
    assert made is not None

    assert "connection refused" in (await made.ask("up")).problem
    await http.close()
