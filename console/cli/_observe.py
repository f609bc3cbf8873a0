"""One picture of a fleet, for commands without a screen."""

from console.domain.fleet import Fleet
from console.domain.snapshot import Snapshot


def observe(fleet: Fleet, seconds: float) -> Snapshot:
    """Poll everything twice, ``seconds`` apart, and return what is known then."""
    import asyncio  # noqa: PLC0415 - for nothing before the arguments are known to be good

    return asyncio.run(_observed(fleet, seconds))


async def _observed(fleet: Fleet, seconds: float) -> Snapshot:
    from console import wiring  # noqa: PLC0415 - HTTP and numpy, for the same reason

    engine = wiring.build(fleet)
    try:
        return await engine.observe(seconds)
    finally:
        await engine.close()
