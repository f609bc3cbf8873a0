"""The shapes that the engine depends on; adapters and the system clock fill them in."""

from console.ports.acting import Control, Journal, Releases, Repository, Verifier
from console.ports.remembering import Incidents, Past, Recorder, Recording
from console.ports.watching import Clock, Queries, Source, Triage

__all__ = [
    "Clock",
    "Control",
    "Incidents",
    "Journal",
    "Past",
    "Queries",
    "Recorder",
    "Recording",
    "Releases",
    "Repository",
    "Source",
    "Triage",
    "Verifier",
]
