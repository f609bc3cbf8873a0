"""A server's response cache, shared by the models whose config asks for it."""

from dataclasses import dataclass

LOOKUP_S, INSERT_S = 3e-6, 11e-6
ENTRY_BYTES = 4096
SIZE_BYTES = 64 << 20


@dataclass(slots=True)
class ResponseCache:
    """What the cache has counted; durations in seconds. It forgets its oldest entry when it is full."""

    hits: int = 0
    misses: int = 0
    entries: int = 0
    evictions: int = 0

    @property
    def lookups(self) -> int:
        """Requests that were looked up."""
        return self.hits + self.misses

    @property
    def used(self) -> float:
        """Share of the memory in use, 0-1."""
        return self.entries * ENTRY_BYTES / SIZE_BYTES

    def miss(self) -> None:
        """Count a request that had to be computed, and keep its response."""
        self.misses += 1
        if self.entries < SIZE_BYTES // ENTRY_BYTES:
            self.entries += 1
        else:
            self.evictions += 1
