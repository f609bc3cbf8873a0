"""What of an undo is still to be done: somebody may have put things back by hand."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from console.domain.plan import ControlError, Plan, Step
from console.domain.states import holds
from console.engine.executor import read_state
from console.ports import Control


async def still_needed(plan: Plan, controls: Mapping[str, Control]) -> Plan:
    """The plan without the steps on things that are already as they shall be in the end."""
    last = {(step.control, step.subject): step for step in plan.steps}
    known = [(key, step) for key, step in last.items() if step.control in controls and step.after is not None]
    there = await asyncio.gather(*(_is_there(controls[step.control], step) for _, step in known))
    done = {key for (key, _), already in zip(known, there, strict=True) if already}
    if not done:
        return plan
    said = tuple(f"{last[key].subject} is as it shall be already, and is left alone" for key in done)
    steps = tuple(step for step in plan.steps if (step.control, step.subject) not in done)
    return replace(plan, steps=steps, warnings=(*plan.warnings, *said))


async def _is_there(control: Control, step: Step) -> bool:
    state = await read_state(control, step)
    return not isinstance(state, ControlError) and holds(step.after, state)
