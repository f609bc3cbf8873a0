"""A config with one thing changed, and what must never be sent."""

from typing import Any

import pytest

from console.domain.model_change import (
    BATCHING,
    INSTANCES,
    POLICY,
    Admission,
    admitting,
    config_digest,
    knobs,
    objections,
    policy_yields,
    serving_now,
    tuned,
    with_versions,
)
from tests.parts.served import SERVED


def test_one_field_changed_in_the_whole_config_is_fine() -> None:
    assert objections(SERVED, with_versions(SERVED, ["2"]), [POLICY]) == ()
    assert objections(SERVED, tuned(SERVED, "instances", 2)[0], [INSTANCES]) == ()
    assert objections(SERVED, tuned(SERVED, "queue_size", 2)[0], [BATCHING]) == ()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "multi", "version_policy": {}}, "it has no input"),
        ({k: v for k, v in SERVED.items() if k != "parameters"}, "it lacks parameters of the served config"),
        ({**SERVED, "name": "other"}, "name would differ"),
        ({**SERVED, "backend": "onnxruntime"}, "backend would differ"),
        ({**SERVED, "backend": "", "platform": ""}, "names neither backend nor platform"),
        ({**SERVED, "input": []}, "input would differ"),
        ({**SERVED, "output": []}, "it has no output"),
        ({**SERVED, "max_batch_size": 0}, "max_batch_size would differ"),
        ({**SERVED, "instance_group": []}, "instance_group would change too"),
        ({**SERVED, "added": 1}, "added would change too"),
        ({**SERVED, "parameters": {"a": "x" * 2**20}}, "it is over 1024 KiB"),
    ],
)
def test_anything_else_is_not_sent(sent: dict[str, Any], said: str) -> None:
    assert said in " ".join(objections(SERVED, sent, [POLICY]))


def test_a_release_may_change_more_but_not_which_model_it_is() -> None:
    assert objections(SERVED, {**SERVED, "max_batch_size": 4, "instance_group": []}, None) == ()
    assert objections(SERVED, {**SERVED, "backend": "onnxruntime"}, None) != ()
    assert objections(SERVED, {"name": "multi", "backend": "python"}, None) != ()


def test_without_a_served_config_what_every_config_has_is_asked_for() -> None:
    assert objections(None, SERVED, None) == ()
    assert objections(None, {"name": "multi"}, None) != ()


def test_the_digest_leaves_the_version_policy_out() -> None:
    assert config_digest(SERVED) == config_digest(with_versions(SERVED, ["2"]))
    assert config_digest(SERVED) != config_digest({**SERVED, "max_batch_size": 4})


@pytest.mark.parametrize(
    ("policy", "ready", "known", "expected"),
    [
        ({"latest": {"num_versions": 1}}, ["3"], ["1", "2", "3"], {"latest": {"num_versions": 1}}),
        # Out of date: a version above the one that serves was unloaded in place.
        ({"latest": {"num_versions": 1}}, ["2"], ["2", "3"], {"specific": {"versions": [2]}}),
        ({"specific": {"versions": [2, 3]}}, ["2"], ["2", "3"], {"specific": {"versions": [2]}}),
        ({"all": {}}, ["1", "2"], ["1", "2"], {"all": {}}),
        # A version that the policy names and that is not there is left out by Triton itself.
        ({"specific": {"versions": [3, 9]}}, ["3"], ["3"], {"specific": {"versions": [3, 9]}}),
        ({"latest": {"num_versions": 1}}, ["10"], ["9", "10"], {"latest": {"num_versions": 1}}),
    ],
)
def test_the_policy_to_go_back_to_is_the_one_that_yields_what_is_served(
    policy: dict[str, Any], ready: list[str], known: list[str], expected: dict[str, Any]
) -> None:
    assert serving_now({**SERVED, POLICY: policy}, ready, known)[POLICY] == expected


def test_versions_are_numbers() -> None:
    assert policy_yields({}, ["1", "10", "9", "x"]) == ("10",)
    for odd in ([], ["x"], ["0"], ["-1"], ["2; rm"]):
        with pytest.raises(ValueError, match="not a version"):
            with_versions(SERVED, odd)


def test_instances_are_set_in_each_group() -> None:
    groups = [{"name": "a", "count": 1, "gpus": [0]}, {"name": "b", "count": 3, "gpus": [1]}]
    made, _ = tuned({**SERVED, "instance_group": groups}, "instances", 2)

    assert [group["count"] for group in made["instance_group"]] == [2, 2]
    assert [group["gpus"] for group in made["instance_group"]] == [[0], [1]]
    assert (knobs(made)["instances"], "instances" in knobs({**SERVED, "instance_group": groups})) == (
        2,
        False,
    )


@pytest.mark.parametrize("count", [0, -1, 65])
def test_a_count_that_triton_would_take_and_not_keep_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="instances must be 1 to 64"):
        tuned(SERVED, "instances", count)


@pytest.mark.parametrize(
    ("config", "name", "said"),
    [
        ({**SERVED, "instance_group": []}, "instances", "no instance group"),
        ({k: v for k, v in SERVED.items() if k != BATCHING}, "queue_size", "no dynamic batching"),
        ({**SERVED, "platform": "ensemble"}, "instances", "ensemble"),
        (SERVED, "priority", "there is no priority"),
    ],
)
def test_what_cannot_be_tuned_says_why(config: dict[str, Any], name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tuned(config, name, 4)


def test_a_negative_delay_is_refused() -> None:
    with pytest.raises(ValueError, match="queue_delay_us cannot be -1"):
        tuned(SERVED, "queue_delay_us", -1)


def test_a_bounded_queue_rejects_and_keeps_the_rest_of_the_batching() -> None:
    made, field = admitting(SERVED, Admission(12, 200_000))

    assert field == BATCHING
    assert made[BATCHING] == {
        "preferred_batch_size": [8],
        "max_queue_delay_microseconds": 25000,
        "default_queue_policy": {
            "timeout_action": "REJECT",
            "default_timeout_microseconds": 200_000,
            "allow_timeout_override": False,
            "max_queue_size": 12,
        },
    }
    assert knobs(made) | {"queue_size": 0} == knobs(SERVED) | {"queue_timeout_us": 200_000}
    assert "default_queue_policy" not in SERVED[BATCHING]
