from console.domain.fleet import ModelVersion
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import ReplicaRow
from console.domain.triage import Answer
from console.domain.triton import State
from console.domain.versions import UNREADABLE
from console.triage.checks import load_failed
from console.triage.scene import Scene
from tests.fake_history import NOW, FakeHistory
from tests.snapshots import failed_model, model_row, snapshot

CV2 = "Internal: ModuleNotFoundError: No module named 'cv2'\n\nAt:\n  /models/ocr/2/model.py(3): <module>\n"
PARTS = {
    "pipe": {
        "triton-0": {
            "name": "pipe",
            "platform": "ensemble",
            "ensemble_scheduling": {"step": [{"model_name": "ocr", "model_version": -1}]},
        }
    }
}


def replica(reason, state=State.UNAVAILABLE, target="triton-0", model="ocr", version="2"):
    nothing = (None,) * 7
    return ReplicaRow(target, ModelVersion(model, version), state, reason, *nothing, 0.4, stale=False)


class History(FakeHistory):
    """Replicas by their keys."""

    def __init__(self, *replicas, configs=None):
        super().__init__(configs=configs)
        self.rows = replicas

    def replicas(self, key):
        return [row for row in self.rows if row.key == key]


def failed(version="2", model="ocr", **changes):
    row = failed_model(model)
    return row._replace(key=ModelVersion(model, version), targets=("triton-0",), **changes)


def check(*rows, replicas=(), model="ocr", markers=(), configs=None):
    picture = snapshot(list(rows), markers=tuple(markers), history=History(*replicas, configs=configs))
    return load_failed.check(Scene(picture, model))


def failure(ago, detail=CV2, kind=MarkerKind.FAILURE, target="triton-0"):
    return Marker(NOW - ago, kind, "ocr/2", detail, "ocr", "2", target)


def test_the_cause_is_the_verdict_and_its_points_are_settled():
    found = check(failed(), replicas=[replica(CV2)])
    assert (found.answer, found.verdict, found.model) == (Answer.YES, "python_import", "ocr")
    assert "No module named 'cv2'" in found.reason
    assert found.settles == ("runtime",)
    assert found.confidence > 0.9
    (evidence,) = found.evidence
    assert (evidence.source, evidence.query) == (
        "repository index",
        "POST http://triton-0:8000/v2/repository/index",
    )
    assert evidence.hint.startswith("Install cv2")
    assert "triton-0" in evidence.subject


def test_the_version_that_serves_is_the_one_to_go_back_to():
    found = check(
        failed(), model_row("ocr", "1"), replicas=[replica(CV2), replica("", State.READY, version="1")]
    )
    assert found.version == "1"


def test_what_says_no_cause_is_a_failure_without_a_verdict():
    found = check(failed(), replicas=[replica("Internal: unable to create TensorRT engine")])
    assert (found.answer, found.verdict) == (Answer.YES, "")
    assert "does not say why" in found.reason
    assert "explain" in found.evidence[0].hint


def test_a_change_that_a_serving_version_refused_is_a_failure():
    refused = (
        "Invalid argument: instance group ocr_0 of model ocr has kind KIND_GPU but no GPUs are available"
    )
    found = check(model_row("ocr", "2", targets=("triton-0",)), replicas=[replica(refused, State.READY)])
    assert (found.answer, found.verdict, found.settles) == (
        Answer.YES,
        "gpu_placement",
        ("config", "runtime"),
    )


def test_loads_that_fail_again_and_again_are_counted_on_each_target():
    markers = [failure(90), failure(60), failure(30), failure(30, target="triton-1")]
    found = check(failed(), replicas=[replica(CV2)], markers=markers)
    assert "failed to load 3 times" in found.reason
    assert found.evidence[0].now == 3


def test_between_two_tries_of_a_polling_server_it_is_still_failed():
    row = failed(state=State.LOADING, reason="")
    trying = [replica("", State.LOADING)]
    assert check(row, replicas=trying, markers=[failure(9)]).verdict == "python_import"
    loaded = failure(5, "ocr v2 READY", MarkerKind.LOAD)
    assert check(row, replicas=trying, markers=[failure(9), loaded]).answer is Answer.NO


def test_the_part_of_an_ensemble_is_the_culprit():
    pipe = failed(model="pipe", version="1")
    said = "Invalid argument: ensemble 'pipe' depends on 'ocr' which has no loaded version"
    found = check(
        pipe,
        failed(),
        replicas=[replica(said, model="pipe", version="1"), replica(CV2)],
        model="pipe",
        configs=PARTS,
    )
    assert (found.verdict, found.model) == ("python_import", "ocr")


def test_what_serves_or_was_unloaded_did_not_fail():
    assert check(model_row("ocr", "2"), replicas=[replica("", State.READY)]).answer is Answer.NO
    found = check(failed(reason="unloaded"), replicas=[replica("unloaded")])
    assert (found.answer, found.evidence[0].now) == (Answer.NO, 0)


def test_what_nobody_can_see_is_unknown_with_a_way_to_see_it():
    unreadable = failed(state=State.UNKNOWN, reason=UNREADABLE)
    found = check(unreadable, replicas=[replica(UNREADABLE, State.UNKNOWN)])
    assert (found.answer, "--header" in found.evidence[0].hint) == (Answer.UNKNOWN, True)
    never = failed(version="", state=State.ABSENT, reason="")
    found = check(never, replicas=[replica("", State.ABSENT, version="")])
    assert (found.answer, "explain" in found.evidence[0].hint) == (Answer.UNKNOWN, True)
    assert check(model="nobody").answer is Answer.UNKNOWN


def test_what_servers_say_is_harmless():
    found = check(failed(), replicas=[replica("Internal: \x1b[31mNo module named '\u202ex'" + "y" * 10**6)])
    said = found.reason + "".join(each.what + each.hint + each.subject for each in found.evidence)
    assert not {"\x1b", "\u202e"} & set(said)
    assert len(said) < 3000
