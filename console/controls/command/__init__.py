"""Shell commands of the settings as something that is changed."""

from console.controls.command.control import controls

__all__ = ["controls"]
