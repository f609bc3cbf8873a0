import json

import pytest

from console.domain.load_failure.explain import explain
from console.view.explain import explanation_json, explanation_lines
from console.view.styled import plain, width

LOG = """\
E0101 00:00:02.000001 1 model_lifecycle.cc:654] failed to load 'ocr' version 2: Internal: ModuleNotFoundError: No module named 'cv2'
E0101 00:00:03.000001 1 model_lifecycle.cc:654] failed to load 'seg' version 1: Internal: unable to create TensorRT engine
"""


def text(log, cells=80):
    return "\n".join(plain(line) for line in explanation_lines(explain(log), cells))


def test_the_cause_stands_first_then_what_says_so_and_what_to_do():
    lines = text(LOG).splitlines()
    assert lines[0] == "python_import: python"
    said = "\n".join(lines)
    assert "ocr version 2" in said
    assert "ModuleNotFoundError: No module named 'cv2' (line 1)" in said
    assert "Install cv2" in said
    assert said.index("says") < said.index("Install cv2") < said.index("also failed")
    assert "seg version 1  engine_load_generic" in said


@pytest.mark.parametrize("cells", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(cells):
    lines = explanation_lines(explain(LOG + "x" * 3000), cells)
    assert max(width(plain(line)) for line in lines) <= cells


def test_a_warning_is_calm_and_the_unknown_asks_for_more():
    assert text("ignore version directory '.x' which fails to convert to integral number").startswith(
        "benign_warning\n"
    )
    unknown = text("hello")
    assert unknown.startswith("unknown\n")
    assert "Give more of the log" in unknown


def test_many_others_are_counted():
    log = "\n".join(
        f"failed to load 'm{n}' version 1: Internal: failed to stat file /m/{n}" for n in range(40)
    )
    assert "… 19 more" in text(log)


def test_json_has_the_contract_and_null_for_what_is_not_said():
    found = explanation_json(explain("Internal: CUDA out of memory"))
    assert json.loads(json.dumps(found)) == found
    assert (found["cause"], found["part"], found["evidence"]) == (
        "gpu_oom",
        "GPU memory",
        "CUDA out of memory",
    )
    assert found["advice"]
    assert (found["model"], found["version"], found["line"]) == (None, None, 1)
    others = explanation_json(explain(LOG))["others"]
    assert others == [
        {
            "model": "seg",
            "version": "1",
            "cause": "engine_load_generic",
            "evidence": "unable to create TensorRT engine",
        }
    ]


def test_nothing_from_the_text_reaches_the_terminal_raw():
    hostile = "failed to load '\x1b[31m\u202em' version 1: Internal: \x1b]0;x\x07 no module named '\x9b31m'"
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(text(hostile))
