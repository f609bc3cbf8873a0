"""One message of a log, a table or an HTTP body, freed from what carried it."""

from typing import NamedTuple

QUIET = ("I", "V", "D")
"""Severities of what is no trouble."""


class Record(NamedTuple):
    """``line`` counts from 1 in the input; ``severity`` is glog's letter, ``file`` its source file, both empty if unknown.

    ``model`` is whose failure the message reports, where it does (``failed``); a message that
    only names a model has ``model`` without ``failed``.
    """

    line: int
    text: str
    severity: str = ""
    file: str = ""
    model: str = ""
    version: str = ""
    failed: bool = False
