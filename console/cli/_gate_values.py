"""The options of ``gate`` as values."""

import argparse
import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from console.cli._errors import CliError
from console.cli._fleet import guessed
from console.domain.gate import CHECKS, Limits
from console.domain.gate_answers import INPUTS_MOST, Input
from console.domain.text import visible

_FILE_MOST = 16 * 2**20
_OBSERVE_MOST = 86_400.0
_PROBES_MOST = 100_000
_DEFAULTS = Limits()


def add_limits(parser: argparse.ArgumentParser) -> None:
    """What passes, by its default."""
    known = _DEFAULTS
    limits = parser.add_argument_group("what passes")

    def number(name: str, value: float, about: str, kind: type = float) -> None:
        told = f"{about} (default: {value:g})"
        limits.add_argument(f"--{name}", metavar="N", type=kind, help=told)

    number("p99-ratio", known.p99_ratio, "p99 up to so many times the baseline's; of the mean likewise")
    number("queue-ratio", known.queue_ratio, "queue time up to so many times the baseline's")
    number("gpu-memory-ratio", known.gpu_memory_ratio, "GPU memory up to so many times the baseline's")
    number("floor", known.floor_ms, "what is less than so many ms slower never fails")
    number("errors-over", known.errors_over, "share of failed requests (0-1) that may be added")
    number("tolerance", known.tolerance, "absolute difference of floating-point outputs that passes")
    number("rtol", known.rtol, "and relative difference that passes on top")
    number("min-requests", known.min_requests, "requests that each side must have had", int)
    limits.add_argument(
        "--allow-mean", action="store_true", help="let the mean stand for a p99 that nothing tells"
    )
    for name, about in (("require", "a check that must be known to pass"), ("skip", "leave a check out")):
        limits.add_argument(
            f"--{name}", metavar="ID", action="append", default=[], choices=CHECKS,
            help=f"{about}: {', '.join(CHECKS)}; repeatable",
        )  # fmt: skip


_BOUNDS: Mapping[str, tuple[float, float]] = {
    "p99_ratio": (0.01, 1e6),
    "queue_ratio": (0.01, 1e6),
    "gpu_memory_ratio": (0.01, 1e6),
    "floor": (0.0, 1e12),
    "tolerance": (0.0, 1e12),
    "rtol": (0.0, 1e12),
    "errors_over": (0.0, 1.0),
    "min_requests": (1, 1e9),
}
_FIELDS = {name: "floor_ms" if name == "floor" else name for name in _BOUNDS}


def by_hand(options: argparse.Namespace) -> frozenset[str]:
    """The limits that are on the command line: no contract sets these."""
    return frozenset(_FIELDS[name] for name in _BOUNDS if getattr(options, name) is not None)


def limits_of(options: argparse.Namespace) -> Limits:
    """What passes; raises CliError for what makes no sense."""
    given = {name: value for name in _BOUNDS if (value := getattr(options, name)) is not None}
    for name, value in given.items():
        _within(name, value, *_BOUNDS[name])
    _within("observe", options.observe, 1.0, _OBSERVE_MOST)
    _within("probe", options.probe, 0, _PROBES_MOST)
    twice = sorted({*options.require} & {*options.skip})
    if twice:
        raise CliError(f"{twice[0]} cannot be both required and skipped", "leave one of the two away")
    if len({*options.skip}) == len(CHECKS):
        raise CliError("every check is skipped", "leave one, or the gate judges nothing")
    return Limits(
        **{_FIELDS[name]: value for name, value in given.items()},
        allow_mean=options.allow_mean,
        required=frozenset(options.require),
        skipped=frozenset(options.skip),
    )


def _within(name: str, value: float, least: float, most: float) -> None:
    if not isfinite(value) or not least <= value <= most:
        raise CliError(f"--{name.replace('_', '-')} must be {least:g} to {most:g}")


def naming_sides(options: argparse.Namespace) -> None:
    """Watch the servers that the sides name by address too, where the command line or nobody says which to watch.

    Servers of the settings stay as they are: their credentials go to no other.
    """
    named = [side.rpartition("@")[2] for side in (options.baseline, options.candidate) if "://" in side]
    if named and (options.targets or guessed(options)):
        options.targets = [*options.targets, *named]


def read_inputs(files: list[str]) -> tuple[Input, ...]:
    """The inferences that the files hold; raises CliError for a file that holds none."""
    found = [each for name in files for each in _read(name)]
    if len(found) > INPUTS_MOST:
        raise CliError(f"{len(found)} inputs are too many", f"give at most {INPUTS_MOST}")
    return tuple(found)


def _read(name: str) -> list[Input]:
    path, shown = Path(name), visible(name, 200)
    try:
        with path.open("rb") as file:
            raw = file.read(_FILE_MOST + 1)
        if len(raw) > _FILE_MOST:
            raise CliError(f"{shown} is over {_FILE_MOST >> 20} MB", "give a smaller input")
        parsed = json.loads(raw)
    except OSError as error:
        raise CliError(f"{shown} cannot be read: {error.strerror or error}", "name a JSON file") from error
    except (ValueError, RecursionError) as error:
        raise CliError(f"{shown} is not JSON: {visible(str(error), 100)}", _SHAPE) from error
    bodies = parsed if isinstance(parsed, list) else [parsed]
    if not bodies or not all(_is_body(body) for body in bodies):
        raise CliError(f"{shown} is no v2 inference", _SHAPE)
    if len(bodies) == 1:
        return [Input(path.name, bodies[0])]
    return [Input(f"{path.name} {number}", body) for number, body in enumerate(bodies, 1)]


_SHAPE = 'write {"inputs": [{"name": …, "datatype": …, "shape": […], "data": […]}]}, or a list of these'


def _is_body(body: Any) -> bool:
    inputs = body.get("inputs") if isinstance(body, Mapping) else None
    return isinstance(inputs, list) and bool(inputs) and all(isinstance(each, Mapping) for each in inputs)
