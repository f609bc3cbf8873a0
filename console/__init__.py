"""Triton Console: see, decide, act and remember while a Triton fleet misbehaves."""

__version__ = "0.1.0"
