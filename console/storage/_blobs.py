"""What is large and changes seldom: written once, and referred to by a digest of its content."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from console.storage._redaction import Redaction
from console.storage._schema import Kind
from console.storage._schema_plain import Plain, Reader, Writer, encodable

DIGEST = 8
# Digests remembered as given out, and contents kept: room for a large fleet, and an end to one that never repeats itself.
_GIVEN = 1 << 16
_KEPT = 1 << 13
# Numbers of one frame: room for the largest fleet, and an end to a length that is made up.
_NUMBERS = 1 << 25


class Packer:
    """Writes values as MessagePack without the secrets' values in it."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction

    def write(self, kind: Kind, value: Any, *, apart: bool = False) -> tuple[bytes, list[float]]:
        """The value's bytes; ``apart`` takes the floats of records out of it."""
        out = Writer([] if apart else None)
        try:
            raw = msgspec.msgpack.encode(kind.write(value, out))
            # Secrets are rare: all bytes are looked through once before any text is looked at.
            if not self._redaction.touches(raw):
                return raw, out.numbers or []
        except UnicodeEncodeError:
            pass
        out = Writer([] if apart else None, self.text)
        return msgspec.msgpack.encode(kind.write(value, out)), out.numbers or []

    def text(self, value: str) -> str | bytes:
        """A text by itself."""
        return encodable(self._redaction.text(value))

    def json(self, value: Any) -> Any:
        """A JSON value without them."""
        return self._redaction.json(value)


class BlobWriter:
    """Gives every content out once."""

    def __init__(self) -> None:
        self._given: set[bytes] = set()
        self._waiting: list[tuple[bytes, bytes]] = []

    def put(self, plain: bytes, refers: tuple[bytes, ...] = ()) -> bytes:
        """The digest of a content (MessagePack), which refers to others by their places in ``refers``."""
        content = msgspec.msgpack.encode([b"".join(refers), msgspec.Raw(plain)])
        digest = blake2b(content, digest_size=DIGEST).digest()
        if digest not in self._given:
            if len(self._given) >= _GIVEN:
                self._given.clear()
            self._given.add(digest)
            self._waiting.append((digest, content))
        return digest

    def taken(self) -> list[tuple[bytes, bytes]]:
        """What was put and not given out before, in an order in which each stands after what it refers to."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def forget(self) -> None:
        """Give everything out again."""
        self._given.clear()


class BlobReader:
    """Reads each content once for each kind, so that what did not change is the same object."""

    def __init__(self, blob: Callable[[bytes], bytes]) -> None:
        self._blob = blob
        self._known: OrderedDict[tuple[bytes, object], Any] = OrderedDict()

    def get(self, digest: bytes, kind: Kind) -> Any:
        """A value; raises ValueError for what is not there, or none of that kind."""
        return self._once(digest, kind, lambda plain, _: kind.read(plain, Reader()))

    def plain(self, digest: bytes) -> Plain:
        """A content as it stands."""
        return self._once(digest, None, lambda plain, _: plain)

    def table(self, digest: bytes, kind: Kind) -> Mapping[str, Any]:
        """A mapping from names to values, each of them a content of its own."""
        return self._once(digest, (kind, "table"), lambda plain, refers: self._table(plain, refers, kind))  # type: ignore[no-any-return]

    def _table(self, plain: Plain, refers: tuple[bytes, ...], kind: Kind) -> Mapping[str, Any]:
        if not isinstance(plain, dict):
            raise ValueError("not a table")  # noqa: TRY004 - one error type for every odd recording
        names = [
            name if isinstance(name, str) else bytes(name).decode(errors="surrogatepass") for name in plain
        ]
        return {
            name: self.get(refers[place], kind) for name, place in zip(names, plain.values(), strict=True)
        }

    def _once(self, digest: bytes, what: object, read: Callable[[Plain, tuple[bytes, ...]], Any]) -> Any:
        key = (digest, what)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        try:
            content = self._blob(digest)
        except LookupError as error:
            raise ValueError("a part that is not in the recording") from error
        found = self._known[key] = read(*_opened(content))
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return found


class Outlet:
    """The contents that one frame refers to, by their place in it."""

    def __init__(self, blobs: BlobWriter, packer: Packer) -> None:
        self.packer = packer
        self.digests: list[bytes] = []
        self._blobs = blobs
        self._places: dict[bytes, int] = {}

    def refer(self, kind: Kind, value: Any) -> int:
        """The place of a value."""
        return self.place(self._blobs.put(self.packer.write(kind, value)[0]))

    def refer_table(self, kind: Kind, table: Mapping[str, Any]) -> int:
        """The place of a mapping to values that are contents of their own."""
        digests = tuple(self._blobs.put(self.packer.write(kind, value)[0]) for value in table.values())
        names = {self.packer.text(name): place for place, name in enumerate(table)}
        return self.place(self._blobs.put(msgspec.msgpack.encode(names), digests))

    def refer_packed(self, raw: bytes) -> int:
        """The place of what is MessagePack already."""
        return self.place(self._blobs.put(raw))

    def place(self, digest: bytes) -> int:
        """The place of a digest."""
        if digest not in self._places:
            self._places[digest] = len(self.digests)
            self.digests.append(digest)
        return self._places[digest]


class Inlet:
    """The contents that one frame refers to."""

    def __init__(self, blobs: BlobReader, digests: tuple[bytes, ...]) -> None:
        self._blobs = blobs
        self._digests = digests
        self._left = _NUMBERS

    def spend(self, numbers: int) -> None:
        """Count numbers that are about to be read; raises ValueError where they are more than any fleet has."""
        self._left -= numbers
        if self._left < 0:
            raise ValueError("more numbers than any fleet has")

    def get(self, place: Plain, kind: Kind) -> Any:
        """The value at a place; raises ValueError where there is none."""
        return self._blobs.get(self._digest(place), kind)

    def table(self, place: Plain, kind: Kind) -> Mapping[str, Any]:
        """The mapping at a place."""
        return self._blobs.table(self._digest(place), kind)

    def plain(self, place: Plain) -> Plain:
        """The content at a place as it stands."""
        return self._blobs.plain(self._digest(place))

    def _digest(self, place: Plain) -> bytes:
        if type(place) is int and 0 <= place < len(self._digests):
            return self._digests[place]
        raise ValueError("refers to nothing")


def _opened(content: bytes) -> tuple[Plain, tuple[bytes, ...]]:
    opened = msgspec.msgpack.decode(content)
    if not isinstance(opened, list) or len(opened) < 2:
        raise ValueError("not a part of a recording")
    return opened[1], digests(opened[0])


def digests(joined: Plain) -> tuple[bytes, ...]:
    """Digests that were written as one; raises ValueError for anything else."""
    if not isinstance(joined, bytes) or len(joined) % DIGEST:
        raise ValueError("not a list of digests")
    return tuple(joined[at : at + DIGEST] for at in range(0, len(joined), DIGEST))
