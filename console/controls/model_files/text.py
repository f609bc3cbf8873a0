"""A config.pbtxt as Triton reads it, to prove that an edit changed one thing; protobuf is imported when asked."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from console.domain.model_change import policy_yields
from console.domain.pbtxt import FIELD, with_policy
from console.domain.serving import Config
from console.domain.text import visible


def serving_text(text: str, versions: Sequence[str], on_disk: Iterable[str]) -> str:
    """The text that makes a server serve these versions of those on disk; raises ValueError that says why not."""
    message = _parsed(text)
    if set(policy_yields(_policy(message), on_disk)) == set(versions):
        return text
    edited = with_policy(text, [int(version) for version in versions])
    other = _parsed(edited)
    for each in (message, other):
        each.ClearField(FIELD)
    if message != other:
        raise ValueError("more than its version policy would change")
    return edited


def sha256(content: bytes | None) -> str:
    """Hash of a file's bytes, empty for a file that is not there."""
    return hashlib.sha256(content).hexdigest() if content is not None else ""


def _parsed(text: str) -> Any:
    # Slow to import, and needed late.
    from google.protobuf import text_format  # type: ignore[import-untyped, unused-ignore]  # noqa: PLC0415
    from tritonclient.grpc import model_config_pb2  # noqa: PLC0415

    try:
        return text_format.Parse(text, model_config_pb2.ModelConfig(), allow_unknown_field=True)
    except text_format.ParseError as error:
        raise ValueError(f"config.pbtxt cannot be read: {visible(str(error), 120)}") from error


def _policy(message: Any) -> Config:
    from google.protobuf import json_format  # noqa: PLC0415

    if not message.HasField(FIELD):
        return {}
    return {FIELD: json_format.MessageToDict(message.version_policy, preserving_proto_field_name=True)}
