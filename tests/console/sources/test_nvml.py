"""The local GPUs, with a stand-in where pynvml would be imported: it answers what drivers were seen to answer."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from console.domain.failure import FailureKind, SourceError
from console.domain.fleet import Fleet, GpuFeeds, Tls
from console.domain.gpu import GpuReading, GpuSample
from console.sources.nvml import NvmlSource, sources
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock

GIB = 2**30
UNSUPPORTED = pynvml.NVMLError_NotSupported()
MISSING = pynvml.NVMLError_FunctionNotFound()


def memory(total: int, used: int, free: int) -> SimpleNamespace:
    return SimpleNamespace(total=total * GIB, used=used * GIB, free=free * GIB)


def a100(**changes: Any) -> dict[str, Any]:
    """Answers by function; the second version of memory is asked for with a version."""
    answers = {
        "UUID": "GPU-5022ce43-b44a-987b-71c3-dee05378a618",
        "Name": "NVIDIA A100-SXM4-80GB",
        "UtilizationRates": SimpleNamespace(gpu=73, memory=41),
        "MemoryInfo": memory(80, 31, 49),
        "MemoryInfo_v2": memory(80, 30, 49),
        "PowerUsage": 275_318,
        "EnforcedPowerLimit": 400_000,
        "TemperatureV": 61,
        "Temperature": MISSING,
        "ClockInfo": 1410,
        "MigMode": [0, 0],
    }
    return answers | changes


def mig(instance: int, profile: str) -> dict[str, Any]:
    return {
        "Name": f"NVIDIA A100-SXM4-80GB MIG {profile}",
        "GpuInstanceId": instance,
        "MemoryInfo_v2": memory(20, 3, 17),
    }


class Driver:
    """Looks like the module ``pynvml``: its constants and errors, and these GPUs instead of the machine's."""

    def __init__(self, *gpus: Any, start: Exception | None = None) -> None:
        self.gpus = gpus
        self.start = start
        self.running = 0

    def __getattr__(self, name: str) -> Any:
        if name.startswith("nvmlDeviceGet"):
            return lambda handle, *arguments: self._answer(
                handle, name.removeprefix("nvmlDeviceGet"), arguments
            )
        return getattr(pynvml, name)

    def _answer(self, handle: dict[str, Any], what: str, arguments: tuple[Any, ...]) -> Any:
        key = "MemoryInfo_v2" if what == "MemoryInfo" and arguments else what
        answer = handle.get(key, MISSING)
        return given(answer[arguments[0]] if key == "MigDeviceHandleByIndex" else answer)

    def nvmlInit(self) -> None:  # noqa: N802
        given(self.start)
        self.running += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.running -= 1

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any:  # noqa: N802
        return given(self.gpus[index])


def given(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer() if callable(answer) else answer


async def read(*gpus: Any) -> GpuReading:
    source = NvmlSource(1.0, lambda: Driver(*gpus))
    return await source.poll()


async def refused(load: Callable[[], Any]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await NvmlSource(1.0, load).poll()
    return caught.value


async def test_a_gpu_in_our_units():
    reading = await read(a100())
    (gpu,) = reading.gpus
    assert gpu._replace(node="") == GpuSample(
        "GPU-5022ce43-b44a-987b-71c3-dee05378a618",
        "0",
        "NVIDIA A100-SXM4-80GB",
        utilization=0.73,
        memory_used_bytes=30.0 * GIB,
        memory_total_bytes=80.0 * GIB,
        memory_free_bytes=49.0 * GIB,
        power_w=275.318,
        power_limit_w=400.0,
        temperature_c=61.0,
        sm_clock_mhz=1410.0,
    )
    assert gpu.node
    assert reading.notes == ()


async def test_each_field_may_be_unsupported_alone():
    nothing = a100(**dict.fromkeys(set(a100()) - {"UUID"}, UNSUPPORTED))
    no_power = a100(UUID="GPU-b", PowerUsage=UNSUPPORTED)
    reading = await read(nothing, no_power)
    first, second = reading.gpus
    assert reading.notes == ()
    assert first._replace(node="") == GpuSample("GPU-5022ce43-b44a-987b-71c3-dee05378a618", "0")
    assert (second.power_w, second.power_limit_w, second.number) == (None, 400.0, "1")


async def test_old_drivers_and_bindings_are_asked_the_old_way():
    (gpu,) = (
        await read(
            a100(MemoryInfo_v2=MISSING, TemperatureV=MISSING, Temperature=60, Name=b"Tesla T4", UUID=b"GPU-c")
        )
    ).gpus
    assert (gpu.memory_used_bytes, gpu.temperature_c) == (31.0 * GIB, 60.0)
    assert (gpu.name, gpu.uuid) == ("Tesla T4", "GPU-c")


async def test_slices_are_listed_under_the_uuid_of_their_gpu():
    places = [mig(3, "2g.20gb"), pynvml.NVMLError_NotFound(), mig(5, "1g.10gb")]
    split = a100(
        UtilizationRates=UNSUPPORTED, MigMode=[1, 1], MaxMigDeviceCount=3, MigDeviceHandleByIndex=places
    )
    whole, first, second = (await read(split)).gpus
    assert (whole.mig, whole.utilization, whole.power_w) == ("", None, 275.318)
    assert [first.mig, second.mig] == ["2g.20gb/3", "1g.10gb/5"]
    assert (first.uuid, first.number, first.name) == (whole.uuid, "0", whole.name)
    assert (first.memory_total_bytes, first.memory_used_bytes, first.power_w) == (20.0 * GIB, 3.0 * GIB, None)


async def test_a_lost_gpu_is_a_note_and_the_others_are_read():
    lost = pynvml.NVMLError_GpuIsLost()
    reading = await read(lost, a100(PowerUsage=lost))
    (gpu,) = reading.gpus
    assert (gpu.number, gpu.power_w, gpu.temperature_c) == ("1", None, 61.0)
    assert reading.notes == ("GPU 0 is not readable: GPU is lost", "GPU 1: power unknown: GPU is lost")


async def test_no_driver_is_not_available_rather_than_broken():
    for start in (pynvml.NVMLError_LibraryNotFound(), pynvml.NVMLError_DriverNotLoaded()):
        error = await refused(lambda start=start: Driver(start=start))
        assert error.failure.kind is FailureKind.UNSUPPORTED
        assert error.failure.message.startswith("nvml: not available: ")
        assert error.failure.hint


async def test_no_binding_is_not_available_and_says_what_to_install():
    def load() -> Any:
        raise ModuleNotFoundError("No module named 'pynvml'")

    failure = (await refused(load)).failure
    assert failure.kind is FailureKind.UNSUPPORTED
    assert "nvidia-ml-py" in failure.hint


async def test_a_driver_that_comes_later_is_found():
    driver = Driver(a100(), start=pynvml.NVMLError_DriverNotLoaded())
    source = NvmlSource(1.0, lambda: driver)
    with pytest.raises(SourceError):
        await source.poll()
    driver.start = None
    assert len((await source.poll()).gpus) == 1


async def test_the_library_is_entered_once_and_left_at_the_end():
    driver = Driver(a100())
    source = NvmlSource(1.0, lambda: driver)
    await source.poll()
    await source.poll()
    assert driver.running == 1
    await source.close()
    assert driver.running == 0


async def test_a_driver_that_hangs_holds_one_thread_and_no_more():
    hangs, answers = threading.Event(), threading.Event()

    def hang() -> int:
        hangs.set()
        answers.wait(10)
        return 100_000

    source = NvmlSource(1.0, lambda: Driver(a100(PowerUsage=hang)))
    thread = threading.Thread(target=source._read)
    thread.start()
    assert hangs.wait(10)
    with pytest.raises(SourceError) as caught:
        await source.poll()
    answers.set()
    thread.join()
    assert caught.value.failure.kind is FailureKind.TIMEOUT
    assert len((await source.poll()).gpus) == 1


def test_the_driver_is_asked_only_where_the_settings_say_so():
    kit = Kit(HandClock(), Http({}, Tls()))
    assert sources(Fleet(), kit) == []
    (source,) = sources(Fleet(refresh=2.0, gpu=GpuFeeds(nvml=True)), kit)
    assert (source.name, source.target, source.every) == ("nvml", None, 2.0)
