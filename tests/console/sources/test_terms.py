"""Contracts where no server answers, or none can be asked."""

from pathlib import Path

import pytest

from console.clock import SystemClock
from console.domain.fleet import Fleet, Target, Tls
from console.domain.run import Verdict
from console.sources._terms import Terms
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.contracts import WHOLE

# Nothing listens on the discard port.
NOBODY = Target("gone", "http://127.0.0.1:9", "http://127.0.0.1:9/metrics")


async def held(
    folder: Path, target: Target = NOBODY, model: str = "ranker", text: str | None = WHOLE
) -> dict[str, Verdict]:
    if text is not None:
        (folder / f"{model}.toml").write_text(text)
    kit = Kit(SystemClock(), Http({}, Tls()))
    try:
        found = await Terms(Fleet(targets=(target,), contracts=str(folder)), kit).verdicts(model, "", None)
    finally:
        await kit.http.close()
    return {verdict.check: verdict for verdict in found}


async def test_a_target_that_does_not_answer_leaves_its_clauses_unknown(tmp_path: Path) -> None:
    found = await held(tmp_path)
    assert {verdict.passed for verdict in found.values()} == {None}
    for clause in ("contract.backend", "contract.io", "contract.health"):
        assert "connection refused" in found[clause].detail
        assert found[clause].subject == "gone: ranker"
    assert "set repository" in found["contract.files"].detail
    assert found["contract.performance"].subject == "contract of ranker"


async def test_of_a_group_behind_prometheus_nothing_is_asked(tmp_path: Path) -> None:
    found = await held(tmp_path, Target("group", "http://127.0.0.1:9", "", scraped=True))
    assert "through Prometheus" in found["contract.io"].detail


async def test_a_name_that_triton_cannot_be_asked_for_is_unknown(tmp_path: Path) -> None:
    found = await held(tmp_path, model="a b")
    assert found["contract.io"].detail == "Triton cannot be asked for this name"


async def test_a_model_without_a_contract_is_told_where_to_write_one(tmp_path: Path) -> None:
    found = await held(tmp_path, text=None)
    assert list(found) == ["contract"]
    assert f"write ranker/contract.toml in {tmp_path}" in found["contract"].detail


@pytest.mark.parametrize("repository", [None, "here"])
async def test_where_nobody_asked_for_contracts_there_is_no_row(
    tmp_path: Path, repository: str | None
) -> None:
    kit = Kit(SystemClock(), Http({}, Tls()))
    fleet = Fleet(targets=(NOBODY,), repository=repository and str(tmp_path))
    assert await Terms(fleet, kit).verdicts("ranker", "", None) == ()
    await kit.http.close()


async def test_a_contract_that_cannot_be_read_is_broken(tmp_path: Path) -> None:
    found = await held(tmp_path, text="owner = ")
    assert found["contract.file"].passed is False
    assert found["contract.file"].detail.startswith("ranker.toml:1: not valid TOML")
