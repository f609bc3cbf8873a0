import numpy as np

from console.domain.config import ModelConfig, read_config
from console.domain.counters import Counters
from console.domain.failure import Failure, FailureKind
from console.domain.families import ROWS
from console.domain.fleet import ModelVersion
from console.domain.lies import (
    coverage_warnings,
    load_warnings,
    probe_warnings,
    target_warnings,
    version_warnings,
)
from console.domain.probe import ProbeOutcome, ProbeSummary
from console.domain.triton import IndexEntry, State, TritonReading, VersionStatistics
from console.domain.versions import VersionState, is_trouble, version_states

KEY = ModelVersion("ranker", "7")


def statistics(key: ModelVersion = KEY) -> VersionStatistics:
    return VersionStatistics(key, 0, 1, 1, 1, 0, 1.0, 0.0, 0.0, 1.0, 0.0, 0, 0, {1: 1})


def test_a_serving_version_that_the_index_omits_is_found_in_the_statistics() -> None:
    reading = TritonReading(index=(IndexEntry("other", "1", State.READY),), statistics=(statistics(),))

    states = version_states(reading)

    assert states is not None
    assert states[KEY] == VersionState(State.READY, "", omitted=True)
    assert [w.id for w in version_warnings(KEY, states[KEY], None)] == ["not-in-index"]


def test_without_the_index_the_statistics_tell_and_without_both_nothing_does() -> None:
    assert version_states(TritonReading(statistics=(statistics(),))) == {KEY: VersionState(State.READY)}
    assert version_states(TritonReading()) is None


def test_unloaded_is_at_rest_and_a_failed_load_is_not() -> None:
    assert not is_trouble(State.UNAVAILABLE, "unloaded")
    assert is_trouble(State.UNAVAILABLE, "Internal: no such file")


def test_ready_with_a_reason_is_a_warning() -> None:
    found = VersionState(State.READY, "instance group has kind KIND_GPU but no GPUs are available")

    warnings = list(version_warnings(KEY, found, None))

    assert warnings[0].id == "ready-with-reason"
    assert "no GPUs are available" in warnings[0].text


def config(**changes: object) -> ModelConfig:
    return read_config({"name": "ranker", "backend": "onnxruntime", "max_batch_size": 8, **changes})


def test_a_queue_limit_warns_only_when_it_is_reached() -> None:
    limited = config(dynamic_batching={"default_queue_policy": {"max_queue_size": 4}})

    standing = list(version_warnings(KEY, VersionState(State.READY), limited))

    assert [(w.id, w.note) for w in standing] == [("queue-full-uncounted", True)]
    assert not list(load_warnings(State.READY, 3.0, 4, 0.0))
    assert [w.id for w in load_warnings(State.READY, 4.0, 4, 0.0)] == ["queue-full"]


def test_a_served_config_that_names_other_versions_is_stale() -> None:
    stale = config(version_policy={"specific": {"versions": ["3"]}})

    assert [w.id for w in version_warnings(KEY, VersionState(State.READY), stale)] == ["config-stale"]


def test_figures_of_some_targets_only_say_so() -> None:
    assert [w.id for w in coverage_warnings(1, 2)] == ["partial-coverage"]
    assert not list(coverage_warnings(2, 2))


def test_ready_while_every_request_fails_is_said() -> None:
    assert [w.id for w in load_warnings(State.READY, 0.0, 0, 1.0)] == ["every-request-fails"]


def test_a_failing_probe_is_said_although_everything_says_ready() -> None:
    probe = ProbeSummary("t0", ProbeOutcome.ERROR, "Stub process is not healthy", 0.0, 0.0, 0, None, None)

    warning = next(probe_warnings(State.READY, (probe,)))

    assert warning.text.startswith("READY, but its probe on t0 ends in error: Stub process")


def test_not_ready_for_good_after_a_failed_load_but_not_while_loading() -> None:
    failed = IndexEntry("ocr", "2", State.UNAVAILABLE, "No module named 'cv2'")
    loading = IndexEntry("ranker", "7", State.LOADING)

    def ids(*index: IndexEntry) -> list[str]:
        return [w.id for w in target_warnings(TritonReading(ready=False, index=index)) if not w.note]

    assert ids(failed) == ["not-ready-for-good"]
    assert ids(failed, loading) == []


def test_odd_configs_fall_back_to_defaults() -> None:
    odd = read_config({"instance_group": [{"count": "x"}, 3], "dynamic_batching": [], "version_policy": None})

    assert (odd.instances, odd.queue_limit, odd.policy) == (2, 0, ("latest", (1,)))
    assert odd.digest != config().digest


def test_an_api_that_hangs_while_the_metrics_answer_is_not_simply_down() -> None:
    late = Failure(FailureKind.TIMEOUT, "live", "live: no answer in time")
    counters = Counters((KEY,), np.full((ROWS, 1), np.nan))

    held = target_warnings(TritonReading(counters=counters, failures=(late,)))
    gone = target_warnings(TritonReading(failures=(late,)))

    assert [w.id for w in held] == ["api-held"]
    assert not list(gone)
