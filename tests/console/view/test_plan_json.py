import json
from dataclasses import replace

from console.domain.action import Action, ActionKind
from console.domain.plan import Blast
from console.domain.run import Measured, Outcome, Result
from console.domain.states import canonical
from console.view.plan_json import plan_object, refused_object, run_object
from tests.parts.plans import plan, run, step


def told(value) -> dict:
    """The value as a script reads it."""
    return json.loads(canonical(value))


def test_a_plan_has_every_key_of_the_contract():
    found = told(plan_object(plan()))
    assert set(found) >= {"action", "goal", "steps", "blast_radius", "warnings", "unknown"}
    for each in found["steps"]:
        assert set(each) >= {"control", "call", "precondition", "effect", "inverse"}
    assert found["action"] == "rollback"
    assert found["asked"] == {"model": "multi", "version": "2"}
    assert found["blast_radius"]["share"] == 0.432
    assert found["steps"][0]["precondition"] == "versions 3"
    assert found["steps"][0]["inverse"] == "curl back"


def test_what_is_unknown_is_null_and_never_zero_or_empty():
    bare = told(plan_object(plan(step(before=None, inverse=None), blast=Blast())))
    assert bare["blast_radius"]["share"] is None
    assert bare["steps"][0]["inverse"] is None
    assert bare["steps"][0]["before"] is None
    assert bare["refusal"] is None
    ended = told(run_object(run(measured=Measured(0.5, None, 0, 5.0))))
    assert ended["share"]["counted"] is None
    assert ended["effect"]["models"][0]["after"]["error_ratio"] is None


def test_the_whole_call_is_told():
    assert told(plan_object(plan()))["steps"][0]["call"] == plan().steps[0].call


def test_a_run_is_its_plan_and_what_came_of_it():
    found = told(run_object(run()))
    planned = told(plan_object(plan()))
    assert {key: found[key] for key in planned if key != "steps"} == {
        key: planned[key] for key in planned if key != "steps"
    }
    assert (found["id"], found["result"]) == (plan().id, "verified")
    assert [(each["outcome"], each["seconds"]) for each in found["steps"]] == [("done", 1.43)] * 2
    assert found["effect"]["seconds"] == 60
    assert found["effect"]["models"][0]["before"]["p99_ms"] == 183.2


def test_without_a_measured_effect_it_is_null():
    found = told(run_object(run(effects=(), measured=None)))
    assert found["effect"] is None
    assert found["share"] is None


def test_every_result_has_the_word_of_the_contract():
    words = {result: told(run_object(run(result=result)))["result"] for result in Result}
    assert words[Result.CHANGED] == "changed_under_you"
    assert {words[Result.VERIFIED], words[Result.FAILED], words[Result.REFUSED]} == {
        "verified",
        "failed",
        "refused",
    }


def test_a_refused_plan_looks_like_a_run_of_which_nothing_was_done():
    found = told(refused_object(plan(refusal="frozen by bo")))
    assert (found["result"], found["message"], found["effect"]) == ("refused", "frozen by bo", None)
    assert {each["outcome"] for each in found["steps"]} == {Outcome.WAITING.value}


def test_zero_percent_is_asked_and_what_was_not_asked_is_left_out():
    asked = Action(ActionKind.REDUCE, model="multi", percent=0.0, values={})
    assert told(plan_object(replace(plan(), action=asked)))["asked"] == {"model": "multi", "percent": 0.0}
