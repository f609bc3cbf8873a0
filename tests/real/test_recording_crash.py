"""kill -9 of ``record`` at moments of no choice, under load: all but the last tick is there, and a new run goes on."""

import asyncio
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from console.storage.recording import open_recording
from tests.parts.load import Stream, under_load
from tests.parts.recorded import recording
from tests.parts.triton import TritonServer

_REFRESH = 0.1
_KILLS = 6


async def test_killed_again_and_again_it_keeps_all_but_the_last_ticks(
    triton_plain: TritonServer, tmp_path: Path
) -> None:
    path, chance = tmp_path / "killed.tcrec", Random(5)
    kept: list[float] = []
    async with under_load(triton_plain.url, Stream("fast", clients=2)):
        for _ in range(_KILLS):
            target = f"{triton_plain.target},name=real"
            arguments = ("--refresh", f"{_REFRESH}", target)
            async with recording(path, *arguments, state=tmp_path / "state") as record:
                whole = record.frames()
                await record.until(lambda: record.frames() >= whole + 5)  # noqa: B023 - awaited here
                await asyncio.sleep(chance.uniform(0, 3 * _REFRESH))
                last = open_recording(path).until
                await record.kill()
            found = open_recording(path)
            assert found.until >= last
            kept.append(found.until)
            found.close()

    found = open_recording(path)
    frames = list(found.frames())
    assert len(found.sessions) == _KILLS
    assert [frame.session for frame in frames] == sorted(frame.session for frame in frames)
    for number, until in enumerate(kept):
        mine = [frame for frame in frames if frame.session == number]
        assert mine[-1].at == pytest.approx(until, abs=1e-3)
        assert all(b.mono > a.mono for a, b in pairwise(mine))
    # What a kill tore is cut off by the run that continues the file, and only the last one is left to be told.
    assert all("half" in said or "stopped" in said for said in found.problems), found.problems


async def test_a_recorder_that_is_told_to_end_leaves_a_whole_file(
    triton_plain: TritonServer, tmp_path: Path
) -> None:
    path = tmp_path / "ended.tcrec"
    target = f"{triton_plain.target},name=real"
    async with recording(path, "--refresh", f"{_REFRESH}", target, state=tmp_path / "state") as record:
        await record.until(lambda: record.frames() >= 5)
        assert await record.end() == 0

    found = open_recording(path)
    assert len(list(found.frames())) >= 5
    assert list(found.problems) == []
    assert path.stat().st_mode & 0o777 == 0o600
