"""Contracts held against a real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from console.clock import SystemClock
from console.domain.fleet import Fleet, Target, Tls
from console.domain.run import Verdict
from console.domain.snapshot import Snapshot
from console.sources._readiness import Readiness
from console.transport.http import Http
from console.transport.kit import Kit
from console.wiring import build
from tests.parts import models
from tests.parts.load import Stream, under_load
from tests.parts.triton import SUMMARIES, TritonServer

CONTRACT = """\
owner = "ml-ranking"
backend = "python"

[artifact]
format = "python"
files = { "model.py" = "DIGEST" }

[[io.inputs]]
name = "INPUT0"
datatype = "FP32"
shape = [-1, -1]

[[io.outputs]]
name = "OUTPUT0"
datatype = "FP32"

[resources]
instances = { min = 1, max = 2 }
kind = "CPU"

[[requests]]
batch = { min = 1, max = 8 }
shapes = { INPUT0 = [4] }

[health]
request = "health.json"
expect = { OUTPUT0 = [1, 2, 3, 4] }

[rollout]
versions = 1
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A server with a model that batches, and the repository beside it."""
    repository = models.write(tmp_path_factory.mktemp("contract") / "repository", "slow", "multi")
    with TritonServer.start(repository, load=("slow", "multi"), flags=(SUMMARIES,)) as started:
        started.repository = repository  # type: ignore[attr-defined]
        yield started


class Contracts:
    """Contracts in a folder, held against the server."""

    def __init__(self, folder: Path, server: TritonServer) -> None:
        self.folder = folder
        self.repository: Path = server.repository  # type: ignore[attr-defined]
        self.fleet = Fleet(
            targets=(Target("one", server.url, server.metrics_url),),
            contracts=str(folder),
            repository=str(self.repository),
            refresh=0.5,
            state=str(folder / "state"),
        )
        self.kit = Kit(SystemClock(), Http({}, Tls()))
        code = (self.repository / "slow" / "1" / "model.py").read_bytes()
        self.text = CONTRACT.replace("DIGEST", sha256(code).hexdigest())
        (folder / "health.json").write_text(json.dumps(models.request(1, 2, 3, 4, batched=True)))

    async def held(self, text: str, model: str = "slow", seen: Snapshot | None = None) -> dict[str, Verdict]:
        """The verdicts by clause."""
        (self.folder / f"{model}.toml").write_text(text)
        found = await Readiness(self.fleet, self.kit).contract(model, "", seen)
        return {verdict.check.removeprefix("contract."): verdict for verdict in found}


@pytest.fixture
async def contracts(tmp_path: Path, server: TritonServer) -> AsyncIterator[Contracts]:
    made = Contracts(tmp_path, server)
    yield made
    await made.kit.http.close()


async def test_a_model_that_keeps_its_contract_passes_every_clause(contracts: Contracts) -> None:
    found = await contracts.held(contracts.text)
    assert {name: verdict.passed for name, verdict in found.items()} == dict.fromkeys(
        ("files", "backend", "artifact", "io", "resources", "requests", "rollout", "health"), True
    )
    assert found["health"].detail.endswith(", as promised")
    assert found["io"].detail == "input INPUT0 FP32 [-1,-1]; output OUTPUT0 FP32 [-1,-1]"
    assert found["files"].subject == "contract of slow"
    assert found["io"].subject == "one: slow"


@pytest.mark.parametrize(
    ("clause", "old", "new", "said"),
    [
        ("backend", 'backend = "python"', 'backend = "onnxruntime"', "says onnxruntime, server says python"),
        ("artifact", 'format = "python"', 'format = "onnx"', "server serves it with python"),
        ("io", "shape = [-1, -1]", "shape = [4]", "contract says FP32 [4], server says FP32 [-1,-1]"),
        ("resources", "{ min = 1, max = 2 }", "3", "contract says 3 instances, server says 1"),
        ("requests", "max = 8", "max = 9", "server takes 8 at most"),
        ("health", "[1, 2, 3, 4] }", "[1, 2, 3, 5] }", "version 1: wrong answer: OUTPUT0[3]: 4"),
        ("rollout", "versions = 1", "versions = 2", "the repository holds 1"),
        ("files", '"model.py" =', '"model.txt" =', "has no model.txt"),
    ],
)
async def test_a_clause_that_is_broken_is_that_one_alone(
    contracts: Contracts, clause: str, old: str, new: str, said: str
) -> None:
    assert old in contracts.text
    found = await contracts.held(contracts.text.replace(old, new, 1))
    assert [name for name, verdict in found.items() if verdict.passed is False] == [clause]
    assert said in found[clause].detail


async def test_a_health_check_that_the_model_refuses_is_broken(contracts: Contracts) -> None:
    request = models.request(1, 2, 3, 4)
    (contracts.folder / "health.json").write_text(json.dumps(request))
    found = await contracts.held(contracts.text)
    assert found["health"].passed is False
    assert "HTTP 400" in found["health"].detail


async def test_a_changed_file_is_found_by_its_checksum(contracts: Contracts, tmp_path: Path) -> None:
    found = await contracts.held(contracts.text.replace('"model.py" = "', '"model.py" = "00', 1))
    assert found["file"].passed is False
    wrong = "0" * 64
    text = CONTRACT.replace("DIGEST", wrong)
    found = await contracts.held(text)
    assert [name for name, verdict in found.items() if verdict.passed is False] == ["files"]
    assert "contract says 000000000000…" in found["files"].detail


async def test_a_latency_is_judged_by_requests_that_come_and_unknown_without(
    contracts: Contracts, server: TritonServer
) -> None:
    promise = "[performance]\nlatency_ms = {}\nrate = 2\n"
    engine = build(contracts.fleet)
    try:
        idle = await contracts.held(promise.format(5000), "multi", await engine.observe(0.5))
        assert idle["performance"].passed is None
        async with under_load(server.url, Stream("multi", rate=40)):
            seen = await _until_enough(engine)
        kept = await contracts.held(promise.format(60_000), "multi", seen)
        broken = await contracts.held(promise.format(0.001), "multi", seen)
    finally:
        await engine.close()
    assert kept["performance"].passed is True, kept["performance"].detail
    assert broken["performance"].passed is False
    assert "(summary)" in broken["performance"].detail


async def _until_enough(engine: object) -> Snapshot:
    async with asyncio.timeout(60):
        while True:
            seen: Snapshot = await engine.observe(1.0)  # type: ignore[attr-defined]
            row = next(row for row in seen.models if row.key.model == "multi" and row.ready)
            if (row.rate or 0) * row.window_s >= 20 and row.percentiles is not None:
                return seen
