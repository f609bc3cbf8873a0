"""What an API server refuses, word for word as recorded, and what it fills in."""

from typing import Any, NamedTuple

from tests.parts.kubernetes_recorded import recorded


class Asked(NamedTuple):
    """Who wants to do what to which object; ``sub`` is the subresource."""

    user: str
    verb: str
    plural: str
    group: str
    name: str
    sub: str
    space: str


class RefusedError(Exception):
    """An answer that is no success: its code and its body."""

    def __init__(self, code: int, body: Any) -> None:
        super().__init__(code)
        self.code = code
        self.body = body


def _status(code: int, reason: str, message: str, details: dict[str, Any]) -> RefusedError:
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return RefusedError(code, {**body, "reason": reason, "details": details, "code": code})


def _details(plural: str, group: str, name: str) -> dict[str, Any]:
    return {key: value for key, value in (("name", name), ("group", group), ("kind", plural)) if value}


class refuse:  # noqa: N801 - read as a verb: refuse.conflict(...)
    """Makes the refusals."""

    @staticmethod
    def forbidden(request: Asked) -> RefusedError:
        user, verb, plural, group, name, sub, space = request
        what = f"{plural}.{group}".rstrip(".") + (f' "{name}"' if name else "")
        full = plural + (f"/{sub}" if sub else "")
        where = f'in the namespace "{space}"' if space else "at the cluster scope"
        told = f'{what} is forbidden: User "{user}" cannot {verb} resource "{full}" in API group "{group}" {where}'
        return _status(403, "Forbidden", told, _details(plural, group, name))

    @staticmethod
    def not_found(plural: str, group: str, name: str) -> RefusedError:
        what = f"{plural}.{group}".rstrip(".")
        return _status(404, "NotFound", f'{what} "{name}" not found', _details(plural, group, name))

    @staticmethod
    def exists(plural: str, group: str, name: str) -> RefusedError:
        told = f'{plural}.{group} "{name}" already exists'
        return _status(409, "AlreadyExists", told, _details(plural, group, name))

    @staticmethod
    def conflict(plural: str, group: str, name: str) -> RefusedError:
        told = (
            f'Operation cannot be fulfilled on {plural}.{group} "{name}": the object has been modified; '
            "please apply your changes to the latest version and try again"
        )
        return _status(409, "Conflict", told, _details(plural, group, name))


def validated(plural: str, obj: dict[str, Any]) -> None:
    """Refuse the values that were recorded as refused."""
    if plural == "deployments" and obj["spec"]["replicas"] < 0:
        raise RefusedError(422, recorded("422-deployment-bad-replicas"))
    if plural != "httproutes":
        return
    for rule in obj["spec"]["rules"]:
        for backend in rule["backendRefs"]:
            weight = backend.get("weight", 1)
            if not isinstance(weight, int):
                raise RefusedError(422, recorded("422-httproute-weight-string"))
            if weight < 0:
                raise RefusedError(422, recorded("422-httproute-weight-negative"))


def defaulted(plural: str, obj: dict[str, Any]) -> dict[str, Any]:
    """The object as it is stored: without nulls where the server knows the type, with defaults for an HTTPRoute."""
    if plural in {"deployments", "ingresses"}:
        return dict(_without_nulls(obj))
    if plural != "httproutes":
        return obj
    everything = [{"path": {"type": "PathPrefix", "value": "/"}}]
    usual = {"group": "", "kind": "Service", "weight": 1}
    rules = [
        {
            "matches": everything,
            **rule,
            "backendRefs": [{**usual, **backend} for backend in rule["backendRefs"]],
        }
        for rule in obj["spec"]["rules"]
    ]
    return {**obj, "spec": {**obj["spec"], "rules": rules}}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
