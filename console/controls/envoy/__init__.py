"""Envoy as something that is changed."""

from console.controls.envoy.control import controls

__all__ = ["controls"]
