"""Requests made from a model's own description."""

from typing import Any

import pytest

from console.domain.synthetic import CannotGuessError, disagreement, synthetic_request

METADATA: dict[str, Any] = {
    "name": "ranker",
    "versions": ["1"],
    "inputs": [
        {"name": "IDS", "datatype": "INT64", "shape": [-1, 4]},
        {"name": "TEXT", "datatype": "BYTES", "shape": [-1]},
        {"name": "FLAG", "datatype": "BOOL", "shape": [1]},
        {"name": "MORE", "datatype": "FP32", "shape": [-1]},
    ],
    "outputs": [{"name": "SCORE", "datatype": "FP32", "shape": [-1]}],
}
CONFIG: dict[str, Any] = {
    "name": "ranker",
    "max_batch_size": 0,
    "input": [
        {"name": "IDS", "data_type": "TYPE_INT64", "dims": [-1, 4]},
        {"name": "TEXT", "data_type": "TYPE_STRING", "dims": [-1]},
        {"name": "FLAG", "data_type": "TYPE_BOOL", "dims": [1]},
        {"name": "MORE", "data_type": "TYPE_FP32", "dims": ["-1"], "optional": True},
    ],
    "output": [{"name": "SCORE", "data_type": "TYPE_FP32", "dims": [-1]}],
}


def test_open_dimensions_are_one_values_are_zero_and_optional_inputs_are_left_out() -> None:
    assert synthetic_request(METADATA, CONFIG) == {
        "inputs": [
            {"name": "IDS", "datatype": "INT64", "shape": [1, 4], "data": [0, 0, 0, 0]},
            {"name": "TEXT", "datatype": "BYTES", "shape": [1], "data": [""]},
            {"name": "FLAG", "datatype": "BOOL", "shape": [1], "data": [False]},
        ]
    }


@pytest.mark.parametrize(
    ("metadata", "config", "said"),
    [
        ({}, {"sequence_batching": {}}, "sequences"),
        ({}, {"model_transaction_policy": {"decoupled": True}}, "decoupled"),
        ({"inputs": [{"name": "A", "datatype": "FP16", "shape": [1]}]}, {}, "FP16 cannot be sent as JSON"),
        ({"inputs": [{"name": "A", "datatype": "FP32", "shape": [4096, 4096]}]}, {}, "over 16 MB"),
        ({"inputs": [{"name": "A", "datatype": "FP32"}]}, {}, "no shape"),
        ({"inputs": []}, {}, "no inputs"),
    ],
)
def test_what_cannot_be_guessed_is_refused(
    metadata: dict[str, Any], config: dict[str, Any], said: str
) -> None:
    with pytest.raises(CannotGuessError, match=said):
        synthetic_request({**METADATA, **metadata}, config)


def test_metadata_and_config_agree() -> None:
    assert disagreement(METADATA, CONFIG) == ""


def test_a_batched_model_has_one_dimension_more_in_its_metadata() -> None:
    batched = {**CONFIG, "max_batch_size": 8}

    assert disagreement(METADATA, batched) == "input IDS is INT64 [-1, 4], by its config INT64 [-1, -1, 4]"


def test_a_config_without_tensors_is_told() -> None:
    said = disagreement({**METADATA, "inputs": [], "outputs": []}, CONFIG)

    assert said == "its metadata has the inputs none, its config FLAG, IDS, MORE, TEXT"


@pytest.mark.parametrize(
    "odd", [5, "x", [[1]], {"decoupled": "yes"}, [None, {}], ["x"], [float("inf")], ["9" * 5000]]
)
def test_odd_parts_of_a_description_are_told_or_left_out(odd: Any) -> None:
    config = {**CONFIG, "model_transaction_policy": odd, "input": [{**CONFIG["input"][0], "dims": odd}]}
    metadata = {**METADATA, "inputs": [{**METADATA["inputs"][0], "shape": odd}]}

    assert disagreement(metadata, CONFIG)
    disagreement(METADATA, config)
    with pytest.raises(CannotGuessError):
        synthetic_request(metadata, config)


def test_what_cannot_be_guessed_is_told_in_a_line_that_can_be_shown() -> None:
    metadata = {**METADATA, "inputs": [{**METADATA["inputs"][0], "datatype": "\x1b[2J" * 2000}]}

    with pytest.raises(CannotGuessError, match=r"\\e\[2J") as told:
        synthetic_request(metadata, None)

    assert len(str(told.value)) < 200
    assert "\x1b" not in disagreement(metadata, CONFIG)


def test_a_shape_without_end_is_no_shape() -> None:
    metadata = {**METADATA, "inputs": [{**METADATA["inputs"][0], "shape": [2**60] * 1000}]}

    with pytest.raises(CannotGuessError, match="no shape"):
        synthetic_request(metadata, None)
