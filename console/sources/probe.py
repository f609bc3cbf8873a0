"""Synthetic inferences: a dead backend or a wrong answer shows although everything says READY."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from console.domain.answer import first_difference
from console.domain.failure import FailureKind
from console.domain.fleet import Fleet, Probe, Target
from console.domain.probe import ProbeOutcome, ProbeReading
from console.ports import Source
from console.transport.kit import Kit
from console.transport.triton_client import NETWORK_ERRORS, TritonClient

# Not every target of a fleet serves every model; a version that is gone is the index's to tell.
_UNKNOWN = re.compile(r"^Request for unknown model: .* (is not found|has no available versions)$")


def of_each(fleet: Fleet, kit: Kit) -> Callable[[Target], list[Source]]:
    """One source for each probe of a target."""
    return lambda target: [ProbeSource(probe, target, kit) for probe in fleet.probes]


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source for each probe and target."""
    make = of_each(fleet, kit)
    return [source for target in fleet.targets for source in make(target)]


class ProbeSource:
    """Sends one inference and compares its answer."""

    def __init__(self, probe: Probe, target: Target, kit: Kit) -> None:
        version = f"/{probe.version}" if probe.version else ""
        self.name = f"probe:{target.name}:{probe.model}{version}"
        self.target: str | None = target.name
        self.every = probe.every
        self.timeout = probe.timeout + 1.0
        self._probe = probe
        self._clock = kit.clock
        self._client = TritonClient(target.url, kit.http)
        self._body = json.dumps(probe.request).encode()

    async def poll(self) -> ProbeReading:
        """One inference; an answer of any kind is a reading, not an error."""
        started = self._clock.monotonic()
        try:
            status, body = await self._client.infer_json(
                self._probe.model, self._probe.version, self._body, self._probe.timeout
            )
            outcome, detail, version = self._judge(status, body)
        except NETWORK_ERRORS as error:
            failure = self._client.failure(error, "probe")
            slow = failure.kind is FailureKind.TIMEOUT
            outcome = ProbeOutcome.TIMEOUT if slow else ProbeOutcome.UNREACHABLE
            detail, version = failure.message, ""
        took_ms = (self._clock.monotonic() - started) * 1000
        return ProbeReading(self._probe.model, version or self._probe.version or "", outcome, took_ms, detail)

    async def close(self) -> None:
        """Nothing to release: the session is the fleet's."""

    def _judge(self, status: int, body: bytes) -> tuple[ProbeOutcome, str, str]:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if status != 200 or not isinstance(answer, Mapping):
            said = str(answer.get("error", "")) if isinstance(answer, Mapping) else ""
            if status == 404 and _UNKNOWN.search(said):
                return ProbeOutcome.NOT_SERVED, said, ""
            return ProbeOutcome.ERROR, f"HTTP {status}: {said or 'no JSON answer'}", ""
        version = str(answer.get("model_version", ""))
        difference = first_difference(_outputs(answer), self._probe.expect or {}, self._probe.tolerance)
        if difference:
            return ProbeOutcome.WRONG, difference, version
        return ProbeOutcome.OK, "", version


def _outputs(answer: Mapping[str, Any]) -> dict[str, Any]:
    outputs = answer.get("outputs")
    rows = outputs if isinstance(outputs, list) else []
    return {str(row.get("name")): row.get("data") for row in rows if isinstance(row, Mapping)}
