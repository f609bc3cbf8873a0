"""A config.pbtxt with another version policy."""

import pytest

from console.domain.pbtxt import with_policy

PINNED = "version_policy { specific { versions: [ 2 ] } }"


def test_without_a_policy_it_is_added_at_the_end() -> None:
    assert with_policy('name: "a"\n', [2]) == f'name: "a"\n{PINNED}\n'
    assert with_policy('name: "a"', [2]) == f'name: "a"\n{PINNED}\n'


@pytest.mark.parametrize(
    "policy",
    [
        "version_policy { all { } }",
        "version_policy: { latest { num_versions: 2 } }",
        "version_policy < specific < versions: [ 1, 3 ] > >",
        "version_policy {\n  # keep }\n  all { }\n}",
    ],
)
def test_a_policy_is_replaced_where_it_stands_and_all_else_is_kept(policy: str) -> None:
    around = '# version_policy { all { } }\nname: "it\\"s }"  {}\nparameters {{ key: "version_policy" }}\n'
    before, after = around.replace("{{", "{").replace("}}", "}").split("{}", 1)

    assert with_policy(f"{before}{policy}{after}", [2]) == f"{before}{PINNED}{after}"


def test_a_policy_inside_another_message_is_not_the_models() -> None:
    text = "ensemble_scheduling { version_policy { all { } } }\n"

    assert with_policy(text, [2]) == text + PINNED + "\n"


@pytest.mark.parametrize(
    "text",
    [
        "version_policy { all { }",
        "name: 'a' }",
        "version_policy { all { } } version_policy { all { } }",
        "version_policy: 3 name: 'a'",
        "version_policy",
    ],
)
def test_a_text_that_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"braces|times|message"):
        with_policy(text, [2])
