"""The GPUs table: what tells one row from another."""

from console.view.filters import Filter
from console.view.gpus import gpus_table
from console.view.styled import plain
from tests.snapshots import gpu_row, snapshot


def test_gpus_without_a_number_are_told_apart_by_their_uuids() -> None:
    rows = (gpu_row("GPU-5d2d41aa-1"), gpu_row("GPU-c27a64e9-2", number="", node=""))
    table = gpus_table(snapshot(gpus=rows), Filter(""))
    place = [column.id for column in table.columns].index("gpu")
    shown = [plain(table.row(row, frozenset()).cells[place]) for row in table.items]
    assert shown == ["c27a64e…", "0"]
    assert table.columns[place].width + table.columns[place].grow == 8
