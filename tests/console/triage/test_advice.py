from dataclasses import replace

import pytest

from console.domain.action import Action, ActionKind
from console.domain.config import read_config
from console.domain.triage import (
    Answer,
    CheckUse,
    Finding,
    Mitigation,
    Runbook,
    RunbookStep,
    Way,
)
from console.triage.walker import walk
from tests.parts.runbooks import shipped

GATE = RunbookStep(
    "gate",
    "?",
    (CheckUse("gate"),),
    Way(verdict="*", otherwise="gpu"),
    Way(verdict="none"),
    Way(verdict="unknown"),
)
CONFIG = {
    "name": "ranker",
    "max_batch_size": 8,
    "instance_group": [{"kind": "KIND_GPU", "count": 2}],
    "dynamic_batching": {"max_queue_delay_microseconds": 500, "default_queue_policy": {"max_queue_size": 64}},
}


def mitigation(action: ActionKind | None, **more) -> Mitigation:
    given = {"id": "m", "text": "Do it", "why": "it helps", "verdicts": ("gpu",), **more}
    return Mitigation(action=action, **given)


def batching(size: int, delay: int = 500) -> dict:
    policy = {"default_queue_policy": {"max_queue_size": size}} if size else {}
    return {**CONFIG, "dynamic_batching": {"max_queue_delay_microseconds": delay, **policy}}


def advised(*means: Mitigation, verdict: str = "gpu", configs=(CONFIG,), overrules=None, **culprit):
    book = Runbook("b", "B", "", (), 1, (GATE,), (), means)
    finding = Finding("gate", Answer.YES if verdict else Answer.NO, "so", verdict=verdict, **culprit)
    served = {f"triton-{n}": read_config(config) for n, config in enumerate(configs)}
    return walk(book, lambda _: finding, "ranker", 0.0, overrules=overrules, configs=lambda _: served).advice


def only(*means: Mitigation, **more):
    (found,) = advised(*means, **more)
    return found


def test_what_the_verdict_recommends_in_the_order_of_the_runbook():
    means = [mitigation(None, id=name, verdicts=said) for name, said in
             (("a", ("gpu",)), ("b", ("queue",)), ("c", ("rollout", "gpu")), ("d", ("*",)))]  # fmt: skip
    assert [each.mitigation.id for each in advised(*means)] == ["a", "c", "d"]
    assert [each.mitigation.id for each in advised(*means, verdict="else")] == ["d"]


def test_nothing_is_recommended_when_nothing_is_wrong():
    assert advised(mitigation(None, verdicts=("*",)), verdict="") == ()


def test_the_action_is_for_the_culprit():
    found = only(mitigation(ActionKind.ROLLBACK), model="search", version="6", target="triton-1")
    assert found.action == Action(ActionKind.ROLLBACK, model="search", version="6")
    assert (found.text, found.why) == ("Do it", "it helps")


def test_without_a_culprit_it_is_for_the_model_that_the_walk_is_about():
    assert only(mitigation(ActionKind.ROLLBACK)).action == Action(ActionKind.ROLLBACK, model="ranker")
    assert only(mitigation(ActionKind.ROLLBACK), version="6").action == Action(
        ActionKind.ROLLBACK, model="ranker", version="6"
    )


def test_traffic_is_reduced_to_the_share_that_the_runbook_says():
    assert only(mitigation(ActionKind.REDUCE, percent=25.0), version="7").action == Action(
        ActionKind.REDUCE, model="ranker", percent=25.0
    )


def test_a_freeze_is_for_the_whole_fleet():
    assert only(mitigation(ActionKind.FREEZE), model="search").action == Action(ActionKind.FREEZE)


@pytest.mark.parametrize("kind", [ActionKind.LOAD, ActionKind.UNLOAD])
def test_loads_and_unloads_are_for_the_target_that_is_named(kind):
    found = only(mitigation(kind), model="embed", target="triton-1")
    assert found.action == Action(kind, model="embed", targets=("triton-1",))
    assert only(mitigation(kind), model="embed").action == Action(kind, model="embed")


def test_loads_and_unloads_say_what_and_where():
    assert only(mitigation(ActionKind.UNLOAD), model="embed", target="t").text == "Do it: embed on t"
    assert only(mitigation(ActionKind.LOAD), model="embed").text == "Do it: embed"


def neighbour(answer: Answer, model: str):
    book = Runbook("b", "B", "", (), 1, (GATE,), (), (mitigation(ActionKind.UNLOAD, culprit="tenants"),))
    said = {
        "gate": Finding("gate", Answer.YES, "", verdict="gpu", model="ranker", target="triton-0"),
        "tenants": Finding("tenants", answer, "", model=model, target="triton-1"),
    }
    return walk(book, lambda use: said[use.name], "ranker", 0.0).advice[0]


def test_a_neighbour_is_the_one_that_its_check_names_never_the_victim():
    action = neighbour(Answer.YES, "embed").action
    assert action == Action(ActionKind.UNLOAD, model="embed", targets=("triton-1",))


@pytest.mark.parametrize(
    ("answer", "model"), [(Answer.NO, "embed"), (Answer.UNKNOWN, "embed"), (Answer.YES, "")]
)
def test_where_nobody_is_blamed_nobody_is_unloaded(answer, model):
    found = neighbour(answer, model)
    assert found.action is None
    assert found.text.startswith("Do it: no model is known to take more than before")


@pytest.mark.parametrize(
    ("values", "configs", "wanted", "said"),
    [
        ({"instances": "+1"}, (CONFIG,), {"instances": 3}, "instances 2 → 3"),
        ({"instances": "-1"}, (CONFIG,), {"instances": 1}, "instances 2 → 1"),
        ({"instances": "4"}, (CONFIG,), {"instances": 4}, "instances 2 → 4"),
        ({"queue_size": "-50%"}, (CONFIG,), {"queue_size": 32}, "queue_size 64 → 32"),
        ({"queue_size": "-50%"}, (batching(3),), {"queue_size": 1}, "queue_size 3 → 1"),
        ({"queue_size": "-50%"}, (batching(0),), {"queue_size": 32}, "queue_size 0 → 32"),
        ({"queue_delay_us": "-50%"}, (CONFIG,), {"queue_delay_us": 250}, "queue_delay_us 500 → 250"),
        ({"queue_delay_us": "+10%"}, (batching(4, 5),), {"queue_delay_us": 6}, "queue_delay_us 5 → 6"),
        ({"queue_size": "-50%"}, (batching(64), batching(16)), {"queue_size": 8}, "queue_size 16 → 8"),
        ({"queue_size": "-50%"}, (batching(64), batching(0)), {"queue_size": 32}, "queue_size 64 → 32"),
        (
            {"instances": "+1"},
            (CONFIG, {**CONFIG, "instance_group": [{"count": 5}]}),
            {"instances": 6},
            "instances 5 → 6",
        ),
        ({"instances": "4"}, (), {"instances": 4}, "instances 4"),
        (
            {"instances": "-1"},
            (CONFIG, {**CONFIG, "instance_group": [{"count": 5}]}),
            {"instances": 1},
            "instances 2 → 1",
        ),
        ({"queue_size": "+50%"}, (batching(64), batching(16)), {"queue_size": 96}, "queue_size 64 → 96"),
        (
            {"queue_size": "-50%"},
            ({**batching(0), "max_batch_size": 0},),
            {"queue_size": 4},
            "queue_size 0 → 4",
        ),
        ({"queue_delay_us": "-100%"}, (CONFIG,), {"queue_delay_us": 0}, "queue_delay_us 500 → 0"),
    ],
)
def test_changes_come_to_numbers(values, configs, wanted, said):
    found = only(mitigation(ActionKind.TUNE, values=values), configs=configs)
    assert found.action == Action(ActionKind.TUNE, model="ranker", values=wanted)
    assert found.text == f"Do it: {said}"


@pytest.mark.parametrize(
    ("values", "configs", "said"),
    [
        ({"instances": "-1"}, ({**CONFIG, "instance_group": [{"count": 1}]},), "instances is 1 already"),
        ({"instances": "+1"}, ({**CONFIG, "instance_group": [{"count": 64}]},), "instances is 64 already"),
        ({"queue_size": "+1"}, (batching(0),), "any number of requests may wait already"),
        ({"queue_size": "-50%"}, ({**CONFIG, "dynamic_batching": None},), "what it is now is not known"),
        ({"instances": "+1"}, (), "what it is now is not known"),
        ({"instances": "many"}, (CONFIG,), "is no number"),
    ],
)
def test_a_change_that_comes_to_nothing_says_why_and_opens_no_plan(values, configs, said):
    found = only(mitigation(ActionKind.TUNE, values=values, command="triton-console tune"), configs=configs)
    assert found.action is None
    assert said in found.text
    assert found.command == "triton-console tune"


def test_without_configs_a_change_is_for_hands():
    means = (
        mitigation(ActionKind.TUNE, values={"instances": "+1"}),
        mitigation(ActionKind.TUNE, values={"instances": "4"}),
    )
    book = Runbook("b", "B", "", (), 1, (GATE,), (), means)
    found = walk(book, lambda _: Finding("gate", Answer.YES, "", verdict="gpu"), "ranker", 0.0).advice
    assert [each.action and dict(each.action.values) for each in found] == [None, {"instances": 4}]


def test_names_stand_in_its_words_and_are_quoted_in_its_command():
    made = mitigation(None, text="Look at {model} on {target}", command="show {model} {version}")
    found = only(made, model="a'b; rm\x1b", target="{model}")
    assert found.text == "Look at a'b; rm\\e on {model}"
    assert found.command == "show 'a'\"'\"'b; rm\\e' VERSION"


def test_a_verdict_that_nothing_is_known_blames_nobody():
    gate = replace(GATE, unknown=Way(verdict="unknown"))
    book = Runbook("b", "B", "", (), 1, (gate,), (), (mitigation(ActionKind.REDUCE, verdicts=("unknown",)),))
    said = Finding("gate", Answer.UNKNOWN, "", model="embed", version="3")
    assert walk(book, lambda _: said, "ranker", 0.0).advice[0].action == Action(
        ActionKind.REDUCE, model="ranker"
    )


def test_two_that_come_to_the_same_action_are_one():
    twice = (
        mitigation(ActionKind.ROLLBACK, id="a"),
        mitigation(ActionKind.ROLLBACK, id="b"),
        mitigation(None, id="c"),
    )
    assert [each.mitigation.id for each in advised(*twice)] == ["a", "c"]
    by_hand = (mitigation(None, id="a"), mitigation(None, id="b"))
    assert len(advised(*by_hand)) == 2


def test_what_a_step_offers_follows_until_the_answer_is_yes():
    step = replace(GATE, id="first", yes=Way("gate"), no=Way("gate"), unknown=Way("gate"), act=("freeze",))
    step = replace(step, checks=(CheckUse("captured"),))
    freeze, help_ = mitigation(ActionKind.FREEZE, id="freeze", verdicts=()), mitigation(None, id="help")
    book = Runbook("b", "B", "", (), 1, (step, GATE), (), (freeze, help_))

    def run(captured: Answer, gate: Answer):
        said = {
            "captured": Finding("captured", captured, ""),
            "gate": Finding("gate", gate, "", verdict="gpu"),
        }
        return [each.mitigation.id for each in walk(book, lambda use: said[use.name], "m", 0.0).advice]

    assert run(Answer.NO, Answer.YES) == ["help", "freeze"]
    assert run(Answer.UNKNOWN, Answer.YES) == ["help", "freeze"]
    assert run(Answer.YES, Answer.YES) == ["help"]
    assert run(Answer.NO, Answer.NO) == []


def test_the_p99_runbook_on_a_bad_rollout_recommends_the_rollback_first():
    book = shipped().runbooks["p99-latency"]
    said = {
        "promise_broken": Finding("promise_broken", Answer.YES, "p99 183 ms"),
        "recent_rollout": Finding(
            "recent_rollout", Answer.YES, "v7", verdict="rollout", confidence=0.9, model="ranker", version="6"
        ),
    }
    done = walk(book, lambda use: said.get(use.name, Finding(use.name, Answer.NO, "no")), "search", 0.0)
    assert (done.verdict, done.confidence) == ("rollout", 0.9)
    assert [each.action for each in done.advice] == [
        Action(ActionKind.ROLLBACK, model="ranker", version="6"),
        Action(ActionKind.FREEZE),
    ]
    assert done.advice[0].text == "Roll ranker back"


def test_the_p99_runbook_on_a_queue_lowers_admission_or_adds_capacity():
    book = shipped().runbooks["p99-latency"]
    yes = {"promise_broken", "queue_up", "captured"}

    def run(use: CheckUse) -> Finding:
        return Finding(use.name, Answer.YES if use.name in yes else Answer.NO, use.name)

    done = walk(book, run, "ranker", 0.0, configs=lambda _: {"triton-0": read_config(CONFIG)})
    assert done.verdict == "queue"
    assert [each.action and dict(each.action.values) for each in done.advice] == [
        {"queue_size": 32},
        {"instances": 3},
    ]
