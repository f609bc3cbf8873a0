"""The queries of a fleet: so many whatever its size, of nobody else's servers, each model held against its own promise."""

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.fleet import Fleet, Objective
from console.transport.promql_fleet import Lens, _regex

PROM = "http://prometheus:9090"


def lens(**fleet: object) -> Lens:
    return Lens(Fleet(prometheus=PROM, through_prometheus=True, **fleet), 60.0)  # type: ignore[arg-type]


def test_settings_change_the_texts_and_never_the_number_of_queries() -> None:
    many = tuple((f"model-{number}*", Objective(latency_ms=number + 1)) for number in range(40))
    fleets = [
        lens(),
        lens(selector='job="triton"', by=("cluster", "namespace")),
        lens(selector='job="triton"', objectives=many),
    ]

    assert {len(each.queries(without)) for each in fleets for without in (None, (), ("a", "b"))} == {11}


def test_every_series_of_triton_is_selected_by_the_fleets_selector() -> None:
    for query in lens(selector='job="triton", cluster=~"eu.*",').queries():
        names = re.findall(r"(?:nv_\w+|(?<![\w.])up)\{([^}]*)\}", query.text)
        assert names
        assert all('job="triton"' in each and 'cluster=~"eu.*"' in each for each in names)


@pytest.mark.parametrize(
    ("selector", "up"),
    [
        ('job="triton"', 'up{job="triton"}'),
        ('job=~"a|b",model!="x",namespace="n"', 'up{job=~"a|b",namespace="n"}'),
        ('job="a,b}c",version="1"', 'up{job="a,b}c"}'),
    ],
)
def test_whom_prometheus_scrapes_is_told_without_labels_that_only_series_have(selector: str, up: str) -> None:
    assert lens(selector=selector).up == up


@pytest.mark.parametrize("selector", ["", 'namespace="prod"', 'cluster="job"'])
def test_without_a_job_only_servers_that_had_models_are_counted(selector: str) -> None:
    found = lens(selector=selector)

    assert not found.trusted
    assert "and on (job, instance) count_over_time(nv_inference_request_success{" in found.up


def test_each_model_is_held_against_the_first_objective_that_fits_it() -> None:
    objectives = (("ranker", Objective(50)), ("rank*", Objective(80)))
    slow = lens(objectives=objectives, default_objective=Objective(200, quantile=0.95)).queries()[5].text

    branches = re.findall(r"nv_inference_request_summary_us\{([^}]*)\} > (\d+)", slow)

    assert [limit for _, limit in branches] == ["50000", "80000", "200000"]
    assert 'model=~"ranker"' in branches[0][0]
    assert 'model=~"rank(?s:.*)",model!~"ranker"' in branches[1][0]
    assert 'model!~"ranker",model!~"rank(?s:.*)"' in branches[2][0]
    assert "0.95" in branches[2][0]


def test_models_without_percentiles_alone_are_compared_by_their_means() -> None:
    worst = lens().queries(("b.c", "a"))[7].text

    assert 'nv_inference_request_duration_us{model=~"a|b\\\\.c"}' in worst


_PIECES = st.lists(
    st.sampled_from(
        ["*", "?", "[ab]", "[!ab]", "[^a]", "[", "]", "a", "b", "^", "!", "-", ".", "\\", "$", "|", "é"]
    )
)


@given(_PIECES.map("".join), st.text("ab^!-.\\$|é[]\n", max_size=6))
def test_a_pattern_of_the_settings_fits_the_same_models_there(glob: str, model: str) -> None:
    try:
        pattern = re.compile(_regex(glob))
    except re.error:
        return
    assert bool(pattern.fullmatch(model)) == fnmatchcase(model, glob)
