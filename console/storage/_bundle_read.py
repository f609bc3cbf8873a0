"""Reads what a bundle holds besides its window, and holds every member against the manifest."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from console.domain.bundle import Bundle, Manifest, Member
from console.domain.journal import Record, RecordKind, odd
from console.domain.recording import RecordingError
from console.domain.release import Release
from console.domain.release_json import read_release
from console.domain.text import visible
from console.storage._files import advice
from console.storage._manifest import JOURNAL, MANIFEST, RELEASES, OtherFormatError, read_manifest_text

# A manifest is some lines; records and releases may carry whole configs.
_MANIFEST_LIMIT, _LIMIT = 2**20, 512 * 2**20
_CHUNK = 1 << 20
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def read_manifest(path: Path) -> Manifest:
    """What a bundle says of itself, unchecked; raises RecordingError."""
    with _opened(path) as archive:
        return _manifest(path, archive)


def read_bundle(path: Path) -> Bundle:
    """What a bundle holds, as far as it is as it was written; raises RecordingError where it has no manifest."""
    with _opened(path) as archive:
        manifest = _manifest(path, archive)
        problems = [said for member in manifest.members if (said := _checked(archive, member))]
        records = _read(archive, JOURNAL, problems)
        releases = _read(archive, RELEASES, problems)
    return Bundle(
        manifest,
        tuple(_records(records, problems)),
        tuple(_releases(releases, problems)),
        tuple(problems),
    )


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        # A FIFO must not hold the console up.
        with os.fdopen(os.open(path, _FLAGS), "rb") as file, zipfile.ZipFile(file) as archive:
            yield archive
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {advice(error)}") from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        said = f"{path} is no incident bundle, or it is damaged: {visible(str(error))}"
        raise RecordingError(
            said, "triton-console report --list names the incidents that are kept"
        ) from error


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        return read_manifest_text(_content(archive, MANIFEST, _MANIFEST_LIMIT))
    except OtherFormatError as error:
        said = f"{path} is a bundle of format {visible(str(error))!r}, and this console reads 1"
        raise RecordingError(said, "use the console that wrote it, or a newer one") from error
    except (_BadMemberError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        said = f"{path} is no incident bundle: it has no manifest that can be read"
        raise RecordingError(said, "a recording opens with triton-console replay FILE") from error


class _BadMemberError(Exception):
    """A member that cannot be read as it was written; its text says why."""


def _content(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    return b"".join(_chunks(archive, name, limit))


def _chunks(archive: zipfile.ZipFile, name: str, limit: int) -> Iterator[bytes]:
    try:
        info = archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise _BadMemberError("it is packed, which the console never does")
        left = limit
        with archive.open(info) as file:
            while chunk := file.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise _BadMemberError(f"it has more than {limit} bytes")
                yield chunk
    except KeyError:
        raise _BadMemberError("it is missing") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise _BadMemberError(f"it is damaged ({visible(str(error), 80)})") from error


def _checked(archive: zipfile.ZipFile, member: Member) -> str:
    """What is wrong with a member; empty when it is as it was written."""
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in _chunks(archive, member.name, member.bytes):
            digest.update(chunk)
            size += len(chunk)
    except _BadMemberError as error:
        return f"{visible(member.name, 60)}: {error}"
    if size != member.bytes:
        return f"{visible(member.name, 60)}: it has {size} bytes, and was written with {member.bytes}"
    if digest.hexdigest() != member.sha256:
        return f"{visible(member.name, 60)}: it was changed after it was written"
    return ""


def _read(archive: zipfile.ZipFile, name: str, problems: list[str]) -> bytes:
    try:
        return _content(archive, name, _LIMIT)
    except _BadMemberError as error:
        if not any(said.startswith(f"{name}:") for said in problems):
            problems.append(f"{name}: {error}")
        return b""


def _records(data: bytes, problems: list[str]) -> Iterator[Record]:
    for number, line in enumerate(data.splitlines(), 1):
        try:
            record = _record(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
            problems.append(f"{JOURNAL}: line {number} is no record")
            continue
        said = odd(record)
        if said:
            problems.append(f"{JOURNAL}: line {number} is not understood ({visible(said, 80)})")
        else:
            yield record


def _record(raw: Any) -> Record:
    if not isinstance(raw["body"], dict):
        raise TypeError("a record without its body")
    return Record(RecordKind(raw["kind"]), str(raw["plan"]), float(raw["at"]), str(raw["who"]), raw["body"])


def _releases(data: bytes, problems: list[str]) -> Iterator[Release]:
    try:
        for raw in json.loads(data) if data else ():
            yield read_release(raw)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        problems.append(f"{RELEASES}: not all of it are releases")
