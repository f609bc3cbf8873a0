"""What the Triton control proposes, from what was seen alone, and what it leaves to others."""

import json
from dataclasses import replace
from typing import Any

import pytest

from console.clock import SystemClock
from console.controls.triton.calls import typed
from console.controls.triton.control import TritonControl, controls
from console.controls.triton.look import Files, Look, Seen
from console.controls.triton.server import Carrier
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet, Target, Tls
from console.domain.model_change import config_digest
from console.domain.plan import ControlError, Proposal
from console.domain.plan_json import read_step, step_json
from console.domain.secret import Secret
from console.domain.serving import Serving
from console.domain.situation import Situation
from console.domain.states import canonical
from console.domain.surfaces import Haproxy, HaproxyRoute
from console.domain.triton import ControlMode
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.served import SERVED
from tests.snapshots import fleet, model_row, snapshot

BACK = Action(ActionKind.ROLLBACK, model="multi", version="2")
CARRIER = Carrier("triton-0:8001")


def seen(name: str = "triton-0", **changes: Any) -> Seen:
    serving = Serving("multi", ready=("3",), rested=("2",), listed=True, config=SERVED, metadata={})
    target = Target(name, f"http://{name}:8000", f"http://{name}:8002/metrics")
    found = Seen(target, ControlMode.EXPLICIT, {"multi": serving}, CARRIER)
    return replace(found, **changes)


def control_of(fleet_: Fleet) -> TritonControl:
    (made,) = controls(fleet_, Kit(SystemClock(), Http({}, Tls())))
    assert isinstance(made, TritonControl)
    return made


def propose(action: Action, *found: Seen, files: dict[str, Files] | None = None, **changes: Any) -> Proposal:
    watched = fleet(*(each.target.name for each in found), **changes)
    rows = [model_row("multi", "3", targets=("triton-0",))]
    situation = Situation(snapshot(rows, fleet=watched), 0.0)
    return control_of(watched).propose(action, situation, Look(found, files or {}))


def test_one_step_for_each_target_in_their_order() -> None:
    proposal = propose(BACK, seen("triton-1"), seen("triton-0"))

    assert [step.subject for step in proposal.steps] == ["triton-1/multi", "triton-0/multi"]
    assert [check.target for check in proposal.checks] == ["triton-1", "triton-0"]


def test_a_target_that_cannot_be_changed_is_refused_and_the_others_are_not() -> None:
    proposal = propose(BACK, seen(), seen("triton-1", trouble="index: connection refused"))

    assert [step.subject for step in proposal.steps] == ["triton-0/multi"]
    assert proposal.refusals == ("triton-1: index: connection refused",)


def test_a_step_and_its_undo_mirror_each_other() -> None:
    (step,) = propose(BACK, seen()).steps

    digest = config_digest(SERVED)
    assert (step.before, step.after) == (
        {"ready": ["3"], "config": digest},
        {"ready": ["2"], "config": digest},
    )
    assert step.inverse is not None
    assert (step.inverse.before, step.inverse.after) == (step.after, step.before)
    assert read_step(step_json(step)) == step


async def test_a_step_is_not_run_on_another_server_of_the_same_name() -> None:
    (step,) = propose(BACK, seen()).steps
    moved = fleet("triton-0", targets=(Target("triton-0", "http://elsewhere:8000", ""),))

    with pytest.raises(ControlError, match="triton-0 at http://triton-0:8000 is no target any more"):
        await control_of(moved).apply(step)


def test_a_model_on_its_way_is_left_alone() -> None:
    moving = Serving("multi", ready=("3",), loading=("4",), listed=True, config=SERVED)
    proposal = propose(BACK, seen(models={"multi": moving}))

    assert proposal.steps == ()
    assert proposal.refusals == ("triton-0: multi: version 4 is loading; wait until that has ended",)


def test_a_model_that_nobody_has_is_refused() -> None:
    proposal = propose(BACK, seen(models={"multi": Serving("multi")}))

    assert proposal.refusals == ("triton-0: there is no model multi in the repository",)


def test_without_release_or_earlier_version_it_says_what_to_do() -> None:
    fresh = Serving("multi", ready=("3",), listed=True, config=SERVED)
    proposal = propose(replace(BACK, version=""), seen(models={"multi": fresh}))

    assert proposal.steps == ()
    assert "name a version, or mark a release as good" in proposal.refusals[0]


def test_versions_that_stop_to_serve_are_named() -> None:
    several = Serving(
        "multi", ready=("1", "2", "3"), listed=True, config=SERVED | {"version_policy": {"all": {}}}
    )
    proposal = propose(BACK, seen(models={"multi": several}))

    assert "triton-0: requests that name version 1, 3 will fail" in proposal.warnings


def test_sequences_under_way_are_warned_of() -> None:
    talk = Serving("multi", ready=("3",), listed=True, config=SERVED | {"sequence_batching": {}})

    assert any("sequences" in said for said in propose(BACK, seen(models={"multi": talk})).warnings)


def test_the_gap_of_unloading_first_comes_first() -> None:
    proposal = propose(replace(BACK, unload_first=True), seen())

    assert proposal.warnings[0].startswith("triton-0: every request for multi fails from the unload")
    assert [step.change["op"] for step in proposal.steps] == ["unload", "load"]


def test_nobody_tunes_what_there_is_not() -> None:
    tune = Action(ActionKind.TUNE, model="multi", values={"instances": 0, "bogus": 1})
    proposal = propose(tune, seen())

    assert proposal.steps == ()
    assert len(proposal.refusals) == 2


def test_what_is_so_already_needs_no_step() -> None:
    tune = Action(ActionKind.TUNE, model="multi", values={"instances": 1})
    proposal = propose(tune, seen())

    assert (proposal.steps, proposal.refusals) == ((), ())
    assert "instances of multi is 1 already" in proposal.warnings[0]


def test_a_change_in_place_over_http_freezes_connections_too() -> None:
    tune = Action(ActionKind.TUNE, model="multi", values={"instances": 2})
    proposal = propose(tune, seen(carrier=Carrier(note="nothing answers there")))

    assert "the load goes over HTTP (nothing answers there)" in proposal.warnings[0]


@pytest.mark.parametrize(("files", "sent"), [({}, "specific"), ({"multi": Files(("2", "3"))}, "latest")])
def test_a_tuned_config_names_its_versions_where_the_repository_cannot_be_read(
    files: dict[str, Files], sent: str
) -> None:
    tune = Action(ActionKind.TUNE, model="multi", values={"instances": 2})
    (step,) = propose(tune, seen(), files=files).steps

    assert list(json.loads(str(step.change["config"]))["version_policy"]) == [sent]


def test_several_values_are_set_one_after_the_other_and_undone_backwards() -> None:
    tune = Action(ActionKind.TUNE, model="multi", values={"instances": 2, "queue_delay_us": 100})
    first, second = propose(tune, seen()).steps

    assert second.before == first.after
    assert second.inverse is not None
    assert first.inverse is not None
    assert (second.inverse.after, first.inverse.before) == (first.after, first.after)
    assert first.inverse.after == first.before


@pytest.mark.parametrize("prefix", ["", "x\n"])
def test_a_strange_target_is_refused(prefix: str) -> None:
    proposal = propose(replace(BACK, targets=(f"{prefix}triton-7",)), seen())

    assert proposal.steps == ()
    assert "there are triton-0" in proposal.refusals[0]
    assert "\n" not in proposal.refusals[0]


async def test_a_reduction_that_a_gateway_can_do_is_left_to_it_unless_named() -> None:
    route = HaproxyRoute("mul*", "triton", ("v2",))
    watched = fleet("triton-0", gateway=Haproxy("/run/haproxy.sock", (route,)))
    control = control_of(watched)
    situation = Situation(snapshot(fleet=watched), 0.0)
    reduce = Action(ActionKind.REDUCE, model="multi", percent=50)

    assert await control.survey(reduce, situation) is None
    assert await control.survey(replace(reduce, via="triton"), situation) is not None
    assert await control.survey(replace(reduce, model="other"), situation) is not None
    await control.close()


async def test_a_freeze_is_none_of_its_business() -> None:
    control = control_of(fleet("triton-0"))

    assert await control.survey(Action(ActionKind.FREEZE), Situation(snapshot(), 0.0)) is None


def test_admission_without_dynamic_batching_is_refused_with_why() -> None:
    plain = Serving(
        "multi",
        ready=("3",),
        listed=True,
        config={k: v for k, v in SERVED.items() if k != "dynamic_batching"},
    )
    proposal = propose(Action(ActionKind.REDUCE, model="multi", percent=50), seen(models={"multi": plain}))

    assert proposal.steps == ()
    assert "it has no dynamic batching" in proposal.refusals[0]


def test_admission_explains_its_bound_and_what_it_cannot_do() -> None:
    proposal = propose(Action(ActionKind.REDUCE, model="multi", percent=50), seen())

    (step,) = proposal.steps
    assert isinstance(step.after, dict)
    # 412 requests a second, 27.5 ms of 200 ms spent on computing: 71 may wait.
    assert step.after["values"]["queue_size"] == 71
    assert "it answers 412 a second here" in proposal.warnings[0]
    assert any("which share is let in" in said for said in proposal.unknown)


def test_calls_carry_variables_where_secrets_go_and_quote_the_rest() -> None:
    watched = fleet("triton-0", headers={"x-$(id)": Secret("hush")}, tls=Tls(ca="/etc/my ca.pem"))
    target = Target("triton-0", "https://triton-0:8000", "")
    change = {"op": "load", "model": "it's", "config": None, "grpc": ""}

    http = typed(watched, target, change)
    grpc = typed(watched, target, {**change, "grpc": "triton-0:8001"})

    assert http == (
        "curl -fsS --cacert '/etc/my ca.pem' -X POST -H 'x-$(id): '\"$X___ID_\" -H 'Content-Type: application/json' "
        """-d '{"parameters": {}}' 'https://triton-0:8000/v2/repository/models/it'"'"'s/load'"""
    )
    assert grpc.startswith("grpcurl -cacert '/etc/my ca.pem' -proto grpc_service.proto ")
    assert "hush" not in http + grpc


def test_no_secret_is_in_a_step() -> None:
    proposal = propose(BACK, seen(carrier=Carrier()), headers={"admin-key": Secret("hush-hush")})

    assert "hush-hush" not in canonical(step_json(proposal.steps[0]))
    assert '"$ADMIN_KEY"' in proposal.steps[0].call
