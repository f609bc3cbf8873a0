"""Which backend a model has, and the file that it expects in each version."""

from collections.abc import Callable, Iterator

from console.domain.repository import Entry, Finding, Kind, ModelFolder, fail, table, warn
from console.domain.repository_versions import versions_of

BACKEND, CONFIG_MISSING = "repo.backend", "repo.config_missing"
ARTIFACT, EMPTY, PARTIAL = "repo.artifact", "repo.version_empty", "repo.partial"
ENSEMBLE = "ensemble"

PLATFORMS = {
    "tensorrt_plan": "tensorrt",
    "onnxruntime_onnx": "onnxruntime",
    "tensorflow_savedmodel": "tensorflow",
    "tensorflow_graphdef": "tensorflow",
    "pytorch_libtorch": "pytorch",
    "torch_aoti": "pytorch",
}
# What a backend reads where the config names no file: any of them will do.
_EXPECTED = {
    "tensorrt": ("model.plan",),
    "onnxruntime": ("model.onnx",),
    "openvino": ("model.xml",),
    "pytorch": ("model.pt", "model.pt2", "model.py"),
    "python": ("model.py",),
    "dali": ("model.dali", "dali.py"),
    "vllm": ("model.json",),
}
_TENSORFLOW = {
    "tensorflow_savedmodel": ("model.savedmodel",),
    "tensorflow_graphdef": ("model.graphdef",),
}
# In this order Triton looks for files where a config names no backend.
_DERIVED = (
    ("model.savedmodel", "tensorflow"),
    ("model.graphdef", "tensorflow"),
    ("model.plan", "tensorrt"),
    ("model.onnx", "onnxruntime"),
    ("model.xml", "openvino"),
    ("model.pt", "pytorch"),
    ("model.pt2", "pytorch"),
    ("model.py", "python"),
)

_HINT = "bring the files of this version, or remove its directory"


def backend_of(model: ModelFolder) -> str | None:
    """The backend that would load it, ``ensemble`` for an ensemble; None where Triton cannot tell either."""
    tree = table(model.tree)
    backend, platform = str(tree.get("backend", "")), str(tree.get("platform", ""))
    if platform == ENSEMBLE:
        return ENSEMBLE
    if backend or platform:
        return backend or PLATFORMS.get(platform)
    named = str(tree.get("default_model_filename", ""))
    if named:
        return dict(_DERIVED).get(named)
    first = next(iter(model.folders()), None)
    inside = {entry.name for entry in model.inside(first)} if first is not None else set()
    derived = next((backend for file, backend in _DERIVED if file in inside), None)
    return derived or model.name.partition(".")[2] or None


def backend_findings(model: ModelFolder) -> Iterator[Finding]:
    """Whether Triton can tell which backend loads it."""
    tree = table(model.tree)
    backend, platform = str(tree.get("backend", "")), str(tree.get("platform", ""))
    if backend.startswith("${") or platform.startswith("${"):
        said = f"its backend is {backend or platform}: a template that nobody filled in (backend_missing)"
        yield fail(BACKEND, model.name, said, "fill in the template of its config")
    elif backend in PLATFORMS and backend not in PLATFORMS.values():
        said = f"{backend} is a platform and no backend (backend_missing)"
        yield fail(
            BACKEND, model.name, said, f'write platform: "{backend}", or backend: "{PLATFORMS[backend]}"'
        )
    elif backend_of(model) is not None:
        return
    elif platform:
        said = f"its platform {platform} is none that Triton knows, and no backend is named (config_invalid)"
        hint = f'backend: "{platform}" where it is one' if platform in _EXPECTED else "name its backend"
        yield fail(BACKEND, model.name, said, hint)
    elif model.config is None:
        yield _without_config(model)
    else:
        said = "its config names no backend, and its files tell none (config_invalid)"
        yield fail(BACKEND, model.name, said, "name its backend in the config")


def artifact_findings(model: ModelFolder) -> Iterator[Finding]:
    """The expected files of each version: those that would serve, and those that a rollback might need."""
    if model.tree is None:
        return
    wanted = expected(model)
    versions = versions_of(model)
    serve = frozenset(versions.serve)
    for number, name in versions.there.items():
        yield from _version(model, name, wanted, fail if number in serve else warn)


def expected(model: ModelFolder) -> tuple[tuple[str, ...], ...]:
    """The files that each version needs: of each group any one; empty where nobody can say."""
    tree = table(model.tree)
    backend = backend_of(model) or ""
    if backend == ENSEMBLE:
        return ()
    per_gpu = [(str(file),) for file in table(tree.get("cc_model_filenames")).values()]
    if per_gpu:
        return tuple(per_gpu)
    named = str(tree.get("default_model_filename", ""))
    if named:
        return ((named,),)
    usual = (
        _TENSORFLOW.get(str(tree.get("platform", "")), ())
        if backend == "tensorflow"
        else _EXPECTED.get(backend)
    )
    return (usual,) if usual else ()


def _version(
    model: ModelFolder, name: str, wanted: tuple[tuple[str, ...], ...], weigh: Callable[..., Finding]
) -> Iterator[Finding]:
    """``weigh`` makes a finding: only what would serve fails a load."""
    subject = f"{model.name}/{name}"
    if not wanted or model.entries[name].refused:
        return
    if not any(entry.kind is not Kind.FOLDER and not entry.cached for entry in model.below(name)):
        yield weigh(EMPTY, subject, f"is empty, and {_any(wanted[0])} is expected (artifact_missing)", _HINT)
        return
    for group in wanted:
        found = next((each for file in group if (each := model.entries.get(f"{name}/{file}"))), None)
        if found is None or found.kind is Kind.NOTHING:
            said = f"has no {_any(group)} (artifact_missing){_hang(group)}"
            yield weigh(ARTIFACT, subject, said, _where(model, name, group))
        elif found.kind is Kind.FILE and found.size == 0:
            yield weigh(
                PARTIAL, f"{model.name}/{found.path}", "has no content (artifact_format)", "upload it again"
            )


def _hang(group: tuple[str, ...]) -> str:
    return ": a load of it never returns (Triton 2.51)" if group == ("model.py",) else ""


def _where(model: ModelFolder, version: str, group: tuple[str, ...]) -> str:
    """Where a file of that name, or of that kind, lies instead."""
    for file in group:
        if file in model.entries:
            return f"it lies in the model's directory: move {file} into the version's"
        ending = f".{file.rpartition('.')[2]}"
        files = [entry for entry in model.inside(version) if entry.kind is Kind.FILE]
        near = [entry for entry in files if entry.name.endswith(ending)]
        if len(near) == 1:
            return (
                f'is it {near[0].path}? rename it to {file}, or set default_model_filename: "{near[0].name}"'
            )
    return _HINT


def _any(group: tuple[str, ...]) -> str:
    return " or ".join(group)


def _without_config(model: ModelFolder) -> Finding:
    near = [entry for entry in model.entries.values() if _like_config(entry)]
    said = "it has no config.pbtxt, and its files do not tell a backend (repository_layout)"
    hint = (
        f"is it {near[0].path}? rename or move it to config.pbtxt"
        if near
        else "write one, or move this elsewhere"
    )
    return fail(CONFIG_MISSING, model.name, said, hint)


def _like_config(entry: Entry) -> bool:
    plain = entry.name.lower()
    return entry.kind is Kind.FILE and plain.startswith("config.") and ("pb" in plain or "txt" in plain)
