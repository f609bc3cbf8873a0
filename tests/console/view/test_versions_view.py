"""Versions side by side, as text."""

from console.domain.around import RouteRow
from console.domain.basis import Basis
from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.view.styled import plain, width
from console.view.versions import side_by_side
from tests.snapshots import GIB, failed_model, gpu_row, model_row, percentiles, snapshot, target_row


def text(picture: Snapshot, model: str = "ranker") -> list[str]:
    return [plain(line) for line in side_by_side(picture, model)]


def two(**canary: object) -> list[ModelRow]:
    return [
        model_row(version="8", rate=10.0, percentiles=percentiles(90.0, Basis.HISTOGRAM), **canary),
        model_row(version="7", rate=90.0),
    ]


def line(lines: list[str], name: str) -> list[str]:
    return next(each for each in lines if each.startswith(name)).removeprefix(name).split()


def test_the_version_with_most_requests_is_the_stable_one_and_stands_first() -> None:
    lines = text(snapshot(two()))
    assert lines[0].split() == ["v7", "stable", "v8", "canary"]
    assert line(lines, "share %") == ["90.0", "10.0"]
    assert line(lines, "p99 ms") == ["120.0ˢ", "90.0ʰ"]


def test_one_version_is_beside_nothing() -> None:
    assert text(snapshot([model_row()])) == []
    assert text(snapshot([model_row(version="7"), failed_model("ranker")])) == []


def test_without_requests_nobody_is_stable_and_no_share_is_zero() -> None:
    lines = text(snapshot([model_row(version=v, rate=None) for v in ("7", "8")]))
    assert "stable" not in lines[0]
    assert line(lines, "share %") == ["…", "…"]


def test_memory_of_versions_on_the_same_servers_cannot_be_told_apart() -> None:
    assert line(text(snapshot(two())), "GPU memory") == ["not", "apart", "not", "apart"]


def test_memory_of_versions_on_servers_of_their_own_is_that_of_their_gpus() -> None:
    rows = [model_row(version="7", targets=("a",)), model_row(version="8", rate=1.0, targets=("b",))]
    targets = [target_row("a", gpus=("GPU-a",)), target_row("b", gpus=("GPU-b",))]
    gpus = (gpu_row("GPU-a", memory_used_bytes=10 * GIB), gpu_row("GPU-b", memory_used_bytes=14 * GIB))
    assert line(text(snapshot(rows, targets, gpus=gpus)), "GPU memory") == ["10.0", "GiB", "14.0", "GiB"]


def test_route_weights_are_told_where_a_gateway_carries_the_model() -> None:
    empty = dict.fromkeys(RouteRow._fields, None)
    route = RouteRow(**{**empty, "name": "triton", "models": ("rank*",), "weights": {"v7": 90.0, "v8": 10.0}})
    assert text(snapshot(two(), routes=(route,)))[-1] == "route triton: v7 90, v8 10"
    assert "route" not in text(snapshot(two(), routes=(route._replace(models=("other",)),)))[-1]


def test_four_versions_fit_a_terminal_of_80_cells_and_a_fifth_is_said_to_be_there() -> None:
    rows = [model_row(version=str(v), rate=123_456.0 + v) for v in range(5)]
    lines = text(snapshot(rows))
    assert "and 1 more versions serve" in lines
    assert max(width(each) for each in lines) <= 78
