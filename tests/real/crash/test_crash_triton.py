"""Kill -9 around the changes of a real Triton: a rollback by a load, an unload, more instances, a rollback by files."""

import json
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet, Target
from console.domain.run import Outcome
from console.domain.triton import ControlMode
from tests.parts import models
from tests.parts.crash import Scene, continued, turning_points, undone, walk
from tests.parts.triton import TritonServer
from tests.snapshots import model_row, snapshot, target_row

NAME = "triton-0"
BACK = Action(ActionKind.ROLLBACK, model="multi", version="2")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    repository = models.write(tmp_path_factory.mktemp("crash") / "repository", "multi", "fast")
    with TritonServer.start(repository, load=("multi", "fast")) as started:
        yield started


def asked(server: TritonServer, path: str) -> Any:
    with urllib.request.urlopen(f"{server.url}{path}", timeout=10) as answer:
        return json.load(answer)


def ready(server: TritonServer) -> list[list[str]]:
    """Every version that serves, as the server itself counts them."""
    found = asked(server, "/v2/models/stats")["model_stats"]
    return sorted([each["name"], each["version"]] for each in found)


def scene(server: TritonServer, folder: Path, action: Action, **more: Any) -> Scene:
    mode = more.pop("mode", ControlMode.EXPLICIT)
    target = Target(NAME, server.url, server.metrics_url, server.grpc)
    fleet = Fleet("prod", (target,), state=str(folder), repository=more.pop("repository", None))
    rows = [model_row(name, version, targets=(NAME,)) for name, version in ready(server)]
    picture = snapshot(rows, (target_row(NAME, mode=mode),), fleet=fleet)

    def world() -> object:
        return [ready(server), asked(server, f"/v2/models/{action.model}/config")]

    given = {"world": world, "see": lambda: picture, "haste": 3, "pick": turning_points, **more}
    return Scene(fleet, action, **given)


def announced(places: Sequence[str]) -> list[int]:
    """Once announced and not begun."""
    return turning_points(places)[:1]


def in_between(places: Sequence[str]) -> list[int]:
    """Once announced and not begun, and once in the middle."""
    first, _, middle, *_ = turning_points(places)
    return [first, middle]


async def test_a_rollback_to_another_version(server: TritonServer, folder: Path) -> None:
    walked = await walk(scene(server, folder, BACK), folder, undone)

    assert {(Outcome.SKIPPED,), (Outcome.DONE,)} <= walked.left
    assert any(place.startswith("within change") for place in walked.places)


async def test_a_rollback_that_is_continued(server: TritonServer, folder: Path) -> None:
    walked = await walk(scene(server, folder, BACK, pick=announced), folder, continued)

    assert (Outcome.SKIPPED,) in walked.left


@pytest.mark.parametrize(
    "action",
    [
        Action(ActionKind.TUNE, model="fast", values={"instances": 2}),
        Action(ActionKind.UNLOAD, model="fast"),
    ],
    ids=lambda action: action.kind.value,
)
async def test_other_changes(server: TritonServer, folder: Path, action: Action) -> None:
    whole = action.kind is not ActionKind.UNLOAD
    world = {} if whole else {"world": lambda: ready(server)}
    walked = await walk(scene(server, folder, action, pick=in_between, **world), folder, undone)

    assert (Outcome.SKIPPED,) in walked.left


async def test_a_rollback_by_files(tmp_path: Path, folder: Path) -> None:
    repository = models.write(folder / "repository", "multi")
    file = repository / "multi" / "config.pbtxt"
    with TritonServer.start(repository, "poll", (), ("--repository-poll-secs=1",)) as server:

        def world() -> object:
            names = sorted(str(path.relative_to(folder)) for path in repository.rglob("*"))
            return [file.read_text(), ready(server), names]

        polled = scene(
            server,
            folder,
            BACK,
            mode=ControlMode.NONE_OR_POLL,
            repository=str(repository),
            world=world,
            pick=in_between,
        )
        walked = await walk(polled, folder, undone)

    assert (Outcome.SKIPPED,) in walked.left
