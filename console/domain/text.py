"""Text from servers made harmless: literal, visible, of bounded length."""

import re

LIMIT = 200
_ELLIPSIS = "…"
# C0, DEL and C1 controls, line and paragraph separators, bidi controls, zero-width
# characters, byte-order mark, lone surrogates, interlinear and tag characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_DIGITS = re.compile(r"[0-9]{1,18}")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def visible(text: str, limit: int = LIMIT) -> str:
    """One line that shows control, bidi and invisible characters as escapes.

    At most ``limit`` characters; a longer text ends in an ellipsis. The result is
    literal text: a caller must still not pass it through a markup parser.
    """
    head = text[: limit + 1]
    shown = _UNSAFE.sub(_escape, head) if _UNSAFE.search(head) else head
    if len(text) > limit or len(shown) > limit:
        return shown[: max(limit - 1, 0)] + _ELLIPSIS
    return shown


def whole(text: str) -> int | None:
    """The number that a few ASCII digits spell, None for any other text.

    ``str.isdigit`` takes signs that ``int`` refuses, and ``int`` refuses what is very long.
    """
    return int(text) if _DIGITS.fullmatch(text) else None


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
