"""Other models on the same targets, by how much of the servers' time they take."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from console.domain.triage import Answer, Evidence
from console.triage.scene import Scene
from console.triage.series import Line
from console.triage.shift import Shift
from console.triage.strain import Strain

_GROWN = 1.5
# Seconds of execution a second; less than this is nobody's noisy neighbour.
_LEAST_BUSY = 0.2
# What is known this much later than the model itself was not there before.
_LATE_S = 10.0


class Neighbour(NamedTuple):
    """Another model and the inferences a second it does, now and before."""

    model: str
    shift: Shift
    scene: Scene
    target: str

    def evidence(self, check: str) -> Evidence:
        """Its work as evidence of a check."""
        return self.scene.figure(check, Answer.YES, "inferences of another model", self.shift, self.target)


def others(strain: Strain) -> Sequence[Scene]:
    """The other models that serve on the targets in question."""
    if not strain.focus:
        return strain.scene.neighbours
    return [scene for scene in strain.scene.neighbours if strain.focus in scene.targets]


def _since_it_came(strain: Strain, bins: Line) -> Line:
    """A model's work, with none of it before it came: it was not there while its servers were watched already."""
    watched, known = strain.scene.figures(strain.focus).bins("rate").known.at, bins.known.at
    if not len(watched) or len(known) < 2:
        return bins
    width = float(bins.at[1] - bins.at[0])
    missing = float(known[0] - watched[0])
    if missing < max(_LATE_S, 3 * width):
        return bins
    before = known[0] - width * np.arange(int(missing / width), 0, -1, dtype=np.float64)
    later = bins.between(before[-1], np.inf)
    return Line(np.concatenate((before, later.at)), np.concatenate((np.zeros(len(before)), later.values)))


def grown(strain: Strain) -> list[Neighbour]:
    """Those that do well more than before and take a share that others notice, the busiest first."""
    found = []
    for scene in others(strain):
        bins = _since_it_came(strain, scene.figures(strain.focus).bins("inferences"))
        shift = strain.scene.against(bins, "inferences")
        execution = strain.scene.against(scene.figures(strain.focus).bins("item_ms")).now
        if shift.now is None or execution is None or scene.parts:
            continue
        busy = shift.now * execution / 1000
        if shift.up(_GROWN, 1.0) and busy >= _LEAST_BUSY:
            found.append((busy, Neighbour(scene.model, shift, scene, strain.focus)))
    return [each for _, each in sorted(found, key=lambda pair: -pair[0])]
