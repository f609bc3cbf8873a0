"""Pods of the stand-in cluster, as an API server lists them."""

from typing import Any

from tests.parts.kubernetes_api import KubernetesApi

LABELS = {"app": "triton"}
PORTS = {"http": 8000, "grpc": 8001, "metrics": 8002}
NO_GPU = (
    "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, "
    "3 Insufficient nvidia.com/gpu. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling."
)
# One of every kind of field that there is more of than the console reads.
_SPEC = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "serviceAccountName": "default",
    "enableServiceLinks": True,
    "preemptionPolicy": "PreemptLowerPriority",
    "priority": 0,
    "schedulerName": "default-scheduler",
    "securityContext": {},
    "tolerations": [{"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists"}],
    "volumes": [{"name": "models", "persistentVolumeClaim": {"claimName": "models"}}],
}


def pod(name: str, address: str = "", ports: dict[str, int] | None = None, **changes: Any) -> dict[str, Any]:
    """A pod that runs at an address, or is still pending without one.

    ``changes`` are of its status, but ``node``, ``labels``, ``annotations`` and ``deleted`` (a time).
    """
    node = changes.pop("node", "node-1" if address else "")
    labels, annotations = changes.pop("labels", LABELS), changes.pop("annotations", {})
    deleted = changes.pop("deleted", None)
    metadata: dict[str, Any] = {
        "name": name,
        "generateName": "triton-5d8f7c9b64-",
        "namespace": "shop",
        "uid": f"uid-{name}",
        "resourceVersion": "311",
        "creationTimestamp": "2026-11-20T09:56:05Z",
        "labels": {**labels, "pod-template-hash": "5d8f7c9b64"},
        "annotations": annotations,
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "triton-5d8f7c9b64"}],
    }
    if deleted:
        metadata |= {"deletionTimestamp": deleted, "deletionGracePeriodSeconds": 30}
    container = {
        "name": "triton",
        "image": "nvcr.io/nvidia/tritonserver:24.10-py3",
        "args": ["tritonserver", "--model-repository=/models"],
        "ports": [
            {"containerPort": number, "name": port, "protocol": "TCP"}
            for port, number in (ports or PORTS).items()
        ],
        "resources": {"limits": {"nvidia.com/gpu": "1"}},
    }
    spec = {**_SPEC, "containers": [container], **({"nodeName": node} if node else {})}
    status = _running(address) if address else {"phase": "Pending", "conditions": []}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": spec,
        "status": {**status, "qosClass": "Burstable", **changes},
    }


def _running(address: str) -> dict[str, Any]:
    return {
        "phase": "Running",
        "hostIP": "172.18.0.3",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": "2026-11-20T09:56:05Z",
        "conditions": [
            {"type": kind, "status": "True", "lastProbeTime": None}
            for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
        ],
        "containerStatuses": [container_status()],
    }


def container_status(restarts: int = 0, **parts: Any) -> dict[str, Any]:
    """How its container does; ``parts`` are ``state`` and ``lastState``."""
    return {
        "name": "triton",
        "ready": True,
        "started": True,
        "restartCount": restarts,
        "image": "nvcr.io/nvidia/tritonserver:24.10-py3",
        "state": {"running": {"startedAt": "2026-11-20T09:56:09Z"}},
        "lastState": {},
        **parts,
    }


def unscheduled(message: str = NO_GPU) -> list[dict[str, Any]]:
    """The condition of a pod that no node can take."""
    return [
        {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": message,
            "lastProbeTime": None,
        }
    ]


def crashing(restarts: int, finished: str) -> list[dict[str, Any]]:
    """The status of a container that is begun again and again."""
    waiting = {
        "waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}
    }
    ended = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": finished}}
    return [container_status(restarts, ready=False, started=False, state=waiting, lastState=ended)]


def run(api: KubernetesApi, *pods: dict[str, Any]) -> None:
    """Have these pods in the cluster."""
    for each in pods:
        api.put(each)


def lose(api: KubernetesApi, name: str) -> None:
    """A pod is gone."""
    del api.objects["pods", "shop", name]
