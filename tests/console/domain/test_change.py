import pytest

from console.domain.change import Change, read_change


@pytest.mark.parametrize(
    ("text", "present", "after"),
    [
        ("4", 9, 4), ("0", 9, 0), ("+1", 2, 3), ("-1", 2, 1), ("-50%", 64, 32), ("+50%", 64, 96),
        ("-50%", 3, 1), ("+10%", 5, 6), (" +1 ", 0, 1), ("-100%", 7, 0),
    ],
)  # fmt: skip
def test_what_becomes_of_a_number(text, present, after):
    change = read_change(text)
    assert change is not None
    assert change.of(present) == after


@pytest.mark.parametrize("text", ["", "50%", "x", "+", "%", "1.5", "+-1", "²", "1" * 10, "1 %", "--1"])
def test_what_is_no_change(text):
    assert read_change(text) is None


def test_its_parts():
    assert read_change("-50%") == Change("-", 50, percent=True)
