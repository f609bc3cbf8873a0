"""What a recording answers to PromQL: nothing, and it says so."""

from console.domain.triage import Asked

NOT_ASKED = "a recording is looked at, and nobody is asked"


class Unasked:
    """``console.ports.Queries`` that asks nobody: an answer of today says nothing about then."""

    async def ask(self, query: str) -> Asked:  # noqa: ARG002 - whatever is asked
        """That it was not asked."""
        return Asked(problem=NOT_ASKED)

    async def close(self) -> None:
        """Nothing is open."""
