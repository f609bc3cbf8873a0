"""What to do about a cause, with what the text names filled in."""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from console.domain.text import visible

_LONGEST = 120
_PATH = r"(?P<path>[\w.:-]{0,100}/[^\s'\",;:|)]{1,300})"


class _Named(NamedTuple):
    """Advice for a text that has what ``pattern`` names."""

    pattern: str
    text: str


_USUAL: Mapping[str, str] = {
    "repository_layout": "Lay the model out as REPOSITORY/MODEL/VERSION/ARTIFACT with a config.pbtxt beside the version, "
    "and point --model-repository at the directory above the models.",
    "version_missing": "Give the model a numbered version directory (an ensemble needs an empty one too), "
    "or a version_policy that allows those that it has.",
    "config_parse": "Correct the file; the message from the parser just above names its line and column.",
    "config_invalid": "Correct config.pbtxt as the message says, then load again.",
    "config_model_mismatch": "Make inputs, outputs, dims and max_batch_size of config.pbtxt those of the artifact; "
    "GET /v2/models/MODEL/config after a load without a config.pbtxt shows what Triton reads from it.",
    "gpu_placement": "Give the container the GPU (--gpus, nvidia.com/gpu), or change instance_group's kind and gpus.",
    "parallelism_config": "Start as many ranks as tensor times pipeline parallelism of the engine, or build it anew for this many GPUs.",
    "backend_missing": "Use an image that has the backend, or correct backend and platform in config.pbtxt.",
    "backend_shared_library": "Use the image and backend of one release, and make the missing library reachable through LD_LIBRARY_PATH.",
    "permissions": "Make the file readable (and a stub executable) for the server's user, and its directory writable where it writes.",
    "artifact_format": "Compare the artifact's checksum with its source; if it is the same, export it for the version that this backend has.",
    "engine_version": "Build the engine anew with the TensorRT of this image, or go back to the image that it was built with.",
    "engine_compute": "Build the engine on the kind of GPU that serves it, or move the model to one that it was built for.",
    "engine_plugin": "Load the plugin's library (LD_PRELOAD, or --backend-config=tensorrt,plugins=LIB) in the version that built the engine.",
    "engine_load_generic": "Read the lines above in the server's log: TensorRT says the cause before this one (--log-verbose=1).",
    "gpu_oom": "Free GPU memory (unload a model, fewer instances), or make this one need less (batch size, KV cache fraction).",
    "gpu_driver": "Check nvidia-smi inside the container and on the node: driver, toolkit, and the CUDA version that the image needs.",
    "warmup_failed": "Correct the sample in model_warmup, or leave it away; then send one inference, for a failed warmup may leave the model READY.",
    "python_import": "Install it in the image, or in the environment that EXECUTION_ENV_PATH names.",
    "python_init": "Correct the model's initialize(); the traceback's last frames under the message say where.",
    "python_env": "Pack the environment on the image's base and Python version, with a stub built for this release.",
    "python_stub_dead": "Look for the stub's own output above, the kernel's OOM killer and the exit code; then unload and load: a plain load does not revive it.",
    "tokenizer_asset": "Put the tokenizer's files where the model looks, or give the server network and token to fetch them.",
    "host_shared_memory": "Give the container more /dev/shm (--shm-size=1g, or an emptyDir of medium Memory on Kubernetes), and remove what dead servers left there.",
    "storage_access": "Check credentials, role, region and endpoint from inside the container, then the path.",
    "storage_unreachable": "Check the endpoint, DNS, proxy and TLS from inside the container.",
    "storage_object_missing": "Check bucket and path; upload the object if it is missing.",
    "dependency_unavailable": "Repair the model that it depends on first; its own failure stands in the log above.",
    "generic_wrapper": "Read the server's log above this line: the cause is in an earlier message.",
    "benign_warning": "Nothing: look for an error instead.",
    "unknown": "Give more of the log: everything since “loading: MODEL:VERSION”, at best with --log-verbose=1.",
}

_PARTICULAR: Mapping[str, tuple[_Named, ...]] = {
    "repository_layout": (
        _Named(r"(?:stat file|for read|not found in|File does not exist at|directory|open file) '?" + _PATH, "Put {path} there, or point --model-repository at the directory above the models."),
        _Named(r"(?P<path>/[\w./-]{1,300}/\d{1,19}/[\w.-]{1,200})", "Put {path} there: the model needs the file."),
    ),
    "version_missing": (
        _Named(r"policy of model '(?P<model>[^'\n]{1,200})'", "Give {model} a version directory that its version_policy allows; an ensemble needs an empty one too."),
    ),
    "config_parse": (
        _Named(r"(?P<place>\d{1,7}:\d{1,7}): (?P<what>[^\n]{1,160})", "Correct config.pbtxt at {place} ({what})."),
        _Named(_PATH, "Correct {path}; the parser's message just above names line and column."),
    ),
    "config_invalid": (
        _Named(r"unexpected platform type '?(?P<platform>[\w.-]{1,80})", "Triton knows no platform {platform}: name a backend of this server (ls /opt/tritonserver/backends) in backend instead."),
    ),
    "config_model_mismatch": (
        _Named(r"tensor '(?P<tensor>[^'\n]{1,120})': the model expects \d+ dimensions \(shape (?P<have>\[[^\]]{0,80}\])", "Set dims of {tensor} in config.pbtxt to {have}, without the batch dimension where max_batch_size is over 0."),
        _Named(r"unexpected inference (?:in|out)put '(?P<tensor>[^'\n]{1,120})'.{0,200}?allowed (?:in|out)puts are: (?P<have>[^\n;]{1,120})", "The artifact has no {tensor}: it has {have}. Correct the name in config.pbtxt."),
    ),
    "gpu_placement": (
        _Named(r"gpu id (?P<gpu>\d{1,4})", "This server has no usable GPU {gpu}: change gpus of instance_group, or give it to the container."),
    ),
    "backend_missing": (
        _Named(r"libtriton_(?P<backend>[\w.${}-]{1,80}?)\.so", "This image has no backend {backend}: use one that has it, or correct backend in config.pbtxt (a platform such as tensorrt_plan is no backend)."),
        _Named(r"backend '(?P<backend>\$\{[^'\n]{1,80})'", "{backend} was never filled in: complete the template of config.pbtxt."),
        _Named(r"for backend '(?P<backend>[^'\n]{1,80})'", "This image has no backend {backend}: use one that has it, or correct backend in config.pbtxt."),
        _Named(r"platform type '?(?P<backend>[\w.-]{1,80})", "This server was built without {backend}: use an image that has it."),
    ),
    "backend_shared_library": (
        _Named(r"(?P<lib>lib(?:cuda|nvidia-ml)\.so[\w.]{0,20}): cannot open", "{lib} comes with the driver: run the container with the NVIDIA runtime (--gpus, runtimeClassName)."),
        _Named(r"(?P<lib>lib[\w.+-]{1,120}\.so[\w.]{0,20}): cannot open", "Install {lib} in the image, or name its directory in LD_LIBRARY_PATH; image and backend must be of one release."),
        _Named(r"undefined symbol: (?P<symbol>\w{1,200})", "The library needs {symbol}, which this image does not have: use image and backend of one release."),
    ),
    "permissions": (
        _Named(r"permission to triton_python_backend_stub in " + _PATH, "Make {path} executable where it is stored (chmod +x): the server cannot, the repository is read-only for it."),
        _Named(r"(?P<path>/[^\s'\",;:]{1,300}): (?:cannot execute|Permission denied)", "Give the server's user the right to {path} (chmod, runAsUser, fsGroup); a stub must be executable."),
        _Named(r"(?:Permission denied|Read-only file system): '(?P<path>[^'\n]{1,300})'", "Give the server's user the right to {path}, or let the model write elsewhere."),
    ),
    "artifact_format": (
        _Named(r"IR version: (?P<have>\d+), max supported IR version: (?P<most>\d+)", "The model has ONNX IR {have} and this onnxruntime reads up to {most}: export it with an older onnx, or use a newer image."),
        _Named(r"Opset (?P<have>\d+) is under development", "This onnxruntime does not read opset {have}: export the model with an older one, or use a newer image."),
        _Named(r"(?P<op>[\w.:]{1,80}) is not a registered function/op", "This onnxruntime has no operator {op}: use a newer image, or register the library of custom operators."),
        _Named(r"Load model from " + _PATH, "Compare the checksum of {path} with its source, and export it for this onnxruntime if it is the same."),
    ),
    "engine_version": (
        _Named(r"Current Version: (?P<have>\d+), Serialized Engine Version: (?P<want>\d+)", "The engine has serialization version {want}, this TensorRT {have}: build it anew with this image, or go back to the image that built it."),
        _Named(r"expecting library version (?P<want>[\d.]+) got (?P<have>[\d.]+)", "This TensorRT is {want}, the engine was built with {have}: build it anew with this image, or go back to the one that built it."),
    ),
    "engine_compute": (
        _Named(r"expecting compute (?P<want>[\d.]+) got compute (?P<have>[\d.]+\d)", "This GPU is compute {want}, the engine was built for {have}: build it on the GPU that serves it, or move the model."),
    ),
    "engine_plugin": (
        _Named(r"plugin:? +(?P<plugin>[\w:.-]{1,120}) +version:? *(?P<version>\d{0,9})", "Load the library with plugin {plugin} {version} (LD_PRELOAD, or --backend-config=tensorrt,plugins=LIB), of the release that built the engine."),
    ),
    "gpu_oom": (
        _Named(r"Free memory on device \((?P<free>[\d.]+)/(?P<total>[\d.]+ ?GiB)\)", "Only {free} of {total} are free: unload what else holds the GPU, or lower gpu_memory_utilization."),
        _Named(r"requested buffer of size (?P<bytes>\d+)", "{bytes} bytes were not free: unload a model, use fewer instances, or a smaller batch."),
        _Named(r"maxTokensInPagedKvCache \((?P<have>\d+)\)", "The KV cache holds {have} tokens, too few for one sequence: free GPU memory, raise kv_cache_free_gpu_mem_fraction, or build for shorter sequences."),
    ),
    "python_import": (
        _Named(r"No module named '?(?P<module>[\w.-]{1,120})", "Install {module} in the image, or in the environment that EXECUTION_ENV_PATH names."),
        _Named(r"cannot import name '?(?P<module>[\w.-]{1,120})'? from '?(?P<where>[\w.-]{1,120})", "Install the version of {where} that has {module}."),
        _Named(r"(?P<lib>lib[\w.+-]{1,120}\.so[\w.]{0,20}): cannot open", "Install {lib}, which an imported module needs, in the image."),
    ),
    "python_env": (
        _Named(r"(?P<symbol>(?:GLIBC|GLIBCXX|CXXABI)_[\d.]+\d)", "The environment needs {symbol} and the image has an older one, or the other way round: pack it on this image's base (conda-forge libstdcxx-ng for GLIBCXX)."),
        _Named(r"(?P<lib>libpython[\w.]{1,20}\.so[\w.]{0,20})", "The stub needs {lib}: pack it with the environment, or use the stub built for the image's Python."),
    ),
    "tokenizer_asset": (
        _Named(r"Tokenizer class (?P<name>\w{1,120})", "This transformers has no {name}: use a version that has it, or trust_remote_code where the repository brings it."),
        _Named(r"'(?P<path>/[^'\n]{1,300})'", "Check that {path} holds the tokenizer's files, readable by the server."),
    ),
    "storage_access": (
        _Named(r"bucket with name (?P<bucket>[^\s:]{1,120})", "Check credentials, role, region and endpoint for bucket {bucket} from inside the container, then the path."),
    ),
    "storage_unreachable": (
        _Named(r"bucket with name (?P<bucket>[^\s:]{1,120})", "Bucket {bucket} was not reached: check endpoint, DNS, proxy and TLS from inside the container."),
    ),
    "storage_object_missing": (
        _Named(r"(?P<path>(?:s3|gs|as)://[^\s',]{1,300}?):? ?(?:404|The specified|due to|$)", "{path} is not there: check the path, or upload it."),
    ),
    "dependency_unavailable": (
        _Named(r"depends on '(?P<model>[^'\n]{1,200})'", "Repair {model} first: its own failure stands in the log above."),
    ),
}  # fmt: skip


def advice(cause: str, text: str) -> str:
    """One or two sentences for the cause; names from the text are literal and bounded."""
    for named in _PARTICULAR.get(cause, ()):
        match = _compiled(named.pattern).search(text[:20_000])
        if match:
            return named.text.format(
                **{key: visible(value, _LONGEST) for key, value in match.groupdict("").items()}
            )
    return _USUAL[cause]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
