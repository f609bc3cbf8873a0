"""Envoy, the real one, by a file of routes: the share is served, and undo restores the file to the byte."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from console.controls.envoy import routes as envoy_routes
from console.controls.envoy.control import EnvoyControl
from console.controls.envoy.file import digest, edited, edits, route_file
from console.domain.plan import ChangedError, ControlError
from console.domain.states import holds
from tests.parts.backends import Backends
from tests.parts.envoy import PREFIX, Envoy, by_file, routes, split
from tests.parts.gateways import Shares, carry_out, reduction, rollback, undo
from tests.parts.load import Stream, under_load

ENOUGH = 1500
STREAM = Stream("ranker", clients=4)

Start = Callable[..., Envoy]
Control = Callable[..., EnvoyControl]

YAML = """\
# The routes of the gateway, kept by hand: leave comments where they are.
version_info: "7"
resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: local
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes:
    - match: {prefix: /}
      route:
        weighted_clusters:
          clusters:
          - {name: v1, weight: 60}   # stable, naïve
          - name: v2
            weight: 30               # v30 of the image
          - {name: v3, weight: 10}
"""


@dataclass
class OnDisk:
    """A file of routes in a folder of its own."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text()

    @text.setter
    def text(self, text: str) -> None:
        """Rename it into place, as everybody must who wants Envoy to look."""
        draft = self.path.parent.parent / "draft"
        draft.write_text(text)
        draft.replace(self.path)

    @property
    def looks(self) -> tuple[bytes, int, list[str]]:
        """Its bytes, its mode, and what lies beside it."""
        beside = [path.name for path in self.path.parent.iterdir()]
        return self.path.read_bytes(), self.path.stat().st_mode & 0o777, beside


@pytest.fixture
def file(tmp_path: Path) -> OnDisk:
    folder = tmp_path / "rds"
    folder.mkdir()
    found = OnDisk(folder / "routes.yaml")
    found.text = YAML
    found.path.chmod(0o640)
    return found


def as_json() -> str:
    config = {"@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"}
    config |= routes(split({"v1": 60, "v2": 30, "v3": 10}))
    return json.dumps({"version_info": "7", "resources": [config]}, indent="\t")


@pytest.mark.parametrize("text", [YAML, as_json()], ids=["yaml", "json"])
async def test_the_share_is_served_and_undo_restores_the_file_to_the_byte(
    start: Start, behind: Backends, control: Control, file: OnDisk, text: str
) -> None:
    file.text = text
    before = file.looks
    gateway = start(by_file(file.path))
    knob = control(gateway, rds=str(file.path))

    async with under_load(gateway.url, STREAM) as (tally,):
        plan = await reduction(knob, 10)
        await carry_out(knob, plan.steps)
        assert plan.share is not None
        shares = await Shares(knob, behind, plan.share.subject).begin()
        await shares.after(ENOUGH)
        assert await shares.counted() == shares.near(0.10)
        assert shares.served("v2") == shares.near(0.10)
        during = file.text
        await undo(knob, plan.steps)

    assert tally.failures == []
    assert "triton-console abc234" in during
    assert file.looks == before


async def test_a_file_that_is_watched_itself_is_taken_up_too(
    start: Start, control: Control, file: OnDisk
) -> None:
    gateway = start(by_file(file.path, watched=False))
    knob = control(gateway, rds=str(file.path))
    (step,) = (await reduction(knob, 0)).steps

    await carry_out(knob, [step])
    gateway.restart()

    assert holds(step.after, await knob.read(step)), "a file survives a restart"
    assert "weight: 0 " in file.text


async def test_the_command_shown_makes_the_same_change(start: Start, control: Control, file: OnDisk) -> None:
    gateway = start(by_file(file.path))
    knob = control(gateway, rds=str(file.path))
    (step,) = (await reduction(knob, 10)).steps

    run_as_operator(step.call)

    assert digest(file.looks[0]) == step.after["file"]  # type: ignore[index, call-overload]


def run_as_operator(call: str) -> None:
    subprocess.run(call, shell=True, check=True)


async def test_a_file_that_somebody_changed_meanwhile_is_left_alone(
    start: Start, control: Control, file: OnDisk
) -> None:
    knob = control(start(by_file(file.path)), rds=str(file.path))
    (step,) = (await reduction(knob, 10)).steps
    file.text = YAML + "# more\n"

    with pytest.raises(ChangedError, match="changed under you"):
        await knob.apply(step)

    assert file.text == YAML + "# more\n"


async def test_a_file_that_envoy_does_not_watch_is_put_back(
    start: Start, control: Control, file: OnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envoy_routes, "VERDICT_S", 0.3)
    copy = OnDisk(file.path.parent.parent / "copy.yaml")
    copy.text = YAML
    knob = control(start(by_file(file.path)), rds=str(copy.path))
    (step,) = (await reduction(knob, 10)).steps

    with pytest.raises(ControlError, match="did not take the file up"):
        await knob.apply(step)

    assert copy.text == YAML


async def test_routes_that_envoy_refuses_are_taken_back(start: Start, control: Control, file: OnDisk) -> None:
    knob = control(start(by_file(file.path)), rds=str(file.path))
    (step,) = (await reduction(knob, 10)).steps
    before = file.looks
    wrong = route_file(str(file.path), file.looks[0], ("v1", "v2", "v3"))
    zeros = edits(wrong, [{"v1": 0, "v2": 0, "v3": 0}], "wrong")
    after = {"file": digest(edited(wrong.text, zeros).encode()), "version": "wrong"}

    with pytest.raises(ControlError, match="Envoy refused the new routes"):
        await knob.apply(replace(step, change={**step.change, "edits": zeros}, after=after))

    assert file.looks == before
    assert holds(step.before, await knob.read(step))


async def test_a_rollback_edits_the_weights_and_nothing_else(
    start: Start, control: Control, file: OnDisk
) -> None:
    knob = control(start(by_file(file.path)), rds=str(file.path))
    good = (await knob.capture(["ranker"])).routes
    await carry_out(knob, (await reduction(knob, 10)).steps)
    during = file.text

    await carry_out(knob, (await rollback(knob, good)).steps)

    assert "weight: 60" not in during
    assert file.text.replace("triton-console abc234", "7") == YAML


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("weight: 60", "weight: 61", "does not serve what"),
        ("{name: v3, weight: 10}", "{name: v3}", "no split between v1, v2, v3"),
        ("resources:", "resources: {", "neither JSON nor YAML"),
    ],
)
async def test_a_file_that_is_not_what_envoy_serves_is_refused(  # noqa: PLR0913, PLR0917 - fixtures and a table
    start: Start, control: Control, file: OnDisk, old: str, new: str, refusal: str
) -> None:
    knob = control(start(by_file(file.path)), rds=str(file.path))
    # Not renamed into place, so Envoy does not look.
    overwrite(file.path, YAML.replace(old, new))

    plan = await reduction(knob, 10)

    assert plan.steps == ()
    assert refusal in plan.refusals[0]


def overwrite(path: Path, text: str) -> None:
    path.write_text(text)


async def test_a_linked_file_is_somebody_elses(start: Start, control: Control, file: OnDisk) -> None:
    link = file.path.with_name("link.yaml")
    link.symlink_to(file.path)

    plan = await reduction(control(start(by_file(file.path)), rds=str(link)), 10)

    assert "symbolic link" in plan.refusals[0]


async def test_runtime_weights_that_override_the_file_are_said(
    start: Start, control: Control, file: OnDisk
) -> None:
    file.text = YAML.replace(
        "        weighted_clusters:\n",
        f"        weighted_clusters:\n          runtime_key_prefix: {PREFIX}\n",
    )
    gateway = start(by_file(file.path))
    gateway.set(f"{PREFIX}.v2=1")

    plan = await reduction(control(gateway, rds=str(file.path)), 10)

    assert f"runtime keys override the file: {PREFIX}.v2" in plan.refusals[0]
