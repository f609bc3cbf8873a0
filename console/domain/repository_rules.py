"""What a config says about batching, instances and warmup, as Triton checks it before it serves."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from console.domain.repository import Finding, Kind, Live, ModelFolder, fail, rows, table, warn, whole
from console.domain.repository_artifact import backend_of
from console.domain.text import visible

NAME, BATCHING, INSTANCES, GPU, WARMUP = (
    "repo.config_name",
    "repo.batching",
    "repo.instances",
    "repo.gpu",
    "repo.warmup",
)
_SIZES = {
    "BOOL": 1,
    "UINT8": 1,
    "INT8": 1,
    "UINT16": 2,
    "INT16": 2,
    "FP16": 2,
    "BF16": 2,
    "UINT32": 4,
    "INT32": 4,
    "FP32": 4,
}
_WIDE = 8
_MOST_SAID = 8
# No tensor has as many; their product would be a number of a million digits.
_MOST_DIMS = 1000


def name_findings(model: ModelFolder) -> Iterator[Finding]:
    """A config that names another model than its directory does."""
    name = table(model.tree).get("name")
    if name and name != model.name:
        said = f"its config names the model {visible(str(name), 60)}: Triton refuses it (config_invalid)"
        yield fail(
            NAME, model.name, said, "directory and name must be the same: rename one, or leave name away"
        )


def batching_findings(model: ModelFolder) -> Iterator[Finding]:
    """Batch sizes that cannot be, and batching without any."""
    tree = table(model.tree)
    most = whole(tree.get("max_batch_size"))
    if most < 0:
        said = f"max_batch_size is {most} (config_invalid)"
        yield fail(
            BATCHING, model.name, said, "0 where the model does not batch, else the largest batch it takes"
        )
        return
    dynamic = table(tree.get("dynamic_batching"))
    oldest = table(table(tree.get("sequence_batching")).get("oldest"))
    for field, batcher in (("dynamic_batching", dynamic), ("sequence_batching", oldest)):
        sizes = [whole(size) for size in rows(batcher.get("preferred_batch_size"))]
        odd = [size for size in sizes if not 0 < size <= most]
        if odd:
            said = f"{field} prefers batches of {odd[:_MOST_SAID]}, and max_batch_size is {most} (config_invalid)"
            yield fail(BATCHING, model.name, said, "raise max_batch_size, or prefer smaller batches")
    if "dynamic_batching" in tree and most == 0 and not rows(dynamic.get("preferred_batch_size")):
        said = "dynamic_batching without max_batch_size: no two requests become one batch"
        yield warn(BATCHING, model.name, said, "set max_batch_size, or leave dynamic_batching away")
    yield from _priorities(model, dynamic)
    yield from _cache(model, tree)


def _cache(model: ModelFolder, tree: Mapping[str, Any]) -> Iterator[Finding]:
    decoupled = table(tree.get("model_transaction_policy")).get("decoupled")
    if table(tree.get("response_cache")).get("enable") and (decoupled or "sequence_batching" in tree):
        what = "decoupled model" if decoupled else "model of sequences"
        said = f"a {what} has no response_cache (config_invalid)"
        yield fail(BATCHING, model.name, said, "leave response_cache away")


def _priorities(model: ModelFolder, dynamic: Mapping[str, Any]) -> Iterator[Finding]:
    levels, default = whole(dynamic.get("priority_levels")), whole(dynamic.get("default_priority_level"))
    named = [whole(level) for level in table(dynamic.get("priority_queue_policy"))]
    if not levels or (0 < default <= levels and all(0 < level <= levels for level in named)):
        return
    said = (
        f"priorities go from 1 to {levels}, the default is {default}, policies are for {named[:_MOST_SAID]}"
    )
    yield fail(BATCHING, model.name, f"{said} (config_invalid)", "keep them all from 1 to priority_levels")


def instance_findings(model: ModelFolder, live: Live) -> Iterator[Finding]:
    """Instance groups on GPUs that cannot be."""
    for group in map(table, rows(table(model.tree).get("instance_group"))):
        kind = str(group.get("kind", "KIND_AUTO"))
        gpus = [whole(gpu) for gpu in rows(group.get("gpus"))]
        if whole(group.get("count")) < 0:
            said = f"an instance group has a count of {whole(group.get('count'))}: Triton makes it one"
            yield warn(INSTANCES, model.name, said, "write how many instances there shall be")
        if gpus and kind in {"KIND_CPU", "KIND_MODEL"}:
            said = f"an instance group of {kind} names GPUs {gpus[:_MOST_SAID]} (config_invalid)"
            yield fail(INSTANCES, model.name, said, "KIND_GPU with gpus, or no gpus")
        elif any(gpu < 0 for gpu in gpus):
            yield fail(
                INSTANCES, model.name, f"no GPU is called {min(gpus)} (config_invalid)", "GPUs count from 0"
            )
        elif live.gpus and not live.gpus.issuperset(gpus):
            absent, there = sorted(set(gpus) - live.gpus), sorted(live.gpus)
            said = f"it asks for GPU {absent[:_MOST_SAID]}, and the servers have {there[:16]} (gpu_placement)"
            yield fail(GPU, model.name, said, "correct gpus in its instance_group")
        if rows(group.get("profile")) and backend_of(model) not in {"tensorrt", None}:
            said = "an instance group names a profile, which only TensorRT has (config_invalid)"
            yield fail(INSTANCES, model.name, said, "leave profile away")


def warmup_findings(model: ModelFolder) -> Iterator[Finding]:
    """Warmup requests that cannot be made: without data, without a fixed shape, of inputs that are not there."""
    tree = table(model.tree)
    inputs = {str(table(each).get("name", "")) for each in rows(tree.get("input"))}
    for sample in map(table, rows(tree.get("model_warmup"))):
        if not whole(sample.get("batch_size")):
            # Triton passes over a sample without a batch size.
            continue
        given = table(sample.get("inputs"))
        unknown = sorted(set(given) - inputs) if inputs and "sequence_batching" not in tree else []
        for name in unknown[:_MOST_SAID]:
            said = f"warmup gives an input {visible(name, 60)}, which the model does not have (warmup_failed)"
            yield fail(WARMUP, model.name, said, "name the inputs of the config")
        for name, value in given.items():
            said = "" if name in unknown else _sample(model, table(value))
            if said:
                hint = f"each input takes a type, fixed dims, and zero_data, random_data or a file in {model.name}/warmup"
                yield fail(
                    WARMUP, model.name, f"warmup input {visible(name, 60)}: {said} (warmup_failed)", hint
                )


def _sample(model: ModelFolder, value: Mapping[str, Any]) -> str:
    """What is wrong with the data of one input; empty when nothing is."""
    kind = str(value.get("data_type", "")).removeprefix("TYPE_")
    dims = [whole(dim) for dim in rows(value.get("dims"))]
    said = ""
    if kind in {"", "INVALID"}:
        said = "it has no data_type"
    elif any(dim < 0 for dim in dims):
        said = f"its dims {dims[:_MOST_SAID]} vary"
    elif not {"zero_data", "random_data", "input_data_file"} & set(value):
        said = "it says nothing about its data"
    elif "input_data_file" in value:
        said = _file(model, str(value["input_data_file"]), kind, math.prod(dims[:_MOST_DIMS]))
    return said


def _file(model: ModelFolder, name: str, kind: str, count: int) -> str:
    path = f"warmup/{name}"
    entry = model.entries.get(path)
    if entry is None or entry.kind is not Kind.FILE:
        return f"there is no file {visible(path, 80)}"
    wanted = _SIZES.get(kind, _WIDE) * count
    if kind != "STRING" and entry.size < wanted:
        return f"{visible(path, 80)} has {entry.size} bytes, and {wanted} are needed"
    return ""
