"""Where a replay goes when it is told a time."""

from pathlib import Path

from console.engine._cursor import Cursor
from console.storage.recording import open_recording
from tests.parts.tapes import AT, tape, ticks

SET_BACK_S = 8.0


def test_a_later_moment_is_found_although_the_clock_was_set_back_before_it(tmp_path: Path) -> None:
    frames = [
        frame if number < 10 else frame._replace(at=frame.at - SET_BACK_S)
        for number, frame in enumerate(ticks(range(40)))
    ]
    tape(tmp_path / "a.tcrec", frames)
    cursor = Cursor(open_recording(tmp_path / "a.tcrec"))
    for _ in cursor.seeking(AT):
        pass
    for _ in range(9):
        for _ in cursor.onward(picture=False):
            pass
    assert cursor.at == AT + 9

    for _ in cursor.seeking(AT + 25):
        pass

    assert cursor.at == AT + 25
