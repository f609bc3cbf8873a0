"""The drill's copy of the models that the tests give the real Triton, on one target without a GPU."""

from collections.abc import Collection
from dataclasses import replace

from console.drill.spec import FleetSpec, ModelSpec, Scenario, TargetSpec, VersionSpec

_TENSORS = {
    "input": [{"name": "INPUT0", "data_type": "TYPE_FP32", "dims": [-1]}],
    "output": [{"name": "OUTPUT0", "data_type": "TYPE_FP32", "dims": [-1]}],
}
_CPU = {"backend": "python", "instance_group": [{"kind": "KIND_CPU", "count": 1}]}
_INSTANT = VersionSpec(fixed_ms=0.5, item_ms=0)
_LOST = "Internal: RuntimeError: cannot open weights file /models/missing.bin\n\nAt:\n  /models/badinit/1/model.py(3): initialize\n"
_ENSEMBLE = {
    "platform": "ensemble",
    "ensemble_scheduling": {
        "step": [
            {
                "model_name": "fast",
                "model_version": -1,
                "input_map": {"INPUT0": "INPUT0"},
                "output_map": {"OUTPUT0": "BETWEEN"},
            },
            {
                "model_name": "multi",
                "model_version": -1,
                "input_map": {"INPUT0": "BETWEEN"},
                "output_map": {"OUTPUT0": "OUTPUT0"},
            },
        ]
    },
}
_BATCHING = {
    "max_batch_size": 8,
    "dynamic_batching": {"preferred_batch_size": [8], "max_queue_delay_microseconds": 25000},
}
_SHORT_QUEUE = {"max_batch_size": 1, "dynamic_batching": {"default_queue_policy": {"max_queue_size": 2}}}


def _model(config: dict[str, object], *versions: VersionSpec) -> ModelSpec:
    numbered = dict(enumerate(versions or (_INSTANT,), start=1))
    return ModelSpec({**config, **_TENSORS}, numbered, loaded=False)


MODELS = {
    "fast": _model(_CPU),
    "slow": _model({**_CPU, **_BATCHING}, VersionSpec(fixed_ms=50, item_ms=0, sigma=0)),
    "multi": _model(_CPU, _INSTANT, _INSTANT, _INSTANT),
    "multiall": _model({**_CPU, "version_policy": {"all": {}}}, _INSTANT, _INSTANT, _INSTANT),
    "badinit": _model(_CPU, VersionSpec(fails=_LOST)),
    "slowinit": _model(_CPU, VersionSpec(load_s=4.3)),
    "flaky": _model(_CPU),
    "queue": _model({**_CPU, **_SHORT_QUEUE}, VersionSpec(fixed_ms=200, item_ms=0, sigma=0)),
    "ens": _model(_ENSEMBLE),
}


def lab(names: Collection[str] = tuple(MODELS), loaded: Collection[str] = (), **target: object) -> Scenario:
    """A scenario without traffic on some of the models; ``target`` are fields of its one TargetSpec."""
    spec = TargetSpec("triton-0", **target)  # type: ignore[arg-type]
    models = {name: replace(MODELS[name], loaded=name in loaded) for name in names}
    return Scenario("lab", "Lab", "Nothing happens.", "none", FleetSpec((spec,), models), warm_s=0.0)
