"""From an opened recording to what plays it."""

from typing import NamedTuple

from console import wiring
from console.domain.fleet import Fleet
from console.domain.recording import SPEEDS
from console.engine.player import Player
from console.ports import Recording


class Start(NamedTuple):
    """How a replay begins: where (epoch seconds, None is the start), how fast, and whether it stands still."""

    at: float | None = None
    speed: float = 1.0
    paused: bool = False


def player_of(recording: Recording, fleet: Fleet, start: Start) -> Player:
    """The player, set as asked; ``fleet`` is that of the settings, whose runbooks are walked."""
    player = wiring.replay(recording, fleet.runbooks)
    turns = SPEEDS.index(start.speed) - SPEEDS.index(1.0)
    for _ in range(abs(turns)):
        (player.faster if turns > 0 else player.slower)()
    if start.at is not None:
        player.seek(start.at)
    if start.paused:
        player.toggle()
    return player
