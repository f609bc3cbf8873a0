"""Clauses that only watching tells about."""

from typing import Any

import pytest

from console.domain.basis import Basis, Missing
from console.domain.contract import Envelope, Performance
from console.domain.contract_measured import cpu_clause, files_clause, memory_clause, performance_clause
from tests.snapshots import GIB, model_row, percentiles

PROMISED = Performance(130.0, 0.99)
DIGEST = "9f" * 32


def test_a_latency_within_what_is_promised_holds_and_names_its_basis_and_rate() -> None:
    found = performance_clause(PROMISED, model_row())
    assert found.passed is True
    assert found.detail == (
        "contract says p99 within 130 ms, it is 120 ms (summary) at 412 requests per second"
    )


def test_a_latency_over_it_is_broken() -> None:
    found = performance_clause(Performance(100.0), model_row())
    assert (found.passed, found.detail) == (
        False,
        "contract says p99 within 100 ms, it is 120 ms (summary)",
    )


@pytest.mark.parametrize(
    ("promised", "changes", "said"),
    [
        (PROMISED, {"rate": 1.9}, "of 19 requests in 10 s, 20 are needed"),
        (Performance(1.0), {"rate": 0.1}, "of 1 requests in 10 s, 20 are needed"),
        (PROMISED, {"rate": None}, "20 are needed"),
        (Performance(130.0, rate=500), {}, "at 412 requests per second: 500 are promised, and not proven"),
        (Performance(130.0, batch=8), {}, "in batches of 3.1: 8 are promised, and not proven"),
        (PROMISED, {"percentiles": None, "latency_missing": Missing.IDLE}, "send it requests"),
        (PROMISED, {"percentiles": None, "latency_missing": Missing.UNSUPPORTED}, "summary_latencies=true"),
        (Performance(130.0, 0.42), {}, "p42 is unknown: p50, p90, p95 and p99 are known"),
    ],
)
def test_what_is_not_proven_is_unknown_and_says_what_is_missing(
    promised: Performance, changes: dict[str, Any], said: str
) -> None:
    found = performance_clause(promised, model_row(**changes))
    assert found.passed is None
    assert said in found.detail


def test_a_mean_is_no_percentile() -> None:
    row = model_row(percentiles=None, mean_ms=900.0, latency_missing=Missing.UNSUPPORTED)
    assert performance_clause(PROMISED, row).passed is None


def test_more_than_the_promised_rate_and_batch_proves_it() -> None:
    row = model_row(percentiles=percentiles(120.0, Basis.HISTOGRAM))
    assert performance_clause(Performance(130.0, 0.99, 400.0, 3), row).passed is True


def test_a_version_that_nobody_watches_is_unknown() -> None:
    assert performance_clause(PROMISED, None).passed is None


@pytest.mark.parametrize(
    ("used", "passed", "said"),
    [
        ((3 * GIB,), True, "all that runs on its GPU takes 3.0 GiB, within 4.0 GiB"),
        ((3 * GIB, 5 * GIB), None, "load it alone to know"),
        ((3 * GIB, None), None, "nothing tells"),
        ((), None, "no GPU's memory is known"),
        ((None,), None, "set gpu"),
    ],
)
def test_what_all_take_together_bounds_what_one_takes(
    used: tuple[float | None, ...], said: str, *, passed: bool | None
) -> None:
    found = memory_clause(Envelope(gpu_memory_bytes=4 * GIB), used)
    assert found.passed is passed
    assert said in found.detail


def test_cores_are_unknown() -> None:
    assert cpu_clause(Envelope(cpu=2.0)).passed is None


def test_files_are_held_against_their_digests() -> None:
    wanted = {"model.onnx": DIGEST, "labels.txt": ""}
    well = files_clause(wanted, {"model.onnx": DIGEST, "labels.txt": ""}, "7")
    other = files_clause(wanted, {"model.onnx": "ab" * 32, "labels.txt": ""}, "7")
    gone = files_clause(wanted, {"model.onnx": DIGEST}, "7")
    blind = files_clause(wanted, {"model.onnx": "", "labels.txt": ""}, "7")

    assert well.passed is True
    assert (other.passed, other.detail) == (
        False,
        "model.onnx of version 7: contract says 9f9f9f9f9f9f…, it is abababababab…",
    )
    assert (gone.passed, gone.detail) == (False, "version 7 has no labels.txt")
    assert (blind.passed, blind.detail) == (None, "model.onnx of version 7 cannot be read")
    assert files_clause(wanted, None, "7", "set repository").detail == "set repository"
