"""Which server a group's worst percentile is of, where a fleet is seen through Prometheus."""

from collections.abc import Iterable

from console.domain.basis import Basis
from console.domain.fleet import ModelVersion
from console.domain.prospect import PrometheusReading, Worst
from console.domain.reach import POD, first
from console.domain.rows import ModelRow


def of_servers(rows: list[ModelRow], told: PrometheusReading | None) -> list[ModelRow]:
    """The rows, with summaries said to be of the server that they are of, beside the median server's."""
    if told is None:
        return rows
    slowest = _slowest(told.worst)
    return [_named(row, slowest.get(row.key)) for row in rows]


def _slowest(worst: Iterable[Worst]) -> dict[ModelVersion, Worst]:
    found: dict[ModelVersion, Worst] = {}
    for each in worst:
        known = found.get(each.key)
        if each.basis is Basis.SUMMARY and (known is None or each.value_ms > known.value_ms):
            found[each.key] = each
    return found


def _named(row: ModelRow, worst: Worst | None) -> ModelRow:
    if worst is None or row.percentiles is None or row.percentiles.basis is not Basis.SUMMARY:
        return row
    name = first(worst.labels, POD) or worst.instance
    return row._replace(percentiles=row.percentiles._replace(target=name, median_p99=worst.median_ms))
