"""How a model's contract stands on every target, with one inference where it promises what is answered."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from console.domain.contract import Clause, Contract, Health
from console.domain.contract_measured import cpu_clause, files_clause, memory_clause, performance_clause
from console.domain.contract_rules import Served, file_clause, judged
from console.domain.failure import SourceError
from console.domain.fleet import Fleet, ModelVersion, Probe, Target
from console.domain.probe import ProbeOutcome
from console.domain.rows import ModelRow
from console.domain.run import Verdict
from console.domain.serving import Serving, in_order
from console.domain.snapshot import Snapshot
from console.domain.text import visible, whole
from console.sources._asking import asked
from console.sources.probe import ProbeSource
from console.transport.contract_files import ContractFiles
from console.transport.kit import Kit
from console.transport.triton_client import TritonClient, addressable
from console.transport.version_files import found_files, kept_versions

CONTRACT, HEALTH = "contract", "contract.health"
_DETAIL = 600
# Hashing a large engine takes a while; nobody waits for longer.
_HASH_S = 120.0
_NO_REPOSITORY = "set repository in the settings to the folder of the models' files"


class _Told(NamedTuple):
    """What one target said, or why it said nothing."""

    target: Target
    serving: Serving | None
    why: str = ""


class Terms:
    """Judges contracts on a fleet's own targets."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self._fleet = fleet
        self._kit = kit
        self._files = ContractFiles(fleet)
        self._repository = Path(fleet.repository) if fleet.repository else None

    async def verdicts(self, model: str, version: str, seen: Snapshot | None) -> tuple[Verdict, ...]:
        """The clauses about the model as a whole, then those about each target; none where nobody asked for contracts.

        An empty version is any. ``seen`` is what was watched of the fleet, None where nothing was. Never raises.
        """
        whose = f"contract of {visible(ModelVersion(model, version).label, 100)}"
        contract = await asyncio.to_thread(self._files.of, model)
        if contract is None:
            return (self._none(model, whose),) if self._fleet.contracts else ()
        known = seen.fleet.targets if seen is not None else self._fleet.targets
        # Groups behind a Prometheus are no servers: where there is nothing else they say so.
        targets = self._kit.roster.of(self._fleet) or known
        told = await asyncio.gather(*(self._ask(target, model) for target in targets))
        found = [(whose, each) for each in await self._of_all(contract, version, told, seen)]
        kept = await self._kept(model)
        ones = await asyncio.gather(*(self._of_one(contract, version, each, kept, seen) for each in told))
        for each, clauses in zip(told, ones, strict=True):
            subject = f"{each.target.name}: {ModelVersion(model, version).label}"
            found += [(subject, clause) for clause in clauses]
        return tuple(
            Verdict(clause.id, subject, clause.passed, visible(clause.detail, _DETAIL))
            for subject, clause in found
        )

    def _none(self, model: str, whose: str) -> Verdict:
        where = visible(str(self._files.folder), 200)
        said = f"there is none: write {visible(model, 80)}/contract.toml in {where}"
        return Verdict(CONTRACT, whose, passed=None, detail=said)

    async def _ask(self, target: Target, model: str) -> _Told:
        if target.scraped:
            return _Told(
                target, None, "it is seen through Prometheus alone: verify one of its servers by its URL"
            )
        if not addressable(model):
            return _Told(target, None, "Triton cannot be asked for this name")
        try:
            return _Told(target, (await asked(TritonClient(target.url, self._kit.http), model)).serving)
        except SourceError as error:
            return _Told(target, None, str(error))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"an answer could not be read: {type(error).__name__}: {visible(str(error), 120)}"
            return _Told(target, None, said)

    async def _of_all(
        self, contract: Contract, version: str, told: Sequence[_Told], seen: Snapshot | None
    ) -> list[Clause]:
        """The clauses that are about no single target."""
        found = [clause for clause in (file_clause(contract),) if clause is not None]
        if contract.artifact is not None and contract.artifact.files:
            found.append(await self._version_files(contract, version or _newest(told)))
        if contract.performance is not None:
            row = _row(seen, contract.model, version or _newest(told))
            found.append(performance_clause(contract.performance, row))
        return found

    async def _of_one(
        self, contract: Contract, version: str, told: _Told, kept: int | None, seen: Snapshot | None
    ) -> list[Clause]:
        serving = told.serving
        config = serving.config if serving is not None else None
        metadata = serving.metadata if serving is not None else None
        known = serving.known if serving is not None else ()
        found = list(judged(contract, Served(config, metadata, known, kept)))
        if serving is None:
            found = [Clause(clause.id, passed=None, detail=told.why) for clause in found]
        envelope = contract.envelope
        if envelope is not None and envelope.gpu_memory_bytes is not None:
            found.append(memory_clause(envelope, _memory(seen, told.target.name)))
        if envelope is not None and envelope.cpu is not None:
            found.append(cpu_clause(envelope))
        if contract.health is not None:
            found.append(await self._healthy(contract, contract.health, version, told))
        return found

    async def _healthy(self, contract: Contract, health: Health, version: str, told: _Told) -> Clause:
        """One inference, as the contract describes it."""
        ready = told.serving.ready if told.serving is not None else ()
        if told.serving is None or not (version in ready if version else ready):
            why = told.why or "not asked: it is not ready"
            return Clause(HEALTH, passed=None, detail=why)
        try:
            body = await asyncio.to_thread(self._files.request, contract, health)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            return Clause(HEALTH, passed=False, detail=f"{visible(health.file, 80)}: {why}")
        probe = Probe(
            contract.model,
            body,
            timeout=health.timeout,
            version=version or None,
            expect=json.loads(health.expect) if health.expect else None,
            tolerance=health.tolerance,
        )
        reading = await ProbeSource(probe, told.target, self._kit).poll()
        if reading.outcome is ProbeOutcome.OK:
            promised = ", as promised" if health.expect else ""
            said = f"version {reading.version} answered in {reading.took_ms:.0f} ms{promised}"
            return Clause(HEALTH, passed=True, detail=said)
        unknown = reading.outcome in {ProbeOutcome.UNREACHABLE, ProbeOutcome.NOT_SERVED}
        asked = f"version {reading.version}: " if reading.version else ""
        said = f"{asked}{reading.outcome.value}: {reading.detail}"
        return Clause(HEALTH, passed=None if unknown else False, detail=said)

    async def _version_files(self, contract: Contract, version: str) -> Clause:
        wanted = contract.artifact.files if contract.artifact is not None else {}
        if self._repository is None or not version:
            why = _NO_REPOSITORY if self._repository is None else "no version is ready: which one is meant?"
            return files_clause(wanted, None, version, why)
        until = self._kit.clock.monotonic() + _HASH_S

        def in_time(_: int) -> None:
            if self._kit.clock.monotonic() > until:
                raise TimeoutError

        try:
            found = await asyncio.to_thread(
                found_files, self._repository, contract.model, version, wanted, in_time
            )
        except TimeoutError:
            return files_clause(wanted, None, version, f"reading the files took over {_HASH_S:.0f} s")
        except OSError as error:
            why = f"{visible(str(self._repository), 200)}: {error.strerror or error}: {_NO_REPOSITORY}"
            return files_clause(wanted, None, version, why)
        return files_clause(wanted, found, version)

    async def _kept(self, model: str) -> int | None:
        if self._repository is None:
            return None
        return await asyncio.to_thread(kept_versions, self._repository, model)


def _newest(told: Sequence[_Told]) -> str:
    """The highest version that is ready anywhere: the one that a request without a version reaches."""
    ready = {version for each in told if each.serving is not None for version in each.serving.ready}
    numbered = [version for version in in_order(ready) if whole(version) is not None]
    return numbered[-1] if numbered else ""


def _row(seen: Snapshot | None, model: str, version: str) -> ModelRow | None:
    rows = seen.models if seen is not None else ()
    return next((row for row in rows if row.key == ModelVersion(model, version)), None)


def _memory(seen: Snapshot | None, target: str) -> list[float | None]:
    """Bytes in use on each GPU that a target sees."""
    if seen is None:
        return []
    mine = next((row.gpus for row in seen.targets if row.name == target), ())
    return [row.gpu.memory_used_bytes for row in seen.gpus if row.gpu.uuid in mine]
