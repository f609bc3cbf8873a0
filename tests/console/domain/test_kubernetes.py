"""Names of things in Kubernetes, and patches of their members."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.kubernetes import Member, Thing, become, guarded, member, patch, placed, pointer, thing
from tests.parts.kubernetes_patches import UnpatchableError, json_patch

KEYS = st.sampled_from(["a", "b", "c/d", "e~f"])
VALUES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", ""])
OBJECTS = st.dictionaries(
    KEYS, VALUES.filter(lambda v: v is not None) | st.dictionaries(KEYS, st.integers(0, 2))
)
PATHS = st.lists(KEYS, min_size=1, max_size=2).map(tuple)


@pytest.mark.parametrize(
    ("text", "kinds", "expected"),
    [
        ("deployment/web", ("deployment", "rollout"), Thing("deployment", "web", "shop")),
        ("models/rollout/web", ("deployment", "rollout"), Thing("rollout", "web", "models")),
        ("ranker", ("application",), Thing("application", "ranker", "shop")),
        ("argocd/ranker", ("application",), Thing("application", "ranker", "argocd")),
    ],
)
def test_what_a_setting_names(text: str, kinds: tuple[str, ...], expected: Thing) -> None:
    assert thing(text, kinds, "shop") == expected


@pytest.mark.parametrize("text", ["web", "pod/web", "a/b/deployment/web", "deployment/", ""])
def test_a_name_that_cannot_be_is_refused_with_what_could_be(text: str) -> None:
    with pytest.raises(ValueError, match="is not a deployment/NAME or rollout/NAME"):
        thing(text, ("deployment", "rollout"))


def test_a_pointer_escapes_what_annotations_are_called() -> None:
    assert pointer(("metadata", "annotations", "a.io/b~c", 0)) == "/metadata/annotations/a.io~1b~0c/0"


def test_a_parent_that_is_not_there_is_made() -> None:
    ops = become({"spec": {}}, Member(("spec", "syncPolicy", "automated"), {}))

    assert ops == [{"op": "add", "path": "/spec/syncPolicy", "value": {"automated": {}}}]


@pytest.mark.parametrize("value", [7, None])
def test_what_is_there_is_tested_before_it_is_changed(value: int | None) -> None:
    first, second = become({"weight": 5}, Member(("weight",), value))

    assert first == {"op": "test", "path": "/weight", "value": 5}
    assert second["op"] == ("replace" if value else "remove")


def test_a_true_is_not_a_one() -> None:
    assert become({"paused": 1}, Member(("paused",), value=True)) != []


def test_without_a_change_there_is_no_patch() -> None:
    assert patch({"a": 1, "name": "x"}, [Member(("a",), 1)], keep=[("name",)]) == []


def test_a_patch_is_refused_when_the_object_is_no_longer_the_one_that_was_read() -> None:
    obj = {"metadata": {"generation": 3, "resourceVersion": "7"}, "spec": {}}
    ops = guarded(obj, patch(obj, [Member(("spec", "paused"), value=True)]))
    later = {**obj, "metadata": {"generation": 4, "resourceVersion": "8"}}
    reported = {**obj, "metadata": {"generation": 3, "resourceVersion": "8"}}

    assert json_patch(reported, ops)["spec"] == {"paused": True}
    with pytest.raises(UnpatchableError):
        json_patch(later, ops)


@given(OBJECTS, st.lists(st.tuples(PATHS, VALUES), max_size=3))
def test_a_patch_makes_what_was_foretold_and_its_way_back_restores_it(obj: dict, wishes: list) -> None:
    wanted = [Member(path, value) for path, value in wishes if _possible(obj, path)]
    wanted = [each for n, each in enumerate(wanted) if all(_apart(each.path, o.path) for o in wanted[:n])]
    then = placed(obj, wanted)

    assert json_patch(obj, patch(obj, wanted)) == then
    back = [Member(each.path, member(obj, each.path)) for each in wanted]
    assert json_patch(then, patch(then, back)) == placed(then, back)
    assert all(member(placed(then, back), each.path) == member(obj, each.path) for each in wanted)


def _possible(obj: dict, path: tuple) -> bool:
    return len(path) == 1 or isinstance(obj.get(path[0]), dict)


def _apart(one: tuple, other: tuple) -> bool:
    return one[: len(other)] != other and other[: len(one)] != one
