"""The command line changes a real server: a rollback under load, undone, written down; a console that is killed."""

import asyncio
import json
import os
import signal
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import StartTriton
from tests.parts.cli import Ran, console
from tests.parts.load import Stream, send, under_load
from tests.parts.triton import TritonServer

SECRET = "hunter2-4711"
RESTRICTED = f"--http-restricted-api=model-repository,model-config,statistics:admin-key={SECRET}"


class Console:
    """The command line with a state folder of its own, on one server."""

    def __init__(self, server: TritonServer, state: Path) -> None:
        self.target = f"{server.target},name=real"
        self.state = state

    async def __call__(self, *arguments: str) -> Ran:
        return await console(*arguments, XDG_STATE_HOME=str(self.state))

    async def on_server(self, *arguments: str) -> Ran:
        return await self(*arguments, self.target)

    async def versions(self) -> list[str]:
        """The versions of multi that serve, as the server says."""
        return await asyncio.to_thread(_served, f"{self.target.partition(',')[0]}/v2/models/multi")

    def journal(self) -> Path:
        """Its only journal."""
        (path,) = [file for file in self.state.rglob("journal*.jsonl") if file.is_file()]
        return path


def _served(url: str) -> list[str]:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return list(json.load(answer)["versions"])


def _wait_for_intent(state: Path) -> None:
    """Return when a step is on its way, which its journal says before it begins."""
    deadline = time.monotonic() + 30
    while not any(b'"intent"' in file.read_bytes() for file in state.rglob("*.jsonl")):
        assert time.monotonic() < deadline, "no step has begun"
        time.sleep(0.01)


@pytest.fixture
def server(start_triton: StartTriton) -> TritonServer:
    return start_triton("multi", "fast")


@pytest.fixture
def cli(server: TritonServer, tmp_path: Path) -> Console:
    return Console(server, tmp_path / "state")


async def test_a_rollback_under_load_and_its_undo_fail_no_request_and_the_journal_tells_the_story(
    server: TritonServer, cli: Console
) -> None:
    async with under_load(server.url, Stream("multi", clients=4)) as (tally,):
        back = await cli.on_server(
            "rollback", "--model", "multi", "--to-version", "2", "--yes", "--json", "--reason", "p99"
        )
        assert back.code == 0, back
        assert await cli.versions() == ["2"]
        undone = await cli("undo", back.json["id"], "--yes", "--json")
        assert undone.code == 0, undone
        assert await cli.versions() == ["3"]

    assert tally.failures == []
    assert tally.ok > 100
    assert tally.quantile_ms(1.0) < 300

    assert back.json["result"] == "verified"
    assert back.json["effect"] is None
    (listed,) = [
        entry
        for entry in (await cli("journal", "--json", "rollback")).json["entries"]
        if entry["action"] == "rollback"
    ]
    assert (listed["reason"], listed["undone"]) == ("p99", undone.json["id"])
    assert [step["outcome"] for step in listed["steps"]] == ["done"]
    assert listed["steps"][0]["was"] != listed["steps"][0]["is"]
    assert cli.target in listed["targets"].values()


async def test_one_changed_byte_of_the_journal_is_found(cli: Console) -> None:
    assert (await cli.on_server("tune", "--model", "multi", "--instances", "2", "--yes")).code == 0
    assert (await cli("journal", "--verify")).code == 0
    path = cli.journal()
    assert path.stat().st_mode & 0o077 == 0
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    found = await cli("journal", "--verify")
    assert found.code == 1, found
    assert "✗ " in found.out
    assert (await cli("journal", "--verify", "--json")).json["whole"] is False


async def test_the_effect_of_a_change_is_measured(server: TritonServer, cli: Console) -> None:
    async with under_load(server.url, Stream("multi", rate=40)):
        ran = await cli.on_server(
            "rollback", "--model", "multi", "--to-version", "2", "--yes", "--json", "--effect", "3"
        )
    assert ran.code == 0, ran
    (effect,) = ran.json["effect"]["models"]
    assert effect["model"] == "multi"
    assert effect["before"]["basis"] == effect["after"]["basis"] == "summary"
    assert effect["before"]["rate"] == pytest.approx(40, rel=0.3)


async def test_a_console_that_is_killed_in_the_middle_of_a_rollback_is_recovered(cli: Console) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "console",
        "rollback",
        "--model",
        "multi",
        "--to-version",
        "2",
        "--yes",
        cli.target,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "XDG_STATE_HOME": str(cli.state)},
    )
    await asyncio.to_thread(_wait_for_intent, cli.state)
    process.send_signal(signal.SIGKILL)
    await process.wait()

    listed = await cli("recover", "--json")
    assert listed.code == 1, listed
    (entry,) = listed.json["unfinished"]
    assert entry["steps"][0]["outcome"] in {"done", "skipped"}, "nothing is unknown after the restart"
    refused = await cli.on_server("rollback", "--model", "multi", "--to-version", "1", "--yes")
    assert refused.code == 3, refused
    assert f"triton-console recover {entry['id']}" in refused.err

    if entry["steps"][0]["outcome"] == "done":
        assert (await cli("recover", "--undo", "--yes")).code == 0
    else:
        assert (await cli("recover", "--handled", "--reason", "nothing was done")).code == 0
    assert (await cli("recover")).code == 0
    assert await cli.versions() == ["3"]
    assert (await cli("journal", "--verify")).code == 0


async def test_a_header_is_used_and_written_nowhere(start_triton: StartTriton, tmp_path: Path) -> None:
    server = start_triton("multi", flags=(RESTRICTED,))
    cli = Console(server, tmp_path / "state")
    header = ("--header", f"admin-key: {SECRET}")
    said = [
        await cli.on_server("tune", "--model", "multi", "--instances", "2", "--dry-run", *header),
        await cli.on_server("tune", "--model", "multi", "--instances", "2", "--yes", "--json", *header),
        await cli("undo", "last", "--yes", *header),
        await cli("journal", "--json"),
        await cli.on_server("good", "--json", *header),
    ]
    assert [ran.code for ran in said] == [0] * len(said), said
    assert not [ran for ran in said if SECRET in ran.out + ran.err]
    files = [file for file in cli.state.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if SECRET.encode() in file.read_bytes()]

    without = await cli.on_server("tune", "--model", "multi", "--instances", "2", "--yes")
    assert without.code == 3, without


async def test_verify_tells_what_serves_from_what_does_not(server: TritonServer, cli: Console) -> None:
    await send(server.url, Stream("multi"), times=3)
    well = await cli.on_server("verify", "multi", "--json")
    assert well.code == 0, well
    assert {check["subject"] for check in well.json["checks"]}
    gone = await cli.on_server("verify", "multi", "--version", "9", "--json")
    assert gone.code == 1, gone
