"""Known-good releases as JSON and back: for the file that keeps them."""

from collections.abc import Mapping
from typing import Any

from console.domain.release import Digests, Release, ReleasedModel
from console.domain.states import Json


def release_json(release: Release) -> dict[str, Json]:
    """A whole release."""
    return {
        "id": release.id,
        "at": release.at,
        "who": release.who,
        "note": release.note,
        "models": [_model_json(model) for model in release.models],
        "images": dict(release.images),
        "routes": dict(release.routes),
    }


def read_release(raw: Any) -> Release:
    """A release from its JSON; raises ValueError, KeyError or TypeError for anything else."""
    return Release(
        id=_text(raw["id"]),
        at=float(raw["at"]),
        who=_text(raw["who"]),
        note=_text(raw["note"]),
        models=tuple(_read_model(model) for model in _list(raw["models"])),
        images=_table(raw["images"]),
        routes=_table(raw["routes"]),
    )


def _model_json(model: ReleasedModel) -> dict[str, Json]:
    digests = {version: dict(files) for version, files in model.digests.items()}
    return {**model._asdict(), "digests": digests}


def _read_model(raw: Any) -> ReleasedModel:
    pbtxt = raw["pbtxt"]
    return ReleasedModel(
        model=_text(raw["model"]),
        versions=tuple(_text(version) for version in _list(raw["versions"])),
        config=_text(raw["config"]),
        config_digest=_text(raw["config_digest"]),
        digests={version: _digests(files) for version, files in _table(raw["digests"]).items()},
        pbtxt=None if pbtxt is None else _text(pbtxt),
    )


def _digests(raw: Any) -> Digests:
    return {path: _text(digest) for path, digest in _table(raw).items()}


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError("not a text")  # noqa: TRY004 - one error type for every odd value
    return raw


def _list(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise ValueError("not a list")  # noqa: TRY004 - one error type for every odd value
    return raw


def _table(raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise ValueError("not an object")  # noqa: TRY004 - one error type for every odd value
    return raw
