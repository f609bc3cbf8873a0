"""Hostile bytes for readers: known-good ones changed as a recipe says, so that any source of chance can drive them."""

import contextlib
import json
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple, TypeVar

from console.domain.text import visible

T = TypeVar("T")

# Far more than any message of one line.
_LONGEST_TOLD = 4000
_DEEP = "@deep@"
_DEEPEST = (3, 60, 300, 480, 700, 880, 940, 960, 975, 5000)
_ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2**31,
    2**63,
    2**64,
    10**310,
    1.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "0",
    "-1",
    "+Inf",
    "NaN",
    "1e999",
    "²",
    "٣",
    "9" * 5000,
    "x" * 9000,
    "\x1b[31m[bold red]\x9b2J",
    "\u202egnp\u2066\u200b",
    "\ud800",
    "\x00",
    "a\nb\rc\td",
    "../../etc/passwd",
    "{0.__class__}%s%n",
    [],
    {},
    [[]],
    [None],
    {"": None},
    ["x"],
    _DEEP,
)
_BYTES = (
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\x1b[2J",
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b'"',
    b"'",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"=",
    b":",
    b"#",
    b"0",
    b"-",
    b"9" * 400,
    b"_",
    b"1e999",
    b"nan",
    b"\xef\xbb\xbf",
    b"x" * 3000,
)


class UnfitError(Exception):
    """Bytes that do not come as far as the reader: it is given values, and these are none."""


class Reader(NamedTuple):
    """One reader of outside text: ``read`` raises ``refuses`` for what is none of its own, and nothing else.

    ``read`` itself asserts what must hold of what it read. ``seeds`` are texts that it accepts, or nearly.
    """

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    refuses: tuple[type[Exception], ...] = ()

    def survives(self, data: bytes) -> bool:
        """Whether it was read; a refusal must be told in one harmless line, all else goes through."""
        try:
            self.read(data)
        except self.refuses as error:
            harmless(str(error))
            return False
        return True


def fitting(data: bytes, kind: type[T]) -> T:
    """The JSON value of this kind that the bytes spell; raises UnfitError."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnfitError from error
    if not isinstance(value, kind):
        raise UnfitError
    return value


def harmless(*texts: str, most: int = _LONGEST_TOLD) -> None:
    """Each text can be shown as it is: bounded, and without a control code, also in the middle."""
    for text in texts:
        assert len(text) <= most, f"{len(text)} characters: {text[:80]!r}…"
        assert visible(text, most) == text, repr(text)


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that waits for nothing but its turn; no loop is needed for it."""
    try:
        while True:
            work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result


class Recipe:
    """Choices one after the other; a recipe that is used up chooses the first each time."""

    def __init__(self, recipe: bytes) -> None:
        self._left = list(recipe)[::-1]

    def pick(self, count: int) -> int:
        """A number below ``count``."""
        if count <= 1:
            return 0
        high = self._left.pop() if count > 256 and self._left else 0
        low = self._left.pop() if self._left else 0
        return (high * 256 + low) % count

    def of(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.pick(len(items))]

    @property
    def spent(self) -> bool:
        """Whether nothing is left of it."""
        return not self._left


def changed(seeds: Sequence[bytes], recipe: bytes) -> bytes:
    """One of the seeds, changed in its structure where it is JSON, and in its bytes."""
    choices = Recipe(recipe)
    data = choices.of(seeds)
    turns = choices.pick(4)
    if choices.pick(4) and turns < 3:
        data = _as_json(data, choices, 1 + turns)
    else:
        for _ in range(1 + turns):
            data = _as_bytes(data, choices, seeds)
    return data


def _as_json(data: bytes, choices: Recipe, turns: int) -> bytes:
    try:
        tree = json.loads(data)
    except ValueError:
        # Perhaps one JSON text to a line, as in a journal.
        lines = data.split(b"\n")
        place = choices.pick(len(lines))
        changed_line = lines[place]
        if len(lines) > 1 and changed_line[:1] == b"{":
            lines[place] = _as_json(changed_line, choices, turns)
            return b"\n".join(lines)
        return _as_bytes(data, choices, (data,))
    root = [tree]
    for _ in range(turns):
        _change(root, choices)
    deep = choices.of(_DEEPEST)
    text = json.dumps(root[0])
    for opened, closed in (("[", "]"), ('{"a":', "}")):
        text = text.replace(f'"{_DEEP}"', opened * deep + "0" + closed * deep, 1)
    return text.encode()


def _change(root: list[Any], choices: Recipe) -> None:
    """Change one place of the tree: go down until the recipe, or the tree, says stop."""
    holder, key = _place(root, choices)
    match choices.pick(6):
        case 0:
            del holder[key]
            if holder is root:
                root.append(None)
        case 1:
            holder[key] = [holder[key]]
        case 2:
            holder[key] = {"name": holder[key]}
        case 3 if isinstance(holder, dict):
            holder[choices.of(("", "name", "\x1b[1m", "x" * 300, str(key) + "s"))] = holder.pop(key)
        case 4 if isinstance(holder, list):
            holder += [deepcopy(holder[key]) for _ in range(choices.of((1, 2, 40)))]
        case _:
            holder[key] = deepcopy(choices.of(_ODD))


def _place(root: list[Any], choices: Recipe) -> tuple[Any, Any]:
    holder: Any = root
    key: Any = 0
    while isinstance(holder[key], dict | list) and holder[key] and (holder is root or choices.pick(5)):
        holder = holder[key]
        key = choices.of(list(holder)) if isinstance(holder, dict) else choices.pick(len(holder))
        if choices.spent:
            break
    return holder, key


def _as_bytes(data: bytes, choices: Recipe, seeds: Sequence[bytes]) -> bytes:
    start = choices.pick(len(data) + 1)
    stop = min(start + choices.of((1, 2, 7, 40, 4000)), len(data))
    before, inside, after = data[:start], data[start:stop], data[stop:]
    match choices.pick(7):
        case 0:
            return before + after
        case 1:
            return before
        case 2:
            return before + inside * choices.of((2, 3, 50)) + after
        case 3:
            return before + bytes(each ^ (1 << choices.pick(8)) for each in inside[:1]) + inside[1:] + after
        case 4:
            other = choices.of(seeds)
            cut = choices.pick(len(other) + 1)
            return before + other[cut : cut + 200] + after
        case _:
            return before + choices.of(_BYTES) + (inside + after if choices.pick(2) else after)


@contextlib.contextmanager
def within(seconds: int) -> Iterator[None]:
    """What runs in the block is ended when it takes longer: for work that takes no time, or for ever."""

    def over(*_: object) -> None:
        raise AssertionError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def grown(size: int) -> tuple[bytes, ...]:
    """Texts of about so many bytes that slow a careless reader down: one thing over and over, never closed."""
    units = (
        *(b"a", b" ", b"\n", b'"', b"'", b"\\", b"{", b"[", b"(", b",", b"#", b"=", b"|", b"-", b"/", b"."),
        *(b"\xff", b'{"a":', b'[{"a":"b"},', b'a{b="c', b'a{b="c"} 1\n', b'a="b",', b"a b ", b"a:", b'"a" '),
        *(b'"\\', b"0", b"a\n ", b"[[a.b]]\n", b"# HELP a b\n", b"stat : ", b"error: ", b"''", b"E0101 "),
    )
    return tuple(unit * (size // len(unit)) for unit in units)
