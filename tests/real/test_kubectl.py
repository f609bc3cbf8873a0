"""kubectl as a subprocess: its limits in time and size, what it is given and what it is not, and its refusals."""

import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.domain.kubernetes import Thing
from console.domain.kubernetes_refusal import Why
from console.domain.surfaces import Kubernetes
from console.transport import kubectl as module
from console.transport.kubectl import Kubectl, KubectlError
from tests.parts.kubernetes_bench import cluster, settings
from tests.parts.kubernetes_server import TOKENS

WEB = Thing("deployment", "web", "shop")
ROLLOUT = Thing("rollout", "web", "shop")
PAUSE = [{"op": "add", "path": "/spec/paused", "value": True}]


async def refused(kubectl: Kubectl, thing: Thing = WEB) -> KubectlError:
    with pytest.raises(KubectlError) as caught:
        await kubectl.patch(thing, PAUSE)
    return caught.value


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Kubectl]:
    """A kubectl that is a shell script."""

    def write(body: str) -> Kubectl:
        path = tmp_path / "kubectl"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return Kubectl(Kubernetes(str(path)))

    return write


def kubeconfig(folder: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """The stand-in's kubeconfig, changed."""
    found = json.loads(Path(settings().kubeconfig).read_text())
    found["clusters"][0]["cluster"]["certificate-authority"] = str(
        Path(settings().kubeconfig).parent / "server.pem"
    )
    change(found)
    path = folder / "kubeconfig"
    path.write_text(json.dumps(found))
    return str(path)


def login(command: str) -> Callable[[dict[str, Any]], None]:
    """Credentials by a command, as every managed cluster has them; for new and for old kubectls."""

    def change(found: dict[str, Any]) -> None:
        version = os.environ.get("EXEC_VERSION", "v1beta1")
        plugin = {
            "apiVersion": f"client.authentication.k8s.io/{version}",
            "command": "/bin/sh",
            "args": ["-c", command],
            "interactiveMode": "Never",
        }
        found["users"][0]["user"] = {"exec": plugin}

    return change


@pytest.mark.parametrize(
    ("context", "why", "said", "hint"),
    [
        (
            "viewer",
            Why.FORBIDDEN,
            "may not patch deployments.apps",
            "ask for patch on deployments.apps in shop",
        ),
        ("user", Why.FORBIDDEN, "lab-token-viewer may not get", "ask for get on deployments.apps in shop"),
        ("bad", Why.LOGIN, "does not accept these credentials", "log in again"),
        ("anon", Why.LOGIN, "no credentials", "give the context a user"),
        ("nowhere", Why.SETTINGS, "no such context: nowhere", "get-contexts"),
    ],
)
async def test_who_may_not_is_told_what_to_ask_for(context: str, why: Why, said: str, hint: str) -> None:
    cluster()
    error = await refused(Kubectl(settings(context)))

    assert (error.why, said in str(error), hint in error.hint) == (why, True, True), (str(error), error.hint)


async def test_what_is_not_there_is_told_apart() -> None:
    cluster()
    kubectl = Kubectl(settings())

    assert (await refused(kubectl, WEB._replace(name="nope"))).why is Why.ABSENT
    assert (await refused(kubectl, WEB._replace(namespace="nope"))).why is Why.ABSENT


async def test_a_kind_that_the_cluster_does_not_have_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster()
    monkeypatch.setitem(
        module.Thing.resource.fget.__globals__["RESOURCES"], "deployment", "things.none.example"
    )

    error = await refused(Kubectl(settings()))

    assert (error.why, "things.none.example" in str(error)) == (Why.UNKNOWN_KIND, True)


async def test_a_failed_test_a_conflict_and_a_bad_value_are_three_things() -> None:
    cluster()
    kubectl = Kubectl(settings())
    route = Thing("httproute", "web", "shop")
    weight = "/spec/rules/0/backendRefs/1/weight"

    async def why(*ops: dict[str, Any]) -> Why:
        with pytest.raises(KubectlError) as caught:
            await kubectl.patch(route, ops)
        return caught.value.why

    assert await why({"op": "test", "path": weight, "value": 77}) is Why.REJECTED
    assert await why({"op": "replace", "path": "/metadata/resourceVersion", "value": "1"}) is Why.CONFLICT
    assert await why({"op": "replace", "path": weight, "value": -1}) is Why.INVALID


async def test_a_server_that_is_not_there_is_said_with_its_address(tmp_path: Path) -> None:
    cluster()
    config = kubeconfig(
        tmp_path, lambda found: found["clusters"][0]["cluster"].update(server="https://127.0.0.1:9")
    )

    error = await refused(Kubectl(replace(settings(), kubeconfig=config)))

    assert (error.why, "127.0.0.1:9" in str(error)) == (Why.UNREACHABLE, True)


async def test_a_certificate_that_is_not_trusted_is_said(tmp_path: Path) -> None:
    cluster()
    config = kubeconfig(tmp_path, lambda found: found["clusters"][0]["cluster"].pop("certificate-authority"))

    error = await refused(Kubectl(replace(settings(), kubeconfig=config)))

    assert (error.why, "certificate" in str(error)) == (Why.UNREACHABLE, True)


async def test_a_login_command_that_fails_is_said_and_what_it_printed_is_not(tmp_path: Path) -> None:
    cluster()
    config = kubeconfig(tmp_path, login("echo s3cr3t-of-the-plugin >&2; exit 3"))

    error = await refused(Kubectl(replace(settings(), kubeconfig=config)))

    assert error.why is Why.LOGIN, str(error)
    assert "s3cr3t" not in str(error) + error.hint


async def test_a_login_command_that_hangs_ends_with_kubectl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster()
    monkeypatch.setattr(module, "CALL_S", 1.0)
    mark = tmp_path / "alive"
    config = kubeconfig(tmp_path, login(f"echo $$ > {mark}; sleep 60"))

    error = await refused(Kubectl(replace(settings(), kubeconfig=config)))

    assert error.why is Why.TIMEOUT
    assert not _lives(int(mark.read_text()))


async def test_without_kubectl_what_to_install_is_said() -> None:
    error = await refused(Kubectl(Kubernetes("/no/such/kubectl")))
    assert (error.why, "install kubectl" in error.hint) == (Why.SETTINGS, True)

    error = await refused(Kubectl(Kubernetes(str(Path(__file__)))))
    assert "cannot be started" in str(error)


async def test_a_kubectl_that_hangs_is_stopped_with_all_its_children(
    script: Callable[[str], Kubectl], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CALL_S", 0.5)
    pids = tmp_path / "pids"
    kubectl = script(f"trap '' TERM; sleep 60 & echo $! > {pids}; wait")

    began = time.monotonic()
    error = await refused(kubectl)

    assert error.why is Why.TIMEOUT
    assert time.monotonic() - began < 5
    assert not _lives(int(pids.read_text()))


async def test_a_caller_that_gives_up_takes_kubectl_along(
    script: Callable[[str], Kubectl], tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    kubectl = script(f"echo $$ > {pids}; sleep 60")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await kubectl.get(WEB)

    assert not _lives(int(pids.read_text()))


async def test_a_flood_is_cut_off(script: Callable[[str], Kubectl], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OUTPUT_LIMIT", 2**20)

    with pytest.raises(KubectlError, match="more than 1 MB"):
        await script("yes").get(WEB)


@pytest.mark.parametrize("printed", ["", "hello", "[1]", "{" * 5000, "null"])
async def test_what_is_no_object_is_an_error_and_not_a_crash(
    script: Callable[[str], Kubectl], printed: str
) -> None:
    with pytest.raises(KubectlError, match="no JSON object"):
        await script(f"echo '{printed}'").get(WEB)


async def test_a_kubectl_that_is_killed_is_said(script: Callable[[str], Kubectl]) -> None:
    with pytest.raises(KubectlError, match="ended by SIGKILL"):
        await script("kill -9 $$").get(WEB)


async def test_kubectl_never_waits_for_a_key(script: Callable[[str], Kubectl]) -> None:
    with pytest.raises(KubectlError, match="nobody typed"):
        await script("read line || { echo 'error: nobody typed' >&2; exit 1; }").get(WEB)


async def test_no_argument_ever_holds_a_credential(script: Callable[[str], Kubectl], tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    real = Kubectl(settings())
    wrapped = script(f'echo "$@" >> {seen}; exec {settings().kubectl} "$@"')
    wrapped._settings = replace(real._settings, kubectl=wrapped._settings.kubectl)
    cluster()

    await wrapped.patch(ROLLOUT, PAUSE)
    await wrapped.allowed("patch", WEB)

    said = seen.read_text()
    assert "--context admin" in said
    assert not any(token in said for token in TOKENS.values() if token)


async def test_a_private_patch_goes_by_standard_input(
    script: Callable[[str], Kubectl], tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    kubectl = script(f'echo "$@" > {seen}.arguments; cat > {seen}')
    ops = [{"op": "replace", "path": "/spec/template", "value": {"env": "s3cr3t" * 50_000}}]

    await kubectl.patch(WEB, ops, private=True)

    assert json.loads(seen.read_text()) == ops
    assert "s3cr3t" not in (tmp_path / "seen.arguments").read_text()


async def test_a_kubectl_that_does_not_read_its_patch_is_no_crash(script: Callable[[str], Kubectl]) -> None:
    ops = [{"op": "replace", "path": "/spec/template", "value": "x" * 500_000}]

    with pytest.raises(KubectlError, match="no --patch-file"):
        await script("echo 'Error: unknown flag: --patch-file' >&2; exit 1").patch(WEB, ops, private=True)


async def test_a_kind_is_asked_for_with_its_version_so_that_kubectl_need_not_discover_it() -> None:
    api = cluster()
    kubectl = Kubectl(settings())
    await kubectl.get(ROLLOUT)
    api.requests.clear()

    await kubectl.get(ROLLOUT)

    assert kubectl.resource(ROLLOUT) == "rollouts.v1alpha1.argoproj.io"
    assert [each.path for each in api.requests] == ["/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web"]


@pytest.mark.parametrize("allowed", [True, False])
async def test_rights_are_asked_of_the_cluster(allowed: object) -> None:
    cluster()
    assert (
        await Kubectl(settings("admin" if allowed else "viewer")).allowed("patch", ROLLOUT, "status")
        is allowed
    )


def _lives(pid: int) -> bool:
    """Whether a process still runs a moment after it was killed; a zombie does not."""
    stat = Path(f"/proc/{pid}/stat")
    until = time.monotonic() + 2
    while stat.exists() and " Z " not in stat.read_text():
        if time.monotonic() > until:
            return True
    return False
