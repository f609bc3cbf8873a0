"""Where a server runs, and how that is known."""

from console.domain.fleet import Target
from console.domain.gpu import GpuRow
from console.domain.placement import Around, How, Placement, placement
from console.domain.rows import TargetRow
from tests.snapshots import down_target, gpu_row, target_row


def place(row: TargetRow, gpus: list[GpuRow], *others: TargetRow, **known: str | bool) -> Placement:
    target = Target(row.name, row.url, "", **known)  # type: ignore[arg-type]
    return placement(row, Around.of((target,), (row, *others), gpus))


def test_the_servers_own_uuid_and_the_exporters_pod_make_it_exact() -> None:
    found = place(target_row(gpus=("GPU-1",)), [gpu_row("GPU-1", pod="triton-0")], pod="triton-0")
    assert found.how is How.EXACT
    assert found.node == "node-0"
    assert found.pod == "triton-0"
    assert found.why == "the server's own UUID, and DCGM says pod triton-0 holds it"
    assert not found.hint


def test_the_exporter_tells_the_pod_of_a_server_that_was_listed_by_its_address() -> None:
    found = place(target_row("10.0.0.3", gpus=("GPU-1",)), [gpu_row("GPU-1", pod="ranker-x", namespace="ml")])
    assert (found.how, found.namespace, found.pod) == (How.EXACT, "ml", "ranker-x")


def test_a_gpu_that_two_servers_see_is_shared_and_seeing_is_not_using() -> None:
    row, other = target_row(gpus=("GPU-1",)), target_row("triton-1", gpus=("GPU-1",))
    found = place(row, [gpu_row("GPU-1", pod="triton-0")], other, pod="triton-0")
    assert found.how is How.SHARED
    assert found.why == "the server sees it, and so does triton-1: seeing is not using"


def test_two_sources_that_name_different_pods_are_both_told() -> None:
    found = place(target_row(gpus=("GPU-1",)), [gpu_row("GPU-1", pod="trainer")], pod="triton-0")
    assert found.how is How.SHARED
    assert "triton-0 sees it, DCGM says trainer holds it" in found.why
    assert found.pod == "triton-0"


def test_without_pod_labels_it_is_one_sources_word_and_says_what_would_confirm_it() -> None:
    found = place(target_row(gpus=("GPU-1",)), [gpu_row("GPU-1", pod="")])
    assert found.how is How.ONE_SOURCE
    assert "pod labels" in found.hint


def test_a_slice_is_found_by_the_pod_that_holds_it() -> None:
    rows = [
        gpu_row("GPU-1", mig="2g.20gb/1", pod="triton-0", number="0"),
        gpu_row("GPU-1", mig="2g.20gb/2", pod="other", number="0"),
    ]
    found = place(target_row(gpus=("GPU-1",)), rows, pod="triton-0")
    assert found.how is How.MIG
    assert [held.row.gpu.mig for held in found.gpus if held.row] == ["2g.20gb/1"]


def test_of_several_slices_without_labels_none_is_picked() -> None:
    rows = [gpu_row("GPU-1", mig=f"2g.20gb/{number}", pod="") for number in range(3)]
    found = place(target_row(gpus=("GPU-1",)), rows)
    assert found.how is How.SHARED
    assert "one of 3 MIG slices" in found.why
    assert found.gpus[0].row is None


def test_a_server_in_a_slice_says_so_by_its_own_uuid() -> None:
    assert place(target_row(gpus=("MIG-77",)), []).how is How.MIG


def test_the_exporter_alone_is_one_source() -> None:
    rows = [gpu_row("GPU-1", pod="triton-0"), gpu_row("GPU-2", pod="other"), gpu_row("GPU-3", pod="triton-0")]
    found = place(target_row(), rows, pod="triton-0")
    assert found.how is How.ONE_SOURCE
    assert [held.uuid for held in found.gpus] == ["GPU-1", "GPU-3"]


def test_a_pod_of_the_same_name_in_another_namespace_is_another_pod() -> None:
    rows = [gpu_row("GPU-1", pod="triton-0", namespace="staging")]
    assert place(target_row(), rows, pod="triton-0", namespace="prod").how is How.UNKNOWN


def test_unknown_says_why_and_how_to_know() -> None:
    found = place(target_row(), [])
    assert found.how is How.UNKNOWN
    assert "reports no GPU" in found.why
    assert "DCGM exporter with pod labels" in found.hint
    assert "does not answer" in place(down_target(), []).why


def test_a_group_of_servers_has_no_place() -> None:
    found = place(target_row(), [gpu_row(pod="triton-0")], scraped=True)
    assert found.how is How.UNKNOWN
    assert "group of servers" in found.why
    assert "open one of its servers" in found.hint


def test_several_gpus_are_as_certain_as_the_least_certain_one() -> None:
    rows = [gpu_row("GPU-1", pod="triton-0"), gpu_row("GPU-2", pod="")]
    found = place(target_row(gpus=("GPU-1", "GPU-2")), rows, pod="triton-0")
    assert found.how is How.ONE_SOURCE
    assert [held.how for held in found.gpus] == [How.EXACT, How.ONE_SOURCE]
