"""What a column of the history is told in: its unit, and how it is known."""

from console.domain.rows import ModelRow


def basis(row: ModelRow | None, column: str) -> str:
    """How a column of a version is known; of percentiles its row tells."""
    if column.startswith("p") and column != "pending":
        return row.percentiles.basis.value if row and row.percentiles else "summary"
    return "gauge" if column == "pending" else "mean" if column.endswith("_ms") else "counter"


def unit(column: str) -> str:
    """The unit of a column, empty for what is a number of things or a share."""
    if column.endswith("_ms"):
        return "ms"
    return "/s" if column in {"rate", "inferences", "executions"} else ""
