"""The one message that newer kubectls send in protobuf only: a SelfSubjectAccessReview."""

from collections.abc import Iterator
from typing import Any

_ATTRIBUTES = {
    1: "namespace",
    2: "verb",
    3: "group",
    4: "version",
    5: "resource",
    6: "subresource",
    7: "name",
}


def access_review(raw: bytes) -> Any:
    """The review as JSON: an envelope, in it the object, in it the spec, in it the attributes asked about."""
    obj = _field(raw.removeprefix(b"k8s\0"), 2)
    asked = {
        _ATTRIBUTES[n]: value.decode() for n, value in _fields(_field(_field(obj, 2), 1)) if n in _ATTRIBUTES
    }
    return {
        "kind": "SelfSubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "spec": {"resourceAttributes": {key: value for key, value in asked.items() if value}},
    }


def _field(data: bytes, number: int) -> bytes:
    return next((value for n, value in _fields(data) if n == number), b"")


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message, which are all that this one has."""
    at = 0
    while at < len(data):
        key, at = _number(data, at)
        size, at = _number(data, at)
        if key & 7 == 2:
            yield key >> 3, data[at : at + size]
            at += size


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
