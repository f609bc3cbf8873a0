"""Text that comes in pieces, is cut, never ends a line, or never says the same name twice."""

import tracemalloc
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.sources import _exposition
from console.sources._exposition import Reader, SeriesTable, parse
from tests.parts.expositions import found, ours, texts


@settings(max_examples=200, deadline=None)
@given(texts, st.integers(1, 40), st.integers(1, 60))
def test_how_the_text_is_cut_into_chunks_does_not_matter(text: str, size: int, stretch: int):
    body = text.encode()
    whole, pieces = SeriesTable(), SeriesTable()
    expected = parse(body, whole)
    with patch.object(_exposition, "STRETCH", stretch):
        reader = Reader(pieces)
        for at in range(0, len(body), size):
            reader.feed(body[at : at + size])
        scrape = reader.finish()
    assert found(scrape, pieces) == found(expected, whole)
    assert scrape.broken == expected.broken
    assert scrape.truncated == expected.truncated


@settings(max_examples=300, deadline=None)
@given(texts, st.data())
def test_no_bytes_are_fatal(text: str, data: st.DataObject):
    body = bytearray(text.encode())
    for at in data.draw(st.lists(st.integers(0, max(len(body) - 1, 0)), max_size=8)):
        if body:
            body[at] = data.draw(st.integers(0, 255))
    for wanted in (None, "up".__eq__):
        table = SeriesTable(wanted)
        scrape = parse(bytes(body), table)
        assert len(scrape.ids) == len(scrape.values)
        assert all(0 <= i < len(table) for i in scrape.ids.tolist())


@pytest.mark.parametrize("end", ["up 1234", "up", "up ", "# HELP up what it i", 'up{a="'])
def test_a_line_without_its_end_is_not_believed(end: str):
    table = SeriesTable()
    scrape = parse(f"up 1\n{end}".encode(), table)
    assert scrape.values.tolist() == [1]
    assert scrape.truncated
    assert scrape.broken_count == 0


@pytest.mark.parametrize("end", ["", "\n", "  ", "# EOF", "# EOF\r"])
def test_a_text_that_ends_where_it_may_is_whole(end: str):
    assert not parse(f"up 1\n{end}".encode(), SeriesTable()).truncated


def test_a_line_of_ten_megabytes_costs_no_memory_and_only_itself():
    reader = Reader(SeriesTable())
    reader.feed(b"up 1\n")
    tracemalloc.start()
    for _ in range(160):
        reader.feed(b'x{a="' + b"\x00" * 65_531)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    reader.feed(b"\ndown 2\nbroken\n")
    scrape = reader.finish()
    assert held < 2**20
    assert scrape.values.tolist() == [1, 2]
    assert [broken.number for broken in scrape.broken] == [2, 4]
    assert not scrape.truncated


def test_megabytes_of_nonsense_are_not_read_to_the_end():
    scrape = parse(b"up 1\n" + b"nonsense\n" * 500_000 + b"up 2\n", SeriesTable("up".__eq__))
    assert scrape.values.tolist() == [1]
    assert scrape.truncated


def test_a_long_line_that_never_ends_is_a_cut():
    scrape = parse(b"up 1\n" + b"#" * 200_000, SeriesTable())
    assert scrape.truncated
    assert scrape.broken_count == 0
    assert scrape.values.tolist() == [1]


def test_new_names_at_each_poll_empty_the_table_when_it_is_full():
    table = SeriesTable(limit=100)
    for poll in range(10):
        scrape = parse("".join(f"up_{poll}_{n} 1\n" for n in range(30)).encode(), table)
        assert scrape.generation == table.generation
        assert len(table) <= 100
    assert table.generation > 1
    assert ours("up 5\n", table) == [("up", {}, "5.0")]


def test_one_answer_with_too_many_names_is_cut_where_the_table_is_full():
    table = SeriesTable(limit=100)
    scrape = parse("".join(f"up_{n} 1\n" for n in range(1000)).encode(), table)
    assert scrape.truncated
    assert len(scrape.ids) == len(table) == 100


def test_long_names_fill_the_table_faster():
    table = SeriesTable(limit=100)
    scrape = parse("".join(f'up{{a="{n}{"x" * 25_600}"}} 1\n' for n in range(50)).encode(), table)
    assert scrape.truncated
    assert len(table) < 5


def test_a_poll_in_flight_while_the_table_is_emptied_says_that_its_ids_are_void():
    table = SeriesTable(limit=10)
    slow = Reader(table)
    slow.feed(b"up 1\n" * 20_000)
    parse("".join(f"up_{n} 1\n" for n in range(20)).encode(), table)
    Reader(table)
    slow.feed(b"up 1\n" * 20_000)
    scrape = slow.finish()
    assert scrape.generation != table.generation
    assert scrape.truncated
    assert len(scrape.ids) == 0
