"""A stand-in API server for real kubectl: it starts from recorded bodies and refuses what a real one refuses."""

import copy
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.parts.kubernetes_controllers import Controllers
from tests.parts.kubernetes_patches import UnpatchableError, json_patch, merge_patch, strategic_patch
from tests.parts.kubernetes_recorded import beginning, recorded
from tests.parts.kubernetes_refusals import Asked, RefusedError, defaulted, refuse, validated
from tests.parts.kubernetes_server import VIEWER, Request, serve


class Kind(NamedTuple):
    group: str
    version: str
    kind: str
    custom: bool = True
    status: bool = True


KINDS = {
    "pods": Kind("", "v1", "Pod", custom=False),
    "deployments": Kind("apps", "v1", "Deployment", custom=False),
    "replicasets": Kind("apps", "v1", "ReplicaSet", custom=False),
    "ingresses": Kind("networking.k8s.io", "v1", "Ingress", custom=False),
    "rollouts": Kind("argoproj.io", "v1alpha1", "Rollout"),
    "applications": Kind("argoproj.io", "v1alpha1", "Application", status=False),
    "httproutes": Kind("gateway.networking.k8s.io", "v1", "HTTPRoute"),
    "virtualservices": Kind("networking.istio.io", "v1", "VirtualService"),
    "kustomizations": Kind("kustomize.toolkit.fluxcd.io", "v1", "Kustomization"),
    "helmreleases": Kind("helm.toolkit.fluxcd.io", "v2", "HelmRelease"),
}
_PLURAL = {each.kind: plural for plural, each in KINDS.items()}
_PATCHES = {
    "application/json-patch+json": json_patch,
    "application/merge-patch+json": merge_patch,
    "application/strategic-merge-patch+json": strategic_patch,
}


class KubernetesApi:
    """A cluster with one namespace, ``shop``; ``kubeconfig`` has the contexts admin, viewer, user, bad and anon."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.RLock()
        self.reset()
        self._server = serve(self.answer, folder)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self.kubeconfig = folder / "kubeconfig"

    def reset(self) -> None:
        """Begin again with the recorded objects."""
        with self._lock:
            self.objects: dict[tuple[str, str, str], dict[str, Any]] = {}
            self.requests: list[Request] = []
            self.controllers = Controllers(self.objects)
            self.unasked = False
            self.denied: set[tuple[str, str]] = set()
            self._meanwhile: list[Callable[[], None]] = []
            self._version = 400
            for obj in beginning():
                self.put(obj)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def put(self, obj: dict[str, Any]) -> None:
        """Place an object as it is."""
        # An item of a recorded list does not say its kind; only ReplicaSets were listed.
        obj = {"apiVersion": "apps/v1", "kind": "ReplicaSet", **obj}
        meta = obj["metadata"]
        self.objects[_PLURAL[obj["kind"]], meta["namespace"], meta["name"]] = obj

    def get(self, plural: str, name: str) -> dict[str, Any]:
        """An object as it is now."""
        with self._lock:
            return copy.deepcopy(self.objects[plural, "shop", name])

    def edit(self, plural: str, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Somebody else changes an object."""
        with self._lock:
            new = copy.deepcopy(self.objects[plural, "shop", name])
            change(new)
            self._store(plural, "shop", name, new)

    def settle(self, plural: str, name: str) -> None:
        """Let the controllers finish what is under way."""
        with self._lock:
            self.controllers.act(KINDS[plural].kind, (plural, "shop", name))

    def meanwhile(self, change: Callable[[], None]) -> None:
        """Do this once, after the next patch has come in and before it is looked at."""
        self._meanwhile.append(change)

    def patches(self) -> list[Request]:
        """The patches that came in."""
        return [each for each in self.requests if each.method == "PATCH"]

    def answer(self, request: Request) -> tuple[int, Any]:
        """Status and body, as an object or as plain text."""
        with self._lock:
            self.requests.append(request)
            if request.method == "PATCH":
                waiting, self._meanwhile = self._meanwhile, []
                for change in waiting:
                    change()
            try:
                return self._answer(request)
            except RefusedError as refused:
                return refused.code, refused.body

    def _answer(self, request: Request) -> tuple[int, Any]:
        if not request.user:
            raise RefusedError(401, recorded("401-bad-token"))
        parts = request.path.strip("/").split("/")
        found = self._discovery(request.path)
        if found is not None:
            return 200, found
        if len(parts) == 4 and parts[2] == "namespaces":
            return 200, _namespace(parts[3])
        if parts[-1] == "selfsubjectaccessreviews":
            if self.unasked:
                raise refuse.forbidden(Asked(request.user, "create", parts[-1], parts[1], "", "", ""))
            return 201, self._review(request)
        base = 2 if parts[0] == "api" else 3
        space, rest = ("", parts[base:])
        if rest[:1] == ["namespaces"]:
            space, rest = rest[1], rest[2:]
        plural, name, sub = [*rest, "", "", ""][:3]
        group = parts[1] if parts[0] == "apis" else ""
        if plural not in KINDS or KINDS[plural].group != group:
            raise RefusedError(404, recorded("404-unknown-crd-path"))
        return self._serve(request, space, plural, name, sub)

    def _serve(self, request: Request, space: str, plural: str, name: str, sub: str) -> tuple[int, Any]:
        verb = _verb(request, name)
        if not self.may(request.user, verb, plural + (f"/{sub}" if sub else ""), space):
            raise refuse.forbidden(Asked(request.user, verb, plural, KINDS[plural].group, name, sub, space))
        if verb == "list":
            return 200, self._list(plural, space, request.query)
        if verb == "create":
            raise refuse.exists(plural, KINDS[plural].group, request.body["metadata"]["name"])
        obj = self.objects.get((plural, space, name))
        if obj is None:
            raise refuse.not_found(plural, KINDS[plural].group, name)
        if verb == "get":
            return 200, obj
        new = request.body if verb == "update" else self._patched(request, plural, obj)
        if new["metadata"].get("resourceVersion") != obj["metadata"]["resourceVersion"]:
            raise refuse.conflict(plural, KINDS[plural].group, name)
        validated(plural, new)
        new = defaulted(plural, new)
        if KINDS[plural].status:
            new = (
                {**obj, "status": new.get("status")}
                if sub == "status"
                else {**new, "status": obj.get("status")}
            )
            new = {key: value for key, value in new.items() if value is not None}
        if "dryRun" in request.query:
            _count(obj, new, status=KINDS[plural].status)
            return 200, new
        shown = copy.deepcopy(self._store(plural, space, name, new, later=True))
        self.controllers.act(KINDS[plural].kind, (plural, space, name))
        return 200, shown

    def _patched(self, request: Request, plural: str, obj: dict[str, Any]) -> Any:
        if KINDS[plural].custom and "strategic" in request.content_type:
            raise RefusedError(415, recorded("415-crd-strategic-merge"))
        if not isinstance(request.body, list if "json-patch" in request.content_type else dict):
            raise RefusedError(400, recorded("400-bad-json"))
        try:
            return _PATCHES[request.content_type](obj, request.body)
        except UnpatchableError:
            raise RefusedError(422, recorded("422-jsonpatch-test-failed-rv")) from None

    def _store(
        self, plural: str, space: str, name: str, new: dict[str, Any], *, later: bool = False
    ) -> dict[str, Any]:
        old = self.objects[plural, space, name]
        if new == old:
            return old
        _count(old, new, status=KINDS[plural].status)
        self._version += 1
        new["metadata"] = {**new["metadata"], "resourceVersion": str(self._version)}
        self.objects[plural, space, name] = new
        if not later:
            self.controllers.act(KINDS[plural].kind, (plural, space, name))
        return new

    def may(self, user: str, verb: str, resource: str, space: str) -> bool:
        """RBAC: the admin everything but what is denied, the viewer reading in the namespace, nobody else anything."""
        if (verb, resource) in self.denied:
            return False
        reads = verb in {"get", "list"} and resource != "pods" and space == "shop"
        return user == "lab-admin" or (user == VIEWER and reads)

    def _review(self, request: Request) -> Any:
        asked = request.body["spec"]["resourceAttributes"]
        resource = asked["resource"] + (f"/{asked['subresource']}" if asked.get("subresource") else "")
        allowed = self.may(request.user, asked["verb"], resource, asked.get("namespace", ""))
        return {**request.body, "metadata": {}, "status": {"allowed": allowed}}

    def _list(self, plural: str, space: str, query: dict[str, list[str]]) -> Any:
        wanted = dict(pair.split("=", 1) for pair in query.get("labelSelector", [""])[0].split(",") if pair)
        items = [
            obj
            for (kind, at, _), obj in self.objects.items()
            if kind == plural and at == space and wanted.items() <= obj["metadata"].get("labels", {}).items()
        ]
        kind = KINDS[plural]
        version = f"{kind.group}/{kind.version}".lstrip("/")
        return {"kind": f"{kind.kind}List", "apiVersion": version, "metadata": {}, "items": items}

    def _discovery(self, path: str) -> Any:
        groups = {kind.group: kind.version for kind in KINDS.values()}
        if path == "/version":
            return {"major": "1", "minor": "32", "gitVersion": "v1.32.0"}
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        listed = [_group(group, version) for group, version in groups.items() if group]
        one = [each for each in listed if path == f"/apis/{each['name']}"]
        if one:
            return {"kind": "APIGroup", "apiVersion": "v1", **one[0]}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
        for group, version in groups.items():
            if path == (f"/apis/{group}/{version}" if group else "/api/v1"):
                own = {plural: kind for plural, kind in KINDS.items() if kind.group == group}
                return _resources(f"{group}/{version}".lstrip("/"), own)
        return None


def _namespace(name: str) -> Any:
    """After a 404, kubectl looks whether it was the namespace that is not there."""
    if name != "shop":
        raise refuse.not_found("namespaces", "", name)
    return {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": name}}


def _group(name: str, version: str) -> dict[str, Any]:
    each = {"groupVersion": f"{name}/{version}", "version": version}
    return {"name": name, "versions": [each], "preferredVersion": each}


def _resources(version: str, own: dict[str, Kind]) -> Any:
    verbs = ["get", "list", "patch", "update", "create"]
    rows = [
        {
            "name": plural,
            "singularName": kind.kind.lower(),
            "namespaced": True,
            "kind": kind.kind,
            "verbs": verbs,
        }
        for plural, kind in own.items()
    ]
    rows += [
        {
            "name": f"{plural}/status",
            "singularName": "",
            "namespaced": True,
            "kind": kind.kind,
            "verbs": verbs,
        }
        for plural, kind in own.items()
        if kind.status
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": rows}


def _count(old: dict[str, Any], new: dict[str, Any], *, status: bool) -> None:
    """The generation counts changes of what is wanted, not reports."""
    ignored = {"metadata", "status"} if status else {"metadata"}
    wanted = [{key: value for key, value in each.items() if key not in ignored} for each in (old, new)]
    number = old["metadata"].get("generation", 1) + (wanted[0] != wanted[1])
    new["metadata"] = {**new["metadata"], "generation": number}


def _verb(request: Request, name: str) -> str:
    verbs = {"GET": "get" if name else "list", "PATCH": "patch", "PUT": "update", "POST": "create"}
    return verbs[request.method]
