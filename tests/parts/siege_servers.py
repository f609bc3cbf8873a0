"""More of what servers do on bad days: answers that look right from outside and are rotten within."""

import asyncio
import gzip
import itertools
import json
import random
import re

from tests.parts import fake_triton
from tests.parts.hostile import Behaviour, answer

_DEEP, _DEEPER = 500, 100_000
_BOMB = 128 * 2**20
_INVENTED = 20_000
_LONG_HEADER = 100_000
_NUMBER = re.compile(r'(?<=": )[0-9]+')
_ODD_JSON = ("NaN", "1e400", "-1e400", "-7", "9" * 400, "1.5e308")
_ODD_METRICS = ("NaN", "+Inf", "-Inf", "1e400", "-7", "9" * 400, "0x10", "")


async def slow_drip(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer the headers at once, and then one byte a second."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    while True:
        await writer.drain()
        await asyncio.sleep(1)
        writer.write(b" ")


async def slow_headers(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer one byte of the headers a second."""
    for byte in itertools.chain(b"HTTP/1.1 200 OK\r\n", itertools.repeat(ord("x"))):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def noise(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer random bytes in good HTTP."""
    answer(writer, random.Random(path).randbytes(4096))


async def half_gzip(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer the first half of what was compressed."""
    whole = gzip.compress(b'[{"name": "model-0"}]' * 100)
    _compressed(writer, whole[: len(whole) // 2])


async def bomb(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer some kilobytes that become 128 MB."""
    _compressed(writer, _PACKED)


def _compressed(writer: asyncio.StreamWriter, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)


_PACKED = gzip.compress(bytes(_BOMB), 9)


async def endless(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer in chunks without end, as fast as somebody reads."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0xFFFF + b"\n\r\n")
        await writer.drain()


async def longer(path: str, writer: asyncio.StreamWriter) -> None:
    """Promise more than what comes."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n[]")


async def shorter(path: str, writer: asyncio.StreamWriter) -> None:
    """Send more than was promised."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[{"name": "model-0", "version": "1"}]')


async def deep(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer lists in lists, 500 levels of them."""
    answer(writer, b"[" * _DEEP + b"]" * _DEEP)


async def deeper(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer lists in lists that no stack holds."""
    answer(writer, b"[" * _DEEPER + b"]" * _DEEPER)


async def long_header(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer a header of 100,000 characters."""
    writer.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * _LONG_HEADER + b"\r\nContent-Length: 0\r\n\r\n")


def odd_numbers() -> Behaviour:
    """As Triton, with numbers that are none, below zero, or beyond any float."""

    async def behaviour(request: str, writer: asyncio.StreamWriter) -> None:
        path = request.partition(" ")[2]
        found = fake_triton.said(path, ["odd", "odder"], 7)
        if found is None:
            answer(writer, b'{"error":"Not Found"}', "404 Not Found")
            return
        body, kind = found
        odd = itertools.cycle(_ODD_METRICS if path == "/metrics" else _ODD_JSON)
        text = body.decode()
        if path == "/metrics":
            text = re.sub(r"(?<=\} )[0-9]+", lambda _: next(odd), text)
        elif path == "/v2/models/stats":
            text = _NUMBER.sub(lambda _: next(odd), text)
        answer(writer, text.encode(), kind=kind)

    return behaviour


async def wrong_types(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer JSON whose every part is of another kind than it should be."""
    row = {"name": ["m"], "version": {}, "state": 7, "reason": None, "inference_stats": [1], "batch_stats": 3}
    body: object = {"name": 3, "version": None, "extensions": 5, "model_stats": [row, 1, None, "x"]}
    if path.endswith("/index"):
        body = [row, 1, None, "x", {"name": "m", "version": 3, "state": ["READY"], "reason": 5}]
    answer(writer, json.dumps(body).encode())


def inventor() -> Behaviour:
    """As Triton, with thousands of series that nobody has seen before at every scrape."""
    good = fake_triton.fake_triton(["steady"])
    invented = itertools.count()

    async def behaviour(request: str, writer: asyncio.StreamWriter) -> None:
        if not request.endswith("/metrics"):
            await good(request, writer)
            return
        turn = next(invented)
        lines = (
            f'nv_inference_request_success{{model="made-{turn}-{n}",version="1"}} {n}\n'
            for n in range(_INVENTED)
        )
        answer(writer, "".join(lines).encode(), kind="text/plain")

    return behaviour
