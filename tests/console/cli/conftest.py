"""Commands that act, on knobs."""

from pathlib import Path

import pytest

from tests.parts.commands import World, stand


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """Knobs in the place of every server, and no settings file anywhere near."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")
    return stand(monkeypatch)
