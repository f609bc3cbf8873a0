"""Readers of what people type and paste: filters, moments, addresses, queries, rules, logs."""

import json
from pathlib import Path

from console.cli._errors import CliError
from console.cli._lint_load import _json, _yaml
from console.domain.instant import instant, utc
from console.domain.lint import faults
from console.domain.lint_files import content
from console.domain.load_failure.causes import CAUSES
from console.domain.load_failure.explain import explain
from console.domain.moment import parse_moment
from console.domain.pbtxt import with_policy
from console.domain.text import visible
from console.domain.toml_problems import Problems
from console.settings._headers import header_flags
from console.settings._target import feed_url, named, parse_target, server_url
from console.view.alert_fields import ALERT_FIELDS
from console.view.filters import parse
from console.view.gpu_fields import GPU_FIELDS
from console.view.model_fields import model_fields
from tests.parts.fuzz_case import Reader, harmless
from tests.snapshots import FakeHistory, gpu_row, model_row

RECORDED = Path(__file__).parents[1] / "recorded"
_SINCE, _UNTIL = 1_700_000_000.0, 1_700_010_000.0
_QUERY = (
    b'histogram_quantile(0.9, sum by (le) (rate(nv_inference_first_response_histogram_ms_bucket{model="a"}[5m])))'
    b" > 200 and on(model) nv_gpu_utilization / 2 offset 5m"
)
_RULES = b"""groups:
- name: triton
  rules:
  - alert: Slow
    expr: nv_inference_queue_duration_us > 100
  - record: job:rate
    expr: |
      rate(nv_inference_request_success[5m])
"""
_DASHBOARD = {
    "title": "Triton",
    "panels": [{"title": "p99", "targets": [{"expr": "nv_gpu_utilization", "refId": "A"}]}],
    "templating": {"list": [{"name": "model", "query": "label_values(nv_inference_count, model)"}]},
}
_CONFIG_MAP = b"kind: ConfigMap\ndata:\n  rules.yaml: |\n" + _RULES.replace(b"\n", b"\n    ")
_PBTXT = b"""name: "ranker" # the { one
backend: 'python'
version_policy { specific { versions: [ 6 ] } }
instance_group [ { count: 2 kind: KIND_CPU } ]
"""


def _text(data: bytes) -> str:
    return data.decode(errors="surrogateescape")


def _filter(data: bytes) -> None:
    text = _text(data)
    for fields, row in (
        (model_fields(FakeHistory()), model_row()),
        (GPU_FIELDS, gpu_row()),
        (ALERT_FIELDS, None),
    ):
        found = parse(text, fields)  # type: ignore[arg-type]  # three kinds of rows, one grammar
        if row is not None:
            found.matches(row)  # type: ignore[arg-type]  # as above


def _moment(data: bytes) -> None:
    at = parse_moment(_text(data), _SINCE, _UNTIL, _SINCE + 500)
    assert _SINCE <= at <= _UNTIL


def _instant(data: bytes) -> None:
    at = instant(_text(data))
    if at is not None:
        harmless(utc(at), most=60)


def _target(data: bytes) -> None:
    """A target can be asked for by what it says of itself, and means the same then."""
    made = parse_target(_text(data))
    harmless(made.url, made.metrics)
    (alone,) = named([made])
    assert alone.name
    assert parse_target(f"{made.url},metrics={made.metrics}").url == made.url


def _address(data: bytes) -> None:
    harmless(feed_url(_text(data)), server_url(_text(data), 9090))


def _header(data: bytes) -> None:
    problems = Problems()
    for name, value in header_flags([_text(data)], problems).items():
        harmless(name)
        assert "\n" not in value.reveal()
    harmless(*map(str, problems.found))


def _query(data: bytes) -> None:
    for fault in faults(_text(data)[:4000]):
        assert fault.why


def _rules(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        found = content(_json(text) if text.lstrip()[:1] in {"{", "["} else _yaml(text))
    except (ValueError, RecursionError) as error:
        # The command's own words for these two.
        raise CliError(visible(str(error), 300)) from error
    assert all(query.line is None or query.line >= 1 for query in found.queries)


def _log(data: bytes) -> None:
    found = explain(_text(data))
    assert found.cause in CAUSES
    harmless(found.evidence, found.advice, found.model, found.version)
    for other in found.others:
        harmless(other.model, other.version, other.evidence)


def _pbtxt(data: bytes) -> None:
    """Written twice is written once, and all that stood around the policy stands there still."""
    text = _text(data)
    once = with_policy(text, [6, 7])
    assert with_policy(once, [6, 7]) == once


def _visible(data: bytes) -> None:
    text = _text(data)
    for limit in (1, 60, 200):
        harmless(visible(text, limit), most=limit)


def _logs() -> list[bytes]:
    found = []
    for name in ("blocks", "messages"):
        for line in (RECORDED / "load-failures" / f"{name}.jsonl").read_text().splitlines()[:40]:
            raw = json.loads(line)
            found.append(str(raw.get("message") or "\n".join(raw.get("lines", ()))).encode()[:6000])
    return found


def _lines(*texts: str) -> list[bytes]:
    return [text.encode() for text in texts]


READERS = (
    Reader("filter", _filter, lambda: _lines('p99>200 state=READY gpu:0 -canary "a b" burn<=1', "rate!=4")),
    Reader(
        "moment",
        _moment,
        lambda: _lines("22:20:00", "2023-11-14T22:20Z", "+00:12:31", "-5m", "1h 30m", "end", "+1:02:03.5"),
        (ValueError,),
    ),
    Reader(
        "instant", _instant, lambda: _lines("2023-11-14T22:20:00.5+02:00", "20231114T2220Z", "2023-W46-2")
    ),
    Reader(
        "target",
        _target,
        lambda: _lines("http://a:8000,metrics=http://a:9/m,grpc=a:8001,name=b", "[::1]", "a.b/c"),
        (ValueError,),
    ),
    Reader("address", _address, lambda: _lines("http://prometheus:9090/a", "https://[::1]:1"), (ValueError,)),
    Reader("header", _header, lambda: _lines("admin-key: secret", "a:b")),
    Reader("query", _query, lambda: [_QUERY, b'rate(x{a=~"b"}[5m]) * 100']),
    Reader(
        "rules",
        _rules,
        lambda: [_RULES, _CONFIG_MAP, json.dumps(_DASHBOARD).encode()],
        (CliError,),
    ),
    Reader("log", _log, _logs),
    Reader("pbtxt", _pbtxt, lambda: [_PBTXT, b""], (ValueError,)),
    Reader("visible", _visible, lambda: _lines("a\x1b[31m\u202e", "\U000e0041")),
)
