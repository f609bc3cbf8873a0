"""A process that records, to be killed or to run out of room: ``python -m tests.parts.taping_child HOW FILE``."""

import resource
import sys
from itertools import count
from pathlib import Path

from tests.parts.tapes import ticks, writer

ROOM = 12_000


def main() -> None:
    how, path = sys.argv[1], Path(sys.argv[2])
    {"on": _on, "small": _small}[how](path)


def _on(path: Path) -> None:
    """Record, and say the number of each tick that was written, until somebody kills us."""
    writing = writer(path)
    for second in count():
        writing.tick(ticks([float(second)])[0])
        sys.stdout.write(f"{second}\n")
        sys.stdout.flush()


def _small(path: Path) -> None:
    """Record where a file may not grow beyond ``ROOM``, and then where it may; say what was said."""
    writing, (_, hard) = writer(path), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    told = ticks(range(400))
    said = {""}
    for tick in told[:300]:
        writing.tick(tick)
        said.add(writing.problem)
    lost, size = writing.lost, path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    for tick in told[300:]:
        writing.tick(tick)
    sys.stdout.write(f"{lost} {size} {writing.lost} {writing.problem!r} {' | '.join(sorted(said))}")
    writing.close()


if __name__ == "__main__":
    main()
