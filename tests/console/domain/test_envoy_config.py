"""Envoy's configuration and route files as text: what is found in them, and edits that restore every byte."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.controls.envoy.file import edited, edits, reversed_edits, route_file
from console.domain.envoy_config import Fault, fault, splits
from tests.parts.envoy import routes, split

KEY = "shed.ranker"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"abort": {"http_status": 429}, "abort_percent_runtime": KEY}, Fault(0.0, 429)),
        (
            {
                "abort": {"percentage": {"numerator": 500, "denominator": "TEN_THOUSAND"}},
                "abort_percent_runtime": KEY,
            },
            Fault(5.0, None),
        ),
        ({"default_value": {"numerator": 7}, "runtime_key": KEY}, Fault(7.0, None)),
        ({"anything": KEY}, Fault(None, None)),
        ({"abort": {}, "abort_percent_runtime": "another"}, None),
        (
            {"abort": {"percentage": {"denominator": "DOZEN"}}, "abort_percent_runtime": KEY},
            Fault(None, None),
        ),
    ],
)
def test_what_uses_a_key_is_found_wherever_it_stands(part: dict[str, Any], expected: Fault | None) -> None:
    assert fault({"configs": [{"a": [[{"b": part}]]}]}, KEY) == expected


def test_the_default_key_of_the_fault_filter_is_known() -> None:
    part = {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault",
        "abort": {"http_status": 429, "percentage": {"numerator": 1}},
    }

    assert fault({"configs": [part]}, "fault.http.abort.abort_percent") == Fault(1.0, 429)


def test_a_configuration_of_any_depth_is_read() -> None:
    deep: Any = routes(split({"v1": 1, "v2": 2}))
    for _ in range(5000):
        deep = {"route_config": deep}

    (found,) = splits([deep], ("v1", "v2"))

    assert found.weights == {"v1": 1, "v2": 2}


def test_only_the_split_between_exactly_these_clusters_is_meant() -> None:
    configs = [
        {"route_config": routes(split(weights))} for weights in ({"v1": 1}, {"v1": 1, "v2": 2, "v3": 3})
    ]

    assert splits(configs, ("v1", "v2")) == []


@pytest.mark.parametrize(
    "junk", [None, 5, "x", [], {"weighted_clusters": []}, {"weighted_clusters": {"clusters": 3}}]
)
def test_junk_has_no_split(junk: Any) -> None:
    assert splits([{"route_config": junk}], ("v1", "v2")) == []


FILE = """\
resources:  # naïve café 名前
- name: local
  weighted: &w
    weighted_clusters: {{clusters: [{{name: v1, weight: {0}}}, {{weight: "{1}", name: v2}}]}}
  again: *w
"""


@given(before=st.tuples(*[st.integers(0, 10**6)] * 2), after=st.tuples(*[st.integers(0, 10**6)] * 2))
def test_edits_set_the_weights_and_their_reverse_restores_every_byte(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    text = FILE.format(*before)
    file = route_file("routes.yaml", text.encode(), ("v1", "v2"))
    goal = dict(zip(("v1", "v2"), after, strict=True))

    changes = edits(file, [goal], "new")
    new = edited(text, changes)

    assert route_file("routes.yaml", new.encode(), ("v1", "v2")).splits[0].weights == goal
    assert edited(new, reversed_edits(changes)) == text


def test_edits_for_another_text_are_refused() -> None:
    file = route_file("routes.yaml", FILE.format(1, 2).encode(), ("v1", "v2"))
    changes = edits(file, [{"v1": 5, "v2": 6}], "new")

    with pytest.raises(ValueError, match="not the one"):
        edited(" " + file.text, changes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "{",
        "resources: []",
        FILE.format("1.5", 2),
        FILE.format("many", 2),
        FILE.format("", 2),
        "a: " + "[" * 10_000,
        "\x00",
    ],
)
def test_a_file_without_whole_weights_is_no_route_file(text: str) -> None:
    with pytest.raises(ValueError, match=r"routes\.yaml"):
        route_file("routes.yaml", text.encode(), ("v1", "v2"))


def test_windows_line_ends_stay() -> None:
    text = FILE.format(1, 2).replace("\n", "\r\n")
    file = route_file("routes.yaml", text.encode(), ("v1", "v2"))

    new = edited(text, edits(file, [{"v1": 100, "v2": 2}], "new"))

    assert new == text.replace("weight: 1}", "weight: 100}")
