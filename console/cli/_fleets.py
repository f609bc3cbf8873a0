"""The fleets that an open console can change to."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from console import settings
from console.cli._fleet import settings_options
from console.domain.fleet import Fleet
from console.domain.fleets import FleetError

if TYPE_CHECKING:
    from console.engine.engine import Engine


class OpenFleets:
    """The fleet that was opened ``first``, and those of the settings file where ``others`` may be opened.

    What the command line says beside the fleet's name is of the first one: its headers reach no other.
    """

    def __init__(self, options: argparse.Namespace, first: Fleet, *, others: bool) -> None:
        self._options = options
        self._first = first
        self._others = others

    def listed(self) -> Sequence[Fleet]:
        """The first one, unless it is of the file, and those of the file; raises FleetError."""
        if not self._others:
            return (self._first,)
        try:
            found = settings.listed(settings_options(self._options))
        except settings.SettingsError as error:
            raise FleetError(str(error)) from error
        named = any(fleet.name == self._first.name for fleet in found)
        return found if named else (self._first, *found)

    def read(self, name: str) -> Fleet:
        """The fleet of this name, its secrets noted for whoever prints; raises FleetError with all that is wrong with it."""
        if name == self._first.name:
            return self._first
        options = settings_options(self._options)
        try:
            fleet = settings.load(replace(options, targets=(), fleet=name, headers=()))
        except settings.SettingsError as error:
            raise FleetError(str(error)) from error
        self._options.secrets = (*self._options.secrets, *fleet.secrets)
        return fleet

    def engine(self, fleet: Fleet) -> "Engine":
        """What watches the fleet, with its memory."""
        from console import wiring  # noqa: PLC0415 - HTTP and numpy, after the first paint

        kept = fleet.flight.on and not self._options.no_record
        return wiring.build(fleet, wiring.Keeping(flight=kept, recall=True))
