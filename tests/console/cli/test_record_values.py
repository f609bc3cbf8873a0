import argparse

import pytest

from console.cli._record_values import size, stretch


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("500MB", 500 * 2**20),
        ("1GB", 2**30),
        ("1.5g", 1536 * 2**20),
        ("256MiB", 256 * 2**20),
        ("2 gib", 2 * 2**30),
        ("3000000", 3_000_000),
    ],
)
def test_sizes_as_people_write_them(text, count):
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "big", "12", "900kB", "-1GB", "1PB", "1e9", "nan", "9" * 40 + "G"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="500MB"):
        size(text)


@pytest.mark.parametrize(("text", "seconds"), [("120", 120.0), ("0.5", 0.5), ("2h", 7200.0), ("1d", 86400.0)])
def test_a_stretch_is_seconds_or_a_duration(text, seconds):
    assert stretch(text) == seconds


@pytest.mark.parametrize("text", ["0", "-3", "nan", "inf", "soon", "2 hours"])
def test_what_is_no_stretch_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        stretch(text)
