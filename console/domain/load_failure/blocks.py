"""Whose failure is it: messages about one model, and those before them that may hold its root."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from console.domain.load_failure.record import QUIET, Record

# Bounds the work on a text in which everything fails.
MOST_MODELS = 100
_MOST_BEFORE = 2000
# What 64 bits make of a version directory named -1.
_MINUS_ONE = "18446744073709551615"
_BARE = r"(?P<model>[^'\"\n]{1,300}?)"
_NAME = rf"['\"]{_BARE}['\"]"
_VERSION = r"(?P<version>-?\d{1,20})"
_FAILED = tuple(
    map(
        re.compile,
        (
            rf"depends on {_NAME} which (?:has no loaded version|is not valid)\. Model '[^'\n]{{1,300}}' (?:loading )?failed with error:",
            rf"[Ff]ail(?:ed)? to load [\"']?{_BARE}[\"']?,? version {_VERSION}\b",
            rf"load failed for model {_NAME}: version {_VERSION}\b",
            rf"load failed for model {_NAME}",
            rf"Poll failed for model directory {_NAME}",
            rf"failed to poll model {_NAME}",
            rf"failed to load {_NAME}, ",
            rf"failed to load {_NAME}\s*$",
            rf"ensemble {_NAME} depends on ",
            rf"[Ss]ervable:? \{{name: (?P<model>[^ \n]{{1,300}}) version: {_VERSION}\}}.*(?:failed|cannot be loaded):",
        ),
    )
)
_NAMED = re.compile(
    rf"loading: (?P<model>[^\s]{{1,300}}):{_VERSION}\b|Model(?:Instance)?Initialize: (?P<other>[^\s]{{1,300}}) \("
)
# Only models: backends name an instance in its place, and that is not their name.
_ABOUT = re.compile(rf"for model {_NAME}(?P<other>)")
_INSTANCE = re.compile(r"(?:_\d{1,9}){1,2}\Z")
_LOADING = re.compile(r"loading: (?P<model>[^\s]{1,300}):-?\d{1,20}\b")


class Block(NamedTuple):
    """A model's failure: ``own`` messages that name it, ``near`` those since another's failure, ``before`` all since its load began."""

    model: str
    version: str
    own: tuple[Record, ...]
    near: tuple[Record, ...]
    before: tuple[Record, ...]


def with_models(messages: Iterable[Record]) -> list[Record]:
    """The messages, each with the model that it names, and whether it reports that model's failure."""
    return [_with_model(record) for record in messages]


def blocks(named: Sequence[Record]) -> list[Block]:
    """The failures of the models that the messages name, in order of their first; none where nothing names one."""
    failures: dict[str, list[int]] = {}
    for index, record in enumerate(named):
        if record.failed and record.model:
            failures.setdefault(record.model, []).append(index)
    return [_block(named, model, indices) for model, indices in list(failures.items())[:MOST_MODELS]]


def _block(named: Sequence[Record], model: str, indices: Sequence[int]) -> Block:
    first = indices[0]
    oldest = max(first - _MOST_BEFORE, 0)
    begin = next((i for i in range(first - 1, oldest - 1, -1) if _loads(named[i], model)), oldest)
    range_ = range(begin, first)
    others = [i for i in range_ if named[i].failed and named[i].model != model]
    near = others[-1] + 1 if others else begin
    own = [named[i] for i in indices]
    version = next((record.version for record in own if record.version), "")
    before = [named[i] for i in range_ if named[i].model in ("", model)]
    return Block(
        model,
        "-1" if version == _MINUS_ONE else version,
        tuple(own),
        tuple(record for record in named[near:first] if record.model in ("", model)),
        tuple(before),
    )


def _loads(record: Record, model: str) -> bool:
    match = _LOADING.search(record.text) if "loading: " in record.text else None
    return match is not None and match["model"] == model


def _with_model(record: Record) -> Record:
    if record.failed:
        return record
    match = next(_failing(record.text), None)
    if match:
        groups = match.groupdict("")
        return record._replace(model=groups["model"], version=groups.get("version", ""), failed=True)
    about = _NAMED.search(record.text) if record.severity in QUIET else _ABOUT.search(record.text[:4000])
    if not about:
        return record
    return record._replace(model=about["model"] or _INSTANCE.sub("", about["other"]))


def _failing(text: str) -> Iterator[re.Match[str]]:
    head = text[:4000]
    if not any(word in head for word in ("ail", "depends on", "ervable")):
        return
    for pattern in _FAILED:
        match = pattern.search(head)
        if match:
            yield match
