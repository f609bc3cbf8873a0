import json
import sys
from dataclasses import replace

import pytest

from console.cli import main
from console.domain.triton import State
from console.domain.versions import SCRAPED
from tests.parts.commands import stand
from tests.parts.knobs import Bench
from tests.snapshots import down_target, fleet, model_row, snapshot


def test_what_serves_is_kept_and_listed(world, capsys):
    assert main(["good", "--note", "calm night", "a"]) == 0
    out = capsys.readouterr().out
    (release,) = world.bench.releases.kept
    assert f"known-good release {release.id}" in out
    assert main(["releases"]) == 0
    listed = capsys.readouterr().out
    assert release.id in listed
    assert "calm night" in listed
    assert main(["releases", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["releases"]
    assert (told["id"], told["note"]) == (release.id, "calm night")


def test_releases_ask_no_server_and_say_how_to_make_one(world, capsys):
    assert main(["releases"]) == 0
    assert "triton-console good" in capsys.readouterr().out
    assert world.built == []


def test_a_release_in_json_has_the_models_that_were_named(monkeypatch, world, capsys):
    world = stand(monkeypatch, snapshot([model_row("ranker"), model_row("embed")]))
    assert main(["good", "--model", "embed", "--json", "a"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert [model["name"] for model in json.loads(said.out)["models"]] == ["embed"]
    assert len(world.bench.releases.kept) == 1


def test_a_model_that_does_not_serve_cannot_be_good(world, capsys):
    assert main(["good", "--model", "rankr", "a"]) == 1
    err = capsys.readouterr().err
    assert "rankr does not serve" in err
    assert "serving are ranker" in err
    assert world.bench.releases.kept == []


def test_when_nothing_answers_nothing_is_good(world, capsys):
    world.picture = snapshot([], [down_target()])
    assert main(["good", "a"]) == 1
    assert "triton-console doctor" in capsys.readouterr().err
    assert world.bench.releases.kept == []


def test_a_fleet_seen_through_prometheus_has_too_little_known_to_come_back_to(world, capsys):
    world.picture = replace(
        snapshot([model_row(state=State.UNKNOWN, reason=SCRAPED)]), fleet=fleet(through_prometheus=True)
    )
    assert main(["good", "a"]) == 1
    err = capsys.readouterr().err
    assert "seen through Prometheus" in err
    assert "triton-console good http://SERVER:8000" in err
    assert world.bench.releases.kept == []


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_shows_how_far_the_digests_are_on_a_terminal_alone(world, capsys, monkeypatch, terminal):
    bench: Bench = world.bench
    bench.repository.files["ranker", "7"] = {f"file{i}": "aa" for i in range(4)}
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert main(["good", "a"]) == 0
    said = capsys.readouterr()
    assert ("█" in said.err) == terminal
    assert "4 files with digests" in said.out
    if terminal:
        assert said.err.endswith("\r\x1b[K"), "the bar is gone when it is done"


def test_a_full_disk_is_one_line(world, capsys, monkeypatch):
    def save(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(world.bench.releases, "save", save)
    assert main(["good", "a"]) == 1
    assert "No space left on device" in capsys.readouterr().err
