"""The model repository's files as something that is changed."""

from console.controls.model_files.control import controls

__all__ = ["controls"]
