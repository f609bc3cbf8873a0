"""Kubernetes as something that is changed: workloads, routes, Argo CD and Flux, all through kubectl."""

from console.controls.kubernetes import argocd, flux, routes, workloads
from console.domain.fleet import Fleet
from console.ports import Control
from console.transport.kit import Kit


def controls(fleet: Fleet, kit: Kit) -> list[Control]:
    """Those of Kubernetes' controls that the settings ask for."""
    parts = (argocd, flux, workloads, routes)
    return [control for part in parts for control in part.controls(fleet, kit)]
