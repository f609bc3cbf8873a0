import pytest

from console.domain.load_failure.advice import advice
from console.domain.load_failure.causes import CAUSES
from console.domain.load_failure.explain import explain

POINTS = {"layout", "config", "backend", "permissions", "artifact", "engine", "gpu_memory", "runtime"}


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_advice_and_a_meaning(cause):
    assert advice(cause, "").endswith(".")
    assert CAUSES[cause].meaning.endswith(".")
    assert set(CAUSES[cause].settles) <= POINTS


def test_every_point_of_the_runbook_is_answered_by_some_cause():
    assert {point for cause in CAUSES.values() for point in cause.settles} == POINTS


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Internal: ModuleNotFoundError: No module named 'cv2'", "cv2"),
        ("failed to stat file /models/ocr/2/model.onnx", "/models/ocr/2/model.onnx"),
        ("expecting library version 9.2.0.5 got 9.3.0.1, please rebuild", "9.3.0.1"),
        ("The engine plan file is generated on an incompatible device, expecting compute 7.5 got compute 8.6", "built for 8.6"),
        ("getPluginCreator could not find plugin: BatchTilePlugin_TRT version: 1", "BatchTilePlugin_TRT 1"),
        ("unable to find backend library for backend 'fil', try specifying runtime", "no backend fil"),
        ("unable to find backend library for backend '${triton_backend}'", "never filled in"),
        ("unable to load shared library: libcuda.so.1: cannot open shared object file", "NVIDIA runtime"),
        ("Unsupported model IR version: 10, max supported IR version: 9", "IR 10"),
        ("model 'k', tensor 'x': the model expects 2 dimensions (shape [-1,4]) but the model configuration specifies 1", "[-1,4]"),
        ("Could not get MetaData for bucket with name prod due to exception: , error message: curlCode: 28, Timeout was reached", "Bucket prod"),
        ("Invalid argument: ensemble 'e' depends on 'rank' which has no loaded version", "Repair rank first"),
        ("failed to read text proto from models/a/config.pbtxt", "models/a/config.pbtxt"),
    ],
)  # fmt: skip
def test_what_the_text_names_is_in_the_advice(text, named):
    assert named in explain(text).advice


def test_braces_in_a_name_are_only_text():
    assert "{x}" in explain("unable to find backend library for backend '${x}'").advice
    assert explain("ModuleNotFoundError: No module named '{0}'").cause == "python_import"
