"""Weights that give a share, whatever the weights were."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.domain.kubernetes_weights import Backend, Split, reduced, split_of


def split(*weights: int | None, default: int = 1, total: int | None = None) -> Split:
    paths = [("spec", "rules", 0, "backendRefs", n, "weight") for n in range(len(weights))]
    backends = tuple(Backend(f"b{n}", w, p) for n, (w, p) in enumerate(zip(weights, paths, strict=True)))
    return Split(backends, default, (), total)


@given(
    st.lists(st.none() | st.integers(0, 1_000_000), min_size=2, max_size=6),
    st.integers(0, 99),
    st.integers(1, 5),
)
def test_the_share_is_reached_no_sum_is_zero_and_all_are_whole(
    weights: list[int | None], percent: int, count: int
) -> None:
    mine = [f"b{n}" for n in range(min(count, len(weights) - 1))]
    before = split(*weights)
    now = before.share(mine)
    assume(now is None or percent < now * 100)

    after = reduced(before, mine, percent)

    assert sum(after) > 0
    assert all(isinstance(weight, int) and 0 <= weight <= 1_000_000 for weight in after)
    assert sum(after[: len(mine)]) / sum(after) == pytest.approx(percent / 100)


def test_the_others_keep_their_proportions() -> None:
    assert reduced(split(10, 60, 30), ["b0"], 1) == (1, 66, 33)


def test_a_tenth_of_a_percent_needs_a_finer_sum() -> None:
    assert reduced(split(50, 50), ["b1"], 0.1) == (999, 1)


def test_others_that_had_nothing_share_evenly() -> None:
    assert reduced(split(100, 0, 0), ["b0"], 50) == (50, 25, 25)


def test_a_route_that_gave_nobody_anything_can_still_be_set() -> None:
    assert reduced(split(0, 0), ["b0"], 10) == (10, 90)


def test_backends_must_be_named() -> None:
    with pytest.raises(ValueError, match="name no backends"):
        reduced(split(1, 1), [], 10)


def test_the_same_service_twice_stays_two_backends() -> None:
    refs = [{"name": "web", "port": 80}, {"name": "web", "port": 81}, {"name": "other"}]
    found = split_of("httproute", {"spec": {"rules": [{"backendRefs": refs}]}}, 0)

    assert [each.name for each in found.backends] == ["web", "web#1", "other"]
    assert found.weights == (1, 1, 1)


def test_subsets_of_one_istio_host_are_told_apart() -> None:
    route = [{"destination": {"host": "web", "subset": each}} for each in ("v1", "v2")]
    found = split_of("virtualservice", {"spec": {"http": [{"route": route}]}}, 0)

    assert [each.name for each in found.backends] == ["web/v1", "web/v2"]
    assert found.weights == (0, 0)


def test_an_ingress_that_is_no_canary_is_refused() -> None:
    with pytest.raises(ValueError, match="it is no canary"):
        split_of("ingress", {"metadata": {"annotations": {}}}, 0)
