"""The checks of a version on a real server."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from console.clock import SystemClock
from console.domain.fleet import Fleet, Probe, Target, Tls
from console.domain.plan import Check
from console.domain.release import Release, ReleasedModel
from console.domain.run import Verdict
from console.sources._readiness import NAMES, Readiness
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts import models
from tests.parts.load import Stream, send
from tests.parts.triton import TritonServer

SEQUENCES = """\
backend: "python"
sequence_batching { control_input [ { name: "START" control [ { kind: CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] } ] } ] }
max_batch_size: 1
instance_group [{ kind: KIND_CPU count: 1 }]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A server with models of several kinds, none of them failed."""
    repository = models.write(
        tmp_path_factory.mktemp("ready") / "repository", "multi", "slow", "flaky", "ens", "fast"
    )
    models.Model(SEQUENCES, models.MODELS["fast"].code).write(repository / "talk")
    with TritonServer.start(repository, load=("multi", "slow", "flaky", "ens", "talk")) as started:
        yield started


class Checks:
    """Verifies on one server, and returns the verdicts by name."""

    def __init__(self) -> None:
        self.kit = Kit(SystemClock(), Http({}, Tls()))

    async def __call__(
        self,
        server: TritonServer,
        model: str,
        version: str = "",
        release: Release | None = None,
        *probes: Probe,
    ) -> dict[str, Verdict]:
        fleet = Fleet(targets=(Target("one", server.url, server.metrics_url),), probes=probes)
        found = await Readiness(fleet, self.kit).verify(Check("one", model, version), release)
        assert tuple(verdict.check for verdict in found) == NAMES
        return {verdict.check: verdict for verdict in found}


@pytest.fixture
async def check() -> AsyncIterator[Checks]:
    checks = Checks()
    yield checks
    await checks.kit.http.close()


@pytest.mark.parametrize(("model", "version"), [("multi", "3"), ("slow", ""), ("ens", "1")])
async def test_a_version_that_serves_passes_with_a_request_made_from_its_metadata(
    server: TritonServer, check: Checks, model: str, version: str
) -> None:
    found = await check(server, model, version)

    passed = {name: verdict.passed for name, verdict in found.items()}
    assert passed == {**dict.fromkeys(NAMES, True), "expected_config": None}
    assert found["inference"].detail.startswith("version ")


async def test_a_version_that_is_not_loaded_fails_and_the_one_that_serves_is_named(
    server: TritonServer, check: Checks
) -> None:
    found = await check(server, "multi", "2")

    assert (found["version_ready"].passed, found["version_ready"].detail) == (
        False,
        "not ready; version 3 is",
    )
    assert (found["inference"].passed, found["inference"].detail) == (None, "not asked: it is not ready")
    assert found["server_ready"].passed is True


async def test_a_dead_process_fails_its_inference_although_everything_says_ready(
    server: TritonServer, check: Checks
) -> None:
    await send(server.url, Stream("flaky", values=(models.DIE,)))
    found = await check(server, "flaky", "1")

    assert found["version_ready"].passed is True
    assert found["inference"].passed is False
    assert "Stub process 'flaky_0_0' is not healthy" in found["inference"].detail


async def test_the_probe_of_the_settings_is_held_against_what_it_expects(
    server: TritonServer, check: Checks
) -> None:
    wrong = Probe("multi", models.request(1.0), expect={"OUTPUT0": [2.0]})
    right = Probe("multi", models.request(1.0), expect={"OUTPUT0": [1.0]})

    failed = await check(server, "multi", "3", None, wrong)
    passed = await check(server, "multi", "3", None, right)

    assert (failed["inference"].passed, failed["inference"].detail) == (
        False,
        "wrong answer: OUTPUT0[0]: 1.0, expected 2.0",
    )
    assert passed["inference"].passed is True
    assert passed["inference"].detail.endswith("as the probe expects")


async def test_a_model_with_sequences_is_not_guessed_at(server: TritonServer, check: Checks) -> None:
    found = await check(server, "talk")

    assert found["inference"].passed is None
    assert "it keeps sequences" in found["inference"].detail


async def test_the_config_is_held_against_the_release(server: TritonServer, check: Checks) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/v2/models/slow/config") as answer,
    ):
        served = await answer.json(content_type=None)

    same = await check(server, "slow", "1", _release(served | {"version_policy": {"all": {}}}))
    other = await check(server, "slow", "1", _release(served | {"max_batch_size": 4}))

    assert (same["expected_config"].passed, same["expected_config"].detail) == (True, "as in release r1")
    assert (other["expected_config"].passed, other["expected_config"].detail) == (
        False,
        "not as in release r1: max_batch_size",
    )


async def test_a_server_that_is_not_ready_because_of_another_model_is_told_as_such(
    triton: TritonServer, check: Checks
) -> None:
    found = await check(triton, "multi", "3")

    assert found["server_ready"].passed is False
    assert "a load of badinit/1 failed" in found["server_ready"].detail
    assert found["server_ready"].detail.endswith("the version asked for serves all the same")
    assert found["version_ready"].passed is True


async def test_a_failed_load_is_told_with_its_reason(triton: TritonServer, check: Checks) -> None:
    found = await check(triton, "badinit", "1")

    assert found["version_ready"].passed is False
    assert "cannot open weights file /models/missing.bin" in found["version_ready"].detail


async def test_a_server_that_is_gone_leaves_everything_unknown(check: Checks, tmp_path: Path) -> None:
    with TritonServer.start(models.write(tmp_path / "repository", "fast")) as gone:
        pass
    found = await check(gone, "fast")

    assert {verdict.passed for verdict in found.values()} == {None}
    assert "connection refused" in found["server_ready"].detail


def _release(config: dict[str, object]) -> Release:
    return Release("r1", 0.0, "ana", "", (ReleasedModel("slow", ("1",), json.dumps(config), "", {}, None),))
