"""The command line that shows what a screen shows."""

import json
import shlex

from console.domain.fleet import Fleet, ModelVersion, Target


def status_command(fleet: Fleet, key: ModelVersion | None = None) -> str:
    """``triton-console status`` on the fleet's targets, narrowed to one version with jq.

    Header values are secrets: a shell variable stands in their place.
    """
    words = ["triton-console status", *(shlex.quote(_target(target)) for target in fleet.targets)]
    words += [f'--header "{_quoted(name)}: ${_variable(name)}"' for name in fleet.headers]
    words.append("--json")
    if key is None:
        return " ".join(words)
    wanted = f".models[] | select(.name == {json.dumps(key.model)} and .version == {json.dumps(key.version)})"
    return f"{' '.join(words)} | jq {shlex.quote(wanted)}"


def _target(target: Target) -> str:
    parts = [target.url, f"metrics={target.metrics}"]
    if target.grpc:
        parts.append(f"grpc={target.grpc}")
    return ",".join(parts)


def _variable(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name).upper()


def _quoted(name: str) -> str:
    return "".join(c for c in name if c not in '"$`\\!')
