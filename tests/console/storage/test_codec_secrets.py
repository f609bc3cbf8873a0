"""No value of a secret reaches a recording, wherever a server echoes it."""

import json
from dataclasses import replace

import pytest

from console.domain.config import read_config
from console.domain.failure import Failure, FailureKind
from console.domain.fleet import Fleet, ModelVersion
from console.domain.journal import JournalNews, Record, RecordKind
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Session, Silence
from console.domain.sample import Sample
from console.domain.secret import REDACTED, Secret
from console.domain.triton import IndexEntry, State, TritonReading
from console.storage._codec import encode_session
from tests.console.storage.coded import Tape, sampled, triton

KEY = 'hunter2-"quoted"/42'
# As it stands in text, in JSON within text, and in a URL.
FORMS = (KEY, json.dumps(KEY)[1:-1], "hunter2-%22quoted%22%2F42")

ECHOES = {
    "failure": Failure(FailureKind.FORBIDDEN, "live", f"bad key {KEY}", "ask"),
    "index": replace(triton(), index=(IndexEntry("m", "1", State.UNAVAILABLE, f"401 for {KEY}"),)),
    "model name": triton(1, (ModelVersion(f"m {KEY}", "1"),)),
    "config": replace(triton(), configs={"m": read_config({"parameters": {"token": {"string_value": KEY}}})}),
    "config of the name": replace(triton(), configs={KEY: read_config({"name": "m"})}),
    "part of a reading": replace(triton(), mode_note=f"see http://t0/?key={FORMS[2]}"),
    "journal": JournalNews((Record(RecordKind.BEGIN, "p", 1.0, "ana", {"said": [{"deep": KEY}], KEY: 1}),)),
}


@pytest.mark.parametrize("where", ECHOES)
def test_an_echo_is_taken_out(where: str) -> None:
    tape = Tape(KEY)
    for key in (True, False, True):
        tape.add(sampled(ECHOES[where]), key=key)

    assert not any(form.encode() in tape.written for form in FORMS)
    assert any(sign in tape.written for sign in (REDACTED.encode(), json.dumps(REDACTED)[1:-1].encode()))
    assert isinstance(tape.frames()[2].inputs[0], Sample)


@pytest.mark.parametrize(
    "entry",
    [Marker(1.0, MarkerKind.NOTE, "fleet", f"with {KEY}"), Silence("id", "t0", f"note {KEY}", "ana")],
    ids=lambda entry: type(entry).__name__,
)
def test_an_echo_by_hand_is_taken_out(entry: Marker | Silence) -> None:
    tape = Tape(KEY)
    tape.add(entry)

    assert not any(form.encode() in tape.written for form in FORMS)


def test_the_name_of_a_source_is_no_way_out() -> None:
    tape = Tape(KEY)
    tape.add(sampled(triton(), f"http://t0/?{KEY}"))

    assert not any(form.encode() in tape.written for form in FORMS)


def test_a_config_with_a_secret_in_it_is_still_one() -> None:
    numeric = read_config({"name": "m", "max_batch_size": 424242, "parameters": {"pin": "424242"}})
    tape = Tape("424242")
    tape.add(sampled(replace(triton(), configs={"m": numeric})))
    (entry,) = tape.frames()[0].inputs

    assert isinstance(entry, Sample)
    assert isinstance(entry.reading, TritonReading)
    assert entry.reading.configs is not None
    assert entry.reading.configs["m"].tree["parameters"] == {"pin": REDACTED}
    assert entry.reading.configs["m"].tree["max_batch_size"] == REDACTED


def test_without_an_echo_nothing_is_changed() -> None:
    with_secret, without = Tape(KEY), Tape()
    for tape in (with_secret, without):
        tape.add(sampled(triton(1)))
        tape.add(sampled(triton(2)))

    assert with_secret.written == without.written


def test_a_fleets_headers_are_names_without_values() -> None:
    fleet = Fleet(headers={"authorization": Secret("Bearer hunter2")})

    raw = encode_session(Session(fleet, 1.0))

    assert b"hunter2" not in raw
