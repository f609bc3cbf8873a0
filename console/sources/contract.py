"""The models' contracts, looked at every quarter of a minute, so that a corrected one counts without a restart."""

import asyncio

from console.domain.contract import Contract, ContractReading
from console.domain.fleet import Fleet
from console.ports import Source
from console.transport.contract_files import ContractFiles
from console.transport.kit import Kit

NAME = "contracts"
EVERY_S = 15.0
_TIMEOUT_S = 10.0


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source where the settings say where contracts lie."""
    del kit
    files = ContractFiles(fleet)
    return [ContractSource(files)] if files.folder is not None else []


class ContractSource:
    """Reads every contract, without the inferences in it: those are no picture of the fleet."""

    def __init__(self, files: ContractFiles) -> None:
        self.name = NAME
        self.target: str | None = None
        self.every = EVERY_S
        self.timeout = _TIMEOUT_S
        self._files = files
        self._read = ContractReading(())
        self._told = ContractReading(())

    async def poll(self) -> ContractReading:
        """The contracts now; the same object as before where none changed."""
        read = await asyncio.to_thread(self._files.all)
        if read is not self._read:
            self._read = read
            self._told = read._replace(contracts=tuple(map(Contract.bare, read.contracts)))
        return self._told

    async def close(self) -> None:
        """Nothing is kept open."""
