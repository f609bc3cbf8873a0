"""Argo CD and Flux objects as both their own controls and those of what they sync see them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from console.controls.kubernetes.cluster import Cluster
from console.domain.fleet import Fleet
from console.domain.kubernetes import Path, Thing, member
from console.domain.plan import ControlError

AUTOMATED: Path = ("spec", "syncPolicy", "automated")
SUSPEND: Path = ("spec", "suspend")
FLUX_KINDS = ("kustomization", "helmrelease")


def applications(cluster: Cluster, fleet: Fleet) -> list[Thing]:
    """The Argo CD Applications of the settings."""
    return cluster.things(fleet.freeze.argocd, "application")


def reconciled(cluster: Cluster, fleet: Fleet) -> list[Thing]:
    """The Flux objects of the settings."""
    return cluster.things(fleet.freeze.flux, *FLUX_KINDS)


def syncs(obj: Mapping[str, Any]) -> bool:
    """Whether the object puts live changes back by itself."""
    if obj.get("kind") == "Application":
        automated = member(obj, AUTOMATED)
        return isinstance(automated, Mapping) and automated.get("enabled") is not False
    return member(obj, SUSPEND) is not True


async def syncing(cluster: Cluster, fleet: Fleet) -> tuple[str, ...]:
    """Which of the fleet's GitOps objects would put a live change back; one that cannot be read is named as well."""
    things: Sequence[Thing] = [*applications(cluster, fleet), *reconciled(cluster, fleet)]
    found = await asyncio.gather(*(cluster.kubectl.get(each) for each in things), return_exceptions=True)
    said = []
    for thing, obj in zip(things, found, strict=True):
        if isinstance(obj, BaseException):
            if not isinstance(obj, ControlError):
                raise obj
            said.append(f"{thing.subject} cannot be read ({obj}): if it syncs by itself, it")
        elif syncs(obj):
            said.append(f"{thing.subject} syncs by itself and")
    return tuple(said)
