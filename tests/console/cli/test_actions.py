import shlex
from dataclasses import replace

import pytest

from console.cli import main
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet, Target
from console.domain.release import Release
from console.domain.secret import Secret
from console.domain.surfaces import Freeze
from console.view.shell import action_command
from tests.parts.plans import entry, plan, run

FLEET = Fleet(
    targets=(
        Target("a", "http://a:8000", "http://a:8002/metrics"),
        Target("b", "http://b:8000", "http://b:9/m", "b:1"),
    )
)

ACTIONS = [
    (["freeze"], Action(ActionKind.FREEZE)),
    (
        ["freeze", "--for", "1h30m", "--reason", "an incident"],
        Action(ActionKind.FREEZE, expires_s=5400.0, reason="an incident"),
    ),
    (["unfreeze"], Action(ActionKind.UNFREEZE)),
    (["reduce", "--model", "m", "--to", "50"], Action(ActionKind.REDUCE, model="m", percent=50.0)),
    (
        ["reduce", "--model", "m", "--to", "0.5%", "--via", "haproxy"],
        Action(ActionKind.REDUCE, model="m", percent=0.5, via="haproxy"),
    ),
    (["restore"], Action(ActionKind.RESTORE)),
    (["restore", "--model", "m"], Action(ActionKind.RESTORE, model="m")),
    (["rollback", "--model", "m"], Action(ActionKind.ROLLBACK, model="m")),
    (
        ["rollback", "--model", "m", "--to-version", "2", "--unload-first"],
        Action(ActionKind.ROLLBACK, model="m", version="2", unload_first=True),
    ),
    (["load", "--model", "it's"], Action(ActionKind.LOAD, model="it's")),
    (["unload", "--model=-m", "--dependents"], Action(ActionKind.UNLOAD, model="-m", dependents=True)),
    (
        ["tune", "--model", "m", "--instances", "2", "--queue-delay-us", "0", "--queue-size", "64"],
        Action(ActionKind.TUNE, model="m", values={"instances": 2, "queue_delay_us": 0, "queue_size": 64}),
    ),
    (["undo", "abc123"], Action(ActionKind.UNDO, plan="abc123")),
]


@pytest.fixture
def asked(world, monkeypatch):
    """What the door is asked to plan."""
    found = []
    true = world.bench.door.plan

    async def listening(action):
        found.append(action)
        return await true(action)

    monkeypatch.setattr(world.bench.door, "plan", listening)
    monkeypatch.setattr("console.cli.undo.known", lambda _: (entry(run(plan(id="abc123"))),))
    return found


@pytest.mark.parametrize(("argv", "action"), ACTIONS)
def test_each_command_asks_for_its_action(asked, argv, action):
    main([*argv, "http://a:8000", "--dry-run"])
    assert asked == [action]


@pytest.mark.parametrize(("argv", "action"), ACTIONS)
def test_the_command_that_is_copied_asks_for_the_same_on_the_same_targets(asked, world, argv, action):
    words = shlex.split(action_command(FLEET, action))
    assert words[0] == "triton-console"
    main([*words[1:], "--dry-run"])
    assert asked == [action]
    assert [(t.url, t.metrics, t.grpc) for t in world.built[0].targets] == [
        (t.url, t.metrics, t.grpc) for t in FLEET.targets
    ]


def test_the_copied_command_names_the_fleet_where_the_settings_say_more_than_targets():
    wish = Action(ActionKind.FREEZE)
    assert "--fleet" not in action_command(FLEET, wish)
    assert "--fleet prod" in action_command(Fleet(name="prod"), wish)
    assert "--fleet default" in action_command(Fleet(freeze=Freeze(argocd=("app",))), wish)
    assert "--fleet" not in action_command(Fleet(name="drill:healthy"), wish)


def test_the_copied_command_has_a_variable_where_the_secret_was_and_only_the_targets_that_are_meant():
    fleet = replace(FLEET, headers={"admin-key": Secret("hunter2")})
    said = action_command(fleet, Action(ActionKind.LOAD, model="m", targets=("b",)))
    assert '--header "admin-key: $ADMIN_KEY"' in said
    assert "hunter2" not in said
    assert "http://a" not in said
    assert "recover abc --continue" in action_command(fleet, Action(ActionKind.CONTINUE, plan="abc"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("90m", 5400), ("2h", 7200), ("1h30m", 5400), ("1D", 86400), ("1d2h3m4s", 93784)],
)
def test_a_freeze_lasts_as_long_as_it_is_written(asked, text, seconds):
    main(["freeze", "--for", text, "--dry-run", "a"])
    assert asked[0].expires_s == seconds


@pytest.mark.parametrize("text", ["", "2", "31d", "-1h", "1h 30m", "99999999999999h"])
@pytest.mark.usefixtures("asked")
def test_what_is_no_duration_is_a_usage_error(text):
    assert main(["freeze", f"--for={text}", "--dry-run", "a"]) == 64


def test_a_release_may_be_abbreviated_when_one_alone_begins_so(asked, world, capsys):
    world.bench.releases.kept += [Release(name, 0.0, "ana", "", ()) for name in ("abc123", "abd456")]
    main(["rollback", "--model", "multi", "--release", "abc", "--dry-run", "a"])
    assert asked[0].release == "abc123"
    assert main(["rollback", "--model", "multi", "--release", "ab", "--dry-run", "a"]) == 64
    assert "several releases begin with ab" in capsys.readouterr().err
    assert main(["rollback", "--model", "multi", "--release", "zz", "--dry-run", "a"]) == 64
    assert "known are abc123, abd456" in capsys.readouterr().err
