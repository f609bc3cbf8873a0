"""Loads and unloads on one simulated server, at hand-picked seconds."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from console.drill.sim.gpu import Gpu
from console.drill.sim.loading import LoadOperation, load_operation
from console.drill.sim.model_config import complete
from console.drill.sim.operations import Ticket
from console.drill.sim.repository import index
from console.drill.sim.request import Outcome, Request
from console.drill.sim.server import Server
from console.drill.spec import GpuSpec, ModelSpec, TargetSpec, VersionSpec
from tests.console.drill.lab import MODELS

GOOD, BROKEN = VersionSpec(load_s=1.0), VersionSpec(load_s=1.0, fails="Internal: no weights")


class Site:
    """One server and what is asked of it."""

    def __init__(
        self, models: Mapping[str, ModelSpec] = MODELS, gpu: Gpu | None = None, **target: Any
    ) -> None:
        self.server = Server(TargetSpec("t", **target), models, gpu, seed=0, now=0.0)
        self.ended: list[Outcome] = []

    def load(self, name: str, config: Mapping[str, Any] | None = None) -> Ticket:
        model = self.server.models[name]
        parameters = {} if config is None else {"config": json.dumps(config)}
        operation = load_operation(model, parameters)
        self.server.request(operation, model)
        return operation.ticket

    def unload(self, name: str, *, dependents: bool = False) -> Ticket:
        return self.server.unload(self.server.models[name], dependents=dependents).ticket

    def infer(self, name: str) -> bool:
        return self.server.submit(name, None, Request(self.server.now, 1, self))

    def answered(self, request: Request, at: float, outcome: Outcome) -> None:
        self.ended.append(outcome)

    def states(self, name: str) -> dict[str, str]:
        rows = index(self.server.models, ready_only=False)
        return {row["version"]: row["state"] for row in rows if row["name"] == name and "version" in row}

    def counted(self, name: str, version: int) -> float:
        return self.server.series_of(name, version).total("success")

    def run(self, until: float) -> None:
        while self.server.now < until:
            self.server.run(min(until, self.server.now + 0.1))


def config_of(name: str, **changes: Any) -> dict[str, Any]:
    return {**complete(name, MODELS[name].config, gpu=False), **changes}


def specific(*versions: int) -> dict[str, Any]:
    return config_of("multi", version_policy={"specific": {"versions": list(versions)}})


def test_a_load_is_answered_when_it_has_ended_and_the_server_is_not_ready_meanwhile() -> None:
    site = Site()
    ticket = site.load("fast")

    assert (ticket.done, site.states("fast"), site.server.ready) == (False, {"1": "LOADING"}, False)
    site.run(1.4)
    assert (ticket.status, site.states("fast"), site.server.ready) == (200, {"1": "READY"}, True)


def test_one_failed_load_makes_the_server_unready_for_good() -> None:
    site = Site()
    site.load("badinit")
    site.run(2.0)
    site.unload("badinit")
    site.load("fast")
    site.run(9.0)

    assert site.states("badinit") == {"1": "UNAVAILABLE"}
    assert not site.server.ready
    assert Site(strict_readiness=False).server.ready


def test_an_unchanged_model_is_not_loaded_again() -> None:
    site = Site()
    site.load("fast")
    site.run(2.0)

    assert site.load("fast").done


def test_loads_of_one_model_wait_for_each_other_and_an_unload_for_the_load() -> None:
    site = Site()
    first, second, last = site.load("fast"), site.load("fast"), site.unload("fast")

    assert [ticket.done for ticket in (first, second, last)] == [False] * 3
    site.run(1.4)
    assert [ticket.status for ticket in (first, second, last)] == [200] * 3
    assert site.states("fast") == {"1": "UNLOADING"}


def test_a_rollback_by_policy_serves_all_the_time() -> None:
    site = Site()
    site.load("multi")
    site.run(2.0)
    site.load("multi", specific(2))

    assert site.states("multi") == {"2": "LOADING", "3": "READY"}
    assert site.infer("multi")
    site.run(3.5)
    assert site.states("multi") == {"2": "READY", "3": "UNLOADING"}
    site.run(5.0)
    assert site.states("multi") == {"2": "READY", "3": "UNAVAILABLE"}
    assert site.server.ready


def test_the_config_is_stale_after_a_change_of_policy_in_place() -> None:
    site = Site()
    site.load("multi")
    site.run(2.0)

    assert site.load("multi", specific(3)).status == 200
    slot = site.server.models["multi"].serving()
    assert slot is not None
    assert slot.config["version_policy"] == {"latest": {"num_versions": 1}}


def test_a_reload_is_invisible_and_starts_the_statistics_again_while_counters_go_on() -> None:
    site = Site()
    site.load("fast")
    site.run(2.0)
    site.infer("fast")
    site.run(3.0)
    site.load("fast", config_of("fast", parameters={"a": {"string_value": "b"}}))

    assert (site.states("fast"), site.server.ready) == ({"1": "READY"}, True)
    site.run(5.0)
    slot = site.server.models["fast"].serving()
    assert slot is not None
    assert slot.runtime is not None
    assert (slot.runtime.tally.success, site.counted("fast", 1)) == (0, 1)


def test_the_request_under_way_ends_well_on_the_version_that_goes() -> None:
    site = Site()
    site.load("slow")
    site.run(2.0)
    site.infer("slow")
    site.run(2.05)
    site.unload("slow")

    assert not site.infer("slow")
    site.run(4.0)
    assert site.ended == [Outcome.OK]
    assert site.states("slow") == {"1": "UNAVAILABLE"}


def test_after_an_unload_only_the_failures_stay_among_the_series() -> None:
    models = {"fast": replace(MODELS["fast"], versions={1: replace(GOOD, error_rate=1.0)})}
    site = Site(models)
    site.load("fast")
    site.run(2.0)
    site.infer("fast")
    site.run(3.0)
    site.unload("fast")
    site.run(5.0)

    series = site.server.series_of("fast", 1)
    assert (series.shown, series.failures()["BACKEND"]) == (False, 1)


def test_one_broken_version_takes_the_others_of_a_first_load_with_it() -> None:
    site = Site({"multiall": replace(MODELS["multiall"], versions={1: GOOD, 2: BROKEN, 3: GOOD})})
    ticket = site.load("multiall")
    site.run(1.1)

    assert ticket.error == (
        "load failed for model 'multiall': version 2 is at UNAVAILABLE state: Internal: no weights;\n"
    )
    assert site.states("multiall") == {"1": "UNLOADING", "2": "UNAVAILABLE", "3": "UNLOADING"}


def test_a_new_broken_version_leaves_the_serving_one_alone() -> None:
    site = Site()
    site.load("multi")
    site.run(2.0)
    disk = site.server.models["multi"].disk
    assert disk is not None
    disk.versions[4] = BROKEN
    disk.stamp += 1
    ticket = site.load("multi")
    site.run(4.0)

    assert ticket.status == 400
    assert site.states("multi") == {"3": "READY", "4": "UNAVAILABLE"}
    assert site.infer("multi")


def test_instances_change_in_place_and_a_gpu_that_is_not_there_is_refused() -> None:
    site = Site()
    site.load("slow")
    site.run(2.0)

    assert (
        site.load("slow", config_of("slow", instance_group=[{"kind": "KIND_CPU", "count": 3}])).status == 200
    )
    refused = site.load("slow", config_of("slow", instance_group=[{"kind": "KIND_GPU", "count": 1}]))
    assert "version 1 is at READY state: Invalid argument: instance group slow_0" in refused.error
    assert index(site.server.models, ready_only=True)[0]["reason"].endswith("no GPUs are available")


def test_a_model_that_finds_no_memory_says_so() -> None:
    gpu = Gpu(GpuSpec("GPU-1", "node", memory_mib=24_000))
    spec = ModelSpec({"backend": "onnxruntime"}, {1: VersionSpec(memory_mib=30_000)})
    site = Site({"big": spec}, gpu)
    ticket = site.load("big")
    site.run(2.0)

    assert "CUDA out of memory. Tried to allocate 30000.00 MiB." in ticket.error


def test_a_load_that_hangs_never_ends() -> None:
    site = Site({"fast": replace(MODELS["fast"], versions={1: VersionSpec(hangs=True)})})
    ticket = site.load("fast")
    site.run(600.0)

    assert (ticket.done, site.states("fast")) == (False, {"1": "LOADING"})


def test_an_ensemble_brings_its_parts_and_goes_with_them() -> None:
    site = Site()
    site.load("fast")
    site.run(2.0)
    site.load("ens")
    site.run(4.0)
    assert [site.states(name) for name in ("ens", "fast", "multi")] == [
        {"1": "READY"},
        {"1": "READY"},
        {"3": "READY"},
    ]

    site.unload("ens", dependents=True)
    site.run(6.0)
    assert site.states("fast") == {"1": "READY"}
    assert site.states("multi") == {"3": "UNAVAILABLE"}


def test_the_poller_takes_changes_up_and_tries_failures_again() -> None:
    site = Site({name: MODELS[name] for name in ("fast", "badinit")}, mode="poll")
    site.run(2.2)
    assert site.states("badinit") == {"1": "LOADING"}
    site.run(3.6)
    assert site.states("badinit") == {"1": "UNAVAILABLE"}
    site.run(4.3)
    assert site.states("badinit") == {"1": "LOADING"}
    assert site.states("fast") == {"1": "READY"}


@pytest.mark.parametrize("parameters", [{"bogus": "x"}, {"config": 3}])
def test_parameters_that_no_load_has_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        load_operation(Site().server.models["fast"], parameters)


def test_a_start_up_load_takes_no_time_on_a_server_that_was_up_before() -> None:
    site = Site()
    operations = site.server.boot(["ens"], instant=True)

    assert [operation.ticket.status for operation in operations] == [200]
    assert isinstance(operations[0], LoadOperation)
    assert site.states("multi") == {"3": "READY"}
