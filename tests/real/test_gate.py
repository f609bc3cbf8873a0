"""The gate on a real Triton: what passes, what fails, and what is too little to judge."""

from collections.abc import Iterator

import pytest

from tests.parts.cli import Ran, console
from tests.parts.load import Stream, under_load
from tests.parts.rollouts import EQUAL, FAILING, MODEL, MOODY, SLOWER, STABLE, WRONG, write_rollout
from tests.parts.triton import SUMMARIES, TritonServer

# Whatever else a slow machine does, a quarter of a second shows.
FLOOR_MS = "100"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    repository = write_rollout(tmp_path_factory.mktemp("gate") / "repository")
    with TritonServer.start(repository, load=(MODEL,), flags=(SUMMARIES,)) as started:
        yield started


async def gate(server: TritonServer, candidate: str, *more: str, baseline: str = STABLE) -> Ran:
    words = ("--baseline", baseline, "--candidate", candidate, "--floor", FLOOR_MS, *more)
    return await console("gate", MODEL, server.target, *words, "--json")


def checks(ran: Ran) -> dict[str, dict[str, object]]:
    return {check["id"]: check for check in ran.json["checks"]}


async def test_a_slower_candidate_fails_on_the_traffic_that_it_gets(server: TritonServer) -> None:
    both = [Stream(MODEL, clients=1, version=version) for version in (STABLE, SLOWER)]
    async with under_load(server.url, *both):
        ran = await gate(server, SLOWER, "--min-requests", "20", "--observe", "40")

    found = checks(ran)
    assert (ran.code, ran.json["verdict"]) == (1, "fail")
    assert found["p99"]["verdict"] == "fail"
    assert found["p99"]["basis"] == "summary"
    assert found["p99"]["candidate"] >= 250 > found["p99"]["baseline"]
    assert found["p99"]["n"] >= 20
    assert found["errors"]["verdict"] == found["correctness"]["verdict"] == "pass"


async def test_an_equal_candidate_passes_on_what_the_gate_itself_sends(server: TritonServer) -> None:
    ran = await gate(server, EQUAL, "--probe", "100", "--floor", "5000", "--observe", "2")

    found = checks(ran)
    assert (ran.code, ran.json["verdict"]) == (0, "pass"), ran.out
    assert (found["p99"]["basis"], found["p99"]["n"]) == ("probe", 100)
    assert found["correctness"]["verdict"] == "pass"
    assert (found["gpu_memory"]["verdict"], found["gpu_memory"]["needed"]) == ("unknown", False)
    assert any("103 inferences" in note for note in ran.json["notes"])


async def test_a_wrong_answer_fails_on_correctness(server: TritonServer) -> None:
    ran = await gate(server, WRONG, "--observe", "2")

    found = checks(ran)["correctness"]
    assert (ran.code, found["verdict"]) == (1, "fail")
    assert "SCORE[0]: 2.1 against 2" in str(found["why"])


async def test_no_traffic_is_not_enough_data(server: TritonServer) -> None:
    ran = await gate(server, EQUAL, "--observe", "2")

    assert (ran.code, ran.json["verdict"]) == (2, "not_enough_data")
    assert "send it traffic, or --probe 100" in str(checks(ran)["errors"]["why"])
    assert checks(ran)["p99"]["candidate"] is None


async def test_a_candidate_that_only_errs_fails_although_nobody_counts_its_answers(
    server: TritonServer,
) -> None:
    ran = await gate(server, FAILING, "--probe", "100", "--observe", "2")

    found = checks(ran)
    assert ran.code == 1
    assert (found["errors"]["verdict"], found["errors"]["candidate"]) == ("fail", 1.0)
    assert "no such column" in str(found["correctness"]["why"])


async def test_a_baseline_that_differs_from_itself_leaves_correctness_unknown(server: TritonServer) -> None:
    ran = await gate(server, STABLE, "--observe", "2", baseline=MOODY)

    found = checks(ran)["correctness"]
    assert (ran.code, found["verdict"]) == (2, "unknown")
    assert "differs from itself" in str(found["why"])


async def test_a_server_without_summaries_is_judged_by_its_mean_only_where_that_is_allowed(
    triton: TritonServer, triton_plain: TritonServer
) -> None:
    words = ("gate", "fast", f"{triton.target},name=stable", f"{triton_plain.target},name=canary")
    sides = ("--baseline", "stable", "--candidate", "canary", "--observe", "2", "--json")
    few = ("--probe", "20", "--min-requests", "20", "--floor", "5000")
    strict = await console(*words, *sides, *few)
    assert (strict.code, checks(strict)["p99"]["verdict"]) == (2, "unknown")
    assert "summary_latencies=true" in str(checks(strict)["p99"]["why"])

    kind = await console(*words, *sides, *few, "--allow-mean")
    assert (kind.code, checks(kind)["mean"]["verdict"]) == (0, "pass"), kind.out
    assert (kind.json["baseline"], kind.json["candidate"]) == ("1@stable", "1@canary")
