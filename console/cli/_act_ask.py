"""Asks whether a plan shall run."""

import asyncio
import sys
import termios
from contextlib import suppress

from console.cli._act_talk import Talk
from console.domain.fleet import Confirm
from console.domain.plan import Plan
from console.domain.text import visible
from console.view.plan import confirm_word


async def confirmed(plan: Plan, how: Confirm, talk: Talk) -> bool:
    """Whether the operator, who has the plan in sight, wants it to run."""
    if how is Confirm.NONE:
        return True
    with suppress(termios.error):
        # What was typed before the question is not its answer.
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
    word = visible(confirm_word(plan)) if how is Confirm.TYPE else ""
    asked = f"Type {word} to run it" if word else "Press enter to run it"
    talk.file.write(f"{asked}; anything else leaves everything as it is: ")
    talk.file.flush()
    said = await _line()
    return said is not None and said.strip() == word


async def _line() -> str | None:
    """What is typed from now on up to the end of the line; None at the end of input.

    The terminal is watched on the loop, so that an interrupt is answered at once.
    """
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not typed.done():
            typed.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        line = await typed
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return line if line.endswith("\n") else None
