from console.domain.alerts import conditions
from console.domain.failure import Failure, FailureKind
from console.domain.triton import State
from console.domain.versions import UNREADABLE
from tests.snapshots import down_target, drift, gpu_row, model_row, slo, target_row


def found(*, targets=(), models=(), gpus=()) -> list[tuple[str, str, str]]:
    return [(c.id, c.severity, c.subject) for c in conditions(targets, models, gpus)]


def test_a_fleet_that_is_well_raises_nothing() -> None:
    assert found(targets=[target_row()], models=[model_row()]) == []


def test_one_target_down_is_a_ticket_and_all_of_them_a_page() -> None:
    assert found(targets=[target_row(), down_target("b")]) == [("target-down", "ticket", "b")]
    assert found(targets=[down_target("b")]) == [("target-down", "page", "b")]


def test_a_missing_metrics_endpoint_is_said() -> None:
    refused = Failure(FailureKind.REFUSED, "metrics", "metrics: connection refused")

    assert found(targets=[target_row(failures=(refused,))]) == [("metrics-missing", "ticket", "triton-0")]


def test_a_failed_version_pages_unless_another_serves() -> None:
    failed = model_row("ocr", "2", state=State.UNAVAILABLE, reason="No module named 'cv2'", ready=0)
    serving = model_row("ocr", "1")

    assert ("model-unavailable", "page", "ocr/2") in found(models=[failed])
    assert ("model-unavailable", "ticket", "ocr/2") in found(models=[failed, serving])


def test_an_unloaded_version_is_at_rest() -> None:
    unloaded = model_row("ocr", "1", state=State.UNAVAILABLE, reason="unloaded", ready=0)

    assert found(models=[unloaded]) == []


def test_a_version_that_was_taken_out_of_service_burns_no_more() -> None:
    burnt = slo(burn=49.0)
    gone = model_row(slo=burnt, state=State.UNAVAILABLE, reason="unloaded", ready=0, rate=0.0)

    assert [c[0] for c in found(models=[model_row(slo=burnt)])] == ["budget-burn"]
    assert found(models=[gone]) == []


def test_gpu_memory_is_judged_by_what_is_left() -> None:
    full = gpu_row(memory_free_bytes=100 * 2.0**20)

    assert [c[0] for c in found(gpus=[full])] == ["gpu-memory"]
    assert found(gpus=[gpu_row(memory_free_bytes=2.0**32)]) == []


def test_a_missing_credential_is_one_ticket_a_target_and_no_dead_model() -> None:
    locked = [Failure(FailureKind.FORBIDDEN, part, "credential missing") for part in ("index", "statistics")]
    unseen = model_row("ocr", "1", state=State.UNKNOWN, reason=UNREADABLE, ready=0)

    assert found(targets=[target_row(failures=tuple(locked))], models=[unseen]) == [
        ("credential-missing", "ticket", "triton-0")
    ]


def test_a_web_server_that_is_no_triton_is_said() -> None:
    odd = Failure(FailureKind.GARBAGE, "index", "index: did not answer as Triton does")

    assert found(targets=[target_row(failures=(odd,))]) == [("target-odd", "ticket", "triton-0")]


def test_what_somebody_undid_is_a_ticket_that_names_the_plan() -> None:
    (said,) = conditions((), (), (), (drift(),))
    assert (said.id, said.severity, said.evidence) == ("drift", "ticket", "read back from haproxy")
    assert said.message == "someone undid this: weight of triton/v2 was 10, is 100; plan k3x9ab"


def test_who_it_is_about_goes_with_the_alert() -> None:
    failed = model_row("ocr", "2", state=State.UNAVAILABLE, reason="no file", ready=0)
    first, second = conditions([target_row(), down_target("b")], [failed], ())
    assert (first.target, first.model) == ("b", "")
    assert (second.model, second.version, second.target) == ("ocr", "2", "")


def waits(**changes) -> list[str]:
    row = model_row(slo=slo(ratio=None, burn=None), **changes)
    return [c.id for c in conditions((), [row], ())]


def test_a_queue_is_measured_by_the_promise() -> None:
    assert waits(queue_ms=101.0, infer_ms=300.0) == ["queue-sustained"]
    assert waits(queue_ms=99.0, infer_ms=300.0) == []
    assert waits(queue_ms=45.0, infer_ms=20.0) == ["queue-sustained"]
    # A batcher that waits on purpose, for longer than the work takes.
    assert waits(queue_ms=5.0, input_ms=0.1, infer_ms=1.0, output_ms=0.1) == []
    assert waits(queue_ms=500.0, rate=0.1) == []
    assert waits(queue_ms=None) == []
    assert waits(queue_ms=500.0, stale=True) == []


def test_a_queue_must_last_and_its_evidence_is_of_means() -> None:
    (found,) = conditions((), [model_row(slo=slo(ratio=None, burn=None), queue_ms=150.0, pending=None)], ())
    assert found.for_s == 60.0
    assert found.evidence == "queue 150.0 ms of 200 ms promised, compute 27.5 ms (means)"


def test_a_percentile_of_a_few_requests_breaks_no_promise() -> None:
    late = slo(ratio=1.5, burn=None)
    assert found(models=[model_row(slo=late)]) == [("latency-objective", "ticket", "ranker/7")]
    assert found(models=[model_row(slo=late, rate=0.2)]) == []
    assert found(models=[model_row(slo=late, stale=True)]) == []
