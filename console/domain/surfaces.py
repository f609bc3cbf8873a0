"""Where changes are made, as the settings say: gateways, Kubernetes, and what a freeze touches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from console.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class HaproxyRoute:
    """``servers`` of ``backend`` get what the models of the glob ``model`` keep; or a map file's key sheds.

    The map's value is the percent of requests that are answered 429.
    """

    model: str
    backend: str
    servers: tuple[str, ...] = ()
    shed_map: str = ""
    shed_key: str = ""


@dataclass(frozen=True, slots=True)
class Haproxy:
    """A HAProxy by its runtime socket: a path, or ``HOST:PORT``."""

    socket: str
    routes: tuple[HaproxyRoute, ...] = ()


@dataclass(frozen=True, slots=True)
class EnvoyRoute:
    """``reduced`` of all ``clusters`` get what the models keep, by runtime key prefix or by an RDS file's weights;
    or the runtime key ``shed`` holds the percent of requests that are answered 429.
    """

    model: str
    clusters: tuple[str, ...] = ()
    reduced: tuple[str, ...] = ()
    runtime: str = ""
    rds: str = ""
    shed: str = ""


@dataclass(frozen=True, slots=True)
class Envoy:
    """An Envoy by its admin address; ``stat_prefix`` is that of its HTTP connection manager."""

    admin: str
    stat_prefix: str = ""
    routes: tuple[EnvoyRoute, ...] = ()


@dataclass(frozen=True, slots=True)
class KubernetesRoute:
    """``route`` is ``httproute/NAME``, ``virtualservice/NAME``, ``rollout/NAME`` or ``ingress/NAME``;
    ``backends`` are those whose weight is what the models keep; ``rule`` is the index of the rule.
    """

    model: str
    route: str
    backends: tuple[str, ...] = ()
    rule: int = 0


@dataclass(frozen=True, slots=True)
class KubernetesGateway:
    """Routes kept in Kubernetes."""

    routes: tuple[KubernetesRoute, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandGateway:
    """Shell commands; ``{percent}`` and ``{model}`` are filled in. ``check`` prints the percent that is in force."""

    reduce: str
    restore: str
    check: str = ""


Gateway: TypeAlias = Haproxy | Envoy | KubernetesGateway | CommandGateway


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """How ``kubectl`` reaches the cluster; ``workload`` (``deployment/NAME`` or ``rollout/NAME``) runs Triton."""

    kubectl: str = "kubectl"
    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    workload: str = ""


@dataclass(frozen=True, slots=True)
class Freeze:
    """What a freeze touches. ``deploy_lock`` is a path or a URL; empty: a file in the state folder.

    ``kubernetes`` are ``deployment/NAME`` or ``rollout/NAME``, ``argocd`` names of Applications, ``flux``
    ``kustomization/NAME`` or ``helmrelease/NAME``; each may be ``NAMESPACE/KIND/NAME`` (``NAMESPACE/NAME`` for
    Argo CD). ``command`` freezes, ``uncommand`` undoes it, ``check`` exits 0 while it is in force.
    ``headers`` go with the lock's requests.
    """

    deploy_lock: str = ""
    headers: Mapping[str, Secret] = field(default_factory=dict)
    kubernetes: tuple[str, ...] = ()
    argocd: tuple[str, ...] = ()
    flux: tuple[str, ...] = ()
    command: str = ""
    uncommand: str = ""
    check: str = ""
    expires_s: float = 4 * 3600.0
