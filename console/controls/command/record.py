"""What became of the last command of one kind, as files: whoever reads them knows it, whatever died meanwhile.

``NAME.json`` names the last run and the states before it and after it; the run's own files say that it
began and with which code it ended; ``NAME.lock`` is locked by the command itself while it runs.
"""

import contextlib
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from console.domain.plan import ChangedError, ControlError
from console.domain.states import Json
from console.transport.file_lock import try_lock

_SAFE = os.O_NOFOLLOW | os.O_CLOEXEC
_LARGEST = 64 * 2**10
_TURN_S = 1.0
_LOOK_S = 0.02
IDLE = "idle"


class Run(NamedTuple):
    """A run that may begin: the prefix of its files, and the locked descriptor that it shall hold."""

    prefix: Path
    lock: int


class CommandRecord:
    """The record of one subject; ``nothing`` is its state while no command was ever run, ``doubt`` after a failed one."""

    def __init__(self, folder: Path, kind: str, subject: str, nothing: Mapping[str, Json]) -> None:
        digest = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._folder = folder
        self._name = f"{kind}-{digest}"
        self._nothing = {**nothing, "command": IDLE}
        self._doubt: dict[str, Json] = dict.fromkeys(nothing, None)

    def state(self) -> Mapping[str, Json]:
        """The state that the last run left; raises ControlError while it is on its way, or cannot be read."""
        if self._running():
            last = self._last()
            told = self._ended(last) if last else None
            if told is None:
                raise ControlError("its last command is still running", "wait for it")
            return told
        return self._at_rest()

    @contextlib.contextmanager
    def claim(
        self, asked: Mapping[str, Json], check: Callable[[Mapping[str, Json]], None], goal: Mapping[str, Json]
    ) -> Iterator[Run]:
        """Write down a run to its goal, for one console at a time.

        ``check`` is shown the state, with what was ``asked`` of the world in it, and may raise. Raises
        ChangedError while another run is on its way, ControlError when nothing can be written.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = self._locked()
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        try:
            present = {**self._at_rest(), **asked}
            check(present)
            yield Run(self._begun(present, goal), descriptor)
        finally:
            os.close(descriptor)

    def _at_rest(self) -> Mapping[str, Json]:
        """The state while nothing runs."""
        last = self._last()
        if last is None:
            return self._nothing
        told = self._ended(last)
        if told is not None:
            return told
        if not self._file(last, "begin").exists():
            return _table(last["before"])
        return {**self._doubt, "command": "died before it ended"}

    def _begun(self, before: Mapping[str, Json], goal: Mapping[str, Json]) -> Path:
        old = self._last()
        token = secrets.token_hex(6)
        last = {"token": token, "before": before, "goal": {**goal, "command": IDLE}}
        draft = self._folder / f"{self._name}.{token}.new"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(last, file)
                file.flush()
                os.fsync(descriptor)
            draft.replace(self._folder / f"{self._name}.json")
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        if old is not None:
            for kind in ("begin", "exit", "out"):
                with contextlib.suppress(OSError):
                    self._file(old, kind).unlink()
        return self._folder / f"{self._name}.{token}"

    def _last(self) -> Mapping[str, Any] | None:
        path = self._folder / f"{self._name}.json"
        try:
            last = json.loads(_read(path))
            return {
                "token": str(last["token"]),
                "before": _table(last["before"]),
                "goal": _table(last["goal"]),
            }
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ControlError(
                f"{path} cannot be read: {error}", "remove it by hand once no command runs"
            ) from error

    def _ended(self, last: Mapping[str, Any]) -> Mapping[str, Json] | None:
        """The state after the run ended, None before that."""
        try:
            code = int(_read(self._file(last, "exit")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ControlError(f"how its last command ended cannot be read: {error}") from error
        return _table(last["goal"]) if code == 0 else {**self._doubt, "command": f"exited {code}"}

    def _file(self, last: Mapping[str, Any], kind: str) -> Path:
        return self._folder / f"{self._name}.{last['token']}.{kind}"

    def _running(self) -> bool:
        try:
            descriptor = os.open(self._folder / f"{self._name}.lock", os.O_RDONLY | _SAFE)
        except FileNotFoundError:
            return False
        try:
            return not try_lock(descriptor, shared=True)
        finally:
            os.close(descriptor)

    def _locked(self) -> int:
        """The lock, for this run alone; who only looks holds it for a moment."""
        descriptor = os.open(self._folder / f"{self._name}.lock", os.O_RDWR | os.O_CREAT | _SAFE, 0o600)
        until = time.monotonic() + _TURN_S
        while not try_lock(descriptor):
            if time.monotonic() >= until:
                os.close(descriptor)
                raise ChangedError("another command of the same kind is still running")
            time.sleep(_LOOK_S)
        return descriptor


def _read(path: Path) -> bytes:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | _SAFE), "rb") as file:
        return file.read(_LARGEST)


def _table(raw: Any) -> Mapping[str, Json]:
    if not isinstance(raw, dict):
        raise TypeError("not an object")
    return raw


def _unwritable(folder: Path, error: OSError) -> ControlError:
    return ControlError(f"{folder} cannot be written: {error.strerror or error}", "set state in the settings")
