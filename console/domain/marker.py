"""Moments when something changed."""

from enum import StrEnum
from typing import NamedTuple


class MarkerKind(StrEnum):
    """What changed."""

    LOAD = "load"
    UNLOAD = "unload"
    FAILURE = "failure"
    CONFIG = "config"
    RESET = "reset"
    RESTART = "restart"
    DOWN = "down"
    UP = "up"
    PROBE = "probe"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    DRIFT = "drift"
    ACTION = "action"
    EFFECT = "effect"
    ROLLOUT = "rollout"
    WEIGHT = "weight"
    TRIAGE = "triage"
    ALERT = "alert"
    NOTE = "note"
    INCIDENT = "incident"


class Marker(NamedTuple):
    """One change: when (epoch seconds), what kind, whose (model, ``model/version`` or target), and a sentence."""

    at: float
    kind: MarkerKind
    subject: str
    detail: str
    model: str = ""
    version: str = ""
    target: str = ""
