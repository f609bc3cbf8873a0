from dataclasses import replace

from console.domain.gate import Side
from console.domain.gate_memory import POD, held
from console.domain.marker import MarkerKind
from console.domain.snapshot import Points
from tests.fake_history import NOW, FakeHistory
from tests.snapshots import GIB, fleet, gpu_row, marker, snapshot, target_row

STABLE, CANARY = Side("6", ("stable",)), Side("7", ("canary",))


class Grown(FakeHistory):
    """A GPU that held 4 GiB until 100 s ago, 7 GiB until 50 s ago, and 12 GiB since."""

    def gpu(self, uuid: str, mig: str, column: str, seconds: float) -> Points:
        at = [NOW - 200 + 5 * i for i in range(41)]
        return Points(at, [(4 if t < NOW - 100 else 7 if t < NOW - 50 else 12) * GIB for t in at])


def test_targets_with_gpus_of_their_own_are_compared_by_what_is_used_there():
    rows = [gpu_row("GPU-A", memory_used_bytes=4 * GIB), gpu_row("GPU-B", memory_used_bytes=6 * GIB)]
    targets = [target_row("stable", gpus=("GPU-A",)), target_row("canary", gpus=("GPU-B",))]
    found = held(snapshot(targets=targets, gpus=tuple(rows)), "ranker", STABLE, CANARY)
    assert (found.baseline.bytes, found.candidate.bytes, found.candidate.how) == (4 * GIB, 6 * GIB, POD)


def test_a_pod_is_found_by_its_name():
    rows = (
        gpu_row("GPU-A", pod="pod-a", memory_used_bytes=GIB),
        gpu_row("GPU-B", pod="canary", memory_used_bytes=GIB),
    )
    both = fleet("stable", "canary")
    first = replace(both.targets[0], pod="pod-a")
    picture = snapshot(fleet=replace(both, targets=(first, both.targets[1])), gpus=rows)
    assert held(picture, "ranker", STABLE, CANARY).baseline.bytes == GIB


def test_nobody_tells_is_said_with_what_would():
    found = held(snapshot(gpus=()), "ranker", STABLE, CANARY)
    assert found.baseline.bytes is None
    assert "dcgm" in found.baseline.why


def test_versions_on_one_gpu_are_told_apart_by_what_each_load_added():
    targets = [target_row("one", gpus=("GPU-A",))]
    sides = Side("6", ("one",)), Side("7", ("one",))
    rows = (gpu_row("GPU-A", memory_used_bytes=12 * GIB),)
    loads = tuple(
        marker(MarkerKind.LOAD, at=NOW - ago, model="ranker", version=version, target="one")
        for version, ago in (("6", 100), ("7", 50))
    )
    told = snapshot(targets=targets, gpus=rows, markers=loads, history=Grown())
    found = held(told, "ranker", *sides)
    assert (found.baseline.bytes, found.candidate.bytes) == (3 * GIB, 5 * GIB)

    unseen = held(snapshot(targets=targets, gpus=rows, markers=loads[1:], history=Grown()), "ranker", *sides)
    assert unseen.baseline.bytes is unseen.candidate.bytes is None
    assert "both run on GPU GPU-A" in unseen.candidate.why
