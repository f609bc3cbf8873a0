"""What an acting command says, and where: plan and result on stdout, everything on stderr next to JSON."""

import argparse
import sys
from collections.abc import Iterable
from typing import TextIO

from console.cli._fleet import coloured
from console.cli._hide import hidden
from console.cli._paint import columns, painted, print_lines
from console.domain.plan import Plan
from console.domain.run import Run
from console.domain.secret import Secret, redact
from console.domain.text import visible
from console.view.plan import CALL_LINES, plan_lines
from console.view.run import effect_lines, next_lines, result_lines
from console.view.styled import EMPTY, Line

UNDO = "triton-console undo "
_NOT_MEASURED = "its effect was not measured: --effect 60 waits a minute and measures it"
_ERASE = "\r\x1b[K"


class Talk:
    """One command's words; ``live`` is whether a line can be written over, ``silent`` that only JSON is wanted."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.file: TextIO = sys.stderr if options.json else sys.stdout
        self.live = self.file.isatty()
        self.silent = options.json and not self.live
        self._colour = coloured(options)
        self.secrets: tuple[Secret, ...] = tuple(options.secrets)
        self._effect = bool(options.effect)
        self._cells = columns()

    @property
    def cells(self) -> int:
        """How wide a line may be."""
        return self._cells

    def lines(self, lines: Iterable[Line]) -> None:
        """Print lines."""
        print_lines(lines, colour=self._colour, file=self.file)
        self.file.flush()

    def over(self, line: Line) -> None:
        """Write a line over the one that was written so before; an empty one takes it away."""
        self.file.write(_ERASE + painted(line, colour=self._colour and self.live))
        self.file.flush()

    def note(self, text: str) -> None:
        """Say something that belongs to no answer."""
        print(f"triton-console: {visible(redact(text, self.secrets), 1000)}", file=sys.stderr, flush=True)

    def planned(self, plan: Plan) -> None:
        """Show the plan, on a terminal with long calls shortened."""
        most = CALL_LINES if self.live else 0
        self.lines([*plan_lines(hidden(plan, self.secrets), self._cells, most), EMPTY])

    def ended(self, run: Run) -> None:
        """Show the result, and how to take it back."""
        run = hidden(run, self.secrets)
        self.lines([*result_lines(run, self._cells), *next_lines(run, self._cells, UNDO)])
        if not self._effect and run.plan.blast.models:
            self.note(_NOT_MEASURED)

    def measured(self, run: Run) -> None:
        """Show the effect."""
        lines = effect_lines(run.effects, self._cells)
        if lines:
            self.lines(lines)
        else:
            self.note("nothing to measure: no model's figures belong to it")
