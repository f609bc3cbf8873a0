import json
from pathlib import Path
from typing import Any

import pytest

from console.drill.sim.config_schema import ConfigError
from console.drill.sim.model_config import complete, parse, served_versions
from tests.console.drill.lab import MODELS

RECORDED = Path(__file__).parents[2] / "recorded" / "triton"


@pytest.mark.parametrize("name", ["fast", "multi"])
def test_a_config_is_completed_as_triton_does_it(name: str) -> None:
    made = complete(name, MODELS[name].config, gpu=False)

    assert json.dumps(made) == json.dumps(json.loads((RECORDED / f"config_{name}.json").read_text()))


def test_an_ensemble_has_no_optimization_and_a_transaction_policy() -> None:
    recorded = json.loads((RECORDED / "config_ens.json").read_text())

    given = {**MODELS["ens"].config, "ensemble_scheduling": recorded["ensemble_scheduling"]}

    assert json.dumps(complete("ens", given, gpu=False)) == json.dumps(recorded)


def test_what_triton_writes_it_reads() -> None:
    made = complete("fast", MODELS["fast"].config, gpu=False)

    assert complete("fast", parse(json.dumps(made)), gpu=False) == made


@pytest.mark.parametrize(
    "given",
    [
        {"bogus": 1},
        {"name": "other"},
        {"max_batch_size": "x"},
        {"max_batch_size": 1.5},
        {"max_batch_size": True},
        {"max_batch_size": -1},
        {"input": {}},
        {"input": [{"dims": "x"}]},
        {"instance_group": [{"kind": "KIND_NOPE"}]},
        {"dynamic_batching": {"preferred_batch_size": [4]}},
        {"dynamic_batching": {}, "sequence_batching": {}},
        {"optimization": 3},
    ],
)
def test_wrong_configs_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        complete("fast", {"backend": "python", **given}, gpu=False)


@pytest.mark.parametrize("text", ["", "{nope", "[]", "3", '"x"'])
def test_texts_that_are_no_config_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse(text)


def test_both_spellings_of_protobuf_json_are_read() -> None:
    given = {"backend": "python", "maxBatchSize": "8", "versionPolicy": {"latest": {"numVersions": 2}}}

    made = complete("fast", given, gpu=False)

    assert (made["max_batch_size"], made["version_policy"]) == (8, {"latest": {"num_versions": 2}})


@pytest.mark.parametrize(
    ("policy", "served"),
    [
        ({"latest": {"num_versions": 1}}, [3]),
        ({"latest": {"num_versions": 2}}, [2, 3]),
        ({"latest": {}}, [3]),
        ({"all": {}}, [1, 2, 3]),
        ({"specific": {"versions": [9, 2]}}, [2]),
        ({"specific": {"versions": [9]}}, []),
    ],
)
def test_the_policy_picks_versions(policy: dict[str, Any], served: list[int]) -> None:
    config = complete("multi", {"backend": "python", "version_policy": policy}, gpu=False)

    assert served_versions(config, [3, 1, 2]) == served


def test_instances_go_to_the_gpu_where_there_is_one() -> None:
    kinds = [
        complete("m", {"backend": "onnxruntime"}, gpu=gpu)["instance_group"][0]["kind"]
        for gpu in (True, False)
    ]

    assert kinds == ["KIND_GPU", "KIND_CPU"]
