"""Figures that are no seconds."""


class Bytes(float):
    """So many bytes."""
