"""A ``contract.toml`` made into a Contract, with all that is wrong with it; what can be understood stands."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from console.domain.contract import (
    Artifact,
    Contract,
    Envelope,
    Escalation,
    GateLimits,
    Health,
    Performance,
    Rollout,
)
from console.domain.contract_artifact import FORMATS, is_file_name
from console.domain.contract_tensors import is_data, read_inline, read_io, read_requests
from console.domain.contract_words import count, number, size, span, words
from console.domain.toml_document import read_document
from console.domain.toml_problems import Problem, Problems
from console.domain.toml_table import Table, shown

TOLD_MOST = 20
_LABELS_MOST, _FILES_MOST = 50, 200
_STRATEGIES = ("canary", "blue-green", "rolling", "shadow", "in-place", "manual")
_HASH_DIGITS = frozenset("0123456789abcdef")
_INSTANCES_MOST, _VERSIONS_MOST = 1024, 1000


def read_contract(model: str, raw: bytes, origin: str, named: str) -> Contract:
    """The contract of a file's bytes; its ``problems`` are sentences with file and line, in the order of the lines.

    ``origin`` is where the file is, ``named`` what problems call it.
    """
    values, problems = read_document(raw, named)
    made = Contract(model) if values is None else _contract(model, values, problems)
    return replace(made, origin=origin, problems=_told(problems))


def _contract(model: str, values: Mapping[str, Any], problems: Problems) -> Contract:
    document = Table(values, (), problems)
    contract = Contract(
        model=model,
        owner=words(document, "owner"),
        escalation=_escalation(document.table("escalation")),
        labels=_labels(document.table("labels")),
        backend=words(document, "backend"),
        artifact=_artifact(document),
        io=read_io(document),
        envelope=_envelope(document),
        requests=read_requests(document),
        health=_health(document),
        rollout=_rollout(document.table("rollout")),
        performance=_performance(document),
    )
    document.close()
    return contract


def _told(problems: Problems) -> tuple[str, ...]:
    ordered = sorted(problems.found, key=lambda problem: problem.line or 0)
    more = len(ordered) - TOLD_MOST
    if more > 0:
        ordered = [*ordered[:TOLD_MOST], Problem(None, "", f"and {more} more", problems.file)]
    return tuple(str(problem) for problem in ordered)


def _escalation(table: Table) -> Escalation:
    found = Escalation(
        primary=words(table, "primary"),
        secondary=words(table, "secondary"),
        channel=words(table, "slack"),
        url=words(table, "url", 500),
        hours=words(table, "hours"),
    )
    table.close()
    return found


def _labels(table: Table) -> Mapping[str, str]:
    found = {key: words(table, key) for key in list(table)[:_LABELS_MOST]}
    if len(list(table)) > _LABELS_MOST:
        table.problems.add(table.path, f"are more than {_LABELS_MOST}")
    return {key: text for key, text in found.items() if text}


def _artifact(document: Table) -> Artifact | None:
    if document.raw("artifact") is None:
        return None
    table = document.table("artifact")
    found = Artifact(table.choice("format", tuple(FORMATS), ""), _files(table))
    table.close()
    return found


def _files(table: Table) -> Mapping[str, str]:
    """``files = { "model.onnx" = "SHA-256" }``, or a list of names whose content may be any."""
    if isinstance(table.raw("files"), dict):
        inner = table.table("files")
        found = {name: words(inner, name).lower() for name in inner}
        for name, digest in found.items():
            if digest and not (len(digest) == 64 and _HASH_DIGITS.issuperset(digest)):
                inner.problem(name, f"must be the SHA-256 of the file, 64 hex digits, not {shown(digest)}")
        found = {name: digest if len(digest) == 64 else "" for name, digest in found.items()}
    else:
        found = {name: "" for _, name in table.texts("files")}
    for name in found:
        if not is_file_name(name):
            table.problem("files", f"must be paths within the version's folder, not {shown(name)}")
    if len(found) > _FILES_MOST:
        table.problem("files", f"are {len(found)}; at most {_FILES_MOST} are looked at")
    return {name: found[name] for name in list(found)[:_FILES_MOST] if is_file_name(name)}


def _envelope(document: Table) -> Envelope | None:
    if document.raw("resources") is None:
        return None
    table = document.table("resources")
    least, most = span(table, "instances", least=0, most=_INSTANCES_MOST)
    memory = size(table, "gpu_memory")
    exact = size(table, "gpu_memory_bytes")
    if memory is not None and exact is not None:
        table.problem("gpu_memory_bytes", "says the same as gpu_memory: keep one")
    found = Envelope(
        gpu_memory_bytes=exact if memory is None else memory,
        instances_least=least,
        instances_most=most,
        kind=table.choice("kind", ("GPU", "CPU"), ""),
        cpu=number(table, "cpu", least=0.001, most=4096, unit=" cores"),
    )
    table.close()
    return found


def _health(document: Table) -> Health | None:
    if document.raw("health") is None:
        return None
    table = document.table("health")
    usual = Health()
    file, inline = words(table, "request", 500), read_inline(table)
    expect = _expected(table)
    if file and inline:
        table.problem("request", "stands beside [[health.inputs]]: keep one")
    if not file and not inline and "request" not in table and "inputs" not in table:
        said = 'needs request = "FILE.json", the body of an infer call, or [[health.inputs]]'
        table.problems.add(table.path, said)
    found = Health(
        file="" if inline else file,
        request=inline,
        expect=expect,
        tolerance=table.number("tolerance", usual.tolerance, least=0),
        timeout=table.duration("timeout", usual.timeout, least=0.05, most=600),
    )
    table.close()
    return found if file or inline else None


def _expected(table: Table) -> str:
    """The data of each output as JSON, empty where any answer will do."""
    found = table.raw("expect")
    if found is None:
        return ""
    if isinstance(found, dict) and found and is_data(list(found.values())):
        return json.dumps(found)
    table.problem("expect", "must be a table of output names and their data: { OUTPUT0 = [1, 2] }")
    return ""


def _rollout(table: Table) -> Rollout:
    found = Rollout(
        strategy=table.choice("strategy", _STRATEGIES, ""),
        versions=count(table, "versions", least=1, most=_VERSIONS_MOST),
        canary_percent=number(table, "canary_percent", least=0, most=100, unit=" per cent"),
        gate=_gate(table.table("gate")),
    )
    table.close()
    return found


def _gate(table: Table) -> GateLimits:
    found = GateLimits(
        p99_ratio=number(table, "p99_ratio", least=0.01, most=1000),
        queue_ratio=number(table, "queue_ratio", least=0.01, most=1000),
        gpu_memory_ratio=number(table, "gpu_memory_ratio", least=0.01, most=1000),
        errors_over=number(table, "errors_over", least=0, most=1),
        tolerance=number(table, "tolerance", least=0, most=1e9),
        rtol=number(table, "rtol", least=0, most=1e6),
        min_requests=number(table, "min_requests", least=1, most=1e9),
    )
    table.close()
    return found


def _performance(document: Table) -> Performance | None:
    if document.raw("performance") is None:
        return None
    table = document.table("performance")
    latency = number(table, "latency_ms", least=0.001, most=1e7, unit=" ms")
    if "latency_ms" not in table:
        table.problem("latency_ms", "is missing; write latency_ms = 50")
    found = Performance(
        latency_ms=latency or 0.0,
        quantile=table.share("quantile", 0.99),
        rate=number(table, "rate", least=0.001, most=1e9, unit=" requests per second"),
        batch=count(table, "batch", least=1, most=10**6),
    )
    table.close()
    return found if latency is not None else None
