"""What a live server emits, for rules to be held against."""

import asyncio
import re

from console.cli._errors import CliError
from console.domain.failure import SourceError
from console.domain.fleet import Fleet
from console.domain.lint import Live
from console.transport.http import Http

_TIMEOUT_S = 10.0
_NAME = re.compile(rb"^([A-Za-z_:][\w:]*)[{ \t]", re.MULTILINE)
_MODEL = re.compile(rb'[{,]model="((?:\\.|[^"\\])*)"')


def live(fleet: Fleet) -> Live:
    """The series and models of the fleet's first target; raises CliError where its metrics cannot be read."""
    return asyncio.run(_live(fleet))


async def _live(fleet: Fleet) -> Live:
    target = fleet.targets[0]
    http = Http(fleet.headers, fleet.tls)
    body = bytearray()
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await http.stream(target.metrics, "metrics", body.extend, http.target_headers)
    except SourceError as error:
        raise CliError(error.failure.message, error.failure.hint, id="unreachable") from None
    except TimeoutError:
        raise CliError(f"metrics: no answer within {_TIMEOUT_S:.0f} s", id="unreachable") from None
    finally:
        await http.close()
    names = frozenset(found.decode("ascii") for found in _NAME.findall(bytes(body)))
    models = frozenset(found.decode("utf-8", "replace") for found in _MODEL.findall(bytes(body)))
    return Live(names, models, target.name)
