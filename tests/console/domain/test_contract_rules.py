"""Which clauses hold, by what a server says of a model."""

from typing import Any

import pytest

from console.domain.contract import Clause
from console.domain.contract_rules import Served, file_clause, judged
from tests.parts.contracts import WHOLE, config, read

ALL = (
    "contract.backend",
    "contract.artifact",
    "contract.io",
    "contract.resources",
    "contract.requests",
    "contract.rollout",
)


def held(
    text: str, metadata: dict[str, Any] | None = None, kept: int | None = None, **changes: Any
) -> Clause:
    """The one clause of a contract."""
    served = Served(config(**changes), metadata, ("6", "7"), kept)
    (found,) = judged(read(text), served)
    return found


def test_a_config_that_keeps_all_of_it_passes_every_clause() -> None:
    found = judged(read(WHOLE), Served(config(), None, ("6", "7")))
    assert [(clause.id, clause.passed) for clause in found] == [(name, True) for name in ALL]


def test_nothing_is_judged_that_the_contract_does_not_say() -> None:
    assert judged(read("owner = 'a'\n"), Served(config())) == ()


def test_a_model_that_is_not_served_leaves_all_unknown() -> None:
    found = judged(read(WHOLE), Served(None, None, ("6", "7")))
    assert {clause.passed for clause in found[:-1]} == {None}
    assert "load the model" in found[0].detail


def io(*inputs: str, outputs: tuple[str, ...] = ()) -> str:
    rows = [f"[[io.inputs]]\nname = '{i.split()[0]}'\n{_rest(i)}" for i in inputs]
    rows += [f"[[io.outputs]]\nname = '{o.split()[0]}'\n{_rest(o)}" for o in outputs]
    return "".join(rows)


def _rest(said: str) -> str:
    _, *rest = said.split()
    kind = f"datatype = '{rest[0]}'\n" if rest else ""
    return kind + (f"shape = {rest[1]}\n" if len(rest) > 1 else "")


@pytest.mark.parametrize(
    ("contract", "passed", "said"),
    [
        (io("INPUT0 FP32 [-1,4]"), True, "input INPUT0 FP32 [-1,4]"),
        (io("INPUT0"), True, "input INPUT0"),
        (io("INPUT0 FP16 [-1,4]"), False, "contract says FP16 [-1,4], server says FP32 [-1,4]"),
        (io("INPUT0 FP32 [-1,5]"), False, "contract says FP32 [-1,5], server says FP32 [-1,4]"),
        (io("INPUT0 FP32 [4]"), False, "contract says FP32 [4], server says FP32 [-1,4]"),
        (io("INPUT0 FP32 [8,4]"), True, ""),
        (io("INPUT1 FP32 [-1,4]"), False, "input INPUT1, server has none; did you mean INPUT0?"),
        (io("INPUT1"), False, "server wants input INPUT0, of which the contract says nothing"),
        (io(outputs=("OUTPUT0 FP32 [-1,2]",)), True, "output OUTPUT0"),
        (io(outputs=("OUTPUT0 INT64",)), False, "contract says INT64, server says FP32 [-1,2]"),
        (io(outputs=("OUTPUT0 FP32 [8,2]",)), None, "contract says FP32 [8,2], server says FP32 [-1,2]"),
        (io(outputs=("OUTPUT0 FP32 [-1,3]",)), False, "contract says FP32 [-1,3], server says FP32 [-1,2]"),
    ],
)
def test_tensors_are_held_against_what_the_server_says(
    contract: str, said: str, *, passed: bool | None
) -> None:
    found = held(contract)
    assert (found.id, found.passed) == ("contract.io", passed)
    assert said in found.detail


def test_metadata_says_more_than_a_config() -> None:
    metadata = {"inputs": [{"name": "INPUT0", "datatype": "FP16", "shape": [-1, 4]}], "outputs": []}
    assert held(io("INPUT0 FP32 [-1,4]"), metadata).passed is False
    assert held(io("INPUT0 FP16 [-1,4]"), metadata).passed is True


def test_an_input_that_may_be_left_out_needs_no_word() -> None:
    rows = [*config()["input"], {"name": "MASK", "data_type": "TYPE_BOOL", "dims": ["4"], "optional": True}]
    assert held(io("INPUT0 FP32 [-1,4]"), input=rows).passed is True
    rows[1]["optional"] = False
    assert held(io("INPUT0 FP32 [-1,4]"), input=rows).passed is False


@pytest.mark.parametrize(
    ("contract", "changes", "passed", "said"),
    [
        ("backend = 'onnxruntime'", {}, True, "onnxruntime"),
        ("backend = 'onnxruntime_onnx'", {}, True, ""),
        ("backend = 'tensorrt'", {}, False, "contract says tensorrt, server says onnxruntime"),
        ("backend = 'tensorrt'", {"backend": "", "platform": ""}, None, "names no backend"),
        ("artifact.format = 'onnx'", {}, True, "onnx"),
        ("artifact.format = 'tensorrt_plan'", {}, False, "server serves it with onnxruntime"),
        ("artifact.format = 'onnx'", {"default_model_filename": "model.plan"}, False, "server's file is"),
        ("artifact.format = 'custom'", {}, True, "any backend"),
        ("resources.instances = 2", {}, True, "2 of 2 instances"),
        ("resources.instances = { min = 3 }", {}, False, "contract says 3 to any instances, server says 2"),
        ("resources.instances = { max = 1 }", {}, False, "contract says 0 to 1 instances, server says 2"),
        ("resources.kind = 'CPU'", {}, False, "contract says CPU, server says GPU"),
        ("resources.kind = 'GPU'", {"instance_group": []}, None, "leaves it to the server"),
        (
            "resources.instances = 1",
            {"ensemble_scheduling": {"step": [{"model_name": "a"}]}},
            None,
            "an ensemble has no instances",
        ),
        ("requests = [{ batch = 8 }]", {}, True, "request 1 is taken"),
        ("requests = [{ name = 'big', batch = 9 }]", {}, False, "big: contract says batches of up to 9"),
        ("requests = [{ batch = 2 }]", {"max_batch_size": 0}, False, "server takes none (max_batch_size 0)"),
        ("requests = [{ shapes = { INPUT0 = [4] } }]", {}, True, "request 1"),
        ("requests = [{ shapes = { INPUT0 = [5] } }]", {}, False, "contract says [5], server says [4]"),
        ("requests = [{ shapes = { INPUTO = [4] } }]", {}, False, "did you mean INPUT0?"),
        ("rollout.versions = 2", {}, True, "2 versions known to the server, 2 to be kept"),
        ("rollout.versions = 3", {}, None, "set repository to see what lies there"),
    ],
)
def test_each_clause_says_both_sides(
    contract: str, changes: dict[str, Any], said: str, *, passed: bool | None
) -> None:
    found = held(contract, **changes)
    assert found.passed is passed
    assert said in found.detail


def test_versions_are_counted_where_they_lie() -> None:
    assert held("rollout.versions = 3", kept=3).passed is True
    broken = held("rollout.versions = 3", kept=1)
    assert (broken.passed, broken.detail) == (
        False,
        "contract says 3 versions are kept, the repository holds 1",
    )


def test_what_is_broken_is_told_before_what_cannot_be_known() -> None:
    found = held(io(outputs=("OUTPUT0 FP32 [8,2]", "OUTPUT1")))
    assert (found.passed, found.detail) == (
        False,
        "contract says output OUTPUT1, server has none; did you mean OUTPUT0?",
    )


def test_of_many_faults_some_are_told_and_the_others_counted() -> None:
    found = held("".join(f"[[io.outputs]]\nname = 'O{n}'\n" for n in range(7)))
    assert found.detail.endswith("; and 3 more")


def test_a_file_that_is_not_understood_is_a_clause_that_does_not_hold() -> None:
    assert file_clause(read("owner = 'a'")) is None
    found = file_clause(read("ownr = 'a'"))
    assert found is not None
    assert (found.id, found.passed) == ("contract.file", False)
    assert "did you mean owner?" in found.detail


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"input": 3, "output": None, "instance_group": "x"},
        {"input": [{"name": None, "dims": ["a"]}], "max_batch_size": "many"},
        {"instance_group": [{}, 7], "backend": 4, "platform": ["a"]},
    ],
)
def test_an_odd_config_breaks_no_reader(odd: dict[str, Any]) -> None:
    assert len(judged(read(WHOLE), Served(odd, {"inputs": 3}, ()))) == len(ALL)
    assert len(judged(read(WHOLE), Served(odd, None, ()))) == len(ALL)
