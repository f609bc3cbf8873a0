"""What fuzzing has found, each as small as it can be: it must not come back."""

import pytest

from tests.siege.fuzz_readers import READERS

_BIG = b"9" * 400
_DIGITS = b'"' + b"9" * 5000 + b'"'

FOUND = (
    ("outputs", b'{"found": {"A": [1%s]}, "expected": {"A": [1]}}' % _BIG),
    ("metadata", b'{"inputs": [{"name": "A", "datatype": "FP32", "shape": true}], "config": {}}'),
    ("metadata", b'{"inputs": [], "config": {"model_transaction_policy": ["x"]}}'),
    ("metadata", b'{"inputs": [], "config": {"input": [{"name": "A", "dims": [null, Infinity, {}]}]}}'),
    ("envoy-admin", b'{"stats": [{"name": "x", "value": 1%s}]}' % _BIG),
    ("envoy-admin", b'{"configs": [{"abort": {"percentage": {"numerator": 1%s}}}]}' % _BIG),
    (
        "envoy-admin",
        b'{"configs": [{"route_config": {"weighted_clusters": {"clusters": [{"weight": %s}]}}}]}' % _DIGITS,
    ),
    ("haproxy-map", b"0x55d1 \tranker \x1b[2J\n"),
    ("haproxy-map", b"x" * 9000),
    ("haproxy-states", b"1\n# be_id be_name srv_name\n3 triton t0\n"),
    ("httproute", b'{"spec": {"rules": [{"backendRefs": [{"name": "a", "weight": 9}, 7]}]}}'),
    ("virtualservice", b'{"spec": {"http": [{"route": ["a", {"weight": 1}]}]}}'),
    ("workload", b'{"metadata": {"name": {}}, "items": [{"metadata": {"name": []}}]}'),
    ("workload", b'{"spec": {"template": {"spec": {"x": 1e999}}}}'),
    ("canary", b'{"status": {"canary": {"weights": {"canary": {"weight": 1%s}}}}}' % _BIG),
    (
        "kubectl-complaint",
        b'x is forbidden: User "a" cannot \x1b[2J resource "b" in API group "c" at the cluster scope',
    ),
    ("kubectl-complaint", b"a" * 64_000),
    ("address", "http://\u202eprometheus:9090".encode()),
    ("target", b"[::" + b"x" * 6000),
    ("target", b"[::1]" + b"x" * 6000),
    (
        "record",
        b'{"seq": 1, "prev": "", "kind": "begin", "at": 1%s, "plan": "", "who": "", "body": {}}' % _BIG,
    ),
    ("config-file", b'"\\' * 32_000),
    ("prometheus-instant", b'{"status": "success", "data": {"resultType": [[]], "result": []}}'),
    (
        "prometheus-instant",
        b'{"status": "success", "data": {"resultType": "scalar", "result": [1, 1%s]}}' % _BIG,
    ),
    ("settings", b'[fleets.prod]\ntargets = ["a"]\nrunbooks = "%s"' % (b"x" * 5000)),
    ("settings", b'[fleets.prod]\ntargets = ["a"]\nrunbooks = "~nobody-is-called-so/x"'),
    ("pbtxt", b'"\\' * 32_000),
)


@pytest.mark.parametrize(("name", "data"), FOUND, ids=lambda value: value if isinstance(value, str) else "")
def test_what_was_found_is_read_or_refused(name: str, data: bytes) -> None:
    reader = next(each for each in READERS if each.name == name)

    reader.survives(data)
