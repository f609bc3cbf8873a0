"""A healthy model repository, and the means to break a model of it in one way."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.parts import models

HEALTHY = ("fast", "slow", "multi", "multiall", "ens")
DAY = 86400.0

CPU = models._CPU
IO = models._TENSORS
IN = 'input [{ name: "INPUT0" data_type: TYPE_FP32 dims: [ -1 ] }]\n'
OUT = 'output [{ name: "OUTPUT0" data_type: TYPE_FP32 dims: [ -1 ] }]\n'
_STEP = '{{ model_name: "{model}" {version} input_map {{ key: "{into}" value: "{source}" }} output_map {{ key: "OUTPUT0" value: "{sink}" }} }}'


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the id that names it, and how it comes into ``repository/name``.

    ``refused`` says whether a real Triton refuses to load the model for it; what it takes, and what would end or
    hold up the server, is not tried. ``late`` is done after all files were made old.
    """

    id: str
    plant: Callable[[Path], object]
    severity: str = "fail"
    refused: bool = False
    late: Callable[[Path], object] | None = None
    subject: str = ""


def healthy(repository: Path) -> Path:
    """A repository in which nothing is wrong, with artifacts of other backends too, which no server here can load."""
    models.write(repository, *HEALTHY)
    for name, config, file in (
        ("engine", 'platform: "tensorrt_plan"\nmax_batch_size: 8\n', "model.plan"),
        ("graph", 'backend: "onnxruntime"\n', "model.onnx"),
        ("derived", None, "model.onnx"),
        ("torch", 'backend: "pytorch"\ndefault_model_filename: "weights.pt"\n', "weights.pt"),
        ("llm", 'backend: "tensorrtllm"\n', None),
    ):
        (repository / name / "1").mkdir(parents=True)
        if config is not None:
            (repository / name / "config.pbtxt").write_text(f'name: "{name}"\n{config}')
        if file is not None:
            (repository / name / "1" / file).write_bytes(b"weights")
    return repository


def aged(repository: Path, seconds: float = 2 * DAY) -> None:
    """Make every file as old as one that was deployed long ago, and readable whatever the umask is."""
    then = time.time() - seconds
    for folder, _, files in os.walk(repository):
        Path(folder).chmod(0o755)
        for name in files:
            place = Path(folder) / name
            os.utime(place, (then, then), follow_symlinks=False)
            if not place.is_symlink():
                place.chmod(0o644)


def model(config: str = "", *, io: str = IO, versions: int = 1) -> Callable[[Path], Path]:
    def plant(folder: Path) -> Path:
        models.Model(CPU + config, models._INSTANT, versions).write(folder)
        text = (folder / "config.pbtxt").read_text()
        (folder / "config.pbtxt").write_text(text.replace(IO, io))
        return folder

    return plant


def changed(change: Callable[[Path], object], config: str = "") -> Callable[[Path], object]:
    return lambda folder: change(model(config)(folder))


def ensemble(*steps: str, config: str = "", io: str = IO) -> Callable[[Path], object]:
    def plant(folder: Path) -> None:
        (folder / "1").mkdir(parents=True)
        told = ", ".join(steps).replace("ITSELF", folder.name)
        text = f'name: "{folder.name}"\nplatform: "ensemble"\nensemble_scheduling {{ step [ {told} ] }}\n{config}{io}'
        (folder / "config.pbtxt").write_text(text)

    return plant


def step(
    called: str = "fast",
    version: str = "model_version: -1",
    into: str = "INPUT0",
    source: str = "INPUT0",
    sink: str = "OUTPUT0",
) -> str:
    return _STEP.format(model=called, version=version, into=into, source=source, sink=sink)


def moved(old: str, new: str) -> Callable[[Path], object]:
    return changed(lambda folder: (folder / old).rename(folder / new))


def added(path: str, content: bytes = b"x") -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    return changed(change)


def warmup(data: str, dims: str = "4", kind: str = "TYPE_FP32", name: str = "INPUT0") -> str:
    value = f"data_type: {kind} dims: [ {dims} ] {data}"
    return f'model_warmup [{{ name: "w" batch_size: 1 inputs {{ key: "{name}" value {{ {value} }} }} }}]\n'


def timed(ahead: float) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        then = time.time() + ahead
        os.utime(folder / "1" / "model.py", (then, then))

    return change


def bare(folder: Path) -> None:
    (folder / "1").mkdir(parents=True)
    (folder / "1" / "weights.bin").write_bytes(b"x")


def beside(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder.parent / name).write_text('name: "fast"\n')


def swap(folder: Path, old: str, new: str) -> None:
    config = folder / "config.pbtxt"
    config.write_text(config.read_text().replace(old, new))
