"""Known-good releases: the list, and one with all that it remembers."""

from collections.abc import Mapping, Sequence

from console.domain.release import Release, ReleasedModel
from console.domain.states import Json
from console.domain.text import visible
from console.view.fields import field, heading, within, words
from console.view.grid import grid
from console.view.journal import when
from console.view.state_words import state_words
from console.view.styled import Line, Span

_NONE = "no release was called good yet: triton-console good marks the present one"
_DIGEST = 12


def release_table(releases: Sequence[Release], cells: int) -> list[Line]:
    """A line for each release, newest first."""
    if not releases:
        return within([(Span(_NONE, "dim"),)], cells)
    rows: list[list[Line]] = [
        [
            (Span(visible(release.id, 40), "accent"),),
            (Span(when(release.at)),),
            (Span(visible(release.who, 30)),),
            (Span(_models(release)),),
            (Span(visible(release.note)),),
        ]
        for release in reversed(releases)
    ]
    return within(grid(("id", "when", "who", "models", "note"), rows, widest=50), cells)


def release_lines(release: Release, cells: int) -> list[Line]:
    """One release: each model with its versions and what proves its files, then images and routes."""
    lines = words(f"known-good release {release.id}", cells, role="title")
    lines += field("when", when(release.at), cells)
    lines += field("who", release.who, cells)
    if release.note:
        lines += field("note", release.note, cells)
    lines.append(heading("MODELS", cells))
    for model in release.models:
        lines += words(f"{visible(model.model, 60)}: {_served(model)}", cells, before=(Span("  "),))
    lines += _captured("IMAGES", release.images, cells)
    lines += _captured("ROUTES", release.routes, cells)
    return within(lines, cells)


def release_json(release: Release) -> dict[str, Json]:
    """A release for scripts; configs are left to their digests."""
    return {
        "id": release.id,
        "at": when(release.at).replace(" ", "T"),
        "who": release.who,
        "note": release.note,
        "models": [
            {
                "name": model.model,
                "versions": list(model.versions),
                "config_digest": model.config_digest,
                "digests": {version: dict(files) for version, files in model.digests.items()},
            }
            for model in release.models
        ],
        "images": dict(release.images),
        "routes": dict(release.routes),
    }


def _models(release: Release) -> str:
    names = [
        f"{visible(model.model, 30)} {','.join(visible(v, 12) for v in model.versions)}"
        for model in release.models
    ]
    return "; ".join(names) or "none"


def _served(model: ReleasedModel) -> str:
    versions = ", ".join(visible(version, 12) for version in model.versions) or "none"
    files = sum(len(found) for found in model.digests.values())
    proof = f"{files:,} files with digests" if model.digests else "files not readable, no digests"
    return f"version {versions}, config {visible(model.config_digest, _DIGEST)}, {proof}"


def _captured(title: str, found: Mapping[str, Json], cells: int) -> list[Line]:
    if not found:
        return []
    lines = [heading(title, cells)]
    for subject, state in found.items():
        lines += words(f"{visible(subject, 80)}: {state_words(state)}", cells, before=(Span("  "),))
    return lines
