"""A door to a stand-in cluster, through real kubectl."""

import atexit
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from console.controls import kubernetes
from console.domain.fleet import Fleet
from console.domain.snapshot import Snapshot
from console.domain.surfaces import Freeze, Gateway, Kubernetes
from console.engine.door import Door, Parts
from console.ports import Control
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import LeapingClock
from tests.parts.knobs import CalmVerifier, MemoryJournal, MemoryReleases, MemoryRepository
from tests.parts.kubernetes_api import KubernetesApi
from tests.parts.missing import missing
from tests.snapshots import snapshot


@cache
def _api() -> KubernetesApi:
    folder = Path(tempfile.mkdtemp(prefix="kubernetes-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    api = KubernetesApi(folder)
    atexit.register(api.close)
    return api


def cluster() -> KubernetesApi:
    """The stand-in, begun anew; one server for all tests, since kubectl remembers what it discovered of it."""
    api = _api()
    api.reset()
    api.settle("deployments", "web")
    return api


@cache
def kubectl() -> str:
    """A kubectl (``TEST_KUBECTL``, else the one of the system) that keeps its cache out of the home folder."""
    real = os.environ.get("TEST_KUBECTL") or shutil.which("kubectl") or missing("kubectl is not installed")
    folder = _api().kubeconfig.parent
    script = folder / "kubectl"
    script.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/arguments"\nHOME="{folder}" exec "{real}" "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


def arguments() -> str:
    """Every command line of kubectl so far, as any user of the machine could have seen it."""
    return (_api().kubeconfig.parent / "arguments").read_text()


def typed(call: str) -> str:
    """What an operator gets who pastes a call into a shell; raises when it fails."""
    done = subprocess.run(["/bin/sh", "-ec", call], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def settings(context: str = "admin", workload: str = "") -> Kubernetes:
    """How the stand-in is reached, as the user of that context."""
    return Kubernetes(kubectl(), str(_api().kubeconfig), context, "shop", workload)


def fleet(
    freeze: Freeze | None = None, gateway: Gateway | None = None, workload: str = "", context: str = "admin"
) -> Fleet:
    """A fleet whose things are in the stand-in."""
    return Fleet(freeze=freeze or Freeze(), gateway=gateway, kubernetes=settings(context, workload))


def all_controls(of: Fleet) -> list[Control]:
    """Every Kubernetes control that the fleet asks for, in the order of discovery."""
    return kubernetes.controls(of, Kit(LeapingClock(), Http({}, of.tls)))


def door(of: Fleet, seen: Snapshot | None = None, others: Sequence[Control] = ()) -> Door:
    """A door with the fleet's Kubernetes controls, a journal in memory, and a clock that leaps."""
    parts: dict[str, Any] = {
        "controls": [*others, *all_controls(of)],
        "journal": MemoryJournal(),
        "releases": MemoryReleases(),
        "repository": MemoryRepository(),
        "verifier": CalmVerifier(),
        "clock": LeapingClock(),
        "random": Random(7),
        "who": "ana@bastion",
    }
    picture = seen or snapshot(fleet=of)
    return Door(of, Parts(**parts), lambda: picture)
