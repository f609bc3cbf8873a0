"""How the parts of a rollback that a model repository holds stand: artifact, config, engine, tokenizer."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from console.controls.triton.look import Files, Seen, parts_first
from console.controls.triton.steps import numbered
from console.domain.model_change import config_digest
from console.domain.plan import Part, PartName, Standing
from console.domain.release import Digests, Release
from console.domain.serving import Serving
from console.domain.text import visible

_WORST = (Standing.MUTABLE, Standing.UNKNOWN, Standing.RESTORE, Standing.SAME)
_SHOWN = 3


class Found(NamedTuple):
    """The parts, and what to warn of."""

    parts: tuple[Part, ...]
    warnings: tuple[str, ...]


class _Proof(NamedTuple):
    standing: Standing
    detail: str


def parts(
    release: Release | None,
    files: Mapping[str, Files],
    seen: Seen,
    goals: Mapping[str, tuple[str, ...]],
    *,
    by_files: bool = False,
) -> Found:
    """The four parts for a model, the last of ``goals`` (versions by model), and what it calls.

    ``by_files`` when config.pbtxt itself is changed, which the server then follows.
    """
    model = list(goals)[-1]
    known = {name: seen.models[name] for name in parts_first(seen.models, model)}
    proofs = {
        name: _proven(release, files.get(name), known[name], versions)
        for name, versions in goals.items()
        if name in known and not _is_ensemble(known[name])
    }
    artifact = _together(proofs.values(), "an ensemble: it has no files of its own")
    found = (
        Part(PartName.ARTIFACT, *artifact),
        Part(
            PartName.CONFIG, *(_file(release, files, known) if by_files else _config(release, files, known))
        ),
        Part(PartName.ENGINE, *_engine(known, proofs)),
        Part(PartName.TOKENIZER, *_tokenizer(model, known, proofs)),
    )
    return Found(found, tuple(_trap(proofs, goals)))


def _proven(
    release: Release | None, files: Files | None, serving: Serving, versions: Sequence[str]
) -> _Proof:
    """Whether the files of the versions are those of the release."""
    name = visible(serving.model, 80)
    if files is None:
        return _Proof(
            Standing.UNKNOWN, "the repository cannot be read from here: set repository in the settings"
        )
    if files.trouble:
        return _Proof(Standing.UNKNOWN, files.trouble)
    released = release.model(serving.model) if release else None
    if released is None:
        return _Proof(Standing.MUTABLE, "there is no known-good release to compare its files with")
    doubts = (_doubt(released.digests.get(version), files.digests.get(version)) for version in versions)
    for version, doubt in zip(versions, doubts, strict=True):
        if doubt is not None:
            return doubt._replace(detail=f"{name}/{version}: {doubt.detail}")
    said = f"the files of {name}, {numbered(versions)}, are as when they were good"
    same = set(versions) == set(serving.ready)
    return _Proof(Standing.SAME if same else Standing.RESTORE, said)


def _doubt(good: Digests | None, now: Digests | None) -> _Proof | None:
    """Why a version's files are not proven to be those that were good, None where they are."""
    if not good:
        return _Proof(Standing.MUTABLE, "the release has no digests of it")
    if now is None:
        return _Proof(Standing.UNKNOWN, "its files cannot be read")
    if dict(now) != dict(good):
        return _Proof(Standing.MUTABLE, f"its files are not as when they were good: {_differing(good, now)}")
    return None


def _differing(good: Digests, now: Digests) -> str:
    names = sorted(name for name in {*good, *now} if good.get(name) != now.get(name))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(visible(name, 60) for name in names[:_SHOWN]) + more


def _config(release: Release | None, files: Mapping[str, Files], known: Mapping[str, Serving]) -> _Proof:
    changed, disk = [], []
    for name, serving in known.items():
        released = release.model(name) if release else None
        if released is None or not released.config:
            continue
        if config_digest(json.loads(released.config)) != config_digest(serving.config or {}):
            changed.append(visible(name, 80))
        text = files[name].pbtxt if name in files else None
        if released.pbtxt is not None and text is not None and text != released.pbtxt:
            disk.append(visible(name, 80))
    later = (
        f"; config.pbtxt on disk of {', '.join(disk)} is another, and counts at the next plain load"
        if disk
        else ""
    )
    if changed:
        return _Proof(Standing.RESTORE, f"the served config of {', '.join(changed)} goes back{later}")
    if release is None:
        return _Proof(Standing.SAME, "stays as served; which versions are served is all that changes")
    return _Proof(Standing.SAME, f"the served config is the release's{later}")


def _file(release: Release | None, files: Mapping[str, Files], known: Mapping[str, Serving]) -> _Proof:
    if release is None:
        return _Proof(Standing.RESTORE, "which versions are served is all that changes in it")
    good = {name: found.pbtxt for name in known if (found := release.model(name)) is not None}
    lost = [visible(name, 80) for name, text in good.items() if text is None]
    if lost:
        return _Proof(Standing.UNKNOWN, f"the release has no config.pbtxt of {', '.join(lost)}")
    other = [visible(name, 80) for name, text in good.items() if name in files and files[name].pbtxt != text]
    if other:
        return _Proof(Standing.RESTORE, f"that of {', '.join(other)} is put back")
    return _Proof(Standing.SAME, "it is the release's")


def _engine(known: Mapping[str, Serving], proofs: Mapping[str, _Proof]) -> _Proof:
    engines = {name: proof for name, proof in proofs.items() if "tensorrt" in _runs_on(known[name])}
    if engines:
        return _together(engines.values(), "")
    runs = sorted({_runs_on(serving) or "nothing known" for serving in known.values()})
    return _Proof(Standing.SAME, f"none here: the model runs on {', '.join(map(visible, runs))}")


def _tokenizer(model: str, known: Mapping[str, Serving], proofs: Mapping[str, _Proof]) -> _Proof:
    others = {
        name: proof for name, proof in proofs.items() if name != model or _runs_on(known[name]) == "python"
    }
    return _together(others.values(), "none that Triton knows of: neither an ensemble nor a python model")


def _together(proofs: Iterable[_Proof], nothing: str) -> _Proof:
    """The worst standing, with what is said of it."""
    found = list(proofs)
    for standing in _WORST:
        said = [proof.detail for proof in found if proof.standing is standing]
        if said:
            return _Proof(standing, "; ".join(dict.fromkeys(said)))
    return _Proof(Standing.SAME, nothing)


def _trap(proofs: Mapping[str, _Proof], goals: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What lies in a version's directory is what that version serves, whatever it was called good for."""
    for name, proof in proofs.items():
        if proof.standing in {Standing.MUTABLE, Standing.UNKNOWN}:
            versions = goals[name]
            yield (
                f"the repository is mutable: going back to {numbered(versions)} of {visible(name, 80)} serves whatever "
                f"lies in {', '.join(f'{version}/' for version in versions)} now ({proof.detail})"
            )


def _runs_on(serving: Serving) -> str:
    config = serving.config or {}
    return str(config.get("backend") or config.get("platform") or "")


def _is_ensemble(serving: Serving) -> bool:
    return _runs_on(serving) == "ensemble"
