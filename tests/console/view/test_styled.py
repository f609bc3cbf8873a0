"""Lines of styled text: widths, cuts, wraps, grids, tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.view.grid import grid
from console.view.styled import Line, Span, clip, fit, joined, merged, plain, width
from console.view.table import Column, Row, Sort, heading, lay, places
from console.view.wrap import wrapped


def test_widths_are_terminal_cells() -> None:
    assert width("abc") == 3
    assert width("日本") == 4
    assert width("e\u0301") == 1
    assert width("▲●✗…") == 4


@pytest.mark.parametrize(
    ("text", "cells", "cut", "shown"),
    [
        ("ranker", 6, "end", "ranker"),
        ("ranker", 5, "end", "rank…"),
        ("embed-multilingual-large", 12, "middle", "embed-…large"),
        ("日本語モデル", 5, "end", "日本…"),
        ("日本語モデル", 6, "middle", "日…ル"),
        ("ab", 1, "middle", "…"),
        ("ab", 0, "end", ""),
    ],
)
def test_a_long_text_keeps_what_its_cut_promises(text: str, cells: int, cut: str, shown: str) -> None:
    assert clip(text, cells, cut) == shown  # type: ignore[arg-type]


texts = st.text(st.sampled_from("ab 日é▲\u0301"), max_size=30)


@given(st.lists(texts, max_size=4), st.integers(0, 40), st.sampled_from(["left", "right"]))
def test_a_fitted_line_has_exactly_its_cells(parts: list[str], cells: int, align: str) -> None:
    line = fit(tuple(Span(part, "dim") for part in parts), cells, align)  # type: ignore[arg-type]
    assert width(plain(line)) == cells


@given(st.lists(texts, max_size=4), st.integers(6, 40))
def test_wrapping_loses_no_letter_and_no_line_is_too_long(parts: list[str], cells: int) -> None:
    line: Line = tuple(Span(part) for part in parts)
    lines = wrapped(line, cells)
    assert all(width(plain(found)) <= cells for found in lines)
    assert "".join(plain(found) for found in lines).replace(" ", "") == plain(line).replace(" ", "")


def test_wrapping_breaks_at_spaces_and_keeps_roles() -> None:
    lines = wrapped((Span("the quick ", "dim"), Span("brown fox", "bad")), 12)
    assert [plain(found) for found in lines] == ["the quick ", "  brown fox"]
    assert lines[1][-1].role == "bad"


def test_merging_joins_neighbours_of_one_role_and_spaces() -> None:
    spans = [Span("a", "dim"), Span("  "), Span("b", "dim"), Span("c", "bad")]
    assert merged(spans) == (Span("a  b", "dim"), Span("c", "bad"))


def test_joining_leaves_empty_parts_out() -> None:
    assert plain(joined([(Span("a"),), (), (Span("b"),)])) == "a  b"


COLUMNS = (
    Column("name", "NAME", 6, "", align="left", grow=4, cut="middle"),
    Column("a", "A", 5, "", drop=1),
    Column("b", "B", 5, "", drop=2),
)


def shown(cells: int) -> list[str]:
    return [COLUMNS[place.column].id for place in places(COLUMNS, cells)]


def test_columns_go_by_their_drop_and_never_the_ones_without() -> None:
    assert shown(40) == ["name", "a", "b"]
    assert shown(17) == ["name", "a"]
    assert shown(11) == ["name"]
    assert shown(2) == ["name"]


def test_spare_room_makes_columns_grow_up_to_their_limit() -> None:
    assert [place.width for place in places(COLUMNS, 20)] == [8, 5, 5]
    assert [place.width for place in places(COLUMNS, 100)] == [10, 5, 5]


def test_a_row_stands_under_its_titles() -> None:
    placed = places(COLUMNS, 20)
    row = Row(((Span("n"),), (Span("1"),), (Span("22"),)))
    assert plain(heading(COLUMNS, placed, Sort("a"))) == "NAME        ▾A     B"
    assert plain(lay(row, COLUMNS, placed, 20)) == "n            1    22"


def test_a_message_takes_the_line_from_its_column_on() -> None:
    row = Row(((Span("n"),), (), ()), message=(Span("does not load at all", "bad"),), message_from="a")
    assert plain(lay(row, COLUMNS, places(COLUMNS, 20), 20)) == "n         does not …"


def test_a_role_of_the_row_is_the_role_of_all_its_text() -> None:
    row = Row(((Span("n", "title"),), (Span("1", "bad"),), (Span("2"),)), role="stale")
    assert {span.role for span in lay(row, COLUMNS, places(COLUMNS, 20), 20)} == {"stale"}


def test_a_grid_is_as_wide_as_its_widest_cells() -> None:
    lines = grid(
        ("what", "n"), [((Span("errors"),), (Span("1"),)), ((Span("x"),), (Span("1,000"),))], right=(1,)
    )
    assert [plain(line) for line in lines] == ["what        n", "errors      1", "x       1,000"]
    assert grid(("a",), []) == ()
