from hypothesis import given
from hypothesis import strategies as st

from console.domain.secret import Secret, redact
from console.domain.text import visible


def test_control_and_bidi_characters_become_visible() -> None:
    assert visible("a\x1b[31mb\nc\u202ed\x07\x9b") == "a\\e[31mb\\nc\\u202ed\\x07\\x9b"


def test_markup_stays_what_it_is() -> None:
    assert visible("[red]x[/red]") == "[red]x[/red]"


def test_length_is_bounded_whatever_comes() -> None:
    shown = visible("x" * 10_000, 20)
    assert len(shown) == 20
    assert shown.endswith("…")


@given(st.text())
def test_nothing_unprintable_is_left(text: str) -> None:
    shown = visible(text, 1000)
    assert len(shown) <= 1000
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)


def test_a_secret_prints_as_dots_and_is_cut_out_of_texts() -> None:
    secret = Secret("hunter2")

    assert "hunter2" not in f"{secret} {secret!r}"
    assert redact("failed with hunter2!", [secret]) == "failed with •••!"
