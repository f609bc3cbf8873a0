"""Every reader of outside text takes whatever comes: read, or refused in words."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.parts.fuzz_case import Reader, changed, grown, within
from tests.siege.fuzz_readers import READERS

# The same cases each time and everywhere: atheris is for new ones (python -m tests.siege.fuzz NAME).
STEADY = settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=list(HealthCheck), database=None
)
SEEDS = {reader.name: list(reader.seeds()) for reader in READERS}
# YAML in pure Python: some microseconds a byte, in a thread or a command of its own, and files of people.
SLOW = frozenset({"envoy-file", "rules"})
EACH = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


@EACH
def test_what_is_meant_for_it_is_read(reader: Reader) -> None:
    assert any(reader.survives(seed) for seed in SEEDS[reader.name])


@EACH
@STEADY
@given(recipe=st.binary(min_size=16, max_size=40))
def test_what_was_changed_is_read_or_refused(reader: Reader, recipe: bytes) -> None:
    reader.survives(changed(SEEDS[reader.name], recipe))


@EACH
@STEADY
@given(data=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode(errors="replace")))
def test_any_bytes_are_read_or_refused(reader: Reader, data: bytes) -> None:
    reader.survives(data)


@pytest.mark.parametrize(
    "reader", [each for each in READERS if each.name not in SLOW], ids=lambda reader: reader.name
)
def test_one_thing_over_and_over_takes_no_time(reader: Reader) -> None:
    # What reads every byte once is done in a second; what looks back at all of them at each takes minutes.
    with within(60):
        for data in grown(64_000):
            reader.survives(data)
