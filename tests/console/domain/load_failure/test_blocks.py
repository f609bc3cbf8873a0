"""Which message of many is the root, and whose failure it is."""

from console.domain.load_failure.explain import explain

TWO_ENGINES = """\
I0101 00:00:01.000001 1 model_lifecycle.cc:473] "loading: a:1"
I0101 00:00:01.000002 1 model_lifecycle.cc:473] "loading: b:1"
E0101 00:00:02.000000 1 logging.cc:40] "1: Error Code 1: Serialization (Version tag does not match.)"
E0101 00:00:02.000001 1 model_lifecycle.cc:654] "failed to load 'b' version 1: Internal: unable to create TensorRT engine"
E0101 00:00:03.000000 1 logging.cc:40] "3: getPluginCreator could not find plugin: X_TRT version: 1"
E0101 00:00:03.000001 1 model_lifecycle.cc:654] "failed to load 'a' version 1: Internal: unable to create TensorRT engine"
E0101 00:00:03.000002 1 model_repository_manager.cc:579] "Invalid argument: ensemble 'e' depends on 'a' which has no loaded version. Model 'a' loading failed with error: version 1 is at UNAVAILABLE state: Internal: unable to create TensorRT engine;"
error: creating server: Internal - failed to load all models
"""


def causes(text):
    found = explain(text)
    return {found.model: found.cause} | {other.model: other.cause for other in found.others}


def test_each_model_has_the_root_nearest_before_its_own_failure():
    assert causes(TWO_ENGINES) == {"b": "engine_version", "a": "engine_plugin"}


def test_what_was_said_before_the_load_began_is_no_root():
    text = """\
E0101 00:00:00.000001 1 logging.cc:40] CUDA out of memory
I0101 00:00:01.000001 1 model_lifecycle.cc:473] loading: tok:3
I0101 00:00:02.000001 55 pb_stub.cc:325]  Failed to initialize Python stub: ModuleNotFoundError: No module named 'sentencepiece'

At:
  /models/tok/3/model.py(2): <module>
E0101 00:00:03.000001 1 model_lifecycle.cc:654] failed to load 'tok' version 3: Internal: Stub process 'tok_0_0' is not healthy.
I0101 00:00:03.000002 1 model_lifecycle.cc:789] failed to load 'tok'
"""
    found = explain(text)
    assert (found.cause, found.model, found.version, found.line) == ("python_import", "tok", "3", 3)
    assert found.evidence == "ModuleNotFoundError: No module named 'sentencepiece'"
    assert found.advice.startswith("Install sentencepiece")


def test_a_message_about_another_model_is_not_this_ones_root():
    text = """\
Invalid argument: unable to find backend library 'libtriton_fil.so' for model 'fraud', searched: /models/fraud/7
E0226 17:02:00.421746 1 logging.cc:43] expecting compute 8.0 got compute 7.5, please rebuild.
E0226 17:02:00.425413 1 model_lifecycle.cc:597] failed to load 'seg' version 2: Internal: unable to create TensorRT engine
"""
    found = explain(text)
    assert (found.cause, found.model, found.version) == ("engine_compute", "seg", "2")


def test_a_dependency_gives_way_to_the_failure_below_it():
    text = """\
E0101 00:00:01.000001 1 model_repository_manager.cc:563] Invalid argument: ensemble 'pipe' depends on 'rank' which has no loaded version
E0101 00:00:02.000001 1 model_lifecycle.cc:622] failed to load 'rank' version 4: Internal: failed to stat file /models/rank/4/model.onnx
"""
    found = explain(text)
    assert (found.cause, found.model) == ("repository_layout", "rank")
    assert [(other.model, other.cause) for other in found.others] == [("pipe", "dependency_unavailable")]


def test_a_model_that_is_named_after_something_else_is_not_that():
    for name in ("tokenizer", "warmup", "out_of_memory", "permission denied"):
        found = explain(f"failed to load '{name}' version 1: Internal: frobnication did not converge")
        assert found.cause == "unknown"
        assert found.model == name
        assert not found.named


def test_a_warning_does_not_outweigh_an_error():
    text = """\
W0101 00:00:01.000001 1 x.cc:1] CUDA driver version is insufficient for CUDA runtime version
E0101 00:00:02.000001 1 model_lifecycle.cc:622] failed to load 'm' version 1: Internal: frobnication did not converge
"""
    assert explain(text).cause == "unknown"


def test_noise_of_every_start_is_calm_and_stays_behind_an_error():
    noise = "W0624 01:00:00.671229 1 metrics.cc:631] Unable to get power limit for GPU 0. Status:Success, value:0.000000"
    assert explain(noise).cause == "benign_warning"
    assert (
        explain(f"{noise}\nerror: creating server: Internal - failed to load all models").cause
        == "generic_wrapper"
    )
    failure = "E0101 00:00:02.000001 1 model_lifecycle.cc:622] failed to load 'm' version 1: Internal: is deprecated"
    assert explain(failure).cause == "unknown"


def test_an_error_that_nobody_knows_is_not_covered_up_by_noise():
    noise = "W0823 07:42:14.633157 32 metrics.cc:785] DCGM unable to start: DCGM initialization error"
    assert explain(noise).cause == "benign_warning"
    assert (
        explain(f"{noise}\nerror: creating server: Not found - frobnication did not converge").cause
        == "unknown"
    )


def test_pinned_memory_that_is_not_to_be_had_gives_way_to_what_stopped_the_server():
    pinned = "E0327 01:23:03.175862 1 pinned_memory_manager.cc:202] failed to allocate pinned system memory: CUDA driver version is insufficient for CUDA runtime version"
    assert explain(pinned).cause == "gpu_driver"
    stopped = "error: creating server: Internal - failed to stat file /models/m"
    assert explain(f"{pinned}\n{stopped}").cause == "repository_layout"
    assert explain(f"{pinned}\nerror: creating server: Internal - frobnication").cause == "unknown"


def test_what_cuda_failed_of_is_no_exception_of_the_model():
    assert explain("RuntimeError: CUDA error: an illegal memory access was encountered").cause == "unknown"
    assert explain("RuntimeError: CUDA error: invalid device ordinal").cause == "gpu_placement"


def test_memory_that_the_host_has_not_is_no_gpu_memory():
    assert explain("LLVM ERROR: out of memory").cause == "unknown"
    killed = "Out of memory: Killed process 812 (triton_python_b) total-vm:9000000kB"
    assert explain(killed).cause == "python_stub_dead"


def test_a_poll_that_failed_of_words_cut_off_is_unknown():
    poll = "Poll failed for model directory 'm': "
    assert explain(f"{poll}unexpected platform type 'ensemb").cause == "unknown"
    assert explain(f"{poll}failed to re").cause == "unknown"


def test_the_exception_that_was_raised_first_is_the_root_and_source_code_is_not():
    text = """\
Traceback (most recent call last):
  File "/models/x/1/model.py", line 3, in initialize
    raise PermissionError("CUDA out of memory")
ValueError: 7 is not a number
"""
    found = explain(text)
    assert (found.cause, found.evidence) == ("python_init", "ValueError: 7 is not a number")


def test_a_message_that_goes_on_in_the_next_line_is_read_on():
    text = """\
E0720 03:42:54.944486 1 model_repository_manager.cc:810] failed to load 'h' version 1: Internal: load failed for libtorch model -> 'h':
Unknown builtin op: torchvision::nms.
"""
    assert explain(text).cause == "artifact_format"


def test_lines_under_an_error_are_that_models_own():
    text = """\
E0720 03:42:54.944486 1 model_repository_manager.cc:810] failed to load 'h' version 1: Internal: onnx runtime error 6: Exception during initialization:
Failed to allocate memory for requested buffer of size 12
E0720 03:42:55.000000 1 model_repository_manager.cc:810] failed to load 'z' version 1: Internal: failed to stat file /models/z/1/model.pt
"""
    assert causes(text) == {"h": "gpu_oom", "z": "repository_layout"}


def test_a_root_that_names_another_model_is_that_models():
    text = """\
E0226 17:02:00.425413 1 model_lifecycle.cc:597] failed to load 'seg' version 2: Internal: unable to create TensorRT engine
E0226 17:02:01.000000 1 backend_model.cc:1] unable to find backend library 'libtriton_fil.so' for model 'fraud', searched: /models/fraud/7
"""
    found = explain(text)
    assert (found.cause, found.model) == ("backend_missing", "fraud")
    assert [(other.model, other.cause) for other in found.others] == [("seg", "engine_load_generic")]


def test_a_wrapper_around_words_that_nobody_knows_is_unknown():
    assert explain("error: creating server: Internal - frobnication did not converge").cause == "unknown"
    assert explain("error: creating server: Internal - ").cause == "generic_wrapper"
