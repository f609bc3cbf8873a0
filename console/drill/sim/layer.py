"""The gateway's runtime values, and what they make of a model's requests."""

from collections.abc import Mapping
from enum import Enum, auto

STANDBY = "-standby"


class Way(Enum):
    """Where the gateway sends a request: to the fleet, to the standby region, or back with 429 or 404."""

    FLEET = auto()
    STANDBY = auto()
    SHED = auto()
    NOWHERE = auto()


class Layer:
    """Runtime values as somebody set them: texts by key, and nothing for what was never set."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def modify(self, values: Mapping[str, str]) -> None:
        """Set values, all at once; an empty text unsets one."""
        for key, text in values.items():
            if text:
                self.values[key] = text
            else:
                self.values.pop(key, None)

    def number(self, key: str, default: int) -> int:
        """A whole number, the default where nothing is set or no number."""
        text = self.values.get(key, "")
        return int(text) if text.isascii() and text.isdigit() else default

    def weights(self, model: str) -> tuple[int, int]:
        """The weights of the fleet and of the standby region on a model's route."""
        prefix = weight_keys(model)
        return self.number(f"{prefix}.{model}", 100), self.number(f"{prefix}.{model}{STANDBY}", 0)

    def shed(self, model: str) -> int:
        """The percent of a model's requests that are answered 429."""
        return min(self.number(shed_key(model), 0), 100)

    def settled(self, model: str) -> Way | None:
        """Where every request of a model goes, None where chance decides."""
        if self.shed(model):
            return None
        fleet, standby = self.weights(model)
        if fleet and standby:
            return None
        return Way.FLEET if fleet else Way.STANDBY if standby else Way.NOWHERE

    def way(self, model: str, shed: float, split: float) -> Way:
        """Where one request of a model goes; ``shed`` and ``split`` are its two throws (0-1)."""
        if shed * 100 < self.shed(model):
            return Way.SHED
        fleet, standby = self.weights(model)
        if not fleet + standby:
            return Way.NOWHERE
        return Way.FLEET if split * (fleet + standby) < fleet else Way.STANDBY


def weight_keys(model: str) -> str:
    """The prefix of the runtime keys of a model's weights."""
    return f"routing.{model}"


def shed_key(model: str) -> str:
    """The runtime key of the percent that is shed of a model."""
    return f"shed.{model}"
