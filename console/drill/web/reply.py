"""Answers as Triton writes them: compact JSON, plain text for errors outside the JSON endpoints."""

import json
from typing import Any

from aiohttp import web

JSON, TEXT = "application/json", "text/plain"


def compact(value: Any) -> str:
    """JSON without blanks, as rapidjson writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def reply(status: int, text: str = "", kind: str = JSON) -> web.Response:
    """An answer with a body, or an empty one."""
    return web.Response(status=status, body=text.encode(), headers={"Content-Type": kind})


def answer(value: Any) -> web.Response:
    """200 with a JSON object."""
    return reply(200, compact(value))


def refuse(status: int, text: str, kind: str = JSON) -> web.Response:
    """Triton's error object."""
    return reply(status, compact({"error": text}), kind)


def not_found() -> web.Response:
    """A path that Triton does not know."""
    return refuse(404, "Not Found", TEXT)


def not_allowed(kind: str = TEXT) -> web.Response:
    """A method that a path does not take."""
    return refuse(405, "Method Not Allowed", kind)
