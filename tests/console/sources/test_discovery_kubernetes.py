"""Servers found among a cluster's pods, through real kubectl on the stand-in cluster."""

from dataclasses import replace
from typing import Any

import pytest

from console.domain.failure import SourceError
from console.domain.fleet import Discovery, Fleet, Target
from console.domain.instant import utc
from console.domain.prospect import TargetsReading
from console.domain.surfaces import Kubernetes
from console.sources import discovery
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.kubernetes_bench import cluster, fleet
from tests.parts.kubernetes_pods import crashing, lose, pod, run, unscheduled


class Looks:
    """The source of one fleet."""

    def __init__(self, of: Fleet | None = None, context: str = "admin", **wanted: Any) -> None:
        self.fleet = replace(
            of or fleet(context=context), discovery=Discovery(**{"kubernetes": "app=triton", **wanted})
        )
        self.clock = HandClock()
        (self._source,) = discovery.sources(self.fleet, Kit(self.clock, Http({}, self.fleet.tls)))

    async def look(self) -> TargetsReading:
        found = await self._source.poll()
        assert isinstance(found, TargetsReading)
        return found

    async def one(self) -> Target:
        (found,) = (await self.look()).targets
        return found


def names(reading: TargetsReading) -> list[str]:
    return [target.name for target in reading.targets]


def test_a_fleet_with_all_its_targets_in_the_settings_looks_for_none() -> None:
    assert discovery.sources(Fleet(), Kit(HandClock(), Http({}, Fleet().tls))) == []


async def test_pods_that_run_are_targets_with_their_node() -> None:
    run(cluster(), pod("triton-a", "10.0.0.1", node="gpu-1"), pod("other", "10.0.0.2", labels={"app": "web"}))

    found = await Looks().one()

    assert found == Target(
        "triton-a",
        "http://10.0.0.1:8000",
        "http://10.0.0.1:8002/metrics",
        "10.0.0.1:8001",
        namespace="shop",
        pod="triton-a",
        node="gpu-1",
    )


async def test_an_address_of_the_sixth_version_stands_in_brackets() -> None:
    run(cluster(), pod("triton-a", "fd00::7"))

    found = await Looks().one()

    assert (found.url, found.grpc) == ("http://[fd00::7]:8000", "[fd00::7]:8001")


@pytest.mark.parametrize(
    ("ports", "annotations", "wanted", "url", "metrics"),
    [
        ({"http": 9000, "metrics": 9002}, {}, {}, ":9000", ":9002"),
        ({"http": 9000, "metrics": 9002}, {}, {"port": 7000, "metrics_port": 7002}, ":7000", ":7002"),
        ({"http": 8000}, {"prometheus.io/port": "9999"}, {}, ":8000", ":9999"),
        ({"http": 8000}, {"prometheus.io/port": "many"}, {}, ":8000", ":8002"),
        ({"web": 9000}, {}, {}, ":8000", ":8002"),
    ],
)
async def test_ports_are_the_settings_then_the_containers_then_the_usual(
    ports: dict[str, int], annotations: dict[str, str], wanted: dict[str, int], url: str, metrics: str
) -> None:
    run(cluster(), pod("triton-a", "10.0.0.1", ports, annotations=annotations))

    found = await Looks(**wanted).one()

    assert found.url == f"http://10.0.0.1{url}"
    assert found.metrics == f"http://10.0.0.1{metrics}/metrics"


async def test_pods_that_wait_for_a_gpu_are_named_and_no_targets() -> None:
    run(
        cluster(),
        pod("triton-a", "10.0.0.1"),
        *(pod(name, conditions=unscheduled()) for name in ("triton-b", "triton-c")),
    )

    reading = await Looks().look()

    assert names(reading) == ["triton-a"]
    assert reading.notes == ("discovery.kubernetes: 2 pods pending: Insufficient nvidia.com/gpu",)


async def test_pods_that_are_ended_or_on_their_way_out_are_no_targets() -> None:
    run(
        cluster(),
        pod("triton-a", "10.0.0.1", deleted="2026-11-20T10:00:00Z"),
        pod("triton-b", "10.0.0.2", phase="Failed", reason="Evicted"),
        pod("triton-c", "10.0.0.3", phase="Succeeded"),
        pod("triton-d", "10.0.0.4"),
    )

    reading = await Looks().look()

    assert names(reading) == ["triton-d"]
    assert reading.notes == ("discovery.kubernetes: 1 pod failed: Evicted",)


async def test_a_container_that_dies_again_and_again_is_told_with_how_it_ended() -> None:
    looks = Looks()
    ended = utc(looks.clock.now() - 60, "%Y-%m-%dT%H:%M:%SZ")
    run(cluster(), pod("triton-a", "10.0.0.1", containerStatuses=crashing(7, ended)))

    reading = await looks.look()

    assert names(reading) == ["triton-a"]
    (note,) = reading.notes
    assert "triton-a: CrashLoopBackOff, 7 restarts, the last end OOMKilled (exit 137) at " in note


async def test_a_look_that_is_refused_says_whom_to_ask_for_what() -> None:
    cluster()

    with pytest.raises(SourceError) as caught:
        await Looks(context="user").look()

    assert str(caught.value) == "discovery.kubernetes: lab-token-viewer may not list pods in shop"
    assert caught.value.failure.hint == "ask for list on pods in shop"


async def test_without_kubectl_it_is_said_what_to_install() -> None:
    looks = Looks(Fleet(kubernetes=Kubernetes("/no/such/kubectl")))

    with pytest.raises(SourceError) as caught:
        await looks.look()

    assert "is not installed" in str(caught.value)
    assert "install kubectl" in caught.value.failure.hint


async def test_no_pod_at_all_is_said_with_what_was_looked_for() -> None:
    cluster()

    reading = await Looks().look()

    assert reading == TargetsReading((), ("discovery.kubernetes: there are no pods with app=triton in shop",))


async def test_pods_come_and_go_from_one_look_to_the_next() -> None:
    api = cluster()
    run(api, pod("triton-a", "10.0.0.1"), pod("triton-b", "10.0.0.2"))
    looks = Looks()
    before = names(await looks.look())
    lose(api, "triton-a")
    run(api, pod("triton-c", "10.0.0.3"))

    assert (before, names(await looks.look())) == (["triton-a", "triton-b"], ["triton-b", "triton-c"])


async def test_a_target_of_the_settings_is_not_found_again_and_keeps_its_name_for_itself() -> None:
    run(cluster(), pod("triton-a", "10.0.0.1"), pod("given", "10.0.0.2"))
    mine = Target("given", "http://10.0.0.1:8000", "http://10.0.0.1:8002/metrics")

    found = await Looks(replace(fleet(), targets=(mine,))).one()

    assert (found.name, found.url) == ("given.shop", "http://10.0.0.2:8000")


@pytest.mark.parametrize(
    "printed",
    ["{}", "[]", "", '{"items": 7}', '{"items": [{"metadata": []}]}', '{"items": [null]}', "[" * 9999],
)
async def test_a_kubectl_that_prints_anything_is_no_crash(printed: str, tmp_path: Any) -> None:
    script = tmp_path / "kubectl"
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{printed}\nEND\n")
    script.chmod(0o755)

    with pytest.raises(SourceError, match="kubectl printed no list of pods"):
        await Looks(Fleet(kubernetes=Kubernetes(str(script)))).look()


async def test_pods_that_say_odd_things_of_themselves_are_left_out_or_made_harmless(tmp_path: Any) -> None:
    script = tmp_path / "kubectl"
    script.write_text(
        """#!/bin/sh
cat <<'END'
{"items": [{}, {"status": {"phase": "Running", "podIP": "evil.example/x"}},
 {"metadata": {"name": "a\\u001b[31m"}, "status": {"phase": "Running", "podIP": "10.0.0.1", "containerStatuses": null}}]}
END
"""
    )
    script.chmod(0o755)

    found = await Looks(Fleet(kubernetes=Kubernetes(str(script)))).one()

    assert (found.name, found.url) == ("a\\e[31m", "http://10.0.0.1:8000")
