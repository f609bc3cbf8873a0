"""What goes into a recording comes out of it as it was."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.config import read_config
from console.domain.counters import Counters
from console.domain.failure import Failure, FailureKind
from console.domain.fleet import ModelVersion
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Input, Silence
from console.domain.sample import Sample
from console.domain.triton import Histogram, HostGauges, TritonReading
from tests.console.storage.coded import MODELS, Tape, inputs, read_back, readings, sampled, triton
from tests.parts.alike import alike

NOTE = Marker(5.0, MarkerKind.NOTE, "fleet", "looked at the queue")
DOWN = Failure(FailureKind.REFUSED, "live", "connection refused", "is it up?")


@settings(max_examples=150, deadline=None)
@given(reading=readings, changed=st.booleans())
def test_every_reading_comes_back_as_it_was(*, reading: object, changed: bool) -> None:
    tape = Tape()
    if changed:
        tape.add(sampled(triton()), sampled(DOWN, "other"))
    tape.add(sampled(reading))

    assert alike(tape.frames()[-1].inputs, (sampled(reading),))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(inputs, st.booleans()), min_size=1, max_size=6))
def test_a_sequence_of_anything_comes_back_in_its_order(told: list[tuple[tuple[Input, ...], bool]]) -> None:
    tape = Tape()
    for entries, key in told:
        tape.add(*entries, key=key)

    assert alike([frame.inputs for frame in tape.frames()], [entries for entries, _ in told])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(inputs, st.booleans()), min_size=1, max_size=6))
def test_a_key_frame_alone_tells_the_newest_of_every_source(
    told: list[tuple[tuple[Input, ...], bool]],
) -> None:
    tape = Tape()
    for entries, key in told:
        tape.add(*entries, key=key)
    tape.add(NOTE, key=True)
    entries = [entry for frame, _ in told for entry in frame if isinstance(entry, Sample)]
    newest = {entry.source: entry for entry in entries}

    frame = tape.decoder().key_frame(tape.payloads[-1][0], session=3)[1]

    order = sorted(newest.values(), key=lambda each: max(n for n, e in enumerate(entries) if e is each))
    assert alike(frame.inputs, (*order, NOTE))
    assert frame.session == 3


def test_a_source_that_is_new_in_the_key_frame_is_told_once() -> None:
    tape = Tape()
    tape.add(sampled(triton(1)), sampled(DOWN, "probe"))
    payload = tape.add(sampled(triton(2)), NOTE, sampled(triton(3)), key=True)

    told = tape.decoder().key_frame(payload, session=0)[1].inputs

    assert alike(told, (sampled(DOWN, "probe"), NOTE, sampled(triton(3))))


def test_a_key_frame_tells_its_old_samples_in_the_order_they_came() -> None:
    tape = Tape()
    tape.add(sampled(DOWN, "a"), sampled(DOWN, "b"))
    tape.add(sampled(DOWN, "a"))
    payload = tape.add(key=True)

    told = tape.decoder().key_frame(payload, session=0)[1].inputs

    assert [entry.source for entry in told if isinstance(entry, Sample)] == ["b", "a"]


def test_frames_after_a_seek_go_on_from_the_key_frame() -> None:
    tape = Tape()
    for step in range(1, 8):
        tape.add(sampled(triton(step)), key=step in {1, 4})
    decoder = tape.decoder()

    decoder.key_frame(tape.payloads[3][0], session=0)
    after = [decoder.frame(payload, key=False, session=0) for payload, _ in tape.payloads[4:]]

    assert alike([frame.inputs[0] for frame in after], [sampled(triton(step)) for step in (5, 6, 7)])


@pytest.mark.parametrize("lost", [1, 2])
def test_a_frame_that_needs_one_that_is_not_there_is_refused_until_the_next_key_frame(lost: int) -> None:
    tape = Tape()
    for step in range(1, 6):
        tape.add(sampled(triton(step)), key=step in {1, 5})
    decoder = tape.decoder()
    for payload, key in tape.payloads[:lost]:
        decoder.frame(payload, key=key, session=0)

    for payload, _ in tape.payloads[lost + 1 : 4]:
        with pytest.raises(ValueError, match="predecessor"):
            decoder.frame(payload, key=False, session=0)

    frame = decoder.frame(tape.payloads[4][0], key=True, session=0)
    assert alike(frame.inputs, (sampled(triton(5)),))


def test_a_frame_of_another_run_needs_a_key_frame_of_that_run() -> None:
    tape = Tape()
    tape.add(sampled(triton(1)))
    tape.add(sampled(triton(2)))
    decoder = tape.decoder()
    decoder.frame(tape.payloads[0][0], key=True, session=0)

    with pytest.raises(ValueError, match="predecessor"):
        decoder.frame(tape.payloads[1][0], key=False, session=1)


def test_models_that_come_and_go_and_counters_that_restart() -> None:
    some = tuple(ModelVersion(name, "1") for name in "ab")
    told = [triton(4, some), triton(5, (*some, ModelVersion("c", "1"))), triton(1, some[1:]), triton(2, ())]
    tape = Tape()
    for reading in told:
        tape.add(sampled(reading))

    assert alike(read_back(tape), told)


def test_batch_sizes_that_appear_and_disappear() -> None:
    def grown(*sizes: dict[int, int]) -> TritonReading:
        base = triton(1)
        assert base.statistics is not None
        pairs = zip(base.statistics, sizes, strict=True)
        return replace(base, statistics=tuple(each._replace(batches=size) for each, size in pairs))

    told = [grown({1: 5}, {}, {2: 1, 8: 2}), grown({1: 6}, {4: 1}, {2: 1, 8: 2}), grown({}, {4: 1}, {8: 3})]
    tape = Tape()
    for reading in told:
        tape.add(sampled(reading))

    assert alike(read_back(tape), told)


def test_sums_of_units_come_back_to_the_last_bit() -> None:
    base = triton(1)
    assert base.counters is not None
    rng = np.random.default_rng(7)
    told = []
    for _ in range(4):
        parts = rng.integers(0, 2**40, (8, *base.counters.values.shape)) * 1e-3
        told.append(replace(base, counters=Counters(base.counters.keys, parts.sum(axis=0))))
    tape = Tape()
    for reading in told:
        tape.add(sampled(reading))

    assert alike(read_back(tape), told)
    last = tape.add(sampled(told[0]), key=True)
    assert alike(tape.decoder().key_frame(last, session=0)[1].inputs, (sampled(told[0]),))


def test_a_config_that_changes_is_told_and_the_others_stay() -> None:
    first, second = triton(1), triton(2)
    changed = read_config({"name": "model_1", "max_batch_size": 16})
    second = replace(second, configs={**(second.configs or {}), "model_1": changed})
    tape = Tape()
    tape.add(sampled(first))
    many = len(tape.blobs)
    tape.add(sampled(second))

    assert alike(read_back(tape), [first, second])
    assert len(tape.blobs) == many + 2  # the config, and which model has which


def test_what_does_not_change_is_written_once() -> None:
    tape = Tape()
    tape.add(sampled(triton(1)))
    many = len(tape.blobs)
    small = len(tape.add(sampled(triton(2))))
    tape.add(sampled(triton(3)), key=True)

    assert len(tape.blobs) == many
    assert small < len(tape.payloads[0][0])


def test_a_number_of_numpys_is_a_float() -> None:
    reading = replace(triton(), host=HostGauges(np.float64(0.37), np.float64(1e300), None))
    tape = Tape()
    tape.add(sampled(reading))

    (back,) = read_back(tape)

    assert alike(back.host, HostGauges(0.37, 1e300, None))


def test_a_file_that_is_begun_anew_gets_every_content_again() -> None:
    tape = Tape()
    tape.add(sampled(triton(1)))
    tape.blobs.clear()
    tape.encoder.forget()
    payload = tape.add(sampled(triton(2)), key=True)

    assert alike(tape.decoder().key_frame(payload, session=0)[1].inputs, (sampled(triton(2)),))


def test_a_source_that_has_gone_is_left_out_of_key_frames() -> None:
    tape = Tape()
    tape.add(sampled(triton(1), "gone", mono=10.0), sampled(DOWN, "slow", mono=10.0)._replace(every=3600.0))
    payload = tape.add(sampled(triton(2), "here", mono=700.0), key=True, mono=700.0)

    told = tape.decoder().key_frame(payload, session=0)[1].inputs

    assert [entry.source for entry in told if isinstance(entry, Sample)] == ["slow", "here"]


@pytest.mark.parametrize(
    "odd",
    [
        replace(triton(2), counters=Counters((), np.zeros((3, 3)))),
        replace(
            triton(2),
            histograms={key: Histogram((1.0, 2.0), (key_n * 1.0,)) for key_n, key in enumerate(MODELS)},
        ),
    ],
    ids=["counters", "histograms"],
)
def test_a_sample_that_cannot_be_written_is_a_failure_of_its_source_alone(odd: TritonReading) -> None:
    tape = Tape()
    tape.add(sampled(triton(1)))
    tape.add(NOTE, sampled(odd), sampled(triton(2), "other"))
    tape.add(sampled(triton(3)))

    frames = tape.frames()

    note, failed, other = frames[1].inputs
    assert note == NOTE
    assert alike(other, sampled(triton(2), "other"))
    assert isinstance(failed, Sample)
    assert failed.reading is None
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.INTERNAL
    assert alike(frames[2].inputs, (sampled(triton(3)),))


def test_silences_stand_among_the_samples() -> None:
    told = (sampled(triton(1)), Silence("target-down", "t0", "known", "ana", 9.0), NOTE, sampled(DOWN))
    tape = Tape()
    tape.add(*told)

    assert alike(tape.frames()[0].inputs, told)
