import stat
from pathlib import Path

import pytest

from console import wiring
from console.cli._drill_state import KEPT, drill_state, ended
from console.domain.fleet import Fleet


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path)
    return tmp_path / "drills"


def test_without_an_incident_nothing_is_left(state):
    with drill_state("bad-rollout") as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "journal.jsonl").write_text("{}")
    assert list(state.iterdir()) == []


def test_with_an_incident_the_drill_is_kept_and_told_how_to_read_it(state):
    with drill_state("bad-rollout") as folder:
        fleet = Fleet(name="drill:bad-rollout", state=str(folder))
        opened = wiring.incidents(fleet).open("ana@bastion", "p99 of ranker")
        (said,) = ended(fleet)
    assert f"incident {opened.id} " in said
    assert wiring.incidents(fleet).all()[0].closed is not None
    assert list(state.iterdir()) == [folder]
    assert "bad-rollout" in folder.name


def test_a_drill_that_had_none_says_nothing():
    with drill_state("healthy") as folder:
        assert list(ended(Fleet(state=str(folder)))) == []


def _drill(state, number, *, incident):
    folder = state / f"20260101T00000{number}Z-healthy-{number}"
    folder.mkdir(parents=True)
    if incident:
        (folder / "incidents-drill.jsonl").write_text("")
    return folder


def test_the_newest_with_an_incident_are_kept_and_what_a_dead_console_left_goes(state):
    with_incident = [_drill(state, number, incident=True) for number in range(KEPT + 2)]
    dead = _drill(state, 9, incident=False)
    with drill_state("healthy"):
        left = set(state.iterdir())
    assert dead not in left
    assert left.intersection(with_incident) == set(with_incident[-KEPT:])


def test_a_drill_that_runs_is_left_alone(state):
    with drill_state("healthy") as first:
        (first / "journal.jsonl").write_text("{}")
        with drill_state("bad-rollout") as second:
            assert first != second
            assert (first / "journal.jsonl").exists()


def test_where_nothing_can_be_kept_the_drill_runs_all_the_same(state):
    state.parent.mkdir(exist_ok=True)
    state.write_text("in the way")
    with drill_state("healthy") as folder:
        assert folder.is_dir()
        assert state not in folder.parents
    assert not Path(folder).exists()
