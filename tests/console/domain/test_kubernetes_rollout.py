"""What became of which image, in few words."""

import pytest

from console.domain.kubernetes_rollout import image_change


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ({"t": "triton:24.10"}, {"t": "triton:24.12"}, "triton:24.10 → 24.12"),
        ({"t": "r.io:5000/triton:24.10"}, {"t": "r.io:5000/triton:24.12"}, "r.io:5000/triton:24.10 → 24.12"),
        ({"t": "r.io:5000/triton"}, {"t": "r.io:5000/other"}, "r.io:5000/triton → r.io:5000/other"),
        ({"t": "triton:24.10"}, {"t": "mine/triton:24.10"}, "triton:24.10 → mine/triton:24.10"),
        ({"t": "a@sha256:1"}, {"t": "a@sha256:2"}, "a@sha256:1 → a@sha256:2"),
        ({"t": "a:1", "log": "b:1"}, {"t": "a:2", "log": "b:1"}, "t a:1 → 2"),
        ({"t": "a:1"}, {"t": "a:1", "log": "b:1"}, "log b:1"),
        ({"t": "a:1", "log": "b:1"}, {"t": "a:1"}, "log is gone"),
        ({"t": "a:1"}, {"t": "a:1"}, ""),
        ({}, {"t": "a:1"}, "a:1"),
    ],
)
def test_an_image_change_is_told_shortly(before: dict[str, str], now: dict[str, str], said: str) -> None:
    assert image_change(before, now) == said
