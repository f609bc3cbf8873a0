"""Readers of what a fleet is known by: pods, series of many servers, contracts, configs in a repository, the journal."""

import hashlib
import json
from itertools import chain

import msgspec

from console.domain.contract_rules import Served, judged
from console.domain.contract_toml import read_contract
from console.domain.failure import SourceError
from console.domain.fleet import Discovery
from console.domain.journal import entries
from console.domain.pods import found_pods
from console.domain.states import canonical
from console.sources._prometheus_gpus import cut_gpus, dcgm_gpus, gauged_gpus
from console.sources._prometheus_worst import doubled, worst_servers
from console.storage._lines import BrokenLineError, decode
from console.transport._prometheus_answer import read
from console.transport._prometheus_series import Grid
from console.transport.http import Answer
from console.transport.pods import _List, _read
from console.transport.promql_figures import FIGURE, FleetFigures
from console.transport.repository_config import read_config_file
from tests.parts import contracts
from tests.parts import incident as known
from tests.parts.fuzz_case import Reader, UnfitError, fitting, harmless
from tests.parts.kubernetes_pods import NO_GPU, pod

_AT = 1_700_000_000
_LABELS = {
    "job": "triton",
    "model": "ranker",
    "version": "7",
    "instance": "a:8002",
    "le": "+Inf",
    "quantile": "0.99",
}
_FIGURES = (
    "up",
    "of",
    "success",
    "request",
    "bucket",
    "slow",
    "quantile",
    "worst_summary",
    "median_summary",
    "gpu",
)
_ROWS = [
    {
        "metric": {**_LABELS, FIGURE: figure, "__name__": "nv_gpu_utilization", "gpu_uuid": "GPU-1"},
        "values": [[_AT, "1"], [_AT + 15, "3"]],
        "value": [_AT, "3"],
    }
    for figure in _FIGURES
]
_PBTXT = b"""name: "ranker"
max_batch_size: 8
input [ { name: "IN" data_type: TYPE_FP32 dims: [ -1, 4 ] } ]
instance_group [ { count: 2 kind: KIND_GPU } ]
version_policy { specific { versions: [ 6, 7 ] } }
parameters { key: "a" value { string_value: "b" } }
"""


def _pods(data: bytes) -> None:
    found = found_pods([_read(item) for item in _listed(data)], Discovery(kubernetes="app=triton"), _AT)
    harmless(*found.notes)


def _listed(data: bytes) -> list[object]:
    try:
        return list(msgspec.json.decode(data, type=_List).items or [])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnfitError from error


def _figures(data: bytes) -> None:
    """Rows as Prometheus answers them, taken for a fleet's figures."""
    rows = read(Answer(200, b'{"status": "success", "data": {"result": %s}}' % data), "http://p").rows
    figures = FleetFigures(("job",), Grid(_AT, 15.0, 3))
    figures.take(rows)
    harmless(*figures.groups("prod", 10))
    worst = worst_servers(rows)
    harmless(*(each.instance for each in worst), doubled(worst), cut_gpus(rows))
    dcgm_gpus(rows)
    harmless(*chain.from_iterable(gauged_gpus(rows, ("job",))))


def _contract(data: bytes) -> None:
    """What can be read of it is judged, whatever a server says."""
    contract = read_contract("ranker", data, "/models/ranker/contract.toml", "contract.toml")
    harmless(*contract.problems)
    for served in (Served(contracts.config()), Served({}), Served(None)):
        harmless(*(clause.detail for clause in judged(contract, served)))


def _served(data: bytes) -> None:
    """A good contract against whatever a server says."""
    raw = fitting(data, dict)
    judged(contracts.read(contracts.WHOLE), Served(raw, raw, ("7",), 2))


def _config_file(data: bytes) -> None:
    found = read_config_file(data)
    for fault in found.faults:
        harmless(*(text for text in fault if isinstance(text, str)))
    assert found.tree is not None or found.faults


def _record(data: bytes) -> None:
    """A record whose seal is right, whoever made it."""
    text = canonical(fitting(data, dict))
    digest = hashlib.sha256(text.encode("ascii")).hexdigest()
    read_line = decode(f'{text[:-1]},"hash":"{digest}"}}'.encode("ascii"))
    if read_line.record is not None and not read_line.odd:
        entries([read_line.record])


def _json(*values: object) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


def _records() -> list[bytes]:
    return _json(
        *(
            {
                "seq": 1,
                "at": r.at,
                "kind": r.kind.value,
                "plan": r.plan,
                "who": r.who,
                "body": r.body,
                "prev": "",
            }
            for r in known.journal()
        )
    )


def _listing() -> list[bytes]:
    waiting = [{"type": "PodScheduled", "status": "False", "message": NO_GPU}]
    return _json({"items": [pod("triton-0", "10.0.0.1"), pod("triton-1", conditions=waiting)]})


READERS = (
    Reader("pods", _pods, _listing, (UnfitError,)),
    Reader("fleet-figures", _figures, lambda: _json(_ROWS), (SourceError,)),
    Reader("contract", _contract, lambda: [contracts.WHOLE.encode()]),
    Reader("contract-served", _served, lambda: _json(contracts.config()), (UnfitError,)),
    Reader("config-file", _config_file, lambda: [_PBTXT]),
    Reader("record", _record, _records, (UnfitError, BrokenLineError, ValueError)),
)
