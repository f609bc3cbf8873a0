import asyncio
import gc

import pytest

from console.domain.fleet import Fleet, Target, Tls
from console.sources import triton
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock


@pytest.mark.parametrize("turns", range(4))
async def test_a_poll_that_is_stopped_in_its_first_moments_leaves_nothing_behind(recwarn, turns):
    http = Http({}, Tls())
    fleet = Fleet(targets=(Target("a", "http://127.0.0.1:1", "http://127.0.0.1:1/metrics"),))
    (source,) = triton.sources(fleet, Kit(HandClock(), http))
    task = asyncio.ensure_future(source.poll())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await http.close()
    gc.collect()
    assert not [said for said in recwarn if "never awaited" in str(said.message)]
