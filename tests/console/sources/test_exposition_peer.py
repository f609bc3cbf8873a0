"""Our reader and prometheus_client's say the same of everything that both accept."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from console.sources._exposition import SeriesTable, parse
from tests.parts.expositions import NAMES, found, ours, peers, texts

RECORDED = Path(__file__).parents[2] / "recorded"


@settings(max_examples=400, deadline=None)
@given(texts)
def test_any_text_reads_as_the_peer_reads_it(text: str):
    assert ours(text) == peers(text)


@settings(deadline=None)
@given(texts)
def test_a_warm_table_changes_nothing(text: str):
    table = SeriesTable()
    first = ours(text, table)
    size = len(table)
    assert ours(text, table) == first
    assert len(table) == size


@settings(max_examples=300, deadline=None)
@given(texts)
def test_unwanted_names_are_left_out_and_nothing_else(text: str):
    wanted = {"nv_inference_count", "latency_us_count", "_"}.__contains__
    table = SeriesTable(wanted)
    expected = [sample for sample in ours(text) if wanted(sample[0])]
    assert ours(text, table) == expected
    assert ours(text, table) == expected


@pytest.mark.parametrize("path", sorted(RECORDED.glob("exposition/*.prom")), ids=lambda path: path.stem)
def test_recorded_triton_answers_read_as_the_peer_reads_them(path: Path):
    table = SeriesTable()
    for _ in ("table empty", "table warm"):
        scrape = parse(path.read_bytes(), table)
        assert found(scrape, table) == peers(path.read_text())
        assert scrape.broken_count == 0
        assert not scrape.truncated


def test_the_peer_gives_up_on_a_recorded_gpu_answer_and_we_do_not():
    text = (RECORDED / "gpu" / "dcgm-sample.txt").read_text()
    with pytest.raises(ValueError, match="could not convert"):
        peers(text)
    sound = "".join(line for line in text.splitlines(keepends=True) if "FAILED TO CONVERT" not in line)
    assert ours(text) == peers(sound)
    assert len(ours(text)) > 200


@pytest.mark.parametrize(
    "line",
    [
        "up",
        "up x",
        "up 1_000",
        "up 1 2x",
        "up{ 1",
        'up{model="a} 1',
        'up{model="a"',
        "up{model=a} 1",
        'up{model="a" version="b"} 1',
        'up{model="a",model="b"} 1',
        'up{model="a"b} 1',
        "up{,,} 1",
        "up 0x10",
        "<html>",
        "up-time 1",
        '{model="a"} 1',
    ],
)
def test_what_the_peer_refuses_we_refuse(line: str):
    with pytest.raises(ValueError):  # noqa: PT011 (its messages vary and some are empty)
        peers(line + "\n")
    scrape = parse(f"{NAMES[0]} 1\n{line}\n".encode(), SeriesTable())
    assert scrape.values.tolist() == [1.0]
    assert [(broken.number) for broken in scrape.broken] == [2]
