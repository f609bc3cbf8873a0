"""Kill -9 at every boundary of reducing traffic at real gateways: weights, a map file, runtime values, a file of routes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.run import Outcome
from console.domain.surfaces import Envoy as EnvoySettings
from console.domain.surfaces import EnvoyRoute, Gateway, HaproxyRoute
from console.domain.surfaces import Haproxy as HaproxySettings
from tests.parts.crash import Scene, turning_points, undone, walk
from tests.parts.envoy import PREFIX, SHED, Envoy, by_file, routes, split
from tests.parts.haproxy import Haproxy

REDUCE = Action(ActionKind.REDUCE, model="ranker", percent=20)
PORTS = {"v1": 9, "v2": 9, "v3": 9}

# Nobody listens behind these gateways: what is tried here is their settings.
CONFIG = """
frontend gw
  bind 127.0.0.1:{port}
  http-request set-var(txn.shed) str(ranker),map({folder}/shed.map,0)
  default_backend triton
backend triton
  server v1 127.0.0.1:9 weight 1
  server v2 127.0.0.1:9 weight 1
  server v3 127.0.0.1:9 weight 1
"""


def scene(folder: Path, gateway: Gateway, world: Any, **more: Any) -> Scene:
    return Scene(Fleet("prod", state=str(folder), gateway=gateway), REDUCE, world, **more)


@pytest.fixture
def haproxy(tmp_path: Path) -> Iterator[Haproxy]:
    (tmp_path / "shed.map").write_text("somebody-else 7\n")
    with Haproxy(tmp_path, CONFIG) as started:
        yield started


async def test_weights_of_haproxy(haproxy: Haproxy, folder: Path) -> None:
    def weights() -> list[list[str]]:
        rows = haproxy.ask("show servers state triton").splitlines()[2:]
        return [[row.split(" ")[n] for n in (3, 6, 7)] for row in rows if row]

    route = HaproxyRoute("rank*", "triton", ("v2",))
    settings = HaproxySettings(haproxy.address, (route,))
    walked = await walk(scene(folder, settings, weights), folder, undone)

    assert {(Outcome.SKIPPED, Outcome.WAITING), (Outcome.DONE, Outcome.SKIPPED)} <= walked.left
    assert any(place.startswith("within change") for place in walked.places)


async def test_shedding_by_haproxy(haproxy: Haproxy, folder: Path) -> None:
    def entries() -> list[str]:
        listed = haproxy.ask(f"show map {haproxy.folder}/shed.map").splitlines()
        return [line.partition(" ")[2] for line in listed if line]

    route = HaproxyRoute("rank*", "triton", (), f"{haproxy.folder}/shed.map", "ranker")
    settings = HaproxySettings(haproxy.address, (route,))
    walked = await walk(scene(folder, settings, entries, pick=turning_points), folder, undone)

    assert {(Outcome.SKIPPED,), (Outcome.DONE,)} <= walked.left


@pytest.fixture
def envoys(tmp_path: Path) -> Iterator[list[Envoy]]:
    started: list[Envoy] = []
    yield started
    for each in started:
        each.stop()


@pytest.mark.parametrize("knob", [{"runtime": PREFIX}, {"shed": SHED}], ids=["weights", "shedding"])
async def test_runtime_values_of_envoy(
    tmp_path: Path, folder: Path, envoys: list[Envoy], knob: dict[str, str]
) -> None:
    plain = {"route_config": routes(split({"v1": 60, "v2": 30, "v3": 10}, PREFIX))}
    gateway = Envoy(tmp_path, PORTS, routed=plain)
    envoys.append(gateway)
    route = EnvoyRoute("rank*", clusters=("v1", "v2", "v3"), reduced=("v2",), **knob)
    settings = EnvoySettings(gateway.admin, "gw", (route,))

    walked = await walk(scene(folder, settings, gateway.runtime, pick=turning_points), folder, undone)

    assert {(Outcome.SKIPPED,), (Outcome.DONE,)} <= walked.left


async def test_every_system_call_on_a_file_of_routes_of_envoy(
    tmp_path: Path, folder: Path, envoys: list[Envoy]
) -> None:
    file = folder / "rds" / "routes.yaml"
    file.parent.mkdir()
    file.write_text(YAML)
    gateway = Envoy(tmp_path, PORTS, routed=by_file(file))
    envoys.append(gateway)
    route = EnvoyRoute("rank*", clusters=("v1", "v2", "v3"), reduced=("v2",), rds=str(file))
    settings = EnvoySettings(gateway.admin, "gw", (route,))

    def on_the_file(places: Sequence[str]) -> list[int]:
        return [n for n, place in enumerate(places, 1) if str(file.parent) in place]

    walked = await walk(scene(folder, settings, file.read_text, fine=True, pick=on_the_file), folder, undone)

    assert {(Outcome.SKIPPED,), (Outcome.DONE,)} <= walked.left


YAML = """\
# Kept by hand.
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
          - {name: v1, weight: 60}   # naïve
          - {name: v2, weight: 30}
          - {name: v3, weight: 10}
"""
