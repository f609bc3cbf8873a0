"""What was recorded before is still read, and what a newer console adds is passed over."""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from console.domain.counters import Counters
from console.domain.failure import Failure, FailureKind
from console.domain.families import F
from console.domain.gpu import GpuReading, GpuSample
from console.domain.marker import Marker, MarkerKind
from console.domain.probe import ProbeOutcome, ProbeReading
from console.domain.recording import Silence, Unsilence
from console.domain.sample import Sample
from console.domain.triton import TritonReading
from console.storage._codec import Decoder
from console.storage._numbers import decimal_codes, pack
from tests.console.storage.coded import Tape, sampled, triton
from tests.parts.alike import alike

RECORDED = Path(__file__).parents[2] / "recorded" / "recordings" / "frames-1.json"

PROBE = ProbeReading("model_0", "1", ProbeOutcome.WRONG, 12.5, "output 0 is 3, expected 4")
GPUS = GpuReading(
    (GpuSample("GPU-1", "0", "H100", mig="1g.10gb/3", power_w=71.234, xid=None),), ("no NVLink",)
)
DOWN = Failure(FailureKind.REFUSED, "live", "connection refused", "is it up?")
TOLD: list[tuple[Any, ...]] = [
    (sampled(triton(1)), sampled(GPUS, "dcgm"), Marker(99.0, MarkerKind.NOTE, "fleet", "é", target="t0")),
    (sampled(triton(2)), sampled(PROBE, "probe"), Silence("target-down", "t0", "known", "ana", 9e9)),
    (sampled(DOWN), Unsilence("target-down", "t0")),
    (sampled(triton(3)), sampled(GPUS, "dcgm")),
]


def written() -> str:
    """What is in the file; written anew only with a format that older consoles cannot read."""
    tape = Tape()
    for number, entries in enumerate(TOLD):
        tape.add(*entries, key=number == 3)
    blobs = {digest.hex(): b64encode(content).decode() for digest, content in tape.blobs.items()}
    frames = [[b64encode(payload).decode(), key] for payload, key in tape.payloads]
    return json.dumps({"blobs": blobs, "frames": frames}, indent=1) + "\n"


def test_a_recording_of_the_first_version_is_read() -> None:
    recorded = json.loads(RECORDED.read_text())
    blobs = {bytes.fromhex(digest): b64decode(content) for digest, content in recorded["blobs"].items()}
    decoder = Decoder(blobs.__getitem__)

    frames = [decoder.frame(b64decode(raw), key=key, session=0) for raw, key in recorded["frames"]]

    assert alike([frame.inputs for frame in frames], TOLD)
    assert decoder.skipped == 0


Opened = list[Any]


def opened(tape: Tape) -> Opened:
    frame: Opened = msgspec.msgpack.decode(tape.payloads[0][0])
    return frame


def told(frame: Opened, tape: Tape) -> tuple[Decoder, tuple[Any, ...]]:
    decoder = tape.decoder()
    return decoder, decoder.key_frame(msgspec.msgpack.encode(frame), session=0)[1].inputs


def shaped(change: dict[str, Any], reading: Any = PROBE) -> tuple[Decoder, tuple[Any, ...]]:
    """A frame of two sources; fields of the first one's reading are changed, those that are None left out."""
    tape = Tape()
    tape.add(sampled(reading, "first"), sampled(DOWN, "second"))
    frame = opened(tape)
    sample = frame[5][0]
    shape = msgspec.msgpack.decode(sample[3]) | change
    sample[3] = msgspec.msgpack.encode({name: value for name, value in shape.items() if value is not None})
    return told(frame, tape)


def test_a_field_that_is_missing_takes_its_default() -> None:
    _, inputs = shaped({"detail": None})

    assert inputs[0].reading == PROBE._replace(detail="")


def test_numbers_stay_with_their_fields_when_those_are_moved_or_are_news() -> None:
    tape = Tape()
    tape.add(sampled(GPUS))
    frame = opened(tape)
    shape = msgspec.msgpack.decode(frame[5][0][3])
    ((name, watts),) = [(name, each) for name, each in shape["gpus"][0].items() if each == b""]
    shape["gpus"][0] = {"volts": b"", **shape["gpus"][0], "celsius": b"", "sm_clock_mhz": b""}
    frame[5][0][3] = msgspec.msgpack.encode(shape)
    numbers = np.array([[100.0], [10.0], [0.25], [1.0], [230.0], [71.234], [55.0], [1980.0]])
    frame[5][0][4] = pack(decimal_codes(numbers))
    (entry,) = told(frame, tape)[1]

    assert (name, watts) == ("power_w", b"")
    assert entry.reading.gpus[0] == GPUS.gpus[0]._replace(sm_clock_mhz=1980.0)


def test_a_field_that_only_a_newer_console_knows_is_left_out() -> None:
    _, inputs = shaped({"region": "eu", "nested": {"a": [1, 2]}})

    assert inputs[0].reading == PROBE


@pytest.mark.parametrize("change", [{"outcome": "melted"}, {"model": None}, {"version": 5}])
def test_a_reading_that_only_a_newer_console_understands_is_skipped_and_counted(
    change: dict[str, Any],
) -> None:
    decoder, inputs = shaped(change)

    assert [entry.source for entry in inputs] == ["second"]
    assert decoder.skipped == 1


def test_kinds_of_input_that_only_a_newer_console_knows_are_skipped_and_counted() -> None:
    tape = Tape()
    tape.add(sampled(PROBE, "first"), sampled(DOWN, "second"))
    frame = opened(tape)
    frame[5][0][2] = "SeismicReading"
    frame[5] += [[-7, b"what"], [-1, msgspec.msgpack.encode(["Verdict", {}])]]
    frame.append("more")
    decoder, inputs = told(frame, tape)

    assert [entry.source for entry in inputs] == ["second"]
    assert decoder.skipped == 3


def test_a_part_that_only_a_newer_console_knows_is_left_out() -> None:
    tape = Tape()
    tape.add(sampled(triton()))
    frame = opened(tape)
    frame[5][0][5]["spans"] = [1, 2, 3]

    assert alike(told(frame, tape)[1], (sampled(triton()),))


def test_rows_go_by_their_names() -> None:
    """Rows that were moved, dropped or added since are told apart, and what is not there is unknown."""
    tape = Tape()
    tape.add(sampled(triton()))
    frame = opened(tape)
    swapped = {"SUCCESS": "QUEUE_MS", "QUEUE_MS": "SUCCESS", "PENDING": "NEWS"}
    for digest, content in tape.blobs.items():
        refers, plain = msgspec.msgpack.decode(content)
        if isinstance(plain, dict) and any(row[0] == "SUCCESS" for row in plain.get("rows", ())):
            rows = [[swapped.get(name, name), unit] for name, unit in plain["rows"]]
            tape.blobs[digest] = msgspec.msgpack.encode([refers, {**plain, "rows": rows}])
    (entry,) = told(frame, tape)[1]

    assert isinstance(entry, Sample)
    assert isinstance(entry.reading, TritonReading)
    before = triton().counters
    assert isinstance(before, Counters)
    assert entry.reading.counters is not None
    after = entry.reading.counters.values
    assert alike(after[[F.SUCCESS, F.QUEUE_MS, F.LOAD_S]], before.values[[F.QUEUE_MS, F.SUCCESS, F.LOAD_S]])
    assert np.isnan(after[F.PENDING]).all()
