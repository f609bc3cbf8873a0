"""What a picture says of itself."""

from dataclasses import replace

from console.domain.recording import Recalled
from tests.snapshots import NOW, snapshot


def test_history_reaches_as_far_back_as_the_watch_or_what_was_filled_in() -> None:
    young = replace(snapshot(), elapsed_s=4.0)

    assert young.history_s == 4.0
    assert replace(young, recalled=Recalled("Prometheus", NOW - 3600, NOW - 10)).history_s == 3600.0
    assert replace(young, elapsed_s=9000.0, recalled=Recalled("r", NOW - 60, NOW - 10)).history_s == 9000.0
