import asyncio
import json
import os
import signal

import pytest

from console.cli import main
from console.cli._hide import hidden
from console.domain.action import ActionKind
from console.domain.journal import RecordKind
from console.domain.plan import ControlError
from console.domain.run import Outcome, Verdict
from console.domain.secret import Secret
from tests.parts.knobs import broken, knob_step
from tests.parts.plans import plan, run
from tests.snapshots import down_target, snapshot

ROLLBACK = ["rollback", "--model", "ranker", "--to-version", "6", "http://a:8000"]


def told(capsys) -> dict:
    said = capsys.readouterr()
    return json.loads(said.out)


def test_a_dry_run_shows_the_plan_and_changes_nothing(world, capsys):
    assert main([*ROLLBACK, "--dry-run", "--reason", "it is late"]) == 0
    said = capsys.readouterr()
    assert "it is late" in said.out
    assert "turn a to 2" in said.out
    assert said.err == ""
    assert world.knobs.values == {"a": 1, "b": 1}
    assert world.bench.journal.records == []


def test_a_dry_run_in_json_is_the_plan_alone(world, capsys):
    assert main([*ROLLBACK, "--dry-run", "--json"]) == 0
    found = told(capsys)
    assert (found["action"], found["asked"]) == ("rollback", {"model": "ranker", "version": "6"})
    assert [step["call"] for step in found["steps"]] == ["turn a to 2", "turn b to 3"]
    assert "result" not in found


def test_yes_shows_the_plan_runs_it_and_says_how_to_undo_it(world, capsys):
    assert main([*ROLLBACK, "--yes"]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    shown = next(i for i, line in enumerate(lines) if "STEPS  2" in line)
    done = next(i for i, line in enumerate(lines) if "✓ 1 turn a: done" in line)
    assert shown < done
    assert "✓ VERIFIED" in said.out
    number = world.bench.journal.records[0].plan
    assert f"triton-console undo {number}" in lines[-1]
    assert "--effect 60" in said.err
    assert world.knobs.values == {"a": 2, "b": 3}


def test_a_run_in_json_is_one_object_alone(world, capsys):
    assert main([*ROLLBACK, "--yes", "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    found = json.loads(said.out)
    assert found["result"] == "verified"
    assert found["effect"] is None
    assert found["id"] == world.bench.journal.records[0].plan
    assert [step["outcome"] for step in found["steps"]] == ["done", "done"]


def test_a_failed_step_is_1_and_what_was_done_can_be_undone(world, capsys):
    world.knobs.held["b"] = ControlError("the knob is stuck", "oil it")
    assert main([*ROLLBACK, "--yes"]) == 1
    out = capsys.readouterr().out
    assert "✗ FAILED" in out
    assert "the knob is stuck (oil it)" in out
    assert "triton-console undo" in out


def test_changed_under_you_is_1_and_says_what_was_and_what_is(world, capsys, monkeypatch):
    async def read(step):
        return 7 if step.subject == "a" else 1

    monkeypatch.setattr(world.knobs, "read", read)
    assert main([*ROLLBACK, "--yes"]) == 1
    out = capsys.readouterr().out
    assert "≠ CHANGED UNDER YOU" in out
    assert "was 1, is 7" in out
    assert "nothing was changed, so there is nothing to undo" in out


@pytest.mark.parametrize("flags", [["--yes"], ["--dry-run"]])
def test_a_refusal_is_3_and_says_what_is_possible_instead(world, capsys, flags):
    world.knobs.wanted = {}
    assert main([*ROLLBACK, *flags]) == 3
    assert "✗ cannot run:" in capsys.readouterr().out
    assert main([*ROLLBACK, *flags, "--json"]) == 3
    found = told(capsys)
    assert found["refusal"]
    assert found.get("result", "refused") == "refused"


def test_nothing_to_change_is_0_and_leaves_no_plan_behind(world, capsys):
    world.knobs.values.update(a=2, b=3)
    assert main([*ROLLBACK, "--yes"]) == 0
    assert "nothing to change" in capsys.readouterr().out
    assert main([*ROLLBACK, "--yes", "--json"]) == 0
    assert told(capsys)["result"] == "verified"
    assert world.bench.journal.records == []


def test_without_a_terminal_and_without_yes_nothing_is_even_asked(world, capsys):
    assert main(ROLLBACK) == 3
    assert "--dry-run shows the plan, --yes runs it" in capsys.readouterr().err
    assert main([*ROLLBACK, "--json"]) == 3
    assert told(capsys)["error"]["id"] == "no_terminal"
    assert world.built == []


def test_read_only_is_3_before_anything_is_asked(world, capsys):
    assert main([*ROLLBACK, "--yes", "--read-only"]) == 3
    assert "read-only" in capsys.readouterr().err
    assert main(["good", "--read-only", "a"]) == 3
    assert world.built == []


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ([*ROLLBACK, "--yes", "--dry-run"], "pass one of them"),
        ([*ROLLBACK, "--yes", "--effect", "-1"], "--effect must be 0 to 3600 seconds"),
        ([*ROLLBACK, "--yes", "--effect", "nan"], "--effect must be 0 to 3600 seconds"),
        (["rollback", "--yes"], "--model"),
        ([*ROLLBACK, "--release", "x"], "pass one of --to-version and --release"),
        (["rollback", "--model", "m", "--release", "x", "--yes"], "there is no known-good release x"),
        (["reduce", "--model", "m", "--to", "101", "--yes"], "a percentage from 0 to 100"),
        (["reduce", "--model", "m", "--to", "nan", "--yes"], "a percentage from 0 to 100"),
        (["reduce", "--model", "m", "--yes"], "--to"),
        (["freeze", "--for", "soon", "--yes"], "write 30m, 2h or 1h30m"),
        (["freeze", "--for", "0m", "--yes"], "write 30m, 2h or 1h30m"),
        (["freeze", "--check", "--yes"], "--check changes nothing"),
        (["tune", "--model", "m", "--yes"], "nothing to tune"),
        (["tune", "--model", "m", "--instances", "0", "--yes"], "a whole number from 1 on"),
        (["recover", "--handled"], "--handled needs --reason"),
        (["recover", "--undo", "--continue"], "not allowed with"),
    ],
)
@pytest.mark.usefixtures("world")
def test_a_usage_error_is_one_line_that_says_what_to_do(argv, says, capsys):
    assert main(argv) == 64
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


class Interrupting(asyncio.Event):
    """A slow knob whose reader loses patience."""

    async def wait(self):
        os.kill(os.getpid(), signal.SIGINT)
        return await super().wait()


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_run_says_what_goes_on_and_the_journal_knows(world, capsys):
    world.knobs.slow["b"] = Interrupting()
    assert main([*ROLLBACK, "--yes"]) == 130
    said = capsys.readouterr()
    number = world.bench.journal.records[0].plan
    assert "turn b: was under way and may go on by itself" in said.err
    assert f"triton-console recover {number}" in said.err
    kinds = [record.kind for record in world.bench.journal.records]
    assert kinds[-1] is RecordKind.INTENT
    assert kinds.count(RecordKind.OUTCOME) == 1


def test_a_full_disk_before_the_first_step_changes_nothing_and_says_so(world, capsys):
    world.bench.journal.full = 0
    assert main([*ROLLBACK, "--yes", "--json"]) == 1
    error = told(capsys)["error"]
    assert error["id"] == "journal"
    assert "no space left on device" in error["message"]
    assert world.knobs.values == {"a": 1, "b": 1}


def test_the_effect_is_measured_when_it_is_asked_for(world, capsys):
    assert main([*ROLLBACK, "--yes", "--json", "--effect", "30"]) == 0
    effect = json.loads(capsys.readouterr().out)["effect"]
    assert effect["seconds"] == 30
    assert effect["models"][0]["model"] == "ranker"
    assert effect["models"][0]["before"]["p99_ms"] is not None
    world.knobs.values.update(a=1, b=1)
    assert main([*ROLLBACK, "--yes", "--effect", "30"]) == 0
    said = capsys.readouterr()
    assert "measuring the effect for 30.0 s" in said.err
    assert "EFFECT" in said.out
    assert "--effect 60" not in said.err


def test_when_nobody_named_a_target_and_none_answers_the_next_steps_are_said(monkeypatch, world, capsys):
    world.picture = snapshot([], [down_target("localhost")])
    assert main(["rollback", "--model", "ranker", "--to-version", "6", "--yes"]) == 3
    err = capsys.readouterr().err
    assert "no Triton at localhost:8000" in err
    assert "triton-console http://HOST:8000" in err


def test_a_check_that_fails_after_the_change_is_1(world, capsys):
    world.bench.verifier.verdicts["ranker"] = Verdict(
        "version_ready", "one ranker", passed=False, detail="400"
    )
    assert main([*ROLLBACK, "--yes"]) == 1
    assert "✗ one ranker  version ready: 400" in capsys.readouterr().out


def test_a_secret_that_a_server_echoes_is_printed_nowhere(world, capsys):
    world.knobs.held["b"] = broken("who sent me hunter2-token?", "hunter2-token is wrong")
    for flags in ([], ["--json"]):
        world.knobs.values.update(a=1)
        assert main([*ROLLBACK, "--yes", "--header", "admin-key: hunter2-token", *flags]) == 1
        said = capsys.readouterr()
        assert "who sent me" in said.out
        assert "hunter2" not in said.out + said.err
    world.knobs.wanted = {}
    world.knobs.proposal = None
    assert main(["undo", "hunter2-token", "--yes", "--header", "k: hunter2-token", "a"]) == 64
    assert "hunter2" not in capsys.readouterr().err


def test_hiding_keeps_the_value_as_it_is_but_for_the_secret():
    of = run(plan(knob_step("a", {"k": ["hunter2"]}, 2)))
    shown = hidden(of, [Secret("hunter2")])
    assert shown.plan.steps[0].before == {"k": ["•••"]}
    assert shown.steps[0].outcome is Outcome.DONE
    assert shown.plan.action.kind is ActionKind.ROLLBACK
    assert hidden(of, []) is of


def test_hostile_text_of_a_control_cannot_act_on_the_terminal(world, capsys):
    world.knobs.held["b"] = broken("\x1b[31m\u202eevil\x07")
    assert main([*ROLLBACK, "--yes"]) == 1
    out = capsys.readouterr().out
    assert "evil" in out
    assert not set(out) & {"\x1b", "\u202e", "\x07"}


def test_a_survey_that_fails_is_told_and_not_a_crash(world, capsys, monkeypatch):
    async def survey(*_):
        raise ControlError("the socket is gone", "start the gateway")

    monkeypatch.setattr(world.knobs, "survey", survey)
    assert main([*ROLLBACK, "--dry-run"]) == 3
    assert "the socket is gone (start the gateway)" in capsys.readouterr().out
