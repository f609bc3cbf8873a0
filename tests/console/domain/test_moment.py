"""A moment of a recording as people type it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.instant import instant
from console.domain.moment import parse_moment, stretch_text


def at(text: str) -> float:
    found = instant(text)
    assert found is not None
    return found


SINCE = at("2026-10-20T10:26:11.500")
UNTIL = SINCE + 3600
NOW = SINCE + 1800


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10:38:12", at("2026-10-20T10:38:12")),
        ("10:38:12Z", at("2026-10-20T10:38:12")),
        ("10:38:12.25 UTC", at("2026-10-20T10:38:12.250")),
        ("10:38", at("2026-10-20T10:38")),
        (" 2026-10-20T10:38:12Z ", at("2026-10-20T10:38:12")),
        ("2026-10-20 10:38", at("2026-10-20T10:38")),
        ("2026-10-20t12:38:12+02:00", at("2026-10-20T10:38:12")),
        ("+00:12:31", SINCE + 751),
        ("+12:31", SINCE + 751),
        ("+0", SINCE),
        ("+90", SINCE + 90),
        ("+1.5s", SINCE + 1.5),
        ("+12m 31s", SINCE + 751),
        ("+ 5m", SINCE + 300),
        ("-5m", NOW - 300),
        ("-1:30", NOW - 90),
        ("−90s", NOW - 90),
        ("-0.5h", SINCE),
        ("start", SINCE),
        ("END", UNTIL),
    ],
)
def test_what_people_type_is_a_moment(text: str, moment: float) -> None:
    assert parse_moment(text, SINCE, UNTIL, NOW) == pytest.approx(moment)


NONSENSE = (
    *("", "  ", "soon", "10", "25:00", "10:60", "10:38:60", "10:38:12 CET", "١٠:٣٨", "2026-13-01"),
    *("+", "-", "+x", "+1:99", "+1:60:00", "+1m2", "-m", "--5m", "5m", "nan", "+nan", "+inf", "1e9"),
    *("\x1b[2J", "x" * 10_000),
)


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused_with_what_could_be_typed(text: str) -> None:
    with pytest.raises(ValueError, match=r"no moment.*10:41:07.*-5m back") as refused:
        parse_moment(text, SINCE, UNTIL, NOW)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "text", ["09:00", "2026-10-19T10:38:12Z", "+1:00:02", "-31m", "9999-12-31T23:59:59Z", "+9999d"]
)
def test_what_is_outside_is_refused_with_the_stretch_there_is(text: str) -> None:
    with pytest.raises(ValueError, match="is outside the recording: 2026-10-20 10:26:11Z to 11:26:11Z"):
        parse_moment(text, SINCE, UNTIL, NOW)


@pytest.mark.parametrize(
    ("text", "moment"), [("10:26:11", SINCE), ("11:26:12", UNTIL), ("+1:00:00.9", UNTIL)]
)
def test_the_first_and_the_last_second_can_be_typed_as_they_are_shown(text: str, moment: float) -> None:
    assert parse_moment(text, SINCE, UNTIL, NOW) == moment


def test_over_midnight_a_time_of_day_is_the_one_within_the_stretch() -> None:
    since, until = at("2026-10-20T23:30"), at("2026-10-21T00:30")
    assert parse_moment("00:10", since, until, since) == at("2026-10-21T00:10")
    assert parse_moment("23:40", since, until, until) == at("2026-10-20T23:40")


def test_over_days_a_time_of_day_is_the_one_nearest_to_where_it_stands() -> None:
    since, until = at("2026-10-18T12:00"), at("2026-10-21T12:00")
    assert parse_moment("11:00", since, until, at("2026-10-20T13:00")) == at("2026-10-20T11:00")
    assert parse_moment("11:00", since, until, at("2026-10-20T23:30")) == at("2026-10-21T11:00")


def test_a_stretch_names_its_day_once() -> None:
    assert stretch_text(SINCE, UNTIL) == "2026-10-20 10:26:11Z to 11:26:11Z"
    assert stretch_text(SINCE, SINCE + 86400) == "2026-10-20 10:26:11Z to 2026-10-21 10:26:11Z"


@given(st.text(max_size=30), st.floats(0, 4e9), st.floats(0, 1e7))
def test_whatever_is_typed_is_a_moment_within_or_a_sentence(text: str, since: float, length: float) -> None:
    for typed in (text, f"+{text}", f"-{text}"):
        with suppress(ValueError):
            assert since <= parse_moment(typed, since, since + length, since + length / 2) <= since + length
