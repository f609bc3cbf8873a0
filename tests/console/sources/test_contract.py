"""Contracts as a source."""

from pathlib import Path

from console.clock import SystemClock
from console.domain.fleet import Fleet, Tls
from console.sources.contract import sources
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.contracts import WHOLE

INLINE = '[[health.inputs]]\nname = "A"\ndatatype = "FP32"\nshape = [1]\ndata = [4711]\n[health]\nexpect = { B = [815] }\n'


def kit() -> Kit:
    return Kit(SystemClock(), Http({}, Tls()))


def test_without_a_place_for_contracts_there_is_none() -> None:
    assert sources(Fleet(), kit()) == []


async def test_contracts_are_read_without_what_is_sent_to_a_model(tmp_path: Path) -> None:
    (tmp_path / "ranker.toml").write_text(WHOLE)
    (tmp_path / "talk.toml").write_text(INLINE)
    (source,) = sources(Fleet(contracts=str(tmp_path)), kit())

    reading = await source.poll()

    assert [each.model for each in reading.contracts] == ["ranker", "talk"]  # type: ignore[union-attr]
    assert "4711" not in repr(reading)
    assert "815" not in repr(reading)
    assert await source.poll() is reading
    (tmp_path / "talk.toml").unlink()
    assert await source.poll() is not reading
    await source.close()
