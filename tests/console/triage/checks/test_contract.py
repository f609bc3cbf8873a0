"""What every answer of every check must carry, whatever it was asked about."""

import math
import re

import pytest

from console.domain.basis import Basis
from console.domain.lint import faults
from console.domain.lint_fault import Fault, Weight
from console.domain.text import visible
from console.domain.triage import Answer, CheckUse, Evidence, Finding
from console.triage import checks
from console.triage.scene import Scene
from console.view.triage_evidence import both_bases, evidence_row
from tests.parts.memory import Served, scene
from tests.parts.pictures import SCENES
from tests.snapshots import HOSTILE_NAMES

BASES = {each.value for each in Basis} | {
    "index",
    "config",
    "lock",
    "poll",
    "polls",
    "measured",
    "weight",
    "revision",
    "estimate",
}
COMMANDS = ("GET ", "POST ", "curl ", "kubectl ", "nvidia-smi ", "triton-console ", "dd ")


def found(name: str, picture: Scene) -> Finding:
    return checks.run(CheckUse(name), picture)


def wrong(query: str) -> list[Fault]:
    """What makes an expression answer nothing or lie; that a figure must be switched on is none of it."""
    return [fault for fault in faults(query) if fault.weight is not Weight.NOTE]


def all_evidence(name: str) -> list[tuple[str, Finding, Evidence]]:
    made = ((title, found(name, make())) for title, make in SCENES.items())
    return [(title, finding, each) for title, finding in made for each in finding.evidence]


@pytest.mark.parametrize("title", SCENES)
def test_no_check_fails_on_any_picture(title: str) -> None:
    for name in checks.names():
        finding = found(name, SCENES[title]())
        assert finding.check == name
        assert finding.reason
        assert "the check failed" not in finding.reason, (name, finding.reason)
        assert 0.0 <= finding.confidence <= 1.0
        assert {each.check for each in finding.evidence} <= {name}


@pytest.mark.parametrize("name", checks.names())
def test_every_answer_has_evidence(name: str) -> None:
    for title, make in SCENES.items():
        assert found(name, make()).evidence, (name, title)


@pytest.mark.parametrize("name", checks.names())
def test_what_is_unknown_says_what_to_switch_on(name: str) -> None:
    for title, finding, each in all_evidence(name):
        if each.answer is Answer.UNKNOWN:
            assert each.hint, (title, each)
        if finding.answer is Answer.UNKNOWN:
            assert any(each.hint for each in finding.evidence), (title, finding)


@pytest.mark.parametrize("name", checks.names())
def test_a_figure_says_how_it_is_known_where_it_was_read_and_how_to_see_it_again(name: str) -> None:
    for title, _, each in all_evidence(name):
        if each.now is None:
            continue
        assert each.source, (title, each)
        assert each.query, (title, each)
        # A config has no age, and a target that never answered has none.
        assert each.age_s is not None or name == "batching" or title == "target gone", (title, each)
        assert each.what
        assert each.subject


@pytest.mark.parametrize("name", checks.names())
def test_the_basis_is_one_word_and_that_of_the_baseline_stands_apart(name: str) -> None:
    for title, _, each in all_evidence(name):
        basis, about = both_bases(each)
        assert basis in BASES | ({""} if each.now is None and each.at is None else set()), (title, each)
        if each.baseline is not None:
            assert about, (title, each)


@pytest.mark.parametrize("name", checks.names())
def test_a_query_is_one_line_that_can_be_asked(name: str) -> None:
    for title, _, each in all_evidence(name):
        if not each.query:
            continue
        assert visible(each.query, 10_000) == each.query, (title, each)
        assert not re.search(r"\{(model|where|check)\}|\bNone\b", each.query), (title, each)
        if not each.query.startswith(COMMANDS):
            assert not wrong(each.query), (title, each.query, wrong(each.query))


@pytest.mark.parametrize("name", checks.names())
def test_no_figure_is_made_of_nothing(name: str) -> None:
    for title in ("not a number", "infinite", "nothing at all"):
        for each in found(name, SCENES[title]()).evidence:
            row = evidence_row(each)
            assert "nan" not in f"{row.now}{row.baseline}", (title, each)
            assert each.now is None or math.isfinite(each.now) or row.now == "unknown", (title, each)


@pytest.mark.parametrize("name", checks.names())
@pytest.mark.parametrize("hostile", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_hostile_names_stay_in_their_place(name: str, hostile: str) -> None:
    picture = scene(Served(hostile, infer_ms=8.0, on=("triton-0",)), Served("neighbour"))
    finding = found(name, picture)
    assert visible(finding.reason, 5000) == finding.reason
    for each in finding.evidence:
        if each.query.startswith(COMMANDS):
            assert visible(each.query, 5000) == each.query
        elif each.query and len(hostile) < 1000:
            assert not wrong(each.query), each.query
