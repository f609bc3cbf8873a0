"""The simulated fleet: real HTTP servers that answer as Triton does, and the incidents they rehearse."""

from console.drill.drill import Drill, Endpoints
from console.drill.scenario import ScenarioError, scenarios
from console.drill.spec import Scenario

__all__ = ["Drill", "Endpoints", "Scenario", "ScenarioError", "scenarios"]
