"""Inferences that somebody asks for: what to send to a model, and what comes back."""

import asyncio
import json
from typing import Any

from console.domain.fleet import Fleet, Target
from console.domain.gate_answers import Input, Reply, ReplyKind, read_outputs
from console.domain.gate_inputs import variants
from console.domain.synthetic import CannotGuessError, synthetic_request
from console.domain.text import visible
from console.transport.kit import Kit
from console.transport.triton_client import NETWORK_ERRORS, TritonClient, addressable, answer, error_text

READ_S = 5.0
_END = "\n"
# A larger body is read in a thread, so that keys are answered meanwhile.
_SMALL = 32 * 2**10


class Inferences:
    """Sends v2 inferences to any target of the fleet, over the fleet's own session."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self._probes = fleet.probes
        self._kit = kit

    async def inputs(self, target: Target, model: str, version: str) -> tuple[Input, ...]:
        """The fleet's probes of the model, else inputs made up from what the target says of the version.

        Raises ValueError that says why there are none.
        """
        if not addressable(model):
            raise ValueError("Triton cannot be asked for this name")
        mine = [probe for probe in self._probes if probe.model == model and probe.version in (None, version)]
        if mine:
            return tuple(Input(f"probe {number}", probe.request) for number, probe in enumerate(mine, 1))
        client = TritonClient(target.url, self._kit.http)
        try:
            async with asyncio.timeout(READ_S):
                metadata = answer(await client.get_model_metadata(model, version), dict)
                config = answer(await client.get_model_config(model, version), dict)
            return variants(synthetic_request(metadata, config))
        except CannotGuessError as error:
            raise ValueError(
                f"no request can be made up: {error}; set a probe for it, or --input FILE"
            ) from error
        except NETWORK_ERRORS as error:
            raise ValueError(client.failure(error, "metadata").message) from error

    async def infer(self, target: Target, model: str, version: str, body: bytes, seconds: float) -> Reply:
        """One inference of a version; an end of any kind is a reply."""
        client = TritonClient(target.url, self._kit.http)
        clock = self._kit.clock
        started = clock.monotonic()
        try:
            status, raw = await client.infer_json(model, version, body, seconds)
        except TimeoutError:
            return Reply(ReplyKind.TIMEOUT, seconds * 1000, error=f"no answer within {seconds:g} s")
        except NETWORK_ERRORS as error:
            said = client.failure(error, "inference").message
            return Reply(
                ReplyKind.UNREACHABLE, (clock.monotonic() - started) * 1000, error=visible(said, 300)
            )
        took_ms = (clock.monotonic() - started) * 1000
        read = _reply(status, raw) if len(raw) < _SMALL else await asyncio.to_thread(_reply, status, raw)
        return read._replace(took_ms=took_ms)


def _reply(status: int, raw: bytes) -> Reply:
    if status in {401, 403}:
        return Reply(ReplyKind.UNREACHABLE, 0.0, error="credential missing: pass --header 'NAME: VALUE'")
    if status != 200:
        said = error_text(raw.decode(errors="replace")) or "no JSON answer"
        # What follows the first line is where in its code a model failed.
        return Reply(ReplyKind.REFUSED, 0.0, error=visible(f"HTTP {status}: {said.partition(_END)[0]}", 300))
    try:
        found: Any = json.loads(raw)
        return Reply(ReplyKind.OK, 0.0, read_outputs(answer(found, dict)))
    except (ValueError, RecursionError) as error:
        return Reply(ReplyKind.REFUSED, 0.0, error=visible(f"an answer that cannot be read: {error}", 300))
