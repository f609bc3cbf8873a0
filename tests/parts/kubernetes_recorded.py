"""What a real API server answered, and the objects that a cluster of the tests begins with."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_FOLDER = Path(__file__).parents[1] / "recorded" / "kubernetes"


class Exchange(NamedTuple):
    """One recorded request and its answer; ``body`` is text where the answer was no JSON."""

    name: str
    user: str
    method: str
    path: str
    content_type: str
    sent: str
    status: int
    body: Any


def recorded(name: str) -> Any:
    """The body of one recorded answer."""
    return copy.deepcopy(_body(name))


@cache
def _body(name: str) -> Any:
    text = (_FOLDER / f"{name}.json").read_text()
    try:
        return json.loads(text)
    except ValueError:
        return text


def exchanges() -> list[Exchange]:
    """Every recorded exchange."""
    found = []
    for path in sorted(_FOLDER.glob("*.meta.json")):
        meta = json.loads(path.read_text())
        sent = meta["request"]
        name = path.name.removesuffix(".meta.json")
        request = (sent["as"], sent["method"], sent["path"], sent["content_type"], sent["body"])
        found.append(Exchange(name, *request, meta["status"], _body(name)))
    return found


def beginning() -> list[dict[str, Any]]:
    """A Deployment with three revisions, an HTTPRoute, a VirtualService and a Rollout as recorded; and others."""
    names = ("200-get-deployment", "200-get-httproute", "200-get-virtualservice", "200-get-rollout")
    sets = recorded("200-list-replicasets")["items"]
    return [*(recorded(name) for name in names), *sets, *_invented()]


def _invented() -> list[dict[str, Any]]:
    """Kinds of which there is no recording."""
    nginx = "nginx.ingress.kubernetes.io"
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web-canary"}}}
    return [
        _object(
            "networking.k8s.io/v1",
            "Ingress",
            "web-canary",
            {"rules": [{"http": {"paths": [path]}}]},
            annotations={f"{nginx}/canary": "true", f"{nginx}/canary-weight": "10"},
        ),
        _object(
            "argoproj.io/v1alpha1",
            "Application",
            "ranker",
            {"project": "default", "syncPolicy": {"automated": {"prune": True, "selfHeal": True}}},
        ),
        _object(
            "kustomize.toolkit.fluxcd.io/v1", "Kustomization", "apps", {"interval": "10m", "prune": True}
        ),
        _object("helm.toolkit.fluxcd.io/v2", "HelmRelease", "triton", {"interval": "5m", "suspend": False}),
    ]


def _object(
    version: str, kind: str, name: str, spec: dict[str, Any], annotations: dict[str, str] | None = None
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": "shop", "uid": f"uid-{kind}-{name}"}
    metadata |= {"generation": 1, "resourceVersion": "260", "annotations": annotations or {}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
