"""Readers of what a cluster answers: objects as kubectl prints them, and its complaints."""

import json
from pathlib import Path
from typing import Any

from console.domain.kubernetes import Member, Thing, guarded, patch, placed
from console.domain.kubernetes_canary import canary_percent, canary_service, canary_state, routed, running
from console.domain.kubernetes_image import Workload, judged, model_paths, remembered
from console.domain.kubernetes_refusal import refusal
from console.domain.kubernetes_rollout import workload_reading
from console.domain.kubernetes_weights import reduced, split_of, stronger, weights_state, written
from console.domain.kubernetes_workload import (
    PAUSED,
    current,
    deadline_s,
    progress,
    revisions,
    running_digests,
    selector,
    workload_state,
)
from console.transport.kubectl import KubectlError, _object
from tests.parts.fuzz_case import Reader, harmless

RECORDED = Path(__file__).parents[1] / "recorded" / "kubernetes"
_THING = Thing("deployment", "triton", "prod")
_CANARY = {
    "metadata": {
        "annotations": {
            "nginx.ingress.kubernetes.io/canary": "true",
            "nginx.ingress.kubernetes.io/canary-weight": "10",
            "nginx.ingress.kubernetes.io/canary-weight-total": "100",
        }
    },
    "spec": {"rules": [{"http": {"paths": [{"backend": {"service": {"name": "triton-canary"}}}]}}]},
}


def _cases(names: tuple[str, ...]) -> list[bytes]:
    return [path.read_bytes() for name in names for path in sorted(RECORDED.glob(name))]


def _workload(data: bytes) -> None:
    """A Deployment or a Rollout and its ReplicaSets, here the same object in all places."""
    obj = _object(data)
    items = obj.get("items")
    sets = items if isinstance(items, list) else [obj]
    shown = workload_reading(_THING, obj, sets)
    harmless(shown.cause, *shown.images, *shown.images.values(), *shown.before.values(), *shown.notes)
    json.dumps(workload_state(obj))
    harmless(progress(obj).words)
    deadline_s(obj)
    selector(obj)
    known = revisions(obj, sets)
    now = current(obj, known)
    found = Workload(_THING, obj, known, running_digests(sets, now))
    harmless(model_paths(obj))
    for release in (None, remembered(found), obj):
        told = judged(found, release)
        harmless(told.part.detail, *told.warnings)


def _canary(data: bytes) -> None:
    obj = _object(data)
    json.dumps(canary_state(obj))
    percent = canary_percent(obj)
    assert percent is None or type(percent) is float
    running(obj)
    routed(obj)
    canary_service(obj)


def _route(kind: str, data: bytes) -> None:
    obj = _object(data)
    stronger(obj)
    weights_state(kind, obj, 0)
    split = split_of(kind, obj, 0)
    mine = [split.backends[-1].name]
    split.share(mine)
    weights = reduced(split, mine, 5.0)
    assert all(type(weight) is int for weight in weights)
    assert placed(obj, written(kind, split, weights))


def _patch(data: bytes) -> None:
    """Whatever the object is, pausing it gives operations that JSON can say."""
    obj = _object(data)
    json.dumps(guarded(obj, patch(obj, [Member(PAUSED, value=True)], [("spec", "template")])))


def _complaint(data: bytes) -> None:
    told = refusal(data.decode(errors="replace"))
    harmless(told.message, told.hint, most=1500)
    assert told.message


def _of(kind: str) -> Any:
    return lambda data: _route(kind, data)


_WORKLOADS = ("200-get-deployment.json", "200-get-rollout.json", "200-list-replicasets*s.json")
_COMPLAINTS = (
    b'deployments.apps "triton" is forbidden: User "ana" cannot patch resource "x" in API group "" at the cluster scope',
    b'x is forbidden: User "a\x1b" cannot \x1b[2J resource "a/b" in API group "b" in the namespace "\x1b[31m"',
    b'Error from server (NotFound): deployments.apps "triton" not found',
    b'error: the server doesn\'t have a resource type "rollouts"',
    b"Unable to connect to the server: getting credentials: exec: executable aws failed with exit code 255",
    b'The Deployment "triton" is invalid: spec.replicas: Invalid value: -1: must be >= 0',
    b"W1120 10:41:07 warnings.go] odd\nerror: unknown flag: --subresource",
    b'error: context "prod" does not exist\n',
    b"Unable to connect to the server: x509: certificate signed by unknown authority",
)
_REFUSES = (KubectlError,)

READERS = (
    Reader("workload", _workload, lambda: _cases(_WORKLOADS), _REFUSES),
    Reader("canary", _canary, lambda: _cases(("200-get-rollout.json",)), _REFUSES),
    Reader(
        "httproute",
        _of("httproute"),
        lambda: _cases(("200-get-httproute.json", "200-httproute-weights*n.json")),
        (*_REFUSES, ValueError),
    ),
    Reader(
        "virtualservice",
        _of("virtualservice"),
        lambda: _cases(("200-get-virtualservice.json",)),
        (*_REFUSES, ValueError),
    ),
    Reader("ingress", _of("ingress"), lambda: [json.dumps(_CANARY).encode()], (*_REFUSES, ValueError)),
    Reader("patch", _patch, lambda: _cases(_WORKLOADS), _REFUSES),
    Reader("kubectl-complaint", _complaint, lambda: list(_COMPLAINTS)),
)
