"""One GPU: who uses it, how much that slows everybody down, and what DCGM would say."""

import math

from console.drill.spec import GpuSpec

MEMORY_FLOOR_MIB = 1024.0
_RESERVED_MIB = 460.0
_SMOOTH_S = 1.0
_HEAT_S = 18.0
_AMBIENT_C, _RISE_C = 33.0, 47.0


class Gpu:
    """The simulated device.

    ``tenant_sm`` (0-1) and ``tenant_mib`` belong to processes besides Triton, ``held_mib`` to
    loaded models, ``leaked_mib`` to a model that does not give memory back.
    """

    def __init__(self, spec: GpuSpec) -> None:
        self.spec = spec
        self.tenant_sm = 0.0
        self.tenant_mib = 0.0
        self.held_mib = 0.0
        self.leaked_mib = 0.0
        self.sm_active = 0.0
        self.utilization = 0.0
        self.temperature_c = _AMBIENT_C
        self.energy_j = 0.0

    @property
    def used_mib(self) -> float:
        """Framebuffer in use, never more than there is."""
        return min(self.tenant_mib + self.held_mib + self.leaked_mib, self.spec.memory_mib - _RESERVED_MIB)

    @property
    def free_mib(self) -> float:
        """Framebuffer that an allocation could still get."""
        return self.spec.memory_mib - _RESERVED_MIB - self.used_mib

    @property
    def power_w(self) -> float:
        """Board power."""
        span = self.spec.power_limit_w - self.spec.idle_w
        return self.spec.idle_w + span * math.pow(self.sm_active, 0.85)

    @property
    def pressure(self) -> float:
        """Stretch of every execution while the allocator has to search, flush and retry; 1 with memory to spare."""
        return 1.0 + 2.2 * max(0.0, 1.0 - self.free_mib / MEMORY_FLOOR_MIB)

    @property
    def failing(self) -> float:
        """Share of executions that find no memory for their workspace."""
        return 0.12 * max(0.0, 1.0 - self.free_mib / (MEMORY_FLOOR_MIB / 2))

    def slowdown(self, others_sm: float) -> float:
        """Stretch of an execution that shares the device with ``others_sm`` of its own server's work."""
        return (1.0 + others_sm) / max(0.08, 1.0 - self.tenant_sm) * self.pressure

    def observe(self, seconds: float, busy: float, sm: float) -> None:
        """Take a slice: ``busy`` is kernel time per second of all instances, ``sm`` the same weighted by SM share."""
        weight = min(1.0, seconds / _SMOOTH_S)
        sm_now = min(1.0, sm + self.tenant_sm)
        self.sm_active += (sm_now - self.sm_active) * weight
        any_kernel = 1.0 - math.exp(-busy - 3.0 * self.tenant_sm)
        self.utilization += (any_kernel - self.utilization) * weight
        goal_c = _AMBIENT_C + _RISE_C * self.sm_active
        self.temperature_c += (goal_c - self.temperature_c) * min(1.0, seconds / _HEAT_S)
        self.energy_j += self.power_w * seconds
