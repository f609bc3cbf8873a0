"""Formats of a model's files: what serves them, and what the file is called."""

from typing import NamedTuple


class Format(NamedTuple):
    """Which platforms and backends serve a format, as a config names them, and its file's usual ending."""

    served_by: tuple[str, ...] = ()
    ending: str = ""


FORMATS: dict[str, Format] = {
    "onnx": Format(("onnxruntime_onnx", "onnxruntime"), ".onnx"),
    "tensorrt_plan": Format(("tensorrt_plan", "tensorrt"), ".plan"),
    "torchscript": Format(("pytorch_libtorch", "pytorch"), ".pt"),
    "savedmodel": Format(("tensorflow_savedmodel", "tensorflow"), ".savedmodel"),
    "graphdef": Format(("tensorflow_graphdef", "tensorflow"), ".graphdef"),
    "openvino": Format(("openvino",), ".xml"),
    "python": Format(("python",), ".py"),
    "tensorrt_llm": Format(("tensorrtllm", "tensorrt_llm", "python")),
    "vllm": Format(("vllm", "python")),
    "dali": Format(("dali",), ".dali"),
    "fil": Format(("fil",)),
    "ensemble": Format(("ensemble",)),
    "custom": Format(),
}
"""By the name that a contract gives it; nothing is known of what serves a custom one."""

_LONGEST = 255


def is_file_name(name: str) -> bool:
    """Whether it is a path of at most so many characters that stays within its folder."""
    parts = name.split("/")
    return 0 < len(name) <= _LONGEST and not any(
        part in {"", ".", ".."} or set(part) & set("\\\0") for part in parts
    )
