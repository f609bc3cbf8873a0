"""A model's config with one thing changed, and what speaks against sending it.

Triton takes whatever config a load carries in place of the whole one, and answers 200 to a part of one: the model
is READY then and fails every inference. So a change starts from the full config as served, and is held against it.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from console.domain.config import read_config
from console.domain.states import Json, canonical
from console.domain.text import whole

Config = Mapping[str, Any]

POLICY = "version_policy"
INSTANCES = "instance_group"
BATCHING = "dynamic_batching"
CONFIG_LIMIT = 2**20
INSTANCES_MOST = 64
# What says which model it is and what its clients send and get.
_IDENTITY = ("name", "backend", "platform", "max_batch_size", "input", "output")
_ESSENTIAL = ("name", "input", "output", "max_batch_size")


class Admission(NamedTuple):
    """A bounded queue: at most ``size`` requests wait, and none longer than ``timeout_us`` (0 is for ever)."""

    size: int
    timeout_us: int


def config_digest(config: Config) -> str:
    """Hash of a config without its version policy."""
    return hashlib.sha256(canonical(_without(config, POLICY)).encode()).hexdigest()[:16]


def knobs(config: Config) -> dict[str, Json]:
    """What can be tuned, as it is set; a value that the config does not have is left out."""
    found: dict[str, Json] = {}
    counts = {_int(group.get("count")) or 1 for group in _groups(config)}
    if len(counts) == 1:
        found["instances"] = counts.pop()
    batching = config.get(BATCHING)
    if isinstance(batching, Mapping):
        policy = _table(batching.get("default_queue_policy"))
        found["queue_delay_us"] = _int(batching.get("max_queue_delay_microseconds"))
        found["queue_size"] = _int(policy.get("max_queue_size"))
        found["queue_timeout_us"] = _int(policy.get("default_timeout_microseconds"))
        found["queue_action"] = str(policy.get("timeout_action") or "REJECT")
    return found


def with_versions(config: Config, versions: Sequence[str]) -> Config:
    """The config that serves exactly these versions; raises ValueError for what is no version."""
    numbers = [whole(version) for version in versions]
    if not numbers or any(not number for number in numbers):
        raise ValueError(f"not a version: {', '.join(versions) or 'none'}")
    return {**deepcopy(dict(config)), POLICY: {"specific": {"versions": numbers}}}


def serving_now(config: Config, ready: Sequence[str], known: Iterable[str]) -> Config:
    """The served config with the policy that yields what is served: its own where that is not out of date."""
    if not ready or set(policy_yields(config, known)) == set(ready):
        return config
    return with_versions(config, ready)


def policy_yields(config: Config, known: Iterable[str]) -> tuple[str, ...]:
    """Which of the known versions the config's policy serves."""
    numbers = sorted({number for version in known if (number := whole(version))})
    kind, named = read_config(config).policy
    match kind:
        case "all":
            chosen = numbers
        case "specific":
            chosen = [number for number in numbers if number in named]
        case _:
            chosen = numbers[-named[0] :]
    return tuple(map(str, chosen))


def tuned(config: Config, name: str, value: int) -> tuple[Config, str]:
    """The config with one of ``knobs`` set, and the field that this changes; raises ValueError that says why not."""
    if config.get("platform") == "ensemble":
        raise ValueError(
            "it is an ensemble: it has neither instances nor a queue of its own; change its parts"
        )
    if name == "instances":
        return _with_instances(config, value), INSTANCES
    if name not in {"queue_delay_us", "queue_size"}:
        raise ValueError(f"there is no {name} to change; known are instances, queue_delay_us and queue_size")
    if value < 0:
        raise ValueError(f"{name} cannot be {value}")
    changed, batching = _with_batching(config)
    if name == "queue_delay_us":
        batching["max_queue_delay_microseconds"] = value
    else:
        batching["default_queue_policy"] = {**_queue_policy(batching), "max_queue_size": value}
    return changed, BATCHING


def admitting(config: Config, admission: Admission) -> tuple[Config, str]:
    """The config with a bounded queue that rejects, and the field that this changes; raises ValueError."""
    changed, batching = _with_batching(config)
    batching["default_queue_policy"] = {
        **_queue_policy(batching),
        "timeout_action": "REJECT",
        "default_timeout_microseconds": admission.timeout_us,
        "max_queue_size": admission.size,
    }
    return changed, BATCHING


def objections(served: Config | None, sent: Config, fields: Collection[str] | None) -> tuple[str, ...]:
    """What speaks against loading ``sent`` over ``served``; empty when nothing does.

    ``fields`` are those that may differ; None is a restored config, whose identity alone must be the same.
    ``served`` is None where no version is ready: then only what every config has can be asked for.
    """
    said = [f"it has no {key}" for key in _ESSENTIAL if key not in sent]
    if not said and not sent["output"]:
        said.append("it has no output")
    if not (sent.get("backend") or sent.get("platform")):
        said.append("it names neither backend nor platform")
    if len(json.dumps(sent)) > CONFIG_LIMIT:
        said.append(f"it is over {CONFIG_LIMIT >> 10} KiB")
    if served is not None:
        said += _differences(served, sent, fields)
    return tuple(said)


def _differences(served: Config, sent: Config, fields: Collection[str] | None) -> list[str]:
    missing = [key for key in served if key not in sent]
    said = [f"it lacks {', '.join(missing)} of the served config"] if missing else []
    identity = _IDENTITY[:3] if fields is None else _IDENTITY
    other = [key for key in identity if sent.get(key) != served.get(key)]
    if other:
        said.append(f"{', '.join(other)} would differ from what is served")
    if fields is not None:
        keys = {*served, *sent} - {*fields, *_IDENTITY}
        more = sorted(key for key in keys if sent.get(key) != served.get(key))
        said += [f"{', '.join(more)} would change too"] if more else []
    return said


def _with_instances(config: Config, count: int) -> Config:
    if not 1 <= count <= INSTANCES_MOST:
        raise ValueError(
            f"instances must be 1 to {INSTANCES_MOST}: Triton answers 200 to less, and keeps one"
        )
    changed = deepcopy(dict(config))
    groups = changed.get(INSTANCES)
    if not isinstance(groups, list) or not groups:
        raise ValueError("it has no instance group")
    for group in groups:
        group["count"] = count
    return changed


def _with_batching(config: Config) -> tuple[dict[str, Any], dict[str, Any]]:
    """A copy of the config, and its dynamic batching to be changed."""
    changed = deepcopy(dict(config))
    batching = changed.get(BATCHING)
    if not isinstance(batching, dict):
        raise ValueError("it has no dynamic batching, so Triton keeps no queue policy for it")  # noqa: TRY004 - about the config, not a type
    return changed, batching


def _queue_policy(batching: Config) -> dict[str, Any]:
    """The default queue policy, with the defaults that Triton fills in."""
    return {
        "timeout_action": "REJECT",
        "default_timeout_microseconds": 0,
        "allow_timeout_override": False,
        "max_queue_size": 0,
        **_table(batching.get("default_queue_policy")),
    }


def _without(config: Config, key: str) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name != key}


def _groups(config: Config) -> list[Mapping[str, Any]]:
    groups = config.get(INSTANCES)
    return [_table(group) for group in groups] if isinstance(groups, list) else []


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _int(value: Any) -> int:
    """JSON from protobuf may give int64 as text."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
