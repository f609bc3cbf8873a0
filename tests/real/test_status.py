"""``status`` on real servers: figures against what a load generator sent, and words for what is amiss."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.parts import models
from tests.parts.cli import Ran, console
from tests.parts.load import Stream, Tally, under_load
from tests.parts.triton import TritonServer

STREAMS = (
    Stream("fast", rate=40),
    Stream("slow", clients=4, batched=True),
    Stream("multi", rate=20),
)


async def status(server: TritonServer, *options: str, seconds: float = 1) -> Ran:
    return await console("status", server.target, "--json", "--for", str(seconds), *options)


@pytest.fixture(scope="module")
def loaded(triton: TritonServer) -> tuple[Ran, dict[str, Tally]]:
    """One picture, taken over five seconds of load, and the truth about that load."""

    async def run() -> tuple[Ran, dict[str, Tally]]:
        async with under_load(triton.url, *STREAMS) as tallies:
            ran = await status(triton, seconds=5)
        return ran, {stream.model: tally for stream, tally in zip(STREAMS, tallies, strict=True)}

    return asyncio.run(run())


@pytest.mark.parametrize("model", [stream.model for stream in STREAMS])
def test_rates_are_what_was_sent(loaded: tuple[Ran, dict[str, Tally]], model: str) -> None:
    ran, sent = loaded

    assert sent[model].failed == 0
    assert ran.model(model)["rate"] == pytest.approx(sent[model].rate(), rel=0.05)
    assert ran.model(model)["error_ratio"] == 0


def test_the_mean_latency_is_what_the_clients_saw(loaded: tuple[Ran, dict[str, Tally]]) -> None:
    ran, sent = loaded
    slow = ran.model("slow")

    assert slow["latency_ms"]["mean"] == pytest.approx(sent["slow"].mean_ms, rel=0.1)
    parts = [slow["queue_ms"], *slow["compute_ms"].values()]
    assert sum(parts) == pytest.approx(slow["latency_ms"]["mean"], rel=0.1)


def test_percentiles_are_of_the_summary_and_of_one_target(loaded: tuple[Ran, dict[str, Tally]]) -> None:
    latency = loaded[0].model("slow")["latency_ms"]

    assert latency["basis"] == "summary"
    assert latency["target"] == loaded[0].json["targets"][0]["name"]
    assert latency["p50"] <= latency["p90"] <= latency["p95"] <= latency["p99"]
    assert latency["p50"] == pytest.approx(loaded[1]["slow"].quantile_ms(0.5), rel=0.1)


def test_the_batch_sizes_really_used(loaded: tuple[Ran, dict[str, Tally]]) -> None:
    batch = loaded[0].model("slow")["batch"]

    assert max(batch["sizes"], key=batch["sizes"].__getitem__) == "4"
    # Four clients that wait for each other; on a busy machine one of them comes late now and then.
    assert 2.5 <= batch["mean"] <= 4


def test_the_newest_version_alone_is_served(loaded: tuple[Ran, dict[str, Tally]]) -> None:
    assert loaded[0].model("multi")["version"] == "3"


def test_a_model_that_failed_to_load_says_why(loaded: tuple[Ran, dict[str, Tally]]) -> None:
    broken = loaded[0].model("badinit")

    assert broken["state"] == "UNAVAILABLE"
    assert "RuntimeError: cannot open weights file /models/missing.bin" in broken["reason"]
    assert broken["rate"] is None
    assert loaded[0].code == 1


def test_the_target_and_its_mode(loaded: tuple[Ran, dict[str, Tally]]) -> None:
    (target,) = loaded[0].json["targets"]

    assert (target["live"], target["control_mode"], target["version"]) == (True, "explicit", "2.51.0")
    assert target["error"] is None
    assert loaded[0].err == ""


async def test_without_summaries_there_is_no_p99_but_a_hint(triton_plain: TritonServer) -> None:
    async with under_load(triton_plain.url, Stream("fast", rate=20)):
        ran = await status(triton_plain)

    latency = ran.model("fast")["latency_ms"]
    assert (latency["p99"], latency["basis"]) == (None, "mean")
    assert latency["mean"] > 0
    assert "summary_latencies=true" in ran.out
    assert ran.code == 0


@pytest.mark.parametrize("mode", ["triton_none", "triton_poll"])
async def test_modes_that_look_alike(mode: str, request: pytest.FixtureRequest) -> None:
    ran = await status(request.getfixturevalue(mode))

    assert ran.json["targets"][0]["control_mode"] == "none_or_poll"


async def test_read_only_does_not_ask_for_the_mode(triton_none: TritonServer) -> None:
    ran = await status(triton_none, "--read-only")

    assert ran.json["targets"][0]["control_mode"] == "unknown"


async def test_a_missing_credential_is_named(triton_restricted: TritonServer) -> None:
    without = await status(triton_restricted)
    given = await status(triton_restricted, "--header", "admin-key: secret")

    assert "credential missing" in without.json["targets"][0]["error"]
    assert without.json["targets"][0]["live"] is True
    (target,) = given.json["targets"]
    assert (target["error"], target["control_mode"]) == (None, "explicit")
    assert given.model("fast")["state"] == "READY"
    assert "secret" not in given.out + given.err


async def test_a_dead_stub_is_found_by_the_probe_of_the_settings(
    scratch_server: TritonServer, tmp_path: Path
) -> None:
    (tmp_path / "flaky.json").write_text(json.dumps(models.request(1.0)))
    settings = tmp_path / "triton-console.toml"
    settings.write_text(
        f"""
        [fleets.real]
        targets = ["{scratch_server.target}"]
        [fleets.real.probes.flaky]
        request = "flaky.json"
        expect = {{ OUTPUT0 = [1.0] }}
        """
    )
    well = await console("status", "--config", str(settings), "--json", "--for", "0.2")
    scratch_server.kill_stubs("flaky")
    dead = await console("status", "--config", str(settings), "--json", "--for", "0.2")

    assert [probe["outcome"] for probe in well.model("flaky")["probes"]] == ["ok"]
    assert [probe["outcome"] for probe in dead.model("flaky")["probes"]] == ["error"]
    assert dead.model("flaky")["state"] == "READY"
    assert (well.code, dead.code) == (0, 1)


async def test_nothing_reachable(scratch_server: TritonServer) -> None:
    scratch_server.kill()

    ran = await status(scratch_server)

    assert ran.code == 2
    assert "Traceback" not in ran.out + ran.err
