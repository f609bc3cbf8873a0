"""The tensors of an ensemble, followed through steps of several inputs and of several batch sizes."""

from typing import Any

import pytest

from console.domain.repository import ConfigFile, Entry, Kind, ModelFolder
from console.domain.repository_flow import flow_findings

Tree = dict[str, Any]


def tensor(name: str, *dims: int, **more: Any) -> Tree:
    return {"name": name, "data_type": "TYPE_FP32", "dims": [str(dim) for dim in dims], **more}


def folder(name: str, inputs: list[Tree], outputs: list[Tree], batch: int = 0) -> ModelFolder:
    tree = {"input": inputs, "output": outputs, "max_batch_size": batch}
    return ModelFolder(name, Entry(name, Kind.FOLDER), {}, ConfigFile(tree))


JOIN = folder("join", [tensor("a", -1), tensor("b", -1), tensor("c", 1, optional=True)], [tensor("out", -1)])


def said(ensemble: ModelFolder, called: ModelFolder, into: Tree, out: Tree) -> list[str]:
    steps = [{"model_name": called.name, "input_map": into, "output_map": out}]
    return [finding.message for finding in flow_findings(ensemble, steps, {called.name: called})]


def test_a_step_runs_when_all_that_it_reads_is_written() -> None:
    ensemble = folder("ens", [tensor("x", -1)], [tensor("y", -1)])
    assert said(ensemble, JOIN, {"a": "x", "b": "x"}, {"out": "y"}) == []
    assert said(ensemble, JOIN, {"a": "x", "b": "nowhere"}, {"out": "y"}) == [
        "no step writes its output y (config_invalid)"
    ]


def test_an_input_that_is_not_optional_is_mapped() -> None:
    ensemble = folder("ens", [tensor("x", -1)], [tensor("y", -1)])
    assert said(ensemble, JOIN, {"a": "x"}, {"out": "y"}) == [
        "input b of join is mapped to no tensor (config_invalid)"
    ]


@pytest.mark.parametrize(
    ("dims", "batch", "fits"),
    [((-1, 4), 0, 1), ((4,), 8, 1), ((4,), 2, 0), ((5,), 8, 0), ((7, 4), 0, 1), ((1, 7, 4), 0, 0)],
)
def test_a_batching_ensemble_calls_what_takes_its_batches(
    dims: tuple[int, ...], batch: int, fits: int
) -> None:
    ensemble = folder("ens", [tensor("x", 4)], [tensor("y", -1)], batch=8)
    called = folder("plain", [tensor("a", *dims)], [tensor("out", -1)], batch)
    assert (said(ensemble, called, {"a": "x"}, {"out": "y"}) == []) is bool(fits)


def test_a_model_that_declares_nothing_is_not_judged() -> None:
    ensemble = folder("ens", [tensor("x", 4)], [tensor("y", -1)])
    assert said(ensemble, folder("completed", [], []), {"any": "x"}, {"thing": "y"}) == []
