"""Copied commands of a fleet whose servers are found: they find them again, and name none that may be gone by then."""

from console.domain.action import Action, ActionKind
from console.domain.fleet import Discovery, Fleet, ModelVersion, Target
from console.view.shell import action_command, status_command

PODS = tuple(Target(f"pod-{n}", f"http://10.0.0.{n}:8000", f"http://10.0.0.{n}:8002/metrics") for n in (1, 2))
FLEET = Fleet("shop", PODS, discovery=Discovery(kubernetes="app=triton"))


def test_a_picture_is_asked_of_whatever_is_found_then() -> None:
    assert status_command(FLEET, ModelVersion("ranker", "7")).startswith(
        "triton-console --fleet shop status --json | jq"
    )


def test_an_action_on_all_names_no_server() -> None:
    back = Action(ActionKind.ROLLBACK, model="ranker")

    assert action_command(FLEET, back) == "triton-console --fleet shop rollback --model ranker"


def test_an_action_on_some_names_those_alone() -> None:
    back = Action(ActionKind.ROLLBACK, model="ranker", targets=("pod-2",))

    command = action_command(FLEET, back)

    assert "http://10.0.0.2:8000" in command
    assert "http://10.0.0.1:8000" not in command
