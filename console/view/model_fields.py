"""What the models table may be filtered by."""

from collections.abc import Callable, Iterable

from console.domain.rows import ModelRow
from console.domain.snapshot import History
from console.view.filters import Field, Fields


def model_fields(history: History) -> Fields[ModelRow]:
    """Fields of a version; ``gpu`` asks the history for the model's config."""

    def gpus(row: ModelRow) -> Iterable[str]:
        return config_gpus(history, row.key.model)

    named = {
        "p99": _quantile("p99"),
        "p95": _quantile("p95"),
        "p90": _quantile("p90"),
        "p50": _quantile("p50"),
        "mean": _number(lambda row: row.mean_ms, "mean latency, ms"),
        "rate": _number(lambda row: row.rate, "requests per second"),
        "err": _number(
            lambda row: None if row.error_ratio is None else row.error_ratio * 100, "errors, per cent"
        ),
        "queue": _number(lambda row: row.queue_ms, "mean queue time, ms"),
        "compute": _number(lambda row: row.compute_ms, "mean compute time, ms"),
        "batch": _number(lambda row: row.batch, "mean batch"),
        "wait": _number(lambda row: row.pending, "requests waiting"),
        "burn": _number(_worst_burn, "highest burn rate of any window"),
        "ratio": _number(lambda row: row.slo.ratio, "percentile over threshold"),
        "age": _number(lambda row: row.age_s, "age of the data, s"),
        "ready": _number(lambda row: float(row.ready), "targets where it is ready"),
        "state": _text(lambda row: row.state.value, "READY, LOADING, UNAVAILABLE …"),
        "model": _text(lambda row: row.key.model, "name: = is exact, : is a part"),
        "version": _text(lambda row: row.key.version, "version: = is exact"),
        "target": _text(lambda row: row.targets, "a target it runs on"),
        "gpu": Field(gpus, "number of a GPU its config names", numeric=False),
    }
    return Fields(named, lambda row: (row.key.model,), lambda row: row.targets)


def config_gpus(history: History, model: str) -> list[str]:
    """Numbers of the GPUs that the model's instance groups name, in order."""
    found = {gpu for config in history.config(model).values() for gpu in config.gpus}
    return [str(number) for number in sorted(found)]


def _number(get: Callable[[ModelRow], float | None], about: str) -> Field[ModelRow]:
    return Field(get, about, numeric=True)


def _text(get: Callable[[ModelRow], str | Iterable[str]], about: str) -> Field[ModelRow]:
    return Field(get, about, numeric=False)


def _quantile(name: str) -> Field[ModelRow]:
    def get(row: ModelRow) -> float | None:
        value: float | None = getattr(row.percentiles, name) if row.percentiles else None
        return value

    return Field(get, f"{name} latency, ms", numeric=True)


def _worst_burn(row: ModelRow) -> float | None:
    return max((rate for rate in row.slo.burn.values() if rate is not None), default=None)
