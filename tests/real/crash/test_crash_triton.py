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
from console.engine.door import Door
from tests.parts import models
from tests.parts.crash import Death, Scene, continued, in_the_middle, turning_points, undone, walk
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

    given = {"world": world, "see": lambda: picture, "haste": 3, "pick": in_the_middle, **more}
    return Scene(fleet, action, **given)


async def by_turns(death: Death, planned: object) -> tuple[Outcome, ...]:
    """Continue what was announced only, undo what was begun."""
    return await (continued if death.where == "after append intent" else undone)(death, planned)


async def test_a_rollback_to_another_version(server: TritonServer, folder: Path) -> None:
    def some(places: Sequence[str]) -> list[int]:
        first, _, middle, *_, last = turning_points(places)
        return [first, middle, last]

    walked = await walk(scene(server, folder, BACK, haste=8, pick=some), folder, by_turns)

    assert {(Outcome.SKIPPED,), (Outcome.DONE,)} <= walked.left
    assert any(place.startswith("within change") for place in walked.places)


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
    walked = await walk(scene(server, folder, action, **world), folder, undone)

    assert walked.left & {(Outcome.SKIPPED,), (Outcome.DONE,)}


async def test_a_load_of_what_was_unloaded(server: TritonServer, folder: Path) -> None:
    async def _unloaded(door: Door) -> Action:
        plan = await door.plan(Action(ActionKind.UNLOAD, model="fast"))
        if plan.steps:
            await door.run(plan)
        return Action(ActionKind.LOAD, model="fast")

    load = Action(ActionKind.LOAD, model="fast")
    story = scene(server, folder, load, world=lambda: ready(server), story=_unloaded)
    walked = await walk(story, folder, undone)

    assert walked.left & {(Outcome.SKIPPED,), (Outcome.DONE,)}


async def test_a_rollback_by_files(tmp_path: Path, folder: Path) -> None:
    repository = models.write(folder / "repository", "multi")
    file = repository / "multi" / "config.pbtxt"
    with TritonServer.start(repository, "poll", (), ("--repository-poll-secs=1",)) as server:

        def world() -> object:
            names = sorted(str(path.relative_to(folder)) for path in repository.rglob("*"))
            return [file.read_text(), ready(server), names]

        where = {"mode": ControlMode.NONE_OR_POLL, "repository": str(repository)}
        walked = await walk(scene(server, folder, BACK, world=world, **where), folder, undone)

    assert walked.left & {(Outcome.SKIPPED,), (Outcome.DONE,)}
