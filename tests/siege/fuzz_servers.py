"""Readers of what inference servers, exporters and metric stores answer."""

import json
from pathlib import Path
from typing import Any

from console.domain.answer import first_difference
from console.domain.config import read_config
from console.domain.failure import SourceError
from console.domain.synthetic import CannotGuessError, disagreement, synthetic_request
from console.sources._exposition import REFUSED_LIMIT, SeriesTable, parse
from console.sources._exposition import Reader as Scraping
from console.sources.dcgm import _is_dcgm, _notes, read_gpus
from console.transport.triton_client import error_text, refused
from console.transport.triton_json import read_index, read_server, read_statistics
from tests.parts.expositions import found
from tests.parts.fuzz_case import Reader, UnfitError, fitting, harmless

RECORDED = Path(__file__).parents[1] / "recorded"
_METADATA = {
    "name": "ranker",
    "versions": ["6", "7"],
    "platform": "python",
    "inputs": [{"name": "IN", "datatype": "FP32", "shape": [-1, 4]}],
    "outputs": [{"name": "OUT", "datatype": "BYTES", "shape": [-1, 1]}],
    "config": {
        "name": "ranker",
        "max_batch_size": 8,
        "input": [{"name": "IN", "data_type": "TYPE_FP32", "dims": ["4"], "reshape": {"shape": [2, 2]}}],
        "output": [{"name": "OUT", "data_type": "TYPE_STRING", "dims": [1]}],
        "model_transaction_policy": {"decoupled": False},
    },
}
_INDEX = [
    {"name": "ranker", "version": "7", "state": "READY"},
    {"name": "ocr", "version": "2", "state": "UNAVAILABLE", "reason": "No module named 'cv2'"},
    {"name": "new"},
]
_PART = {"count": 3, "ns": 6_000_000}
_STATISTICS = {
    "model_stats": [
        {
            "name": "ranker",
            "version": "7",
            "last_inference": 1_700_000_000_000,
            "inference_count": 12,
            "execution_count": 3,
            "inference_stats": {"success": _PART, "fail": _PART, "queue": _PART, "compute_infer": _PART},
            "batch_stats": [{"batch_size": 4, "compute_infer": _PART}],
        }
    ]
}
_SERVER = {"name": "triton", "version": "2.51.0", "extensions": ["model_repository", "statistics"]}


def _exposition(data: bytes) -> None:
    """However it is cut, what arrives is the same; and what is reported of it can be shown."""
    table = SeriesTable()
    whole = parse(data, table)
    cut = Scraping(other := SeriesTable())
    for at in range(0, len(data), max(len(data) // 7, 1)):
        cut.feed(data[at : at + max(len(data) // 7, 1)])
    pieces = cut.finish()
    # Of what makes no sense at all the rest is left unread, by stretches.
    if max(whole.broken_count, pieces.broken_count) < REFUSED_LIMIT:
        assert found(whole, table) == found(pieces, other)
        assert (whole.broken, whole.broken_count) == (pieces.broken, pieces.broken_count)
    assert found(parse(data, table), table) == found(whole, table)
    harmless(*(broken.text for broken in whole.broken), most=200)


def _dcgm(data: bytes) -> None:
    table = SeriesTable(_is_dcgm, 1000)
    scrape = parse(data, table)
    for gpu in read_gpus(scrape, table):
        shares = (gpu.utilization, gpu.sm_active, gpu.engine_active, gpu.tensor_active, gpu.dram_active)
        assert all(share is None or 0 <= share <= 1 for share in shares)
    # Names of GPUs are shown by views, which bound them again.
    list(_notes(scrape))


def _index(data: bytes) -> None:
    for entry in read_index(fitting(data, list)):
        assert all(isinstance(text, str) for text in (entry.model, entry.version, entry.reason))


def _statistics(data: bytes) -> None:
    for row in read_statistics(fitting(data, dict)):
        times = (row.request_ms, row.queue_ms, row.input_ms, row.infer_ms, row.output_ms)
        assert all(0 <= each < 2**64 for each in times)
        assert all(type(each) is int and each >= 0 for each in (*row.batches, *row.batches.values()))


def _server(data: bytes) -> None:
    read_server(fitting(data, dict))


def _config(data: bytes) -> None:
    """Its text says all of it: read again it is the same."""
    made = read_config(fitting(data, dict))
    assert read_config(made.tree) == made


def _metadata(data: bytes) -> None:
    metadata = fitting(data, dict)
    config = _member(metadata, "config")
    disagreement(metadata, config)
    json.dumps(synthetic_request(metadata, config))


def _error(data: bytes) -> None:
    said = error_text(data.decode(errors="replace"))
    if said is not None:
        refusal = refused("load", said, said)
        harmless(str(refusal), refusal.hint)


def _outputs(data: bytes) -> None:
    raw = fitting(data, dict)
    first_difference(_member(raw, "found"), _member(raw, "expected"), 0.01)


def _member(raw: dict[str, Any], name: str) -> dict[str, Any]:
    found = raw.get(name)
    if not isinstance(found, dict):
        raise UnfitError
    return found


def _recorded(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(RECORDED.glob(pattern))]


def _json(*values: object) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


READERS = (
    Reader("exposition", _exposition, lambda: [each[:6000] for each in _recorded("exposition/*.prom")]),
    Reader("dcgm", _dcgm, lambda: [each[-9000:] for each in _recorded("gpu/*.txt")], (SourceError,)),
    Reader("index", _index, lambda: _json(_INDEX, []), (UnfitError, ValueError)),
    Reader("statistics", _statistics, lambda: _json(_STATISTICS), (UnfitError, ValueError)),
    Reader("server", _server, lambda: _json(_SERVER), (UnfitError, ValueError)),
    Reader("config", _config, lambda: _recorded("triton/config_*.json"), (UnfitError, ValueError)),
    Reader("metadata", _metadata, lambda: _json(_METADATA), (UnfitError, CannotGuessError)),
    Reader("error", _error, lambda: _json({"error": "failed to load 'm', no version is available"})),
    Reader(
        "outputs",
        _outputs,
        lambda: _json({"found": {"A": [1.0, 2], "B": ["x"]}, "expected": {"A": [1, 2], "B": ["x"]}}),
        (UnfitError,),
    ),
)
