"""Servers with very many models, in a process of their own: every counter and percentile of theirs changes each second.

They are cheap, so that they leave the machine to who is measured: a figure is written over the one before, in place.
"""

import asyncio
import itertools
import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import numpy as np
from aiohttp import web
from numpy.typing import NDArray

from bench.parse import COUNTERS, PENDING, QUANTILES, REASONS, SUMMARIES, header
from console.domain.fleet import Target

# Every figure has so many digits in the text, so that a new one overwrites the old one in place.
DIGITS = 14
_POWERS = 10 ** np.arange(DIGITS - 1, -1, -1, dtype=np.int64)
# They have been up for a day.
UP_S = 86_400
_REQUEST_US = 12_000
_SHARES = (1.0, 0.1, 0.05, 0.8, 0.05)
_JITTER = 0.1


class _Line(NamedTuple):
    """One line of the text: what stands before its figure, the first of a family with its headers; its model's number, units a
    request, and whether it grows.
    """

    head: str
    model: int
    a_request: float
    grows: bool


def _lines(models: int) -> Iterator[_Line]:
    for name, kind, lines in _families(
        [f'model="model_{number:04d}",version="1"' for number in range(models)]
    ):
        first = next(lines)
        yield first._replace(head="".join(f"{line}\n" for line in header(name, kind)) + first.head)
        yield from lines


def _families(labels: list[str]) -> Iterator[tuple[str, str, Iterator[_Line]]]:
    parts = dict(zip(COUNTERS[3:8], _SHARES, strict=True))
    for name in COUNTERS[:8]:
        yield name, "counter", _counted(name, labels, parts.get(name, 1 / _REQUEST_US) * _REQUEST_US)
    yield "nv_inference_request_failure", "counter", _failures(labels)
    yield (
        PENDING,
        "gauge",
        (_Line(f"{PENDING}{{{label}}} ", n, 0.0, grows=False) for n, label in enumerate(labels)),
    )
    for name, share in zip(SUMMARIES, _SHARES, strict=True):
        yield name, "summary", _summary(name, labels, share * _REQUEST_US)


def _counted(name: str, labels: list[str], a_request: float) -> Iterator[_Line]:
    for number, label in enumerate(labels):
        yield _Line(f"{name}{{{label}}} ", number, a_request, grows=True)


def _failures(labels: list[str]) -> Iterator[_Line]:
    for number, label in enumerate(labels):
        model, version = label.split(",")
        for reason in REASONS:
            head = f'nv_inference_request_failure{{{model},reason="{reason}",{version}}} '
            yield _Line(head, number, 0.0, grows=True)


def _summary(name: str, labels: list[str], a_request: float) -> Iterator[_Line]:
    for number, label in enumerate(labels):
        yield _Line(f"{name}_count{{{label}}} ", number, 1.0, grows=True)
        yield _Line(f"{name}_sum{{{label}}} ", number, a_request, grows=True)
        for quantile in QUANTILES:
            yield _Line(
                f'{name}{{{label},quantile="{quantile}"}} ',
                number,
                a_request * (0.5 + float(quantile)),
                grows=False,
            )


class Counting:
    """What one of the servers says at a second; all of them say the same."""

    def __init__(self, models: int) -> None:
        lines = list(_lines(models))
        self._rates = np.random.default_rng(0).uniform(5, 50, models)
        self._names = [f"model_{number:04d}" for number in range(models)]
        self._line_rate = self._rates[[line.model for line in lines]]
        self._a_request = np.array([line.a_request for line in lines])
        self._grows = np.array([line.grows for line in lines])
        texts = [f"{line.head}{0:0{DIGITS}d}\n" for line in lines]
        text = "".join(texts).encode()
        self._places = np.cumsum([len(each) for each in texts])[:, None] - 1 - np.arange(DIGITS, 0, -1)
        self._text = np.frombuffer(bytearray(text), np.uint8)
        self._second = -1
        self.index = json.dumps(
            [{"name": name, "version": "1", "state": "READY", "reason": ""} for name in self._names]
        ).encode()

    def exposition(self, second: int) -> bytes:
        """The metrics at a second since the start."""
        if second != self._second:
            self._second = second
            self._write(self._figures(second))
        return self._text.tobytes()

    def _figures(self, second: int) -> NDArray[np.int64]:
        chance = np.random.default_rng(second)
        grown = np.floor(self._line_rate * (UP_S + second)) * self._a_request
        around = self._a_request * chance.uniform(1 - _JITTER, 1 + _JITTER, len(self._a_request))
        return np.where(self._grows, grown, around).astype(np.int64)

    def _write(self, figures: NDArray[np.int64]) -> None:
        self._text[self._places] = (figures[:, None] // _POWERS % 10 + ord("0")).astype(np.uint8)

    def statistics(self, second: int) -> bytes:
        """The statistics at a second since the start."""
        counts = np.floor(self._rates * (UP_S + second)).astype(int).tolist()
        return json.dumps(
            {"model_stats": list(itertools.starmap(_stats, zip(self._names, counts, strict=True)))}
        ).encode()


def _stats(name: str, count: int) -> dict[str, Any]:
    parts = ("success", "queue", "compute_input", "compute_infer", "compute_output")
    took = {
        part: {"count": count, "ns": int(count * _REQUEST_US * 1000 * share)}
        for part, share in zip(parts, _SHARES, strict=True)
    }
    none = {part: {"count": 0, "ns": 0} for part in ("fail", "cache_hit", "cache_miss")}
    return {
        "name": name,
        "version": "1",
        "last_inference": 0,
        "inference_count": count,
        "execution_count": count,
        "inference_stats": took | none,
        "batch_stats": [{"batch_size": 1, **{part: took[part] for part in parts[2:]}}],
    }


@contextmanager
def served(targets: int, models: int) -> Iterator[tuple[Target, ...]]:
    """So many servers with so many models each, on ports of their own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    other = context.Process(target=_serve, args=(theirs, targets, models), daemon=True)
    other.start()
    try:
        yield tuple(
            Target(f"triton-{number}", f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/metrics")
            for number, port in enumerate(ours.recv())
        )
    finally:
        other.terminate()
        other.join()


def _serve(ports: Connection, targets: int, models: int) -> None:
    asyncio.run(_serve_all(ports, targets, Counting(models)))


async def _serve_all(ports: Connection, targets: int, counting: Counting) -> None:
    begun = time.monotonic()

    async def handler(request: web.BaseRequest) -> web.Response:
        return _answer(counting, request.path, int(time.monotonic() - begun))

    runner = web.ServerRunner(web.Server(handler, access_log=None))
    await runner.setup()
    for site in [web.TCPSite(runner, "127.0.0.1", 0) for _ in range(targets)]:
        await site.start()
    ports.send([port for _, port in runner.addresses])
    await asyncio.Event().wait()


def _answer(counting: Counting, path: str, second: int) -> web.Response:
    if path == "/metrics":
        return web.Response(body=counting.exposition(second), content_type="text/plain")
    if path == "/v2/repository/index":
        return web.Response(body=counting.index, content_type="application/json")
    if path == "/v2/models/stats":
        return web.Response(body=counting.statistics(second), content_type="application/json")
    if path.endswith("/config"):
        return web.json_response({"name": path.split("/")[3], "backend": "onnxruntime", "max_batch_size": 1})
    if path.rstrip("/") == "/v2":
        return web.json_response({"name": "triton", "version": "2.51.0", "extensions": ["statistics"]})
    return web.Response()
