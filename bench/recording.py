"""Recording and reading a fleet, against rows of zlib-compressed MessagePack in SQLite (WAL)."""

import contextlib
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from bench._bytes import Bytes
from bench._traffic import Server
from bench.parse import Figure
from console.domain.fleet import Fleet
from console.domain.recording import Session
from console.domain.sample import Sample
from console.engine.store import Store
from console.storage.recorder import FileRecorder
from console.storage.recording import open_recording

TICKS = 120
HOUR_S = 3600
AT, MONO = 1.76e9, 5e4
Tick = tuple[float, float, list[Sample]]


def figures() -> list[Figure]:
    """(name, our bytes or seconds, the peer's, note)."""
    return [*_figures(10, 20), *_figures(1, 1000)]


def _figures(targets: int, models: int) -> Iterator[Figure]:
    ticks = _traffic(targets, models)
    with tempfile.TemporaryDirectory() as folder:
        ours, peer = Path(folder, "ours.tcrec"), Path(folder, "peer.sqlite")
        cpu, peer_cpu = _record(ours, ticks), _record_in_sqlite(peer, ticks)
        size, peer_size = ours.stat().st_size, peer.stat().st_size
        read, peer_read = _read(ours), _read_sqlite(peer)
    fleet, hour = f"{targets} × {models} models", HOUR_S / TICKS
    limit = 60 if targets > 1 else 300
    yield (
        f"recording, {fleet}",
        Bytes(size * hour),
        Bytes(peer_size * hour),
        f"an hour at 1 Hz; limit {limit} MB",
    )
    yield f"record, {fleet}", cpu, peer_cpu, f"CPU a tick: {cpu:.2%} of a core at 1 Hz; limit 5 %"
    yield f"read, {fleet}", read, peer_read, "CPU a tick, an hour is 3600; the peer gives plain lists"


def _traffic(targets: int, models: int) -> list[Tick]:
    servers = [Server(f"triton-{n}", models, n) for n in range(targets)]
    return [(AT + n, MONO + n, [server.poll(AT + n, MONO + n) for server in servers]) for n in range(TICKS)]


def _record(path: Path, ticks: list[Tick]) -> float:
    """CPU seconds a tick through the recorder as the console uses it, its thread included."""
    fleet = Fleet("bench")
    picture = Store(fleet).tick(AT, MONO)
    recorder = FileRecorder(path, Session(fleet, AT))
    start = time.process_time()
    for at, mono, samples in ticks:
        before = recorder.state.bytes
        for sample in samples:
            recorder.take(sample)
        recorder.tick(replace(picture, at=at), mono)
        while recorder.state.bytes == before:
            time.sleep(1e-3)
    recorder.close()
    took = time.process_time() - start
    assert not recorder.state.lost
    return took / len(ticks)


def _record_in_sqlite(path: Path, ticks: list[Tick]) -> float:
    start = time.process_time()
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("CREATE TABLE ticks (at REAL PRIMARY KEY, mono REAL, samples BLOB)")
        for at, mono, samples in ticks:
            raw = msgspec.msgpack.encode(samples, enc_hook=lambda array: array.tolist())
            with base:
                base.execute("INSERT INTO ticks VALUES (?, ?, ?)", (at, mono, zlib.compress(raw)))
    return (time.process_time() - start) / len(ticks)


def _read(path: Path) -> float:
    start = time.process_time()
    recording = open_recording(path)
    found = sum(1 for _ in recording.frames())
    recording.close()
    assert found == TICKS
    return (time.process_time() - start) / found


def _read_sqlite(path: Path) -> float:
    start = time.process_time()
    with contextlib.closing(sqlite3.connect(path)) as base:
        rows = base.execute("SELECT samples FROM ticks ORDER BY at")
        found = [len(msgspec.msgpack.decode(zlib.decompress(raw))) for (raw,) in rows]
    return (time.process_time() - start) / len(found)
