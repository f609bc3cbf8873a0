"""Servers that lie, flood and repeat what they were sent, recorded beside a good one: the file is safe to hand on."""

import asyncio
import re
import zlib
from contextlib import AsyncExitStack
from pathlib import Path

from console.storage.recording import open_recording
from tests.parts import hostile
from tests.parts.cli import console
from tests.parts.fake_triton import fake_triton
from tests.parts.hostile import serving
from tests.parts.recorded import recording
from tests.parts.triton import TritonServer
from tests.snapshots import HOSTILE_NAMES

SECRET = "hunter2-4711"
_ZLIB = re.compile(b"\x78[\x01\x5e\x9c\xda]")
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
BAD = {
    "names": fake_triton((*HOSTILE_NAMES, f"model-{SECRET}", f"{'n' * 150}{SECRET}")),
    "garbage": hostile.garbage,
    "error500": hostile.error500,
    "flood": hostile.flood_sized,
    "cut": hostile.cut(fake_triton(), 150),
    "reset": hostile.reset,
}


async def echo(request: str, writer: asyncio.StreamWriter) -> None:
    """A gateway that quotes the credential it refuses."""
    del request
    said = f'{{"error": "the key {SECRET} may not do that"}}'
    hostile.answer(writer, said.encode(), "403 Forbidden")


async def recorded(good: TritonServer, folder: Path) -> Path:
    """Some seconds of all of them, with the credential in a header."""
    path = folder / "siege.tcrec"
    async with AsyncExitStack() as stack:
        targets = [f"{good.target},name=good"]
        for name, behaviour in {**BAD, "echo": echo}.items():
            url = await stack.enter_async_context(serving(behaviour))
            targets.append(f"{url},metrics={url}/metrics,name={name}")
        header = ("--header", f"admin-key: {SECRET}", "--refresh", "0.5")
        record = await stack.enter_async_context(recording(path, *header, *targets, state=folder / "state"))
        await record.until(lambda: record.frames() >= 8)
        assert await record.end() == 0
    return path


def plain(path: Path) -> bytes:
    """The file's bytes, and whatever can be inflated in it: found without the console's own reader."""
    raw = path.read_bytes()
    found = [raw]
    for match in _ZLIB.finditer(raw):
        inflater = zlib.decompressobj()
        try:
            found.append(inflater.decompress(raw[match.start() :], 2**24))
        except zlib.error:
            continue
    return b"\n".join(found)


async def test_a_siege_is_recorded_without_a_secret_and_told_without_harm(
    triton_plain: TritonServer, tmp_path: Path
) -> None:
    path = await recorded(triton_plain, tmp_path)

    everything = plain(path)
    assert SECRET.encode() not in everything
    assert b"error500" in everything
    found = open_recording(path)
    assert len(list(found.frames())) >= 8
    assert list(found.problems) == []
    names = {
        sample.target for frame in found.frames() for sample in frame.inputs if hasattr(sample, "target")
    }
    assert {"good", *BAD, "echo"} <= names

    for command in (("triage", "fast", "--from"), ("status", "--from"), ("report",)):
        ran = await console(*command, str(path), XDG_STATE_HOME=str(tmp_path / "state"))
        assert "Traceback" not in ran.err
        assert "unexpected" not in ran.err, ran.err
        assert CONTROL.search(ran.out) is None
        assert SECRET not in ran.out + ran.err
