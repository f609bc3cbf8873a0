"""Whatever a server answers is read, or refused with an error that the source expects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.config import read_config
from console.domain.fleet import ModelVersion
from console.domain.triton import State
from console.transport.triton_client import NETWORK_ERRORS
from console.transport.triton_json import read_index, read_server, read_statistics

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=6), x, max_size=4)
)


def shaped(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Tables that have some of the fields a real answer has, with anything in them."""
    return st.fixed_dictionaries({}, optional={name: JSON | value for name, value in fields.items()})


COUNTED = shaped(count=st.integers(), ns=st.integers())
STATISTICS = shaped(
    name=st.text(max_size=5),
    version=st.text(max_size=2),
    inference_count=st.integers(),
    execution_count=st.integers(),
    inference_stats=shaped(success=COUNTED, fail=COUNTED, queue=COUNTED),
    batch_stats=st.lists(shaped(batch_size=st.integers(), compute_infer=COUNTED), max_size=3),
)


@given(st.lists(shaped(name=st.text(), version=st.text(), state=st.text(), reason=st.text()) | JSON))
def test_any_list_is_an_index_of_texts(raw: list[Any]) -> None:
    for entry in read_index(raw):
        assert isinstance(entry.state, State)
        assert all(isinstance(text, str) for text in (entry.model, entry.version, entry.reason))


@given(shaped(model_stats=st.lists(STATISTICS | JSON, max_size=3)))
def test_statistics_are_whole_numbers_or_refused(raw: dict[str, Any]) -> None:
    try:
        rows = read_statistics(raw)
    except NETWORK_ERRORS:
        return
    for row in rows:
        numbers = (row.inferences, row.executions, row.successes, *row.batches, *row.batches.values())
        assert all(type(number) is int and number >= 0 for number in numbers)


@given(
    JSON | shaped(instance_group=JSON, dynamic_batching=JSON, version_policy=JSON, ensemble_scheduling=JSON)
)
def test_any_table_is_a_config(raw: Any) -> None:
    if isinstance(raw, dict):
        assert read_config(raw) == read_config(raw)


def test_a_row_without_a_state_was_never_loaded_and_an_unheard_of_state_is_unknown() -> None:
    raw = [{"name": "dyn"}, {"name": "x", "version": "1", "state": "SLEEPING", "reason": "tired"}]

    never, odd = read_index(raw)

    assert (never.state, never.version) == (State.ABSENT, "")
    assert (odd.state, odd.reason) == (State.UNKNOWN, "state SLEEPING. tired")


@pytest.mark.parametrize("bad", [-1, 2**64, "7", 1.5, None, True])
def test_a_count_that_is_none_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match="not a count"):
        read_statistics({"model_stats": [{"name": "m", "inference_count": bad}]})


def test_statistics_as_triton_gives_them() -> None:
    part = {"count": 3, "ns": 6_000_000}
    row = {
        "name": "m",
        "version": "2",
        "inference_count": 12,
        "execution_count": 3,
        "inference_stats": {"success": part, "queue": part},
        "batch_stats": [{"batch_size": 4, "compute_infer": part}],
    }

    (found,) = read_statistics({"model_stats": [row]})

    assert (found.key, found.request_ms, found.batches) == (ModelVersion("m", "2"), 6.0, {4: 3})


def test_server_metadata_with_odd_extensions() -> None:
    assert read_server({"name": "triton", "version": 2, "extensions": "x"}) == ("triton", "2", ())
