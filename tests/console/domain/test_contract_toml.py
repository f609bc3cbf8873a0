"""A contract from its file: all that it may say, and all that is wrong with one at once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.contract import Contract, Escalation, GateLimits, Tensor
from console.domain.contract_toml import read_contract
from tests.parts.contracts import WHOLE, read


def test_everything_that_a_contract_may_say_is_read() -> None:
    found = read(WHOLE)

    assert found.problems == ()
    assert (found.model, found.owner, found.backend) == ("ranker", "ml-ranking", "onnxruntime")
    assert found.escalation == Escalation(
        "ana@example.com",
        "ranking-oncall@example.com",
        "#ranking-oncall",
        "https://wiki.example.com/ranker",
        "24x7",
    )
    assert found.labels == {"tier": "1", "service": "search"}
    assert found.artifact is not None
    assert found.artifact.format == "onnx"
    assert found.artifact.files["model.onnx"].startswith("9f86d081")
    assert found.io is not None
    assert found.io.inputs == (Tensor("INPUT0", "FP32", (-1, 4)),)
    assert found.envelope is not None
    assert found.envelope == (4 * 2**30, 1, 4, "GPU", 2.5)
    assert found.requests[0][1:] == (1, 8, {"INPUT0": (4,)})
    assert found.health is not None
    assert (found.health.file, found.health.timeout, found.health.tolerance) == ("health.json", 2.0, 1e-3)
    assert json.loads(found.health.expect) == {"OUTPUT0": [0.5, 0.25]}
    assert found.rollout[:3] == ("canary", 2, 5.0)
    assert found.rollout.gate == GateLimits(p99_ratio=1.1, errors_over=0.001, min_requests=200)
    assert found.performance == (50.0, 0.99, 400.0, 4)
    assert found.measured


def test_an_empty_file_promises_nothing() -> None:
    assert read("") == Contract("ranker", "/contracts/ranker/contract.toml")
    assert not read("").measured


def test_all_that_is_wrong_is_told_at_once_with_its_line_and_the_nearest_name() -> None:
    found = read(
        'ownr = "a"\n'
        'owner = "ml"\n'
        "[escalation]\nprimery = 'x'\n"
        "[[io.inputs]]\nname = 'A'\ndatatype = 'FP23'\n"
        "[resources]\ngpu_memory = '4 gigs'\ninstances = { min = 3, max = 2 }\n"
        "[rollout.gate]\np99_ration = 1\n"
        "[performance]\nquantile = 99\n"
    )

    assert list(found.problems) == [
        "ranker/contract.toml:1: ownr: unknown key; did you mean owner?",
        "ranker/contract.toml:4: escalation.primery: unknown key; did you mean primary?",
        'ranker/contract.toml:7: io.inputs[1].datatype: is no data type of Triton\'s: "FP23"; did you mean FP32?',
        'ranker/contract.toml:9: resources.gpu_memory: must be a size such as "4GiB" or "512 MB", not "4 gigs"',
        "ranker/contract.toml:10: resources.instances.min: is over max: 3 is more than 2",
        "ranker/contract.toml:12: rollout.gate.p99_ration: unknown key; did you mean p99_ratio?",
        "ranker/contract.toml:13: performance.latency_ms: is missing; write latency_ms = 50",
        "ranker/contract.toml:14: performance.quantile: must be over 0 and under 1, not 99 (write 99 % as 0.99)",
    ]
    assert found.owner == "ml"
    assert found.io is not None
    assert found.io.inputs == (Tensor("A"),)


def test_a_table_that_is_nearly_named_is_known_although_it_is_absent() -> None:
    found = read("[heatlh]\n[[io.input]]\n")
    assert found.problems == (
        "ranker/contract.toml:1: heatlh: unknown key; did you mean health?",
        "ranker/contract.toml:2: io.input: unknown key; did you mean inputs?",
    )


def test_what_is_no_toml_is_one_problem_and_no_promise() -> None:
    found = read("owner = \n")
    assert found.problems[0].startswith("ranker/contract.toml:1: not valid TOML")
    assert found.owner == ""


@pytest.mark.parametrize(
    ("text", "size"),
    [("'4GiB'", 4 * 2**30), ("'512 MB'", 512e6), ("'1.5KiB'", 1536), ("4096", 4096), ("4096.0", 4096)],
)
def test_sizes_are_bytes_or_words(text: str, size: float) -> None:
    envelope = read(f"[resources]\ngpu_memory = {text}\n").envelope
    assert envelope is not None
    assert envelope.gpu_memory_bytes == size


def test_the_same_size_twice_is_told() -> None:
    found = read("[resources]\ngpu_memory = '1GiB'\ngpu_memory_bytes = 5\n")
    assert "keep one" in found.problems[0]


def test_a_health_check_may_stand_in_the_contract_itself() -> None:
    health = read(
        "[[health.inputs]]\nname = 'A'\ndatatype = 'TYPE_STRING'\nshape = [1]\ndata = ['x']\n"
    ).health
    assert health is not None
    assert json.loads(health.request) == {
        "inputs": [{"name": "A", "datatype": "BYTES", "shape": [1], "data": ["x"]}]
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[health]\ntimeout = 1\n", "needs request"),
        ("[health]\nrequest = 'a.json'\nexpect = 3\n", "must be a table of output names"),
        ("[health]\nrequest = 'a.json'\nexpect = { A = 2020-01-01 }\n", "must be a table of output names"),
        ("[[health.inputs]]\nname = 'A'\ndatatype = 'FP32'\nshape = [1]\ndata = [nan]\n", "must be a list"),
        ("[[health.inputs]]\nname = 'A'\ndata = [1]\n", "is missing; write datatype"),
        (
            "[health]\nrequest = 'a.json'\n[[health.inputs]]\nname='A'\ndatatype='FP32'\nshape=[1]\ndata=[1]",
            "keep one",
        ),
        ("[artifact]\nfiles = ['../../etc/passwd']\n", "paths within the version's folder"),
        ("[artifact]\nfiles = { 'a' = 'beef' }\n", "64 hex digits"),
        ("[artifact]\nformat = 'onyx'\n", "did you mean onnx?"),
        ("[[io.inputs]]\nname = 'A'\nshape = [-2]\n", "must be a list of dimensions"),
        ("[[io.inputs]]\ndatatype = 'FP32'\n", 'is missing; write name = "INPUT0"'),
        ("[[io.inputs]]\nname = 'A'\n[[io.inputs]]\nname = 'A'\n", 'there is another "A"'),
        ("[[requests]]\nbatch = 0\n", "whole number from 1"),
        ("[rollout]\nversions = 1.5\n", "whole number from 1"),
        ("owner = 3\n", "must be text"),
        ("escalation = 'ana'\n", "must be a table"),
        ("io = 3\n", "must be a table"),
        (f"owner = '{'x' * 300}'\n", "is longer than 200"),
    ],
)
def test_each_mistake_is_named(text: str, said: str) -> None:
    assert said in " ".join(read(text).problems)


def test_a_long_list_of_mistakes_ends() -> None:
    found = read("".join(f"x{n} = 1\n" for n in range(60)))
    assert len(found.problems) == 21
    assert found.problems[0].startswith(
        "ranker/contract.toml:1: x0: unknown key; known here: artifact, backend"
    )
    assert found.problems[-1] == "ranker/contract.toml: and 40 more"


def test_who_is_called_and_whose_it_is_in_words() -> None:
    assert read(WHOLE).whose == (
        "owner ml-ranking; call ana@example.com, then ranking-oncall@example.com, #ranking-oncall, "
        "https://wiki.example.com/ranker (24x7)"
    )
    assert read("").whose == ""
    assert read("[escalation]\nsecondary = 'bo'\n").whose == "call bo"
    assert read('owner = "a\\u001b[2J"').whose == "owner a\\e[2J"


def test_what_is_sent_to_a_model_is_not_in_the_bare_contract() -> None:
    whole = read(
        WHOLE.replace(
            'request = "health.json"', "inputs = [{ name = 'A', datatype = 'FP32', shape = [1], data = [7] }]"
        )
    )
    assert whole.health is not None
    assert whole.health.request
    bare = whole.bare()
    assert bare.health is not None
    assert (bare.health.request, bare.health.expect) == ("", "")
    assert bare.owner == whole.owner


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_KEYS = ("owner", "labels", "escalation", "artifact", "io", "resources", "requests", "health", "rollout")


@given(st.sampled_from((*_KEYS, "performance")), _VALUES)
def test_whatever_stands_there_is_read_without_an_error(key: str, value: object) -> None:
    text = _toml(value)
    found = read(f"{key} = {text}\n")
    assert isinstance(found.problems, tuple)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_contract_or_a_problem(raw: bytes) -> None:
    assert read_contract("m", raw, "o", "m.toml").model == "m"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(str(key))} = {_toml(each)}" for key, each in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if value is None:
        return '""'
    if isinstance(value, float):
        return repr(value) if "e" not in repr(value) else "1.5"
    return json.dumps(value)
