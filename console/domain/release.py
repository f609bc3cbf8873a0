"""A known-good release: what served, with which config, from which files, on which image, by which route."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from console.domain.states import Json

# SHA-256 of each file of one version directory, by path within it.
Digests = Mapping[str, str]


class ReleasedModel(NamedTuple):
    """One model of a release: the versions that served, its full config (canonical JSON) and that text's hash.

    ``digests`` maps a version to its files' digests, empty where the repository is not readable;
    ``pbtxt`` is config.pbtxt as it lay on disk, None where it could not be read.
    """

    model: str
    versions: tuple[str, ...]
    config: str
    config_digest: str
    digests: Mapping[str, Digests]
    pbtxt: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A release that an operator, or a quiet period, called good. ``at`` is epoch seconds.

    ``images`` and ``routes`` hold what the controls captured, by their subject.
    """

    id: str
    at: float
    who: str
    note: str
    models: tuple[ReleasedModel, ...]
    images: Mapping[str, Json] = field(default_factory=dict)
    routes: Mapping[str, Json] = field(default_factory=dict)

    def model(self, name: str) -> ReleasedModel | None:
        """What the release says of a model."""
        return next((each for each in self.models if each.model == name), None)
