"""What the steps in a deploy lock may do."""

from dataclasses import replace

import pytest

from console.domain.freezing import lifts_a_freeze
from console.domain.plan import Step

PAUSED = {"set": [{"path": ["spec", "paused"], "value": None}], "keep": [], "subresource": ""}
IMAGE = {"path": ["spec", "template", "spec", "containers"], "value": []}


def _step(control: str, change: object) -> Step:
    return Step(control, "deployment/triton", "resume", "kubectl …", {}, {}, "", change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "step",
    [
        _step("kubernetes", PAUSED),
        _step("argocd", {"set": [{"path": ["spec", "syncPolicy", "automated"], "value": {"prune": True}}]}),
        _step("flux", {"set": [{"path": ["spec", "suspend"], "value": False}]}),
        _step("command", {"token": "k3x9"}),
    ],
)
def test_what_a_freeze_pauses_may_go_on(step: Step) -> None:
    assert lifts_a_freeze(step)
    assert lifts_a_freeze(replace(step, inverse=step))


@pytest.mark.parametrize(
    "step",
    [
        _step("kubernetes", {"set": [*PAUSED["set"], IMAGE]}),
        _step("kubernetes", {**PAUSED, "replicaset": "triton-7d9"}),
        _step("flux", PAUSED),
        _step("argocd", {"set": ["spec.source"]}),
        _step("triton", {"config": "{}"}),
        _step("haproxy", {"server": "triton/v2"}),
        _step("deploy_lock", {"lock": None}),
        replace(_step("kubernetes", PAUSED), inverse=_step("triton", {})),
    ],
)
def test_nothing_else_is_done_for_whoever_wrote_the_lock(step: Step) -> None:
    assert not lifts_a_freeze(step)
