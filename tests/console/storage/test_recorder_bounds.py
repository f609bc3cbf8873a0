"""What a recorder keeps: no more than its bounds say, and whatever is pinned."""

import random
from collections.abc import Sequence
from pathlib import Path

from console.domain.recording import Bounds
from console.domain.sample import Sample
from console.storage._writer import Tick
from console.storage.recording import open_recording
from tests.parts.tapes import AT, matching, sample, ticks, writer


def test_what_it_keeps_is_bounded_by_age(tmp_path: Path) -> None:
    path, wanted = tmp_path / "a.tcrec", ticks(range(1000))
    writing = writer(path, Bounds(seconds=160))
    for tick in wanted:
        writing.tick(tick)
        if tick.mono > 250:
            assert 160 <= tick.at - writing.since <= 160 * 1.125 + 20
    writing.close()

    recording = open_recording(path)
    kept = list(recording.frames())
    assert recording.problems == ()
    assert kept[-1].mono == 999
    matching(kept[1:])
    assert list(path.parent.iterdir()) == [path]
    assert writing.bytes == path.stat().st_size
    assert {entry.source for entry in kept[0].inputs if isinstance(entry, Sample)} >= {"triton:a", "slow"}


def test_what_it_keeps_is_bounded_by_bytes_but_for_what_is_pinned(tmp_path: Path) -> None:
    kept, sizes = {}, {}
    for name, pinned in {"free": None, "pinned": AT + 100, "far": AT + 2}.items():
        path = tmp_path / name
        writing = writer(path, Bounds(bytes=2 * 2**20), pinned=pinned)
        for tick in _large(2000 if name == "far" else 600):
            writing.tick(tick)
        writing.close()
        kept[name] = next(open_recording(path).frames()).mono
        sizes[name] = path.stat().st_size

    assert sizes["free"] < 4.5 * 2**20
    assert kept["free"] > 100
    assert kept["pinned"] <= 100
    assert kept["far"] > 2
    assert sizes["far"] < 10 * 2**20


def _large(count: int) -> Sequence[Tick]:
    chance = random.Random(3)
    return [
        Tick(AT + n, float(n), [sample("triton:a", n, said=chance.randbytes(8000).hex())], ())
        for n in range(count)
    ]
