"""What the Triton source makes of a real server's answers."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from console.domain.failure import FailureKind, SourceError
from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.triton import ControlMode, State, TritonReading
from console.domain.versions import version_states
from tests.parts.load import Stream, send
from tests.parts.triton import TritonServer
from tests.real.conftest import Sources


async def read(source: object) -> TritonReading:
    reading = await source.poll()  # type: ignore[attr-defined]
    assert isinstance(reading, TritonReading)
    return reading


async def test_everything_of_a_server_in_one_poll(triton: TritonServer, source_of: Sources) -> None:
    reading = await read(source_of(triton))

    assert reading.live is True
    assert reading.server is not None
    assert (reading.server.name, reading.server.version) == ("triton", "2.51.0")
    assert reading.mode is ControlMode.EXPLICIT
    assert reading.counters is not None
    assert np.isfinite(reading.counters.values[F.SUMMARY_COUNT]).any()
    assert reading.configs is not None
    assert {"fast", "slow", "multi"} <= reading.configs.keys()
    assert (reading.failures, reading.broken_lines) == ((), 0)


async def test_states_and_reasons(triton: TritonServer, source_of: Sources) -> None:
    states = version_states(await read(source_of(triton)))

    assert states is not None
    assert states[ModelVersion("multi", "3")].state is State.READY
    broken = states[ModelVersion("badinit", "1")]
    assert broken.state is State.UNAVAILABLE
    assert broken.reason.startswith("Internal: RuntimeError: cannot open weights file /models/missing.bin")


async def test_counters_grow_by_what_was_sent(triton: TritonServer, source_of: Sources) -> None:
    source = source_of(triton)
    await send(triton.url, Stream("multi"))
    before = await read(source)
    await send(triton.url, Stream("multi", values=(1.0, 2.0)), times=7)
    after = await read(source)

    key = ModelVersion("multi", "3")
    for family in (F.SUCCESS, F.INFERENCES, F.EXECUTIONS):
        assert _counter(after, key, family) - _counter(before, key, family) == 7
    assert _executions(after, key) - _executions(before, key) == 7


async def test_a_server_without_summaries(triton_plain: TritonServer, source_of: Sources) -> None:
    reading = await read(source_of(triton_plain))

    assert reading.counters is not None
    assert np.isnan(reading.counters.values[F.SUMMARY_COUNT]).all()


async def test_asking_for_the_mode_changes_nothing(triton_none: TritonServer, source_of: Sources) -> None:
    reading = await read(source_of(triton_none))

    assert reading.mode is ControlMode.NONE_OR_POLL
    assert (reading.ready, [e.model for e in reading.index or ()]) == (True, ["fast"])


async def test_read_only_does_not_ask(triton_poll: TritonServer, source_of: Sources) -> None:
    assert (await read(source_of(triton_poll, read_only=True))).mode is ControlMode.UNKNOWN
    assert (await read(source_of(triton_poll))).mode is ControlMode.NONE_OR_POLL


async def test_a_missing_credential_is_not_a_dead_server(
    triton_restricted: TritonServer, source_of: Sources
) -> None:
    without = await read(source_of(triton_restricted))
    wrong = await read(source_of(triton_restricted, headers={"admin-key": "guess"}))
    right = await read(source_of(triton_restricted, headers={"admin-key": "secret"}))

    assert (without.live, without.ready) == (True, True)
    for reading in (without, wrong):
        assert {f.part for f in reading.failures if f.kind is FailureKind.FORBIDDEN} >= {
            "index",
            "statistics",
        }
        assert reading.mode is ControlMode.UNKNOWN
    assert (right.failures, right.mode) == ((), ControlMode.EXPLICIT)


async def test_a_stopped_process_times_out_and_comes_back(
    scratch_server: TritonServer, source_of: Sources
) -> None:
    source = source_of(scratch_server)
    await read(source)
    scratch_server.suspend()
    with pytest.raises(SourceError) as caught:
        await source.poll()
    scratch_server.resume()

    assert caught.value.failure.kind is FailureKind.TIMEOUT
    assert (await read(source)).live is True


async def test_a_killed_process_is_refused(scratch_server: TritonServer, source_of: Sources) -> None:
    source = source_of(scratch_server)
    await read(source)
    scratch_server.kill()

    with pytest.raises(SourceError) as caught:
        await source.poll()

    assert caught.value.failure.kind in {FailureKind.REFUSED, FailureKind.RESET}


async def test_a_served_model_whose_directory_is_gone(
    scratch_server: TritonServer, source_of: Sources, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "repository" / "fast")

    states = version_states(await read(source_of(scratch_server)))

    assert states is not None
    fast = states[ModelVersion("fast", "1")]
    assert (fast.state, fast.omitted) == (State.READY, True)


def _counter(reading: TritonReading, key: ModelVersion, family: F) -> float:
    assert reading.counters is not None
    return float(reading.counters.values[family, reading.counters.keys.index(key)])


def _executions(reading: TritonReading, key: ModelVersion) -> int:
    return next(s.batches[1] for s in reading.statistics or () if s.key == key)
