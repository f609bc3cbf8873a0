import io
from dataclasses import replace

import pytest

from console.cli._record_progress import Progress, size_text
from console.domain.fleet import FlightRecorder
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Taping
from tests.snapshots import down_target, snapshot, target_row

FLIGHT = FlightRecorder(seconds=86400, bytes=2**30)
TAPING = Taping("/tmp/a.tcrec", 0.0, 12_900_000)
LOAD = Marker(5.0, MarkerKind.LOAD, "ranker/7", "READY")


def picture(at=100.0, taping=TAPING, **changes):
    return replace(snapshot(), at=at, taping=taping, **changes)


@pytest.fixture
def log():
    """What a service's log gets."""
    return io.StringIO()


def test_a_log_gets_a_line_at_the_start_and_one_at_the_end(log):
    progress = Progress(log, FLIGHT, None)
    for second in range(60):
        progress.take(picture(100.0 + second, markers=(LOAD,) if second > 30 else ()))
    progress.end(TAPING)
    first, last = log.getvalue().splitlines()
    assert first == (
        "triton-console: recording prod (1 target) to /tmp/a.tcrec, keeps the last 24h, at most 1.0 GB"
    )
    assert last == "triton-console: recorded 00:00:59, 1 marker; /tmp/a.tcrec has 12.3 MB"


def test_a_terminal_gets_one_line_that_is_rewritten(log):
    progress = Progress(log, FLIGHT, 120)
    progress.take(picture())
    progress.take(picture(112.0, targets=(target_row(), down_target()), markers=(LOAD,)))
    *_, newest = log.getvalue().split("\r\x1b[K")
    assert newest == "● rec 00:00:12  1/2 targets up  12.3 MB  1 marker"
    progress.end(TAPING)
    assert log.getvalue().endswith("has 12.3 MB\n")


def test_a_line_never_wraps(log):
    progress = Progress(log, FLIGHT, 40)
    progress.take(picture(taping=TAPING._replace(problem="the disk is full: " + "x" * 400)))
    assert len(log.getvalue().split("\r\x1b[K")[-1]) < 40


def test_a_disk_that_is_full_is_said_once_and_again_when_it_is_over(log):
    progress = Progress(log, FLIGHT, None)
    progress.take(picture())
    for lost in range(1, 9):
        progress.take(picture(taping=TAPING._replace(problem="the disk is full", lost=lost)))
    for _ in range(3):
        progress.take(picture(taping=TAPING._replace(lost=8)))
    progress.end(TAPING._replace(lost=8))
    _, problem, over, end = log.getvalue().splitlines()
    assert problem == "triton-console: not recording: the disk is full"
    assert over == "triton-console: recording again; 7 ticks lost"
    assert ", 8 ticks lost;" in end


def test_an_end_that_could_not_be_written_is_said(log):
    progress = Progress(log, FLIGHT, None)
    progress.take(picture())
    progress.end(TAPING._replace(problem="the disk is full"))
    assert "the end is not recorded: the disk is full" in log.getvalue()


def test_nothing_recorded_is_said(log):
    Progress(log, FLIGHT, None).end(TAPING)
    assert log.getvalue() == "triton-console: ended before anything was recorded to /tmp/a.tcrec\n"


def test_a_targets_name_cannot_act_on_the_terminal(log):
    picture_ = picture()
    hostile = replace(picture_, fleet=replace(picture_.fleet, name="\x1b[31mred"))
    Progress(log, FLIGHT, None).take(hostile)
    assert "\x1b" not in log.getvalue()


@pytest.mark.parametrize(
    ("size", "text"),
    [(812_000, "793 kB"), (0, "0 kB"), (12_900_000, "12.3 MB"), (256 * 2**20, "256 MB"), (2**30, "1.0 GB")],
)
def test_sizes_are_short(size, text):
    assert size_text(size) == text
