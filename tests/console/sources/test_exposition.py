"""What exporters get wrong is read as far as it goes, and counted."""

import numpy as np
import pytest

from console.sources._exposition import SeriesTable, parse
from tests.parts.expositions import ours

COUNT = "nv_inference_count"


def test_a_broken_line_is_reported_with_its_number_and_the_rest_is_read():
    body = b"# HELP up x\nup 1\n\n<html>\ndown 2\nup{ 3\n"
    scrape = parse(body, SeriesTable())
    assert scrape.values.tolist() == [1, 2]
    assert [(broken.number, broken.text) for broken in scrape.broken] == [(4, "<html>"), (6, "up{ 3")]
    assert scrape.broken_count == 2


def test_line_numbers_hold_behind_skipped_families_and_in_later_stretches():
    skipped = "# TYPE other gauge\n" + "".join(f'other{{n="{n}"}} 1\n' for n in range(9000))
    body = f"{COUNT} 1\n{skipped}# TYPE {COUNT} counter\n{COUNT} broken\n{COUNT} 2\n"
    for _ in ("table empty", "table warm"):
        scrape = parse(body.encode(), SeriesTable(COUNT.__eq__))
        assert [broken.number for broken in scrape.broken] == [9004]
        assert scrape.values.tolist() == [1, 2]


def test_a_sentence_instead_of_a_value_names_the_series_and_the_sentence():
    line = 'DCGM_FI_DEV_X{gpu="0",modelName="NVIDIA A800"} ERROR - FAILED TO CONVERT TO STRING\n'
    table = SeriesTable()
    scrape = parse(line.encode(), table)
    (broken,) = scrape.broken
    assert broken.series is not None
    assert broken.series.name == "DCGM_FI_DEV_X"
    assert broken.series.labels == {"gpu": "0", "modelName": "NVIDIA A800"}
    assert broken.text == "ERROR - FAILED TO CONVERT TO STRING"
    assert len(scrape.ids) == 0
    assert len(table) == 0


def test_broken_text_is_harmless_and_bounded():
    scrape = parse(b"\x1b]0;owned\x07" + b"A" * 10_000 + b"\n\xff\xfe\x00 1\n", SeriesTable())
    first, second = scrape.broken
    assert first.text.startswith("\\e]0;owned\\x07AAA")
    assert len(first.text) == 200
    assert second.text == "\\xff\\xfe\\x00 1"


def test_thousands_of_broken_lines_are_counted_and_a_few_kept():
    scrape = parse(b"<p>\n" * 5000, SeriesTable())
    assert scrape.broken_count == 5000
    assert len(scrape.broken) < 100


def test_broken_lines_of_families_nobody_asked_for_do_not_count():
    body = b'# TYPE other gauge\nother{ 1\nother one\nother{a="b"} x\nmore nonsense\n<html>\nup 1\n'
    scrape = parse(body, SeriesTable("up".__eq__))
    assert [broken.text for broken in scrape.broken] == ["<html>"]
    assert scrape.values.tolist() == [1]


def test_samples_of_a_wanted_family_are_found_among_those_of_an_unwanted_one():
    block = '# TYPE other gauge\nother{a="1"} 1\n' + COUNT + '{model="m"} 7\nother{a="2"} 2\nother 3\n'
    assert ours(block, SeriesTable(COUNT.__eq__)) == [(COUNT, {"model": "m"}, "7.0")]


def test_a_wanted_name_that_begins_like_the_unwanted_family_is_found():
    text = "# TYPE other gauge\nother 1\nother_wanted 2\n"
    assert ours(text, SeriesTable("other_wanted".__eq__)) == [("other_wanted", {}, "2.0")]


@pytest.mark.parametrize("text", ["up\n1 up 2\n", "up \n1 up\n", " up\n 1\n", "up 1 up 2\nup\n"])
def test_words_on_the_wrong_lines_are_no_samples_even_of_a_known_series(text: str):
    table = SeriesTable()
    parse(b"up 1\n", table)
    scrape = parse(text.encode(), table)
    assert scrape.broken_count == 2
    assert len(scrape.ids) == 0


def test_a_wanted_part_of_an_unwanted_summary_is_found():
    text = '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 2\ns_count 3\n'
    assert ours(text, SeriesTable("s_count".__eq__)) == [("s_count", {}, "3.0")]


def test_windows_line_ends_tabs_and_blanks():
    assert ours(b'# TYPE up gauge\r\n  up{a="b"}\t5\r\nup\t 6 \r\n\r\n') == [
        ("up", {"a": "b"}, "5.0"),
        ("up", {}, "6.0"),
    ]


def test_labels_may_hold_whatever_text_may_hold():
    line = r'up{a="} 5 # \"x\"",b="C:\\new\n",c="\t\x",d=""} 1' + "\n"
    assert ours(line) == [("up", {"a": '} 5 # "x"', "b": "C:\\new\n", "c": "\\t\\x", "d": ""}, "1.0")]


def test_bytes_that_are_not_utf8_become_escapes_that_can_be_printed_and_stored():
    ((_, labels, value),) = ours(b'up{a="\xc3\xa9\xff\x00"} 1\n')
    assert labels == {"a": "é\\xff\x00"}
    assert value == "1.0"
    assert labels["a"].encode()


def test_a_series_sent_twice_is_there_twice_and_the_last_wins_by_id():
    table = SeriesTable()
    scrape = parse(b'up{a="b"} 1\nup 5\nup{a="b"} 2\n', table)
    column = np.zeros(len(table))
    column[scrape.ids] = scrape.values
    assert scrape.values.tolist() == [1, 5, 2]
    assert column.tolist() == [2, 5]


def test_timestamps_and_exemplars_are_left_aside():
    text = 'h_bucket{le="1"} 5 # {trace_id="} 9"} 0.7 17\nup 3 1700000000000\nup_created 1.7e9\n# EOF\n'
    assert [(name, value) for name, _, value in ours(text)] == [
        ("h_bucket", "5.0"),
        ("up", "3.0"),
        ("up_created", "1700000000.0"),
    ]


@pytest.mark.parametrize("value", ["1_000", "0x10", "1,5", "-", "one", "1\x00", "1\xa0", "--1"])
def test_what_only_looks_like_a_number_is_none(value: str):
    table = SeriesTable()
    parse(b"up 1\n", table)
    scrape = parse(f"up {value}\n".encode(), table)
    assert scrape.broken_count == 1
    assert len(scrape.ids) == 0


def test_ids_and_values_are_arrays_of_the_promised_types_even_when_empty():
    for body in (b"", b"up 1\n", b"<>\n"):
        scrape = parse(body, SeriesTable())
        assert scrape.ids.dtype == np.int32
        assert scrape.values.dtype == np.float64
        assert len(scrape.ids) == len(scrape.values)


def test_a_name_is_shared_by_the_targets_and_its_spellings_with_blanks():
    table = SeriesTable()
    first = parse(b'up{a="b"} 1\n', table)
    second = parse(b'  up{a="b"}  2\n', table)
    third = parse(b'up{a="b"} 3 1700000000\n', table)
    assert first.ids.tolist() == second.ids.tolist() == third.ids.tolist() == [0]
    assert len(table) == 1
