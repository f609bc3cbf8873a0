"""How far a rollout is, and which revision runs."""

from typing import Any

import pytest

from console.domain.kubernetes_workload import (
    current,
    digest,
    progress,
    revisions,
    rolled_out,
    running_digests,
    stripped,
    workload_state,
)
from tests.parts.kubernetes_recorded import recorded


def deployment(**status: Any) -> dict[str, Any]:
    counts = {"observedGeneration": 4, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
    return {
        "kind": "Deployment",
        "metadata": {"generation": 4},
        "spec": {"replicas": 2},
        "status": counts | status,
    }


@pytest.mark.parametrize(
    ("status", "complete", "words"),
    [
        ({}, True, "2 of 2 pods updated"),
        ({"observedGeneration": 3}, False, "has not taken up the change"),
        ({"updatedReplicas": 1}, False, "1 of 2 pods updated"),
        ({"availableReplicas": 1}, False, "1 available"),
        ({"replicas": 3}, False, "1 old pods still end"),
    ],
)
def test_a_deployment_is_through_only_when_every_pod_is_new_and_serves(
    status: dict[str, Any], complete: object, words: str
) -> None:
    how = progress(deployment(**status))

    assert how.complete is complete
    assert words in how.words


def test_a_workload_that_no_controller_reports_on_is_unknown() -> None:
    assert progress(recorded("200-get-rollout")).complete is None


@pytest.mark.parametrize(("phase", "complete"), [("Healthy", True), ("Paused", False), ("Degraded", False)])
def test_a_rollouts_phase_counts_only_for_the_generation_it_is_of(phase: str, complete: object) -> None:
    rollout = {"kind": "Rollout", "metadata": {"generation": 4}}
    seen = {**rollout, "status": {"observedGeneration": "4", "phase": phase}}
    unseen = {**rollout, "status": {"observedGeneration": "3", "phase": phase}}

    assert progress(seen).complete is complete
    assert progress(seen).failed is (phase == "Degraded")
    assert progress(unseen).complete is False


def test_a_pod_that_restarts_later_does_not_make_a_rollout_unfinished() -> None:
    ended = [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]
    under_way = [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]

    assert rolled_out(deployment(availableReplicas=1, conditions=ended)) is True
    assert rolled_out(deployment(availableReplicas=1, conditions=under_way)) is False
    assert rolled_out(deployment(updatedReplicas=1, conditions=ended)) is False
    assert rolled_out(deployment(observedGeneration=3, conditions=ended)) is False


def test_a_rollout_whose_pods_restart_is_still_through() -> None:
    status = {"observedGeneration": "4", "phase": "Progressing", "stableRS": "a", "currentPodHash": "a"}
    rollout = {"kind": "Rollout", "metadata": {"generation": 4}, "status": status}

    assert rolled_out(rollout) is True
    assert rolled_out({**rollout, "status": {**status, "currentPodHash": "b"}}) is False


def test_the_recorded_deployment_runs_its_newest_recorded_revision() -> None:
    obj = recorded("200-get-deployment")
    known = revisions(obj, recorded("200-list-replicasets")["items"])

    assert [each.number for each in known] == [3, 2, 1]
    assert current(obj, known) == known[0]
    assert known[1].images == {"nginx": "nginx:1.26"}


def test_after_an_undo_the_old_replicaset_has_the_newest_number() -> None:
    obj = recorded("200-deployment-after-undo")
    known = revisions(obj, recorded("200-list-replicasets-after-undo")["items"])
    now = current(obj, known)

    assert now is not None
    assert (now.number, now.images) == (4, {"nginx": "nginx:1.25"})


def test_somebody_elses_replicasets_are_not_taken_for_revisions() -> None:
    obj = recorded("200-get-deployment")

    assert revisions(obj, recorded("200-list-replicasets-3-revisions")["items"]) == ()


def test_a_template_is_the_same_with_its_hash_label_and_with_nulls() -> None:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}
    kept = {
        "metadata": {"labels": {"app": "web", "pod-template-hash": "x"}, "creationTimestamp": None},
        "spec": {"containers": []},
    }

    assert digest(template) == digest(kept)
    assert stripped(kept)["metadata"]["labels"] == {"app": "web"}


def test_a_state_says_nothing_of_the_environment() -> None:
    obj = deployment()
    containers = [{"name": "triton", "image": "t:1", "env": [{"name": "KEY", "value": "s3cr3t"}]}]
    obj["spec"]["template"] = {"spec": {"containers": containers}}

    assert "s3cr3t" not in repr(workload_state(obj))
    assert workload_state(obj)["images"] == {"triton": "t:1"}


def test_only_pods_of_the_revision_say_which_digest_runs() -> None:
    obj = recorded("200-get-deployment")
    now = revisions(obj, recorded("200-list-replicasets")["items"])[0]

    def pod(pod_hash: str, image: str) -> dict[str, Any]:
        status = {
            "containerStatuses": [{"name": "nginx", "imageID": f"docker-pullable://nginx@sha256:{image}"}]
        }
        return {"metadata": {"labels": {"pod-template-hash": pod_hash}}, "status": status}

    mine, other = pod(now.hash, "aa"), pod("other", "bb")
    assert running_digests([mine, other], now) == {"nginx": "nginx@sha256:aa"}
    assert running_digests([mine, pod(now.hash, "cc")], now) == {}
    assert running_digests([mine], None) == {}
