"""What ``record`` says while it runs: one line that is rewritten on a terminal, elsewhere what changes."""

from typing import TextIO

from console.cli._check import counted
from console.domain.fleet import FlightRecorder
from console.domain.marker import Marker
from console.domain.recording import Taping
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view.format import age, timecode

_ERASE = "\r\x1b[K"
_MOST_SAID = 300


def size_text(size: float) -> str:
    """Bytes in few digits, a megabyte being 2^20 as in the settings: ``812 kB``, ``12.3 MB``, ``256 MB``, ``1.0 GB``."""
    for unit, bytes_ in (("GB", 2**30), ("MB", 2**20)):
        if size >= bytes_:
            count = size / bytes_
            return f"{count:.1f} {unit}" if count < 100 else f"{count:.0f} {unit}"
    return f"{size / 2**10:.0f} kB"


def bounds_text(flight: FlightRecorder) -> str:
    """How much a recording keeps, in words."""
    return f"the last {age(flight.seconds)}, at most {size_text(flight.bytes)}"


class Progress:
    """Takes every picture; ``columns`` is the terminal's width, None where lines are for a log."""

    def __init__(self, out: TextIO, flight: FlightRecorder, columns: int | None) -> None:
        self._out = out
        self._flight = flight
        self._columns = columns
        self._began: float | None = None
        self._newest: Snapshot | None = None
        self._seen: tuple[Marker, ...] = ()
        self._markers = 0
        self._problem = ""
        self._lost = 0

    def take(self, snapshot: Snapshot) -> None:
        """Say what this picture changes."""
        taping = snapshot.taping
        if taping is None:
            return
        if self._began is None:
            self._began = snapshot.at
            self._say(f"recording {_watched(snapshot)} to {taping.path}, keeps {bounds_text(self._flight)}")
        self._count(snapshot.markers)
        self._newest = snapshot
        self._trouble(taping)
        if self._columns is not None:
            line = _line(snapshot, taping, snapshot.at - self._began, self._markers)
            print(f"{_ERASE}{line[: self._columns - 1]}", end="", file=self._out, flush=True)

    def end(self, taping: Taping | None) -> None:
        """Say what there is now; ``taping`` is the recorder's state after it was closed."""
        if taping is None:
            self._erase()
            return
        if taping.problem:
            self._say(f"the end is not recorded: {taping.problem}")
        if self._newest is None or self._began is None:
            self._say(f"ended before anything was recorded to {taping.path}")
            return
        seen = f"{timecode(self._newest.at - self._began)}, {counted(self._markers, 'marker')}"
        lost = f", {counted(taping.lost, 'tick')} lost" if taping.lost else ""
        self._say(f"recorded {seen}{lost}; {taping.path} has {size_text(taping.bytes)}")

    def _count(self, markers: tuple[Marker, ...]) -> None:
        if markers != self._seen:
            self._markers += len(set(markers).difference(self._seen))
            self._seen = markers

    def _trouble(self, taping: Taping) -> None:
        if taping.problem and taping.problem != self._problem:
            self._lost = taping.lost if not self._problem else self._lost
            self._say(f"not recording: {taping.problem}")
        elif self._problem and not taping.problem:
            self._say(f"recording again; {counted(taping.lost - self._lost, 'tick')} lost")
        self._problem = taping.problem

    def _say(self, text: str) -> None:
        self._erase()
        print(f"triton-console: {visible(text, _MOST_SAID)}", file=self._out, flush=True)

    def _erase(self) -> None:
        if self._columns is not None:
            print(_ERASE, end="", file=self._out, flush=True)


def _watched(snapshot: Snapshot) -> str:
    number = len(snapshot.targets)
    up = "" if snapshot.up == number else f", {snapshot.up} of them up"
    return f"{snapshot.fleet.name} ({counted(number, 'target')}{up})"


def _line(snapshot: Snapshot, taping: Taping, seconds: float, markers: int) -> str:
    sign = "▲ not recording" if taping.problem else "● rec"
    parts = (
        f"{sign} {timecode(seconds)}",
        f"{snapshot.up}/{len(snapshot.targets)} targets up",
        size_text(taping.bytes),
        counted(markers, "marker"),
        counted(len(snapshot.unsilenced), "alert") if snapshot.unsilenced else "",
        visible(taping.problem, _MOST_SAID),
    )
    return "  ".join(filter(None, parts))
