"""Synthetic inferences: each has its request in a JSON file beside the settings."""

import json
from collections.abc import Mapping
from typing import Any

from console.domain.fleet import Probe
from console.domain.toml_table import Table, shown
from console.settings._around import Around, read_bounded, reason

_LARGEST = 16 * 2**20
_USUAL = Probe("", {})


def probes(table: Table, around: Around) -> tuple[Probe, ...]:
    """The probes of ``[fleets.NAME.probes.MODEL]``, in the file's order."""
    found = (_probe(model, each, around) for model, each in table.tables())
    return tuple(probe for probe in found if probe is not None)


def _probe(model: str, table: Table, around: Around) -> Probe | None:
    file = table.text("request")
    version, expect = table.raw("version"), table.raw("expect")
    every = table.number("every", _USUAL.every, least=1, most=86400, unit=" seconds")
    timeout = table.number("timeout", _USUAL.timeout, least=0.05, most=600, unit=" seconds")
    tolerance = table.number("tolerance", _USUAL.tolerance, least=0)
    table.close()
    if isinstance(version, bool) or not isinstance(version, str | int | None):
        table.problem("version", f"must be a version's number, not {shown(version)}")
    if expect is not None and not (isinstance(expect, dict) and expect):
        table.problem("expect", "must be a table of output names and their data: { OUTPUT0 = [1, 2] }")
    if file is None:
        if "request" not in table:
            table.problem("request", f'is missing; write request = "{model}.json", the body of an infer call')
        return None
    try:
        body = _request(read_bounded(around.file(file), _LARGEST))
    except (OSError, ValueError) as error:
        table.problem("request", f"{file}: {reason(error)}")
        return None
    number = None if version is None else str(version)
    return Probe(model, body, every, timeout, number, expect if isinstance(expect, dict) else None, tolerance)


def _request(data: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(data)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    if not isinstance(body, dict) or not isinstance(body.get("inputs"), list):
        raise ValueError('is not the body of an infer call: it needs "inputs", a list')  # noqa: TRY004 - a file's content, not a caller's type
    return body
