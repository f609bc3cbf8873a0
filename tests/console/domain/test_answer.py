import pytest

from console.domain.answer import first_difference


@pytest.mark.parametrize(
    ("outputs", "expected", "difference"),
    [
        ({"O": [1.0, 2.0]}, {"O": [[1.0], [2.0000001]]}, ""),
        ({"O": [1.0, 2.0]}, {"O": [1.0, 3.0]}, "O[1]: 2.0, expected 3.0"),
        ({"O": [1.0]}, {"O": [1.0, 3.0]}, "O: 1 values, expected 2"),
        ({}, {"O": [1.0]}, "O: missing from the answer"),
        ({"O": ["cat"]}, {"O": ["dog"]}, "O[0]: 'cat', expected 'dog'"),
        ({"O": [1.0], "P": [9.0]}, {"O": [1.0]}, ""),
        ({"O": [float("nan")]}, {"O": [float("nan")]}, ""),
        ({"O": [10**400]}, {"O": [10**400]}, ""),
        ({"O": [10**25]}, {"O": [1]}, "O[0]: 10000000000000000000000000, expected 1"),
        ({"O": ["ä\x1b" * 9000]}, {"O": [1]}, "O[0]: " + ("'" + "ä\\x1b" * 12)[:59] + "…, expected 1"),
    ],
)
def test_the_first_difference(outputs: dict, expected: dict, difference: str) -> None:
    assert first_difference(outputs, expected, 1e-6) == difference
