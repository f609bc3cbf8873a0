"""Triton's own control interface as something that is changed."""

from console.controls.triton.control import controls

__all__ = ["controls"]
