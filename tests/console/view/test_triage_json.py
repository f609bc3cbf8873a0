import json

from console.domain.fleet import Fleet, Target
from console.domain.triage import Answer, Library
from console.view.styled import plain, width
from console.view.triage_json import library_object, walk_object
from console.view.triage_library import library_lines
from tests.parts.walks import BOOK, P99, PAGE, finding, overruled, walk, walked

FLEET = Fleet(targets=(Target("triton-0", "http://triton-0:8000", "http://triton-0:8002/metrics"),))


def test_the_keys_that_scripts_rely_on():
    said = walk_object(walk(), FLEET)
    assert said["runbook"] == "p99-latency"
    assert (said["model"], said["verdict"], said["confidence"]) == ("ranker", "rollout", 0.9)
    assert said["at"] == "2025-10-09T08:53:20.000Z"
    assert said["onset"] == "2025-10-09T08:51:00.000Z"
    step = said["steps"][0]
    assert (step["id"], step["question"], step["answer"]) == ("page", PAGE.question, "yes")
    evidence = step["evidence"][0]
    assert evidence["check"] == "promise_broken"
    assert (evidence["now"], evidence["baseline"], evidence["difference"]) == (183.4, 38.2, 145.2)
    assert (evidence["basis"], evidence["source"], evidence["verdict"]) == (
        "summary",
        "metrics of triton-0",
        "yes",
    )
    assert evidence["query"] == P99.query
    first, second = said["recommended"]
    assert first["action"] == "rollback"
    assert first["why"] == "it began with the load"
    assert first["command"].startswith(
        "triton-console rollback --model ranker --to-version 6 http://triton-0:8000"
    )
    assert (second["action"], second["command"]) == (None, "kubectl edit deployment/triton")


def test_what_is_unknown_is_null_and_never_nought():
    said = walk_object(walk(onset=None, story="", recovery=None), FLEET)
    assert (said["onset"], said["story"], said["recovery"]) == (None, None, None)
    load, activity = said["steps"][1]["evidence"]
    assert (load["now"], load["at"]) == (None, "2025-10-09T08:50:20.000Z")
    assert (activity["now"], activity["difference"], activity["age_s"]) == (None, None, None)
    assert activity["hint"] == "set gpu.dcgm in the fleet's settings"


def test_the_basis_of_a_figure_is_one_word_and_that_of_its_baseline_stands_apart():
    both = P99._replace(basis="summary, baseline median of 600 s before")
    said = walk_object(walk(path=(walked(PAGE, Answer.YES, finding(evidence=(both,))),)), FLEET)
    evidence = said["steps"][0]["evidence"][0]
    assert (evidence["basis"], evidence["baseline_basis"]) == ("summary", "baseline median of 600 s before")


def test_what_no_json_can_say_is_null():
    odd = P99._replace(now=float("nan"), baseline=float("inf"), at=1e300)
    said = walk_object(walk(path=(walked(PAGE, Answer.YES, finding(evidence=(odd,))),)), FLEET)
    evidence = said["steps"][0]["evidence"][0]
    assert (evidence["now"], evidence["baseline"], evidence["at"]) == (None, None, None)
    json.dumps(said, allow_nan=False)


def test_a_step_is_as_sure_as_the_surest_finding_that_says_so():
    found = (
        finding("a", Answer.YES, confidence=0.4),
        finding("b", Answer.YES, confidence=0.8),
        finding("c", Answer.NO, confidence=0.99),
    )
    said = walk_object(walk(path=(walked(PAGE, Answer.YES, *found), walked(PAGE, Answer.UNKNOWN))), FLEET)
    assert [step["confidence"] for step in said["steps"]] == [0.8, None]


def test_an_engineers_word_is_told_beside_the_consoles():
    step = walked(PAGE, Answer.NO, finding(), found=Answer.YES, overruled=overruled())
    said = walk_object(walk("none", path=(step,)), FLEET)["steps"][0]
    assert (said["answer"], said["confidence"]) == ("no", 1.0)
    assert said["overruled"] == {
        "found": "yes",
        "note": "known and accepted",
        "who": "ana",
        "at": "2025-10-09T08:53:20.000Z",
    }


def test_the_runbooks_are_listed_in_the_order_in_which_they_are_tried():
    library = Library({"z": BOOK}, ("runbooks/x.toml: is no TOML",))
    said = library_object(library)
    assert said["runbooks"][0]["id"] == "p99-latency"
    assert said["runbooks"][0]["alerts"] == ["latency-objective"]
    assert said["problems"] == ["runbooks/x.toml: is no TOML"]


def test_the_list_fits_its_width_and_names_the_alerts():
    lines = [plain(line) for line in library_lines(Library({"p99-latency": BOOK}), 40)]
    assert max(map(width, lines)) <= 40
    assert lines[0].startswith("p99-latency  p99 is over its promise")
    assert "latency-objective" in lines[1]


def test_without_any_runbook_the_list_says_so():
    assert "there is no runbook" in plain(library_lines(Library(), 80)[0])
