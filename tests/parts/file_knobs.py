"""Knobs that are files: what one process turns, another one reads."""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.plan import Proposal, Step
from console.domain.situation import Captured, Situation
from console.domain.states import Json
from console.ports import Control
from tests.parts.knobs import knob_step

VALUES: dict[str, Json] = {"a": 1, "b": [1, 1], "c": "off"}
TURNED: dict[str, Json] = {"a": 2, "b": {"x": [1, "ü"]}, "c": "on"}


def knobs_folder(fleet: Fleet) -> Path:
    """Where the knobs of a fleet are."""
    return Path(fleet.state) / "knobs"


def file_knobs(fleet: Fleet) -> list[Control]:
    """The fleet's knobs as a control."""
    return [FileKnobs(knobs_folder(fleet))]


class FileKnobs:
    """A control of one file for each knob, every action turns them all."""

    name = "knobs"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def reset(self) -> None:
        """All as in the beginning."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, value in VALUES.items():
            (self._folder / name).write_text(json.dumps({"value": value}))

    def values(self) -> dict[str, Json]:
        """Every knob, whole or not."""
        return {name: (self._folder / name).read_text() for name in VALUES}

    async def survey(self, action: Action, situation: Situation) -> dict[str, Json] | None:
        """The values now."""
        known = action.kind in {ActionKind.ROLLBACK, ActionKind.REDUCE, ActionKind.FREEZE}
        return {name: self._value(name) for name in VALUES} if known else None

    def propose(self, action: Action, situation: Situation, survey: dict[str, Json]) -> Proposal:
        """A step for each knob."""
        return Proposal(tuple(knob_step(name, survey[name], value) for name, value in TURNED.items()))

    async def read(self, step: Step) -> Json:
        """The knob's value."""
        return self._value(step.subject)

    async def apply(self, step: Step) -> None:
        """Turn the knob, with a breath in between."""
        draft = self._folder / f"{step.subject}.new"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(descriptor, json.dumps({"value": step.after}).encode())
        os.close(descriptor)
        await asyncio.sleep(0)
        draft.replace(self._folder / step.subject)

    def _value(self, name: str) -> Json:
        value: Json = json.loads((self._folder / name).read_text())["value"]
        return value

    async def traffic(self, subject: str) -> None:
        """Nothing is counted."""

    async def capture(self, models: Sequence[str]) -> Captured:
        """Nothing to remember."""
        return Captured()

    async def close(self) -> None:
        """Nothing to close."""
