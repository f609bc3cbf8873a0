"""The GPUs of this machine, through NVIDIA's NVML."""

import asyncio
import importlib
import platform
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.gpu import GpuReading, GpuSample
from console.domain.text import visible
from console.ports import Source
from console.transport.kit import Kit


def sources(fleet: Fleet, kit: Kit) -> list[Source]:  # noqa: ARG001 (a driver is asked, not a server)
    """The local driver, where the settings ask for it."""
    return [NvmlSource(fleet.refresh)] if fleet.gpu.nvml else []


def _pynvml() -> Any:
    # Loaded at the first poll: most fleets never need it.
    return importlib.import_module("pynvml")


class NvmlSource:
    """Asks the driver in a thread; without a driver the poll says that it is not available."""

    def __init__(self, every: float, load: Callable[[], Any] = _pynvml) -> None:
        self.name = "nvml"
        self.target: str | None = None
        self.every = every
        self.timeout = 5.0
        self._load = load
        self._nvml: Any = None
        self._turn = Lock()

    async def poll(self) -> GpuReading:
        """Every local GPU and MIG slice; SourceError of kind UNSUPPORTED where there is no driver."""
        return await asyncio.to_thread(self._read)

    async def close(self) -> None:
        """Leave the library, unless a call still hangs in it."""
        await asyncio.to_thread(self._leave)

    def _read(self) -> GpuReading:
        # A driver that hangs keeps its thread; another one would hang behind it.
        if not self._turn.acquire(blocking=False):
            raise _failed(FailureKind.TIMEOUT, "the driver does not answer", "look at dmesg for Xid errors")
        try:
            return _read_gpus(self._library())
        finally:
            self._turn.release()

    def _library(self) -> Any:
        if self._nvml is not None:
            return self._nvml
        try:
            nvml = self._load()
        except ImportError:
            raise _unavailable("pynvml is not installed", "pip install nvidia-ml-py") from None
        try:
            nvml.nvmlInit()
        except nvml.NVMLError as error:
            raise _unavailable(
                str(error), "run where the GPUs are, or remove nvml from the settings"
            ) from error
        self._nvml = nvml
        return nvml

    def _leave(self) -> None:
        if self._nvml is None or not self._turn.acquire(blocking=False):
            return
        nvml, self._nvml = self._nvml, None
        try:
            nvml.nvmlShutdown()
        except nvml.NVMLError:
            return
        finally:
            self._turn.release()


def _read_gpus(nvml: Any) -> GpuReading:
    notes: list[str] = []
    try:
        count = nvml.nvmlDeviceGetCount()
    except nvml.NVMLError as error:
        raise _failed(FailureKind.RESET, str(error), "the driver may be reloading") from error
    gpus: list[GpuSample] = []
    for index in range(count):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            uuid = _text(nvml.nvmlDeviceGetUUID(handle))
        except nvml.NVMLError as error:
            notes.append(f"GPU {index} is not readable: {visible(str(error))}")
            continue
        device = _Device(nvml, handle, f"GPU {index}", notes)
        whole = device.sample(uuid, str(index))
        gpus += [whole, *_slices(device, whole)]
    return GpuReading(tuple(gpus), tuple(notes))


class _Device:
    """One GPU or slice: each field is asked by itself, because each may be unsupported."""

    def __init__(self, nvml: Any, handle: Any, label: str, notes: list[str]) -> None:
        self.nvml = nvml
        self.handle = handle
        self.label = label
        self.notes = notes

    def ask(self, what: str, *functions: str, arguments: tuple[Any, ...] = ()) -> Any:
        """The first function's answer that there is, else None; a failure that is news becomes a note."""
        failed = None
        for name in functions:
            # Older bindings and newer drivers lack some of them.
            if function := getattr(self.nvml, name, None):
                try:
                    return function(self.handle, *arguments)
                except self.nvml.NVMLError as error:
                    failed = error
        if failed is not None and not isinstance(failed, self._unsupported):
            self.notes.append(f"{self.label}: {what} unknown: {visible(str(failed))}")
        return None

    @property
    def _unsupported(self) -> tuple[type[Exception], ...]:
        return (self.nvml.NVMLError_NotSupported, self.nvml.NVMLError_FunctionNotFound)

    def sample(self, uuid: str, number: str) -> GpuSample:
        """What the driver says about a whole GPU."""
        nvml = self.nvml
        busy = self.ask("utilization", "nvmlDeviceGetUtilizationRates")
        temperature = self.ask(
            "temperature",
            "nvmlDeviceGetTemperatureV",
            "nvmlDeviceGetTemperature",
            arguments=(nvml.NVML_TEMPERATURE_GPU,),
        )
        clock = self.ask("SM clock", "nvmlDeviceGetClockInfo", arguments=(nvml.NVML_CLOCK_SM,))
        empty = GpuSample(uuid, number, self.name(), platform.node())
        return self.with_memory(empty)._replace(
            utilization=None if busy is None else busy.gpu / 100,
            power_w=_watts(self.ask("power", "nvmlDeviceGetPowerUsage")),
            power_limit_w=_watts(self.ask("power limit", "nvmlDeviceGetEnforcedPowerLimit")),
            temperature_c=None if temperature is None else float(temperature),
            sm_clock_mhz=None if clock is None else float(clock),
        )

    def name(self) -> str:
        """The product's name, empty if unknown."""
        return _text(self.ask("name", "nvmlDeviceGetName") or "")

    def with_memory(self, sample: GpuSample) -> GpuSample:
        """The sample with its memory in bytes."""
        memory = self._memory()
        if memory is None:
            return sample
        return sample._replace(
            memory_used_bytes=float(memory.used),
            memory_total_bytes=float(memory.total),
            memory_free_bytes=float(memory.free),
        )

    def _memory(self) -> Any:
        # The second version of the answer counts what the driver keeps apart from what is used.
        version = getattr(self.nvml, "nvmlMemory_v2", None)
        if version is not None:
            try:
                return self.nvml.nvmlDeviceGetMemoryInfo(self.handle, version)
            except self.nvml.NVMLError:
                pass
        return self.ask("memory", "nvmlDeviceGetMemoryInfo")


def _slices(device: _Device, whole: GpuSample) -> Iterator[GpuSample]:
    """The MIG slices of a GPU: the same uuid, memory of their own, and no figures that only the whole GPU has."""
    nvml = device.nvml
    mode = device.ask("MIG mode", "nvmlDeviceGetMigMode")
    if mode is None or mode[0] != nvml.NVML_DEVICE_MIG_ENABLE:
        return
    for place in range(device.ask("MIG slices", "nvmlDeviceGetMaxMigDeviceCount") or 0):
        try:
            handle = nvml.nvmlDeviceGetMigDeviceHandleByIndex(device.handle, place)
            instance = nvml.nvmlDeviceGetGpuInstanceId(handle)
        except nvml.NVMLError:
            # Not every place is taken.
            continue
        part = _Device(nvml, handle, f"{device.label} slice {instance}", device.notes)
        # The driver names a slice "NVIDIA A100-SXM4-40GB MIG 2g.10gb".
        profile = part.name().rpartition(" MIG ")[2]
        empty = GpuSample(whole.uuid, whole.number, whole.name, whole.node, mig=f"{profile}/{instance}")
        yield part.with_memory(empty)


def _watts(milliwatts: int | None) -> float | None:
    return None if milliwatts is None else milliwatts / 1000


def _text(raw: str | bytes) -> str:
    return raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw


def _unavailable(why: str, hint: str) -> SourceError:
    return _failed(FailureKind.UNSUPPORTED, f"not available: {why}", hint)


def _failed(kind: FailureKind, why: str, hint: str) -> SourceError:
    return SourceError(Failure(kind, "nvml", f"nvml: {visible(why)}", hint))
