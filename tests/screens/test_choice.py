"""What can be chosen of an action, and which default it starts from."""

from console.domain.action import Action, ActionKind
from console.domain.config import read_config
from console.domain.lock import Lock
from console.view.styled import plain
from screens import offers
from screens.choice import Choice, Option, only
from tests.screens.acts import picture, release
from tests.snapshots import NOW, model_row, snapshot


def percent(choice: Choice) -> float | None:
    return choice.chosen.action.percent


def test_reduce_starts_at_half_and_steps_through_the_usual_shares() -> None:
    choice = offers.reduce("ranker")
    assert percent(choice) == 50
    assert [percent(choice.moved(by)) for by in (-4, -1, 1, 2, 3)] == [1, 25, 75, 90, 100]
    assert percent(choice.moved(-1).moved(-9)) == 0
    assert percent(choice.moved(1).moved(99)) == 100


def test_typed_digits_stand_in_for_the_steps_and_the_arrows_go_on_from_them() -> None:
    choice = offers.reduce("ranker").digit("3").digit("3")
    assert percent(choice) == 33
    assert percent(choice.moved(1)) == 50
    assert percent(choice.moved(-1)) == 25
    assert percent(choice.erased()) == 3
    assert percent(choice.erased().erased()) == 50


def test_a_number_that_is_too_large_is_the_largest_there_is() -> None:
    choice = offers.reduce("ranker").digit("9").digit("9").digit("9").digit("9")
    assert percent(choice) == 100
    assert percent(offers.reduce("ranker").digit("0").digit("7")) == 7


def test_digits_mean_nothing_where_there_is_no_number() -> None:
    choice = offers.freeze(3600.0, None, NOW)
    assert choice.digit("3") == choice


def test_an_action_without_a_choice_shows_none() -> None:
    choice = only(Action(ActionKind.UNLOAD, model="ranker"))
    assert not choice.movable
    assert choice.line() == ()


def test_arrows_that_lead_nowhere_look_different() -> None:
    first = Choice("to", (Option("a", Action(ActionKind.LOAD)), Option("b", Action(ActionKind.LOAD))))
    assert plain(first.line()) == "to  ◂ a ▸   1 of 2"
    assert [span.role for span in first.line() if span.text in ("◂ ", " ▸")] == ["quiet", "key"]


def test_rollback_goes_to_the_known_good_release_first() -> None:
    choice = offers.rollback("ranker", "7", picture(), (release(at=NOW - 9000), release()))
    assert choice.chosen.action.release == "good-1"
    assert "version 5" in choice.chosen.text
    assert [each.action.version for each in choice.options] == ["", "", "6", "5", ""]


def test_rollback_without_a_release_goes_to_the_version_before() -> None:
    rows = [model_row("ranker", version) for version in ("9", "10", "8")]
    choice = offers.rollback("ranker", "10", snapshot(rows), (release("other"),))
    assert [each.action.version for each in choice.options] == ["9", "8", "9"]
    assert [each.action.unload_first for each in choice.options] == [False, False, True]


def test_rollback_of_the_only_version_asks_for_the_one_before_whichever_it_is() -> None:
    choice = offers.rollback("ranker", "7", snapshot([model_row("ranker", "7")]), ())
    assert choice.chosen.action == Action(ActionKind.ROLLBACK, model="ranker")
    assert choice.chosen.text == "the version before"


def test_freeze_starts_with_the_time_of_the_settings_even_if_it_is_an_odd_one() -> None:
    assert offers.freeze(4 * 3600.0, None, NOW).chosen.text == "4 h"
    odd = offers.freeze(90 * 60.0, None, NOW)
    assert odd.chosen.text == "90 minutes"
    assert odd.moved(1).chosen.action.expires_s == 7200.0


def test_while_frozen_the_same_key_lifts_the_freeze() -> None:
    lock = Lock("ana", "", NOW - 60, NOW + 60, "prod")
    assert offers.freeze(3600.0, lock, NOW).chosen.action.kind is ActionKind.UNFREEZE


def test_a_freeze_that_has_run_out_can_be_lifted_or_set_anew() -> None:
    lock = Lock("ana", "", NOW - 600, NOW - 60, "prod")
    choice = offers.freeze(3600.0, lock, NOW)
    assert choice.chosen.action.kind is ActionKind.UNFREEZE
    assert choice.moved(1).chosen.action.kind is ActionKind.FREEZE


def test_tuning_starts_one_step_from_what_is_so_now() -> None:
    raw = {
        "name": "m",
        "instance_group": [{"count": 2}],
        "dynamic_batching": {
            "max_queue_delay_microseconds": "700",
            "default_queue_policy": {"max_queue_size": 64},
        },
    }
    config = read_config(raw)
    assert offers.instances("m", config).chosen.action.values == {"instances": 3}
    assert offers.queue_delay("m", config).chosen.action.values == {"queue_delay_us": 350}
    assert offers.queue_size("m", config).chosen.action.values == {"queue_size": 32}
    assert "(as it is now)" in offers.queue_delay("m", config).moved(1).moved(1).chosen.text


def test_tuning_works_without_knowing_the_config() -> None:
    assert offers.instances("m", None).chosen.action.values == {"instances": 1}
    assert offers.queue_delay("m", None).chosen.action.values == {"queue_delay_us": 0}
    assert offers.queue_size("m", None).chosen.action.values == {"queue_size": 32}


def test_unload_takes_nothing_along_unless_asked_to() -> None:
    choice = offers.unload("ranker")
    assert not choice.chosen.action.dependents
    assert choice.moved(1).chosen.action.dependents


def test_a_version_that_nobody_has_seen_yet_can_be_typed() -> None:
    choice = offers.rollback("ranker", "7", snapshot([model_row("ranker", "7")]), ())

    typed = choice.digit("2")

    assert typed.chosen.action == Action(ActionKind.ROLLBACK, model="ranker", version="2")
    assert typed.erased().chosen == choice.chosen
    assert typed.moved(1).typed == ""
