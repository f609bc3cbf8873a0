"""The stand-in answers as the real API server did, for every exchange that was recorded."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.parts.kubernetes_api import KubernetesApi
from tests.parts.kubernetes_bench import cluster, kubectl
from tests.parts.kubernetes_recorded import Exchange, exchanges, recorded
from tests.parts.kubernetes_server import VIEWER, Request

_USERS = {
    "admin": "lab-admin",
    "viewer": VIEWER,
    "user": "lab-token-viewer",
    "anon": "system:anonymous",
    "bad": "",
}
_REFUSALS = [each for each in exchanges() if each.status >= 400]


def ask(api: KubernetesApi, exchange: Exchange) -> tuple[int, Any]:
    url = urlsplit(exchange.path)
    try:
        body = json.loads(exchange.sent) if exchange.sent else None
    except ValueError as error:
        body = error
    user = _USERS[exchange.user]
    request = Request(user, exchange.method, url.path, parse_qs(url.query), exchange.content_type, body)
    return api.answer(request)


def told(body: Any) -> Any:
    """Without what counts writes or names writers, which depends on what else was done."""
    if isinstance(body, Mapping) and isinstance(body.get("metadata"), Mapping):
        counted = {"managedFields", "resourceVersion", "uid", "creationTimestamp", "annotations"}
        metadata = {key: value for key, value in body["metadata"].items() if key not in counted}
        return {**body, "metadata": metadata}
    return body


@pytest.mark.parametrize("exchange", _REFUSALS, ids=lambda each: each.name)
def test_a_refusal_is_the_recorded_one_word_for_word(exchange: Exchange) -> None:
    assert ask(cluster(), exchange) == (exchange.status, exchange.body)


def test_objects_and_patches_answer_as_recorded_in_the_recorded_order() -> None:
    api = cluster()
    api.reset()
    api.controllers.seeing = False
    known = {each.name: each for each in exchanges()}
    for name in (
        "200-get-deployment",
        "200-get-httproute",
        "200-get-rollout",
        "200-get-virtualservice",
        "200-pause-deployment",
        "200-pause-rollout",
        "200-httproute-weights-jsonpatch",
        "200-virtualservice-weights-jsonpatch",
        "200-httproute-dryrun",
        "200-httproute-merge-replaces-whole-rules-list-dryrun",
        "200-rollout-status-subresource-patch",
        "200-ssar-allowed",
        "200-ssar-denied",
    ):
        exchange = known[name]
        status, body = ask(api, exchange)
        assert (status, told(body)) == (exchange.status, told(exchange.body)), name


def test_a_dry_run_changes_nothing() -> None:
    api = cluster()
    before = api.get("httproutes", "web")
    (exchange,) = [each for each in exchanges() if each.name == "200-httproute-dryrun"]

    assert ask(api, exchange)[0] == 200
    assert api.get("httproutes", "web") == before


def test_the_list_of_replicasets_is_the_recorded_one() -> None:
    api = cluster()
    api.reset()
    (exchange,) = [each for each in exchanges() if each.name == "200-list-replicasets"]
    _, body = ask(api, exchange)

    assert [{**each, "apiVersion": "apps/v1", "kind": "ReplicaSet"} for each in body["items"]] == [
        {**each, "apiVersion": "apps/v1", "kind": "ReplicaSet"} for each in exchange.body["items"]
    ]


def test_kubectl_undo_leaves_the_deployment_and_its_replicasets_as_recorded() -> None:
    api = cluster()
    for replicaset in [each for each in api.objects if each[0] == "replicasets"]:
        del api.objects[replicaset]
    api.put(recorded("200-deployment-before-undo"))
    for each in recorded("200-list-replicasets-3-revisions")["items"]:
        api.put(each)

    _kubectl(api, "rollout", "undo", "deployment/web", "--to-revision=1")

    after = recorded("200-deployment-after-undo")
    now = api.get("deployments", "web")
    assert now["spec"] == after["spec"]
    assert now["metadata"]["annotations"] == after["metadata"]["annotations"]
    for each in recorded("200-list-replicasets-after-undo")["items"]:
        mine = api.get("replicasets", each["metadata"]["name"])
        assert mine["metadata"]["annotations"] == each["metadata"]["annotations"]


def test_kubectl_itself_refuses_to_undo_a_paused_deployment() -> None:
    api = cluster()
    api.edit("deployments", "web", lambda each: each["spec"].update(paused=True))

    said = _kubectl(api, "rollout", "undo", "deployment/web", fails=True)

    assert "you cannot rollback a paused deployment; resume it first" in said


def test_a_paused_deployment_makes_no_replicaset_for_a_new_image() -> None:
    api = cluster()
    api.edit("deployments", "web", lambda each: each["spec"].update(paused=True))
    before = {key for key in api.objects if key[0] == "replicasets"}

    _kubectl(api, "set", "image", "deployment/web", "nginx=nginx:1.28")
    assert {key for key in api.objects if key[0] == "replicasets"} == before

    api.edit("deployments", "web", lambda each: each["spec"].pop("paused"))
    assert len({key for key in api.objects if key[0] == "replicasets"}) == len(before) + 1


def _kubectl(api: KubernetesApi, *arguments: str, fails: bool = False) -> str:
    command = [kubectl(), "--kubeconfig", str(api.kubeconfig), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode != 0) is fails, done.stderr
    return done.stdout + done.stderr
