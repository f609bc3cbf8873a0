"""The same failure says the same, whatever carries it."""

import json
import textwrap

import pytest

from console.domain.load_failure.carriers import records
from console.domain.load_failure.explain import explain
from tests.console.domain.load_failure.recorded import recorded

SAID_BY_ALL = ("unknown", "generic_wrapper", "benign_warning", "dependency_unavailable")
HEADED = (
    "E0",
    "E1",
    "I0",
    "I1",
    "W0",
    "0804",
    "Poll failed",
    "failed to",
    "fail to",
    "error:",
    "UNAVAILABLE",
    "bash:",
)
BARE = [
    pytest.param(text, cause, id=f"{cause}-{number}")
    for number, (text, cause, _) in enumerate(recorded("messages"))
    if cause not in SAID_BY_ALL
    and not text.startswith(HEADED)
    and "|" not in text
    and ".cc:" not in text[:40]
]


def old_log(text):
    return (
        f"E0226 17:02:00.421746 1 model_lifecycle.cc:597] failed to load 'rank' version 3: Internal: {text}"
    )


def new_log(text):
    quoted = text.replace('"', '\\"').replace("\n", "\\n")
    return f'I0704 00:33:26.720 168 a.cc:1] "loading: rank:3"\nE0704 00:33:27.720896 168 model_lifecycle.cc:654] "failed to load \'rank\' version 3: Internal: {quoted}"'


def iso_log(text):
    return f"2024-11-20T10:00:00Z E 1 model_lifecycle.cc:654] \"failed to load 'rank' version 3: Internal: {text}\""


def body(text):
    said = f"load failed for model 'rank': version 3 is at UNAVAILABLE state: Internal: {text};\n"
    return "HTTP/1.1 400 Bad Request\r\n\r\n" + json.dumps({"error": said})


def index(text):
    rows = [
        {"name": "well", "version": "1", "state": "READY"},
        {"name": "rank", "version": "3", "state": "UNAVAILABLE", "reason": f"Internal: {text}"},
        {"name": "old", "version": "1", "state": "UNAVAILABLE", "reason": "unloaded"},
    ]
    return json.dumps(rows)


def table(text):
    """Cells are cut where they are full, words or not."""
    status = f"UNAVAILABLE: Internal: {' '.join(text.split())}"
    pieces = [status[at : at + 60] for at in range(0, len(status), 60)]
    rule = f"+-------+---------+{'-' * 62}+"
    rows = [
        f"| rank  | 3       | {pieces[0]:<60} |",
        *(f"|       |         | {piece:<60} |" for piece in pieces[1:]),
    ]
    return "\n".join([rule, f"| Model | Version | {'Status':<60} |", rule, *rows, rule])


def docker(text):
    lines = old_log(text).splitlines()
    return "\n".join(json.dumps({"log": line + "\n", "stream": "stderr"}) for line in lines)


def compose(text):
    return textwrap.indent(old_log(text), "triton-1  | ")


def kubernetes(text):
    return textwrap.indent(old_log(text), "2024-02-26T17:02:00.421746001Z stderr F ")


def coloured(text):
    return f"\x1b[31m{old_log(text)}\x1b[0m".replace("\n", "\r\n") + "\r\n"


def journal(text):
    return textwrap.indent(old_log(text), "Nov 20 16:52:01 node-3 triton[12]: ")


def mpirun(text):
    """A server of several ranks, whose lines are tagged with theirs."""
    return textwrap.indent(old_log(text), "[1,0]<stderr>:")


CARRIERS = (
    old_log,
    new_log,
    iso_log,
    body,
    index,
    table,
    docker,
    compose,
    kubernetes,
    coloured,
    journal,
    mpirun,
)


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(("text", "cause"), BARE)
def test_a_message_has_its_cause_in_every_carrier(text, cause, carrier):
    found = explain(carrier(text))
    assert (found.cause, found.model, found.version) == (cause, "rank", "3")


def test_tables_of_other_things_and_versions_that_are_well_say_nothing():
    text = """\
+----------------------------------+------------------+
| Option                           | Value            |
+----------------------------------+------------------+
| cuda_memory_pool_byte_size{0}    | 67108864         |
| strict_model_config              | 0                |
|                                  | out of memory    |
+----------------------------------+------------------+
| Model | Version | Status               |
| a     | 1       | READY                |
| b     | 1       | UNAVAILABLE: unloaded |
"""
    assert records(text) == []
    assert explain(text).cause == "unknown"


def test_a_refused_change_of_a_serving_version_is_a_failure():
    rows = [
        {
            "name": "rank",
            "version": "3",
            "state": "READY",
            "reason": "Invalid argument: instance group rank_0 of model rank has kind KIND_GPU but no GPUs are available",
        }
    ]
    found = explain(json.dumps(rows))
    assert (found.cause, found.model, found.version) == ("gpu_placement", "rank", "3")


def test_a_body_that_was_cut_is_read_as_far_as_it_goes():
    found = explain(
        "{\"error\":\"load failed for model 'm': version 1 is at UNAVAILABLE state: Internal: ModuleNotFoundError: No module named 'cv2'\\n\\nAt:"
    )
    assert (found.cause, found.model) == ("python_import", "m")


def test_the_number_of_a_version_directory_named_minus_one_is_that():
    found = explain(
        "failed to load 'm' version 18446744073709551615: Not found: unable to load shared library: libx.so: cannot open shared object file"
    )
    assert found.version == "-1"


def test_lines_are_counted_in_the_text_as_it_came():
    found = explain("first\r\nsecond\r\nModuleNotFoundError: No module named 'cv2'\r\n")
    assert found.line == 3


def test_versions_that_were_unloaded_are_no_failures_of_an_index():
    assert explain(index("ModuleNotFoundError: No module named 'cv2'")).others == ()


def test_lines_of_a_cell_stay_lines():
    text = """\
| post | 4       | UNAVAILABLE: Internal: NameError: name 'np' is not defined |
|      |         |                                                            |
|      |         | At:                                                        |
|      |         |   /models/post/4/model.py(22): initialize                  |
"""
    assert explain(text).evidence == "NameError: name 'np' is not defined"


def test_a_cell_copied_without_its_row_is_read_to_its_end():
    text = """\
UNAVAILABLE: Internal: Unable to initialize shared memo |
|      |         | ry key 'k' to requested size |
"""
    found = explain(text)
    assert found.cause == "host_shared_memory"
    assert found.evidence == "Unable to initialize shared memory key 'k' to requested size"


def test_a_table_whose_lines_are_tagged_with_ranks_is_one():
    tagged = textwrap.indent(table("ModuleNotFoundError: No module named 'cv2'"), "[1,3]<stdout>:")
    found = explain(tagged)
    assert (found.cause, found.model, found.version) == ("python_import", "rank", "3")


def test_a_single_cell_is_a_message():
    found = explain("| Internal: CUDA out of memory |")
    assert (found.cause, found.evidence) == ("gpu_oom", "CUDA out of memory")


def test_colours_are_no_part_of_a_message():
    assert (
        explain("\x1b[1;31mInternal: \x1b[0mCUDA out of \x1b[4mmemory\x1b[0m").evidence
        == "CUDA out of memory"
    )


@pytest.mark.parametrize(
    "line",
    [
        "INFO 08-20 06:19:23 llm_engine.py:176] world_size=1, CUDA out of memory",
        "[TensorRT-LLM][INFO] CUDA out of memory",
        "[08/02/2023-22:16:01] [TRT] [I] CUDA out of memory",
        "2020-11-10 03:18:37.623702: I tensorflow/core/x.cc:917] CUDA out of memory",
        "2023-02-07 08:46:52.343 [I:onnxruntime:, graph.cc:3490 Clean] CUDA out of memory",
    ],
)
def test_what_a_library_tells_as_information_is_no_failure(line):
    assert explain(line).cause == "unknown"
