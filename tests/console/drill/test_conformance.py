"""The drill against the real Triton: the same requests, the same answers."""

import asyncio
from collections.abc import Iterator

import pytest

from console.drill import Drill
from console.drill.spec import KillStub
from tests.console.drill.asks import BODIES, INFERENCES, OVERRIDES, PATHS
from tests.console.drill.conversation import INDEX, READY, Ask, get, infer, load, model, put, series, unload
from tests.console.drill.lab import lab
from tests.parts import models
from tests.parts.triton import SUMMARIES, TritonServer

LOADED = ("fast", "multi")
GROUPS = "model-repository,model-config,statistics:admin-key=secret"
PATIENCE_S = 30.0


class Pair:
    """The two servers and their metrics."""

    def __init__(self, real: TritonServer, drill: Drill) -> None:
        _, url, metrics = drill.endpoints.targets[0]
        self.urls = (real.url, url)
        self.metrics = (real.metrics_url, metrics)

    async def agree(self, *asks: Ask, headers: dict[str, str] | None = None) -> None:
        """Put each request to both and compare."""
        for ask in asks:
            real, drill = await asyncio.gather(*(put(url, ask, headers) for url in self.urls))
            assert drill == real, ask

    async def soon(self, *asks: Ask) -> None:
        """As ``agree``, for answers that follow a request a moment later."""
        async with asyncio.timeout(PATIENCE_S):
            for ask in asks:
                answers = [await put(url, ask) for url in self.urls]
                while answers[0] != answers[1]:
                    await asyncio.sleep(0.05)
                    answers = [await put(url, ask) for url in self.urls]

    async def reach(self, state: str, *, present: bool) -> None:
        """Wait until some version of both is in a state, or none is."""
        async with asyncio.timeout(PATIENCE_S):
            for url in self.urls:
                while True:
                    if (f'"{state}"' in (await put(url, INDEX)).body) is present:
                        break
                    await asyncio.sleep(0.05)

    async def agree_on_series(self) -> None:
        """Compare the metrics: families, labels and counts."""
        real, drill = await asyncio.gather(*(series(url) for url in self.metrics))
        assert drill == real


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    repository = models.write(tmp_path_factory.mktemp("conformance") / "repository")
    with TritonServer.start(repository, load=LOADED, flags=[SUMMARIES]) as server:
        yield server


async def test_paths_and_methods(real: TritonServer) -> None:
    async with Drill(lab(loaded=LOADED)) as drill:
        await Pair(real, drill).agree(*PATHS)


async def test_bodies(real: TritonServer) -> None:
    async with Drill(lab(loaded=LOADED)) as drill:
        await Pair(real, drill).agree(*BODIES)


async def test_inferences(real: TritonServer) -> None:
    async with Drill(lab(loaded=LOADED)) as drill:
        await Pair(real, drill).agree(*INFERENCES)


async def test_metrics_port(real: TritonServer) -> None:
    asks = [Ask(method, path) for method in ("GET", "POST") for path in ("/", "/bogus")]
    async with Drill(lab(loaded=LOADED)) as drill:
        bases = [url.removesuffix("/metrics") for url in (real.metrics_url, drill.endpoints.targets[0][2])]
        for ask in (*asks, Ask("POST", "/metrics")):
            expected, given = [await put(base, ask) for base in bases]
            assert given == expected, ask


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    repository = models.write(tmp_path_factory.mktemp("conformance") / "repository")
    with TritonServer.start(repository, load=LOADED, flags=[SUMMARIES]) as server:
        yield server


async def test_loads_unloads_and_failures(fresh: TritonServer) -> None:
    async with Drill(lab(loaded=LOADED)) as drill:
        pair = Pair(fresh, drill)
        failed = [
            model(f"badinit{tail}")
            for tail in ("", "/config", "/versions/1", "/versions/2", "/ready", "/stats")
        ]
        await pair.agree(
            load("badinit"), INDEX, READY, *failed, infer("badinit", 1), unload("badinit"), INDEX, READY
        )
        await pair.agree_on_series()

        loading = asyncio.create_task(pair.agree(load("slowinit")))
        await pair.reach("LOADING", present=True)
        tails = ("", "/versions/1", "/versions/1/config", "/stats", "/ready")
        await pair.agree(
            INDEX, *(model(f"slowinit{tail}") for tail in tails), infer("slowinit/versions/1", 1)
        )
        await loading

        await pair.agree(infer("fast", 1), infer("fast", 2), load("fast"))
        await pair.soon(model("fast/stats"))
        await pair.agree(
            unload("fast"), INDEX, READY, model("fast"), model("fast/versions/1/config"), infer("fast", 1)
        )
        await pair.reach("UNLOADING", present=False)
        await pair.agree(INDEX, unload("fast"))
        await pair.agree_on_series()
        await pair.agree(load("ens"), INDEX, model("ens"), model("ens/config"), infer("ens", 4))
        await pair.soon(model("ens/stats"), model("multi/stats"))
        await pair.agree(unload("ens", unload_dependents=True))
        await pair.reach("UNLOADING", present=False)
        await pair.agree(INDEX)
        await pair.agree_on_series()


async def test_configs_that_come_with_a_load(fresh: TritonServer) -> None:
    async with Drill(lab(loaded=LOADED)) as drill:
        pair = Pair(fresh, drill)
        await pair.agree(*OVERRIDES)
        await pair.reach("UNLOADING", present=False)
        await pair.agree(INDEX)
        await pair.agree(load("multiall"), model("multiall"), model("multiall/config"), INDEX)


async def test_a_dead_stub_and_a_full_queue(fresh: TritonServer) -> None:
    async with Drill(lab(loaded=LOADED)) as drill:
        pair = Pair(fresh, drill)
        await pair.agree(load("flaky"), infer("flaky", 1))
        fresh.kill_stubs("flaky")
        drill.fleet.apply(KillStub(at=0, model="flaky"))
        await pair.agree(infer("flaky", 1), model("flaky/ready"), READY, load("flaky"), infer("flaky", 1))
        await pair.soon(model("flaky/stats"))
        await pair.agree(unload("flaky"), INDEX, load("flaky"), infer("flaky", 1))

        await pair.agree(load("queue"), load("slow"), model("queue/config"), model("slow/config"))
        asks = [infer("queue", 1, batched=True)] * 6
        real, given = [await asyncio.gather(*(put(url, ask) for ask in asks)) for url in pair.urls]
        # How many of six at once find room depends on how far the first one is: only what is said must agree.
        assert set(given) == set(real)
        assert {answer.status for answer in given} == {200, 503}


@pytest.mark.parametrize("mode", ["none", "poll"])
async def test_modes_without_loads(mode: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    names = ("fast", "multi", "multiall", "ens")
    repository = models.write(tmp_path_factory.mktemp(mode) / "repository", *names)
    with TritonServer.start(repository, mode) as real:
        async with Drill(lab(names, mode=mode)) as drill:
            pair = Pair(real, drill)
            await pair.agree(INDEX, READY, load("fast"), load("nope", "{nope"), load("nope", bogus="x"))
            await pair.agree(unload("fast"), unload("nope"), infer("ens", 3), model("multiall"), get("/v2"))


async def test_restricted_groups(tmp_path_factory: pytest.TempPathFactory) -> None:
    repository = models.write(tmp_path_factory.mktemp("restricted") / "repository", "fast")
    asks = (
        get("/v2/health/live"),
        get("/v2"),
        model("fast/config"),
        model("fast/stats"),
        INDEX,
        unload("nope"),
    )
    with TritonServer.start(repository, load=["fast"], flags=[f"--http-restricted-api={GROUPS}"]) as real:
        async with Drill(lab(["fast"], loaded=["fast"], restricted=(GROUPS,))) as drill:
            for value in ("secret", "wrong"):
                for header in ("admin-key", "Admin-Key"):
                    await Pair(real, drill).agree(*asks, headers={header: value})
            await Pair(real, drill).agree(*asks)


def test_the_lab_and_the_repository_hold_the_same_models() -> None:
    assert set(lab().fleet.models) == set(models.MODELS)
