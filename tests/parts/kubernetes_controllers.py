"""The controllers of a stand-in cluster: ReplicaSets, pods and reports, as far as a pause or a rollback shows."""

import copy
import hashlib
import json
from typing import Any

_REVISION = "deployment.kubernetes.io/revision"
_HISTORY = "deployment.kubernetes.io/revision-history"
_ARGO_REVISION = "rollout.argoproj.io/revision"


class Controllers:
    """``seeing`` is off where no controller runs; ``healthy`` is off where new pods never come up.

    ``failing`` reports such pods as past their deadline. ``registry`` says which digest a tag is now. ``now`` is the
    cluster's clock.
    """

    def __init__(self, objects: dict[tuple[str, str, str], dict[str, Any]]) -> None:
        self._objects = objects
        self.seeing = True
        self.healthy = True
        self.failing = False
        self.registry: dict[str, str] = {}
        self.now = "2026-11-20T10:00:00Z"

    def act(self, kind: str, key: tuple[str, str, str]) -> None:
        """What follows a change of an object."""
        if not self.seeing:
            return
        if kind == "Deployment":
            self._deployment(self._objects[key])
        elif kind == "Rollout":
            self._rollout(self._objects[key])

    def _deployment(self, obj: dict[str, Any]) -> None:
        spec, meta = obj["spec"], obj["metadata"]
        if not spec.get("paused"):
            mine = self._revision(obj, "pod-template-hash", _REVISION)
            meta.setdefault("annotations", {})[_REVISION] = mine["metadata"]["annotations"][_REVISION]
            self._pods(obj, mine, "pod-template-hash")
        count = spec["replicas"]
        up = self.healthy and not self.failing
        status = {"replicas": count, "updatedReplicas": count, "availableReplicas": count} if up else {}
        reason = "NewReplicaSetAvailable" if up else "ReplicaSetUpdated"
        reason = "ProgressDeadlineExceeded" if self.failing else reason
        progressing = {"type": "Progressing", "status": str(not self.failing), "reason": reason}
        stuck = {"replicas": count + 1, "updatedReplicas": 1, "unavailableReplicas": count + 1}
        obj["status"] = {
            "observedGeneration": meta["generation"],
            **(status or stuck),
            "conditions": [progressing],
        }

    def _rollout(self, obj: dict[str, Any]) -> None:
        status = obj.setdefault("status", {})
        steps = obj["spec"]["strategy"]["canary"].get("steps") or []
        mark = hashlib.sha256(json.dumps(steps).encode()).hexdigest()[:10]
        if not obj["spec"].get("paused"):
            mine = self._revision(obj, "rollouts-pod-template-hash", _ARGO_REVISION)
            pod_hash = mine["metadata"]["labels"]["rollouts-pod-template-hash"]
            stable = status.setdefault("stableRS", pod_hash)
            if (status.get("currentPodHash"), status.get("currentStepHash")) != (pod_hash, mark):
                # A new template or other steps start the canary over; a return to the stable pods skips it.
                index = len(steps) if pod_hash == stable else 0
                status |= {"currentPodHash": pod_hash, "currentStepHash": mark, "currentStepIndex": index}
                status.pop("abort", None)
            self._walk(status, steps)
        status["observedGeneration"] = str(obj["metadata"]["generation"])

    def _walk(self, status: dict[str, Any], steps: list[dict[str, Any]]) -> None:
        while status["currentStepIndex"] < len(steps) and "pause" not in steps[status["currentStepIndex"]]:
            status["currentStepIndex"] += 1
        index = status["currentStepIndex"]
        weights = [step["setWeight"] for step in steps[:index] if "setWeight" in step]
        through = index >= len(steps)
        weight = 100 if through and status["currentPodHash"] != status["stableRS"] else (weights or [0])[-1]
        status["phase"] = "Healthy" if through else "Paused"
        if through or status.get("abort"):
            weight = 0
        if status.get("abort"):
            status["phase"] = "Degraded"
        if through:
            status["stableRS"] = status["currentPodHash"]
        status["canary"] = {"weights": {"canary": {"weight": weight}, "stable": {"weight": 100 - weight}}}

    def _revision(self, obj: dict[str, Any], label: str, annotation: str) -> dict[str, Any]:
        """The ReplicaSet of the template of now: one that is there gets the newest number, or a new one is made."""
        own = self._owned(obj)
        newest = max((int(each["metadata"]["annotations"][annotation]) for each in own), default=0)
        for each in own:
            if _bare(each["spec"]["template"], label) == obj["spec"]["template"]:
                marks = each["metadata"]["annotations"]
                if int(marks[annotation]) != newest:
                    before = [marks[_HISTORY]] if _HISTORY in marks else []
                    marks[_HISTORY] = ",".join([*before, marks[annotation]])
                    marks[annotation] = str(newest + 1)
                return each
        return self._made(obj, label, {annotation: str(newest + 1)})

    def _made(self, obj: dict[str, Any], label: str, marks: dict[str, str]) -> dict[str, Any]:
        meta = obj["metadata"]
        template = copy.deepcopy(obj["spec"]["template"])
        pod_hash = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]
        template["metadata"].setdefault("labels", {})[label] = pod_hash
        name = f"{meta['name']}-{pod_hash}"
        owner = {
            "apiVersion": obj["apiVersion"],
            "kind": obj["kind"],
            "name": meta["name"],
            "uid": meta["uid"],
        }
        made = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": name,
                "namespace": meta["namespace"],
                "uid": f"uid-{name}",
                "resourceVersion": meta["resourceVersion"],
                "generation": 1,
                "creationTimestamp": self.now,
                "labels": dict(template["metadata"]["labels"]),
                "annotations": marks,
                "ownerReferences": [{**owner, "controller": True}],
            },
            "spec": {"replicas": 1, "template": template},
        }
        self._objects["replicasets", meta["namespace"], name] = made
        return made

    def _owned(self, obj: dict[str, Any]) -> list[dict[str, Any]]:
        uid = obj["metadata"]["uid"]
        sets = (each for key, each in self._objects.items() if key[0] == "replicasets")
        return [each for each in sets if any(o["uid"] == uid for o in each["metadata"]["ownerReferences"])]

    def _pods(self, obj: dict[str, Any], mine: dict[str, Any], label: str) -> None:
        space = obj["metadata"]["namespace"]
        pod_hash = mine["metadata"]["labels"][label]
        for key in [
            key for key in self._objects if key[0] == "pods" and key[2].startswith(obj["metadata"]["name"])
        ]:
            del self._objects[key]
        statuses = [
            {"name": each["name"], "imageID": self.digest(each["image"])}
            for each in obj["spec"]["template"]["spec"]["containers"]
        ]
        name = f"{mine['metadata']['name']}-x1"
        labels = mine["spec"]["template"]["metadata"]["labels"]
        self._objects["pods", space, name] = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": space, "labels": {**labels, label: pod_hash}},
            "status": {"containerStatuses": statuses},
        }

    def digest(self, image: str) -> str:
        """What a node reports that it runs for an image's name."""
        if "@sha256:" in image:
            return image
        known = self.registry.get(image) or hashlib.sha256(image.encode()).hexdigest()
        return f"docker.io/library/{image.partition(':')[0]}@sha256:{known}"


def _bare(template: dict[str, Any], label: str) -> dict[str, Any]:
    bare = copy.deepcopy(template)
    bare["metadata"]["labels"].pop(label, None)
    return bare
