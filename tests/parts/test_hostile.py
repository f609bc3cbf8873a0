import asyncio

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.parts import hostile
from tests.parts.fake_triton import REASON, fake_triton
from tests.parts.hostile import Behaviour, serving
from tests.snapshots import HOSTILE_NAMES


async def get(url: str, path: str = "/v2/models/stats") -> tuple[int, bytes]:
    async with aiohttp.ClientSession(url) as session, session.get(path, allow_redirects=False) as response:
        return response.status, await response.read()


@pytest.mark.parametrize("behaviour", [hostile.hang, hostile.drip])
async def test_some_never_end(behaviour: Behaviour) -> None:
    async with serving(behaviour) as url:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await get(url)


@pytest.mark.parametrize("behaviour", [hostile.reset, hostile.garbage, hostile.cut(fake_triton())])
async def test_some_break_off(behaviour: Behaviour) -> None:
    async with serving(behaviour) as url:
        with pytest.raises((aiohttp.ClientError, ConnectionError)):
            await get(url)


@pytest.mark.parametrize(("behaviour", "status"), [(hostile.error500, 500), (hostile.redirect(), 302)])
async def test_some_refuse(behaviour: Behaviour, status: int) -> None:
    async with serving(behaviour) as url:
        assert (await get(url))[0] == status


@pytest.mark.parametrize("behaviour", [hostile.flood_sized, hostile.flood_chunked])
async def test_floods_carry_what_they_say(behaviour: Behaviour) -> None:
    async with serving(behaviour) as url:
        assert len((await get(url))[1]) == hostile.FLOOD


async def test_flapping_goes_by_turns() -> None:
    async with serving(hostile.flap(fake_triton(), hostile.error500)) as url:
        assert [(await get(url))[0] for _ in range(6)] == [200, 200, 500, 500, 200, 200]


async def test_the_fake_says_its_names_literally() -> None:
    async with serving(fake_triton()) as url, aiohttp.ClientSession(url) as session:
        async with session.post("/v2/repository/index") as response:
            index = await response.json()
        async with session.get("/metrics") as response:
            families = list(text_string_to_metric_families(await response.text()))

    assert [(entry["name"], entry["reason"]) for entry in index] == [(n, REASON) for n in HOSTILE_NAMES]
    assert [sample.labels["model"] for sample in families[0].samples] == list(HOSTILE_NAMES)
