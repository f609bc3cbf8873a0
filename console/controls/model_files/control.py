"""A rollback by the files of the model repository, for servers that poll it.

Triton takes up whatever lies in a model's folder, half-written files and editors' swap files included. So a file is
written outside of the repository, on the same filesystem, and moved over the old one in one step.
"""

import asyncio
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from console.controls.model_files.plan import NAME, Place, plan
from console.controls.model_files.text import sha256
from console.controls.triton.draft import Wish
from console.controls.triton.look import Look, called, dependents, read_files, see
from console.controls.triton.server import Server
from console.controls.triton.servers import Servers
from console.domain.action import Action, ActionKind
from console.domain.failure import SourceError
from console.domain.fleet import Fleet
from console.domain.plan import ChangedError, ControlError, Proposal, Step, StillRunningError
from console.domain.serving import Serving
from console.domain.situation import Situation
from console.domain.states import Json
from console.domain.text import visible
from console.domain.triton import ControlMode
from console.ports import Control
from console.transport.digests import PBTXT_LIMIT, version_folder
from console.transport.kit import Kit

FOLLOWING = {ControlMode.NONE_OR_POLL, ControlMode.POLL}
_LOOK_S = 0.25
_MARGIN_S = 1.0


class FilesLook(NamedTuple):
    """What the servers that may follow the repository serve, and where files would be put."""

    look: Look
    places: Mapping[str, Place]


def controls(fleet: Fleet, kit: Kit) -> list[Control]:
    """One control for the repository, where the settings name one."""
    return [ModelFiles(fleet, kit)] if fleet.repository else []


class ModelFiles(Control):
    """Puts a config.pbtxt in place atomically, and waits for the servers' index to show it."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self.name = NAME
        self._fleet = fleet
        self._kit = kit
        self._root = Path(fleet.repository or "")
        self._servers = Servers(fleet, kit)

    async def survey(self, action: Action, situation: Situation) -> FilesLook | None:
        """The servers that take no loads, and the model's files; None when there are no such servers."""
        modes = {row.name: row.mode for row in situation.snapshot.targets}
        now = self._servers.now
        wanted = [name for name, mode in modes.items() if mode in FOLLOWING and name in now]
        wanted = [name for name in wanted if name in (action.targets or wanted)]
        if action.kind is not ActionKind.ROLLBACK or not action.model or not wanted:
            return None
        others = (*dependents(situation, action.model), *called(situation.release, action.model))
        seen = await asyncio.gather(*(see(now[name], action.model, others, modes[name]) for name in wanted))
        names = dict.fromkeys(name for each in seen for name in (*each.models, action.model))
        versions = {name: _versions(action, situation, name) for name in names}
        files = await read_files(self._fleet, versions, situation.release, self._kit.clock)
        places = {name: await asyncio.to_thread(self._place, name) for name in names}
        return FilesLook(Look(tuple(seen), files), places)

    def propose(self, action: Action, situation: Situation, survey: FilesLook) -> Proposal:
        """The files to put in place."""
        wish = Wish(self._fleet, action, situation, survey.look)
        able = [seen for seen in survey.look.seen if not seen.trouble and _has(seen.models.get(action.model))]
        said = [f"{seen.target.name}: {seen.trouble}" for seen in survey.look.seen if seen.trouble]
        if not able:
            return Proposal(refusals=tuple(said) or (f"no server serves {wish.shown}",))
        moving = [f"{s.target.name}: {wish.shown}: {s.models[action.model].moving}" for s in able]
        if any(seen.models[action.model].loading for seen in able):
            return Proposal(refusals=tuple(moving))
        return plan(wish, able, survey.places)

    async def read(self, step: Step) -> Json:
        """The file's hash, and what the servers serve."""
        content = await asyncio.to_thread(self._read, self._path(step))
        ready = {
            name: list((await server.serving(_model(step))).ready) for name, server in self._of(step).items()
        }
        return {"sha256": sha256(content), "ready": ready}

    async def apply(self, step: Step) -> None:
        """Put the file in place, and wait until the servers serve what it says."""
        until = self._kit.clock.monotonic() + step.timeout_s - _MARGIN_S
        expected = step.before["sha256"] if isinstance(step.before, Mapping) else ""
        await asyncio.to_thread(self._put, step, str(expected))
        waiting = dict(self._of(step))
        wanted = step.change["ready"]
        while waiting:
            for name in [n for n, server in waiting.items() if await self._serves(server, step, wanted)]:
                del waiting[name]
            if waiting and self._kit.clock.monotonic() >= until:
                raise StillRunningError(
                    f"{self._path(step)} is in place, and {', '.join(waiting)} has not taken it up: it polls rarely, "
                    "not at all, or could not load it",
                    "see its log; an undo puts the file back",
                )
            await self._kit.clock.sleep(_LOOK_S if waiting else 0.0)

    async def _serves(self, server: Server, step: Step, wanted: Json) -> bool:
        """Whether a server serves what was wanted and is at rest; one that cannot be asked just now does not yet."""
        try:
            serving = await server.serving(_model(step))
        except SourceError:
            return False
        versions = wanted.get(server.target.name) if isinstance(wanted, Mapping) else None
        return not serving.moving and list(serving.ready) == versions

    def _of(self, step: Step) -> dict[str, Server]:
        named = step.change["ready"]
        names = list(named) if isinstance(named, Mapping) else []
        now = self._servers.now
        gone = [name for name in names if name not in now]
        if gone:
            raise ControlError(
                f"no target is called {visible(', '.join(gone), 80)} any more", "see the settings"
            )
        return {name: now[name] for name in names}

    def _path(self, step: Step) -> Path:
        folder = version_folder(self._root, _model(step))
        path = folder / "config.pbtxt" if folder else None
        if path is None or str(path) != step.subject:
            said = f"{visible(step.subject)} is no file of the repository {self._root}"
            raise ControlError(said, "the plan was made with other settings")
        return path

    def _place(self, model: str) -> Place:
        """Where a model's config.pbtxt is, and why it cannot be replaced; blocks."""
        folder = version_folder(self._root, model)
        path = (folder or self._root) / "config.pbtxt"
        try:
            if folder is None or not stat.S_ISREG(path.lstat().st_mode):
                return Place(path, None, f"{path} is a link or no file: change it where it is kept")
            device = path.parent.stat().st_dev
        except OSError as error:
            return Place(path, None, f"{path} cannot be read: {error.strerror}")
        staging = next((place for place in self._outside() if _usable(place, device)), None)
        if not os.access(path.parent, os.W_OK):
            return Place(path, None, f"{path.parent} cannot be written")
        if staging is None:
            said = "no folder outside of the repository, on its filesystem, can be written (its parent, or the state folder)"
            return Place(path, None, said)
        return Place(path, staging)

    def _outside(self) -> list[Path]:
        found = [self._root.resolve().parent]
        return [*found, Path(self._fleet.state)] if self._fleet.state else found

    def _put(self, step: Step, expected: str) -> None:
        """Move a new file over the old one; ChangedError when that is no longer what it was. Blocks."""
        place, content = self._place(_model(step)), str(step.change["text"]).encode()
        if place.staging is None or place.path != self._path(step):
            raise ControlError(place.trouble or f"{visible(step.subject)} is no longer the file")
        descriptor, name = tempfile.mkstemp(prefix=".triton-console-", dir=place.staging)
        draft = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                _as_before(file.fileno(), place.path)
                file.flush()
                os.fsync(file.fileno())
            found = sha256(self._read(place.path))
            if found != expected:
                raise ChangedError(f"{place.path} was changed under you", {"sha256": found})
            draft.replace(place.path)
        finally:
            draft.unlink(missing_ok=True)

    def _read(self, path: Path) -> bytes | None:
        try:
            if path.stat().st_size > PBTXT_LIMIT:
                raise ControlError(f"{path} is over {PBTXT_LIMIT >> 20} MiB")
            return path.read_bytes()
        except FileNotFoundError:
            return None


def _as_before(descriptor: int, path: Path) -> None:
    """The rights and the owner of the file that is replaced, as far as they may be given."""
    found = path.stat()
    os.fchmod(descriptor, stat.S_IMODE(found.st_mode))
    try:
        os.fchown(descriptor, found.st_uid, found.st_gid)
    except PermissionError:
        return


def _usable(place: Path, device: int) -> bool:
    try:
        return place.stat().st_dev == device and os.access(place, os.W_OK | os.X_OK)
    except OSError:
        return False


def _has(serving: Serving | None) -> bool:
    return serving is not None and bool(serving.ready or serving.listed)


def _model(step: Step) -> str:
    return str(step.change["model"])


def _versions(action: Action, situation: Situation, model: str) -> tuple[str, ...]:
    known = situation.release.model(model) if situation.release else None
    return known.versions if known else ((action.version,) if action.version else ())
