import math
import sys
from types import ModuleType, SimpleNamespace

import pytest

from console.domain.triage import Answer, CheckUse, Evidence, Finding
from console.triage import checks
from console.triage.scene import Scene
from tests.snapshots import (
    HOSTILE_NAMES,
    down_target,
    failed_model,
    gpu_row,
    model_row,
    snapshot,
    target_row,
)

FIGURES = ("rate", "error_ratio", "mean_ms", "percentiles", "queue_ms", "infer_ms", "pending", "batch")
SCENE = SimpleNamespace(snapshot=snapshot(), model="ranker", asked={})


@pytest.fixture
def check(monkeypatch):
    """Puts a check of the name ``made`` among the others."""

    def put(function):
        module = ModuleType("console.triage.checks.made")
        module.check = function
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(checks, "names", lambda: ("made",))
        return checks.run(CheckUse("made"), SCENE)

    return put


def test_a_check_sees_the_scene_and_its_finding_is_what_is_found(check):
    found = Finding("made", Answer.YES, "it is", (Evidence("made", Answer.YES, "x", now=1.0),), "rollout")
    assert check(lambda scene: found if scene is SCENE else None) == found


@pytest.mark.parametrize("answer", [None, "yes", ZeroDivisionError, KeyError, RecursionError])
def test_a_check_that_goes_wrong_is_unknown_with_its_reason(check, answer):
    def broken(scene):
        if isinstance(answer, type):
            raise answer("odd\x1b[31m data")
        return answer

    found = check(broken)
    assert (found.answer, found.check) == (Answer.UNKNOWN, "made")
    assert "the check failed on this data" in found.reason
    assert "\x1b" not in found.reason


def test_what_a_check_says_is_bounded(check):
    long = Evidence("made", Answer.YES, "w" * 10**6, "s" * 10**6, query="q" * 10**6, hint="h" * 10**6)
    many = tuple(long._replace(now=float(n)) for n in range(1000))
    found = check(lambda _: Finding("made", Answer.YES, "r" * 10**6, many))
    assert sum(len(text) for each in found.evidence for text in each if isinstance(text, str)) < 10**6
    assert len(found.reason) <= 2000


def test_a_figure_that_is_given_twice_is_told_once(check):
    one = Evidence("made", Answer.YES, "w", now=1.0)
    assert check(lambda _: Finding("made", Answer.YES, "r", (one, one, one._replace(now=2.0)))).evidence == (
        one,
        one._replace(now=2.0),
    )


@pytest.mark.parametrize("name", ["nowhere", "", "__init__", "os", "..scene", "_promql", "x" * 1000])
def test_a_check_that_is_not_there_is_unknown(name):
    found = checks.run(CheckUse(name), SCENE)
    assert found.answer is Answer.UNKNOWN
    assert "there is no check" in found.reason
    assert len(found.reason) < 200


ODD = (
    snapshot([], []),
    snapshot([], [down_target()]),
    snapshot([failed_model("ranker")], [down_target(), target_row()]),
    snapshot([model_row("ranker", "7", **dict.fromkeys(FIGURES))]),
    snapshot([model_row("ranker", "7", **{**dict.fromkeys(FIGURES, math.nan), "percentiles": None})]),
    snapshot([model_row("ranker", "7", age_s=None, stale=True, targets=(), reporting=0)]),
    snapshot(gpus=(gpu_row(), gpu_row("GPU-2"))),
)


@pytest.mark.parametrize("name", checks.names())
@pytest.mark.parametrize("picture", range(len(ODD)))
def test_no_check_goes_wrong_on_an_odd_picture(name, picture):
    found = checks.run(CheckUse(name), Scene(ODD[picture], "ranker"))
    assert found.check == name
    assert "the check failed" not in found.reason
    assert found.reason


@pytest.mark.parametrize("name", checks.names())
@pytest.mark.parametrize("model", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_no_check_goes_wrong_on_a_hostile_name(name, model):
    found = checks.run(CheckUse(name), Scene(snapshot([model_row(model, "7")]), model))
    assert "the check failed" not in found.reason


def test_an_expression_is_judged_without_a_module():
    found = checks.run(CheckUse("promql", "up", below=1.0), SCENE)
    assert "no Prometheus is known" in found.reason
