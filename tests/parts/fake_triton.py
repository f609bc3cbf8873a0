"""A server that answers as Triton does, about models whose names and reasons were chosen to hurt."""

import asyncio
import json
from collections.abc import Sequence

from tests.parts.hostile import Behaviour, answer
from tests.snapshots import HOSTILE_NAMES

REASON = "Internal: \x1b[2J[bold]boom[/bold]\u202e\nAt:\n  model.py(3)\x07"
_COUNTERS = (
    "nv_inference_request_success",
    "nv_inference_count",
    "nv_inference_exec_count",
    "nv_inference_request_duration_us",
    "nv_inference_queue_duration_us",
)


def fake_triton(names: Sequence[str] = HOSTILE_NAMES) -> Behaviour:
    """Serve models with these names on one port, metrics included; each request counts as one inference of each."""
    requests = 0

    async def behaviour(request: str, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        requests += 1
        found = said(request.partition(" ")[2], names, requests)
        if found is None:
            answer(writer, b'{"error":"Not Found"}', "404 Not Found")
        else:
            body, kind = found
            answer(writer, body, kind=kind)

    return behaviour


def said(path: str, names: Sequence[str], count: int) -> tuple[bytes, str] | None:
    """The body and its kind for a path, after so many inferences of each model; None where there is none."""
    if path == "/metrics":
        return _metrics(names, count).encode(), "text/plain; charset=utf-8"
    if path in {"/v2/health/live", "/v2/health/ready"} or path.endswith("/unload"):
        return b"", "application/json"
    body = _json(path, names, count)
    return None if body is None else (json.dumps(body).encode(), "application/json")


def _json(path: str, names: Sequence[str], count: int) -> object:
    if path.rstrip("/") == "/v2":
        return {"name": "triton", "version": "2.51.0", "extensions": ["model_repository", "statistics"]}
    if path == "/v2/repository/index":
        return [{"name": name, "version": "1", "state": "READY", "reason": REASON} for name in names]
    if path == "/v2/models/stats":
        return {"model_stats": [_statistics(name, count) for name in names]}
    if path.endswith("/config"):
        return {"name": "any", "backend": "python", "max_batch_size": 0, "input": [], "output": []}
    return None


def _statistics(name: str, count: int) -> dict[str, object]:
    took = {"count": count, "ns": count * 1_000_000}
    parts = ("success", "queue", "compute_input", "compute_infer", "compute_output")
    none = {part: {"count": 0, "ns": 0} for part in ("fail", "cache_hit", "cache_miss")}
    return {
        "name": name,
        "version": "1",
        "last_inference": 0,
        "inference_count": count,
        "execution_count": count,
        "inference_stats": dict.fromkeys(parts, took) | none,
        "response_stats": {},
        "batch_stats": [],
        "memory_usage": [],
    }


def _metrics(names: Sequence[str], count: int) -> str:
    lines = []
    for family in _COUNTERS:
        lines += [f"# HELP {family} One of Triton's", f"# TYPE {family} counter"]
        lines += [f'{family}{{model="{_label(name)}",version="1"}} {count}' for name in names]
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
