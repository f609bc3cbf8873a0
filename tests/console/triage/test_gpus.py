import pytest

from console.domain.lint_nodes import selectors
from console.domain.lint_promql import parse
from console.domain.triage import Answer
from console.triage.gpus import BUSY, Gauge, figure, gpus, named, shift
from console.triage.shift import Shift
from console.triage.strain import Strain
from tests.parts.memory import Memory, Served, noisy, scene, stepped
from tests.snapshots import gpu_row, target_row

TWO = ("triton-0", "triton-1")
GAUGE = Gauge(
    "memory used",
    "B",
    "DCGM_FI_DEV_FB_USED{where} * 1048576",
    "nv_gpu_memory_used_bytes{where}",
    "memory.used",
)


def slowed(**figures):
    return Served(**{"infer_ms": stepped(8.0, 40.0, 60.0), "p99_ms": stepped(15.0, 90.0, 60.0), **figures})


def strain(*rows, served=None, sees=(("GPU-a",), ("GPU-b",)), **changes):
    """A model on two targets, each of which sees a GPU of its own."""
    targets = [target_row(name, gpus=seen) for name, seen in zip(TWO, sees, strict=True)]
    return Strain(scene(served or slowed(on=TWO), gpus=rows, targets=targets, **changes))


def uuids(found):
    return [row.gpu.uuid for row in found]


def test_the_gpus_of_a_models_targets_are_its_own():
    rows = (gpu_row("GPU-a"), gpu_row("GPU-b"), gpu_row("GPU-c"))
    assert uuids(gpus(strain(*rows))) == ["GPU-a", "GPU-b"]


def test_on_the_target_that_stands_out_only_its_gpus_count():
    served = slowed(on=TWO, infer_ms=8.0, only={"triton-1": {"infer_ms": stepped(8.0, 60.0, 60.0)}})
    assert uuids(gpus(strain(gpu_row("GPU-a"), gpu_row("GPU-b"), served=served))) == ["GPU-b"]


def test_what_is_stale_says_nothing():
    assert uuids(gpus(strain(gpu_row("GPU-a", stale=True), gpu_row("GPU-b")))) == ["GPU-b"]


def test_where_no_server_tells_its_gpus_all_are_looked_at():
    rows = (gpu_row("GPU-a"), gpu_row("GPU-c"))
    assert uuids(gpus(strain(*rows, sees=((), ())))) == ["GPU-a", "GPU-c"]


def test_where_only_others_tell_their_gpus_none_is_the_models():
    found = strain(gpu_row("GPU-b"), served=slowed(on=("triton-0",)), sees=((), ("GPU-b",)))
    assert gpus(found) == []


@pytest.mark.parametrize("rate", [100.0, 1.5, 0.4])
def test_a_gpu_is_compared_with_its_own_past(rate):
    courses = {("GPU-a", "", "utilization"): stepped(0.25, 0.75, 60.0)}
    found = shift(strain(served=slowed(on=TWO, rate=rate), courses=courses), gpu_row("GPU-a"), "utilization")
    assert (found.now, found.base, found.basis) == (0.75, 0.25, "median of 540 s before")


def test_a_slice_has_its_own_past():
    courses = {("GPU-a", "1g.10gb/3", "sm_active"): 0.5, ("GPU-a", "", "sm_active"): 0.9}
    assert shift(strain(courses=courses), gpu_row("GPU-a", mig="1g.10gb/3"), "sm_active").base == 0.5


def test_without_a_past_there_is_no_baseline():
    found = shift(strain(), gpu_row("GPU-a"), "utilization")
    assert (found.now, found.base) == (None, None)


def test_a_single_figure_of_a_gpu_is_now_and_no_baseline():
    courses = {("GPU-a", "", "utilization"): noisy(0.5, 0.0)}
    found = shift(strain(courses=courses, memory=Memory(watched_s=5.0)), gpu_row("GPU-a"), "utilization")
    assert (found.now, found.base) == (0.5, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "GPU 0 node-0"),
        ({"number": "", "node": ""}, "GPU GPU-5d2d"),
        ({"mig": "1g.10gb/3"}, "GPU 0 slice 1g.10gb/3 node-0"),
    ],
)
def test_a_gpu_is_named_by_number_slice_and_node(changes, said):
    assert named(gpu_row(**changes)) == said


def evidence(row, gauge=GAUGE, value=None):
    return figure(
        "gpu_memory", Answer.YES, row, gauge, value or Shift(0.9, 0.5, 0.0, "median of 540 s before")
    )


def test_evidence_of_a_gpu_tells_all_that_is_known():
    made = evidence(gpu_row())
    assert (made.what, made.subject, made.now, made.baseline, made.unit) == (
        "memory used",
        "GPU 0 node-0",
        0.9,
        0.5,
        "B",
    )
    assert (made.basis, made.source, made.age_s) == ("gauge, baseline median of 540 s before", "dcgm", 1.0)


def test_an_unknown_figure_says_what_to_switch_on():
    made = evidence(gpu_row(), value=Shift(None, None))
    assert (made.now, made.basis) == (None, "gauge")
    assert "dcgm" in made.hint


@pytest.mark.parametrize(
    ("changes", "query"),
    [
        ({}, 'DCGM_FI_DEV_FB_USED{UUID="GPU-5d2d"} * 1048576'),
        ({"mig": "1g.10gb/3"}, 'DCGM_FI_DEV_FB_USED{UUID="GPU-5d2d",GPU_I_ID="3"} * 1048576'),
        ({"source": "triton"}, 'nv_gpu_memory_used_bytes{gpu_uuid="GPU-5d2d"}'),
        ({"source": "nvml"}, "nvidia-smi -i GPU-5d2d --query-gpu=memory.used --format=csv"),
    ],
)
def test_the_query_asks_where_the_row_was_read(changes, query):
    assert evidence(gpu_row(**changes)).query == query


@pytest.mark.parametrize("uuid", ['a"b', "a\\b", '"} or up #'])
@pytest.mark.parametrize("source", ["dcgm", "triton"])
def test_a_hostile_uuid_stays_in_its_quotes(uuid, source):
    found = list(selectors(parse(evidence(gpu_row(uuid, source=source)).query)))
    assert [matcher.value for each in found for matcher in each.matchers] == [uuid]


def test_a_hostile_uuid_stays_one_word_of_a_command():
    assert "-i '$(reboot)' " in evidence(gpu_row("$(reboot)", source="nvml")).query


@pytest.mark.parametrize("gauge", BUSY.values(), ids=list(BUSY))
def test_how_busy_a_gpu_is_can_be_asked_for(gauge):
    assert list(selectors(parse(evidence(gpu_row(), gauge).query)))
