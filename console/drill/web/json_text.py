"""JSON bodies, and the words in which Triton's parser refuses them."""

import json
from typing import Any

# What Python's parser says -> what rapidjson says.
_WORDS = {
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Expecting value": "Invalid value.",
    "Extra data": "The document root must not be followed by other values.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
}
_LITERALS = ("true", "false", "null")


class RefusalError(ValueError):
    """A request that Triton refuses: HTTP status and the text of its error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def parse_body(raw: bytes) -> Any:
    """The JSON value of a body; raises RefusalError."""
    text = raw.decode(errors="replace")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise RefusalError(500, f"failed to parse the request JSON buffer: {_said(text, error)}") from error


def member(value: Any, name: str, wanted: type, kind: str) -> Any:
    """A member that must be there and of a type; raises RefusalError in Triton's words (``kind``: string, array …)."""
    if not isinstance(value, dict) or name not in value:
        raise RefusalError(
            500, f"Unable to parse '{name}': attempt to access non-existing object member '{name}'"
        )
    if not isinstance(value[name], wanted):
        raise RefusalError(500, f"Unable to parse '{name}': attempt to access JSON non-{kind} as {kind}")
    return value[name]


def _said(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return f"The document is empty. at {len(text)}"
    place = error.pos
    if error.msg == "Expecting ',' delimiter":
        inside = _enclosing(text[:place])
        what = "'}' after an object member" if inside == "{" else "] after an array element"
        return f"Missing a comma or {what}. at {place}"
    if error.msg.startswith("Illegal trailing comma"):
        # Newer Pythons point at the comma, rapidjson at what follows it.
        rest = text[place + 1 :]
        place += 1 + len(rest) - len(rest.lstrip())
        what = "Missing a name for object member." if error.msg.endswith("object") else "Invalid value."
        return f"{what} at {place}"
    if error.msg == "Expecting value":
        place += max((_shared(text[place:], literal) for literal in _LITERALS), default=0)
    return f"{_WORDS.get(error.msg, 'Invalid value.')} at {place}"


def _shared(text: str, literal: str) -> int:
    """How many letters of a literal were read before it went wrong."""
    count = 0
    while count < min(len(text), len(literal)) and text[count] == literal[count]:
        count += 1
    return count


def _enclosing(text: str) -> str:
    """The bracket that is open at the end of a text; strings hold none in the bodies that matter here."""
    still_open: list[str] = []
    for letter in text:
        if letter in "{[":
            still_open.append(letter)
        elif letter in "}]" and still_open:
            still_open.pop()
    return still_open[-1] if still_open else "{"
