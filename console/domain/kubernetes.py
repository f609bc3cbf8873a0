"""Things in a Kubernetes cluster: how they are named, and the members of them that are changed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from console.domain.states import Json

Path: TypeAlias = tuple[str | int, ...]
Op: TypeAlias = Mapping[str, Json]

RESOURCES: Mapping[str, str] = {
    "deployment": "deployments.apps",
    "replicaset": "replicasets.apps",
    "pod": "pods",
    "rollout": "rollouts.argoproj.io",
    "application": "applications.argoproj.io",
    "kustomization": "kustomizations.kustomize.toolkit.fluxcd.io",
    "helmrelease": "helmreleases.helm.toolkit.fluxcd.io",
    "httproute": "httproutes.gateway.networking.k8s.io",
    "virtualservice": "virtualservices.networking.istio.io",
    "ingress": "ingresses.networking.k8s.io",
}


class Thing(NamedTuple):
    """One object; an empty namespace is that of the kubeconfig's context."""

    kind: str
    name: str
    namespace: str = ""

    @property
    def subject(self) -> str:
        """``NAMESPACE/KIND/NAME``, or ``KIND/NAME`` where the context says the namespace."""
        return "/".join(part for part in (self.namespace, self.kind, self.name) if part)

    @property
    def resource(self) -> str:
        """The resource and its API group, as kubectl and RBAC name them."""
        return RESOURCES[self.kind]

    @property
    def place(self) -> str:
        """The namespace in words."""
        return self.namespace or "the context's namespace"


def thing(text: str, kinds: Sequence[str], namespace: str = "") -> Thing:
    """What a setting names: ``KIND/NAME`` or ``NAMESPACE/KIND/NAME``; with one kind only it may be left out.

    Raises ValueError with a sentence for anything else.
    """
    parts = text.split("/")
    if len(kinds) == 1 and kinds[0] not in parts[:-1]:
        parts.insert(len(parts) - 1, kinds[0])
    *space, kind, name = parts if len(parts) > 1 else ["", *parts]
    if kind not in kinds or not name or len(space) > 1:
        raise ValueError(f"{text!r} is not a {' or '.join(f'{each}/NAME' for each in kinds)}")
    return Thing(kind, name, space[0] if space else namespace)


class Member(NamedTuple):
    """A member of an object and what it shall be; None is absent."""

    path: Path
    value: Json


def pointer(path: Path) -> str:
    """The JSON pointer of a member."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def member(obj: Any, path: Path) -> Json:
    """A member's value; None where it, or anything on the way, is not there."""
    for part in path:
        if isinstance(part, int):
            obj = obj[part] if isinstance(obj, list | tuple) and part < len(obj) else None
        else:
            obj = obj.get(part) if isinstance(obj, Mapping) else None
        if obj is None:
            return None
    return obj  # type: ignore[no-any-return]  # what was parsed from JSON is JSON


def still(obj: Any, path: Path) -> Op:
    """The operation that refuses the whole patch unless the member is what it is in ``obj``."""
    return {"op": "test", "path": pointer(path), "value": member(obj, path)}


def become(obj: Any, wanted: Member) -> list[Op]:
    """Operations that give a member its wanted value, after a test of what it is.

    An absent member cannot be tested; ``guarded`` is for that. Parents that are not there are made.
    """
    path, value = wanted
    now = member(obj, path)
    if now == value and type(now) is type(value):
        return []
    if now is not None and value is None:
        return [still(obj, path), {"op": "remove", "path": pointer(path)}]
    if now is not None:
        return [still(obj, path), {"op": "replace", "path": pointer(path), "value": value}]
    while len(path) > 1 and member(obj, path[:-1]) is None:
        path, value = path[:-1], {str(path[-1]): value}
    return [{"op": "add", "path": pointer(path), "value": value}]


def patch(obj: Any, wanted: Sequence[Member], keep: Sequence[Path] = ()) -> list[Op]:
    """One patch for several members that holds only while the members of ``keep`` are as in ``obj``."""
    changes = [op for each in wanted for op in become(obj, each)]
    return [*(still(obj, path) for path in keep), *changes] if changes else []


def guarded(obj: Any, ops: Sequence[Op]) -> list[Op]:
    """The same patch, refused as well when the object is not the very one that was read.

    Changes of a spec raise the generation and reports of status do not, so it does not fail beside a rollout.
    """
    spec_only = all(str(op["path"]).startswith("/spec/") for op in ops)
    path: Path = ("metadata", "generation" if spec_only else "resourceVersion")
    return [still(obj, path), *ops] if member(obj, path) is not None else list(ops)


def placed(obj: Any, wanted: Sequence[Member]) -> Any:
    """The object as it is once its members have their wanted values."""
    for path, value in wanted:
        obj = _placed(obj, path, value)
    return obj


def _placed(obj: Any, path: Path, value: Json) -> Any:
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        inner = _placed(obj[head], rest, value) if rest else value
        return [*obj[:head], inner, *obj[head + 1 :]]
    others = {key: each for key, each in (obj or {}).items() if key != head}
    inner = _placed((obj or {}).get(head), rest, value) if rest else value
    return others if inner is None else {**others, head: inner}
