import asyncio

from tests.parts.clock import HandClock


async def test_sleepers_wake_in_order_of_time_and_see_their_own_time() -> None:
    clock = HandClock()
    woken: list[tuple[str, float]] = []

    async def every(name: str, seconds: float) -> None:
        while True:
            await clock.sleep(seconds)
            woken.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(every("a", 1)), group.create_task(every("b", 1.5))]
        await clock.advance(2.9)
        for task in tasks:
            task.cancel()

    assert woken == [("a", 1.0), ("b", 1.5), ("a", 2.0)]


async def test_a_step_of_the_wall_clock_wakes_nobody() -> None:
    clock = HandClock(now=1000.0)
    sleeper = asyncio.create_task(clock.sleep(5))
    await clock.advance(1)

    clock.step(-500)
    await clock.advance(1)

    assert not sleeper.done()
    assert (clock.now(), clock.monotonic()) == (502.0, 2.0)
    sleeper.cancel()


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = HandClock()
    sleeper = asyncio.create_task(clock.sleep(1))
    await clock.advance(0.5)
    sleeper.cancel()

    await clock.advance(10)

    assert sleeper.cancelled()
    assert clock.monotonic() == 10.5
