"""What is the same object as before is so again, and is not written twice."""

import copy
from dataclasses import replace

import pytest

from console.domain.counters import Counters
from console.domain.failure import Failure, FailureKind
from tests.console.storage.coded import Tape, read_back, sampled, triton

DOWN = Failure(FailureKind.REFUSED, "live", "connection refused", "is it up?")


@pytest.mark.parametrize("key", [False, True])
def test_what_is_the_same_object_is_so_again(*, key: bool) -> None:
    first = triton(1)
    assert first.counters is not None
    second = replace(first, counters=Counters(first.counters.keys, first.counters.values + 1))
    tape = Tape()
    tape.add(sampled(first))
    tape.add(sampled(DOWN))
    tape.add(sampled(second), key=key)

    one, other = read_back(tape)

    assert one.index is other.index
    assert one.statistics is other.statistics
    assert one.counters is not None
    assert other.counters is not None
    assert one.counters.keys is other.counters.keys
    assert one.counters is not other.counters


@pytest.mark.parametrize("key", [False, True])
def test_statistics_that_were_read_anew_are_another_object(*, key: bool) -> None:
    first = triton(1)
    tape = Tape()
    tape.add(sampled(first))
    tape.add(sampled(replace(first, statistics=copy.deepcopy(first.statistics), statistics_at=2.0)), key=key)

    one, other = read_back(tape)

    assert one.statistics == other.statistics
    assert one.statistics is not other.statistics


def test_parts_that_are_the_same_object_take_no_bytes() -> None:
    tape = Tape()
    tape.add(sampled(triton(1)))
    one = triton(2)
    tape.add(sampled(one))

    assert len(tape.add(sampled(replace(one, counters_at=2.5)))) < 80
