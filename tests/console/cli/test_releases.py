"""``releases``: what is known to be good, and what is left out."""

from pathlib import Path

from console import wiring
from console.domain.fleet import Fleet
from console.domain.release import Release, ReleasedModel
from tests.parts.cli import console


def _settings(folder: Path) -> Path:
    path = folder / "triton-console.toml"
    path.write_text(f'[fleets.prod]\ntargets = ["http://127.0.0.1:9"]\nstate = "{folder}/state"\n')
    return path


def _saved(folder: Path, number: str) -> None:
    model = ReleasedModel("ranker", ("7",), "{}", "aa", {})
    kept = wiring.releases(Fleet("prod", state=f"{folder}/state"))
    kept.save(Release(number, 1_760_000_000.0, "ana@bastion", "calm week", (model,)))


async def test_releases_are_listed_without_any_server(tmp_path: Path) -> None:
    _saved(tmp_path, "k3x9ab")

    done = await console("releases", "--config", str(_settings(tmp_path)))

    assert done.code == 0
    assert "k3x9ab" in done.out
    assert "ranker 7" in done.out
    assert "calm week" in done.out


async def test_a_damaged_release_is_left_out_and_said(tmp_path: Path) -> None:
    _saved(tmp_path, "k3x9ab")
    (file,) = (tmp_path / "state").rglob("k3x9ab*.json")
    file.write_text("{")

    done = await console("releases", "--config", str(_settings(tmp_path)))

    assert done.code == 0
    assert "k3x9ab" not in done.out
    assert f"left out: {file}" in done.err
