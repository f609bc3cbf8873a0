"""What the conformance test asks: every endpoint, odd bodies, odd inferences, odd configs."""

from tests.console.drill.conversation import INDEX, READY, Ask, get, infer, infer_raw, load, model

PATHS = [
    *(get(path) for path in ("/", "/v2", "/v2/", "/v2?x=1", "/v2/bogus", "/metrics", "/v2/health/live")),
    *(get(path) for path in ("/v2/health/live/", "/v2/models", "/v2/models/stats", "/v2/models/stats/")),
    *(model(f"fast{tail}") for tail in ("", "/", "/config", "/ready", "/stats", "/bogus", "/infer")),
    *(model(f"fast/versions/{tail}") for tail in ("1", "1/config", "1/ready", "1/stats", "2/config")),
    *(model(f"fast/versions/{tail}/config") for tail in ("01", "99999999999999999999", "abc")),
    *(model(f"multi/versions/{tail}") for tail in ("1/config", "1/stats", "3/stats", "1/ready", "3")),
    *(
        model(f"slow{tail}")
        for tail in ("", "/config", "/ready", "/stats", "/versions/1", "/versions/1/ready")
    ),
    *(model(f"nope{tail}") for tail in ("", "/config", "/ready", "/stats", "/versions/1", "/trace/setting")),
    *(get(path) for path in ("/v2/models/fa%73t", "/v2/repository/index", "/v2/repository/bogus")),
    *(get(path) for path in ("/v2/trace/setting", "/v2/logging", "/v2/systemsharedmemory/status")),
    *(get(f"/v2/repository/models/fast/{verb}") for verb in ("load", "unload")),
    *(Ask("POST", path) for path in ("/v2", "/v2/health/ready", "/v2/models/fast", "/v2/models/fast/config")),
    *(Ask("POST", path) for path in ("/v2/models/fast/ready", "/v2/models/stats", "/v2/logging")),
    *(Ask(method, "/v2/health/live") for method in ("PUT", "DELETE", "OPTIONS", "PATCH")),
]

BODIES = [
    *(
        Ask("POST", INDEX.path, body)
        for body in (
            "{}",
            '{"ready":true}',
            '{"ready":1}',
            "{nope",
            "nope",
            "[]",
            " ",
            '{"a":}',
            '{"a" 1}',
            '{"a":1',
        )
    ),
    *(
        Ask("POST", "/v2/repository/models/nope/load", body)
        for body in (None, "{}", "{nope", "[]", '{"parameters":3}', '{"parameters":{"bogus":"x"}}')
    ),
    load("nope", "{nope"),
    Ask("POST", "/v2/repository/models/nope/load", '{"parameters":{"config":3}}'),
    load("nope", **{"file:1/model.py": "aGk="}),
    Ask("POST", "/v2/repository/models//load", "{}"),
    *(Ask("POST", "/v2/repository/models/nope/unload", body) for body in (None, "{}", "{nope")),
]

TENSOR = '{{"inputs":[{{"name":"{name}","datatype":"{kind}","shape":{shape},"data":{data}}}]}}'
INFERENCES = [
    *(infer_raw(body) for body in ("{nope", "{}", "[]", '{"inputs":[]}', '{"inputs":3}', '{"inputs":[{}]}')),
    infer("fast", 1, 2.5),
    infer("fast", 1, id="abc"),
    infer("fast", 1, id=7),
    infer("fast", 1, outputs=[{"name": "OUTPUT0"}]),
    infer("fast", 1, outputs=[{"name": "NOPE"}]),
    infer_raw(TENSOR.format(name="NOPE", kind="FP32", shape="[1]", data="[1]")),
    infer_raw(TENSOR.format(name="INPUT0", kind="INT32", shape="[1]", data="[1]")),
    infer_raw(TENSOR.format(name="INPUT0", kind="XX", shape="[1]", data="[1]")),
    infer_raw(TENSOR.format(name="INPUT0", kind="FP32", shape="[2]", data="[1]")),
    infer_raw(TENSOR.format(name="INPUT0", kind="FP32", shape="[1,1]", data="[1]")),
    infer_raw(TENSOR.format(name="INPUT0", kind="FP32", shape="[-1]", data="[1]")),
    infer_raw(TENSOR.format(name="INPUT0", kind="FP32", shape="[0]", data="[]")),
    infer_raw(TENSOR.format(name="INPUT0", kind="FP32", shape="[2]", data="[[1],[2]]")),
    infer_raw(TENSOR.format(name="INPUT0", kind="FP32", shape="[1]", data='["x"]')),
    infer_raw('{"inputs":[{"name":"INPUT0","datatype":"FP32","data":[1]}]}'),
    infer_raw('{"inputs":[{"name":"INPUT0","shape":[1],"data":[1]}]}'),
    infer_raw('{"inputs":[{"name":"INPUT0","datatype":"FP32","shape":[1]}]}'),
    infer_raw(
        '{"inputs":[{"name":"INPUT0","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}'
    ),
    infer("slow", 1),
    infer("nope", 1),
    infer("multi/versions/3", 2),
    infer("multi/versions/1", 2),
]

TENSORS = {
    "input": [{"name": "INPUT0", "data_type": "TYPE_FP32", "dims": [-1]}],
    "output": [{"name": "OUTPUT0", "data_type": "TYPE_FP32", "dims": [-1]}],
}
MULTI = {
    "name": "multi",
    "backend": "python",
    "instance_group": [{"kind": "KIND_CPU", "count": 1}],
    **TENSORS,
}


def policy(*versions: int) -> Ask:
    return load("multi", {**MULTI, "version_policy": {"specific": {"versions": versions}}})


OVERRIDES = [
    *(load("multi", text) for text in ("{nope", "[]", "3")),
    load("multi", {"bogus": 1}),
    load("multi", {"name": "other"}),
    load("multi", {**MULTI, "backend": "nosuch"}),
    load("multi", {**MULTI, "max_batch_size": "x"}),
    load("multi", {**MULTI, "max_batch_size": -1}),
    load("multi", {**MULTI, "dynamic_batching": {"preferred_batch_size": [8]}}),
    load("multi", {**MULTI, "instance_group": [{"kind": "KIND_NOPE"}]}),
    load("multi", {**MULTI, "input": [{"name": "INPUT0"}]}),
    load("multi", {**MULTI, "instance_group": [{"kind": "KIND_GPU"}]}),
    INDEX,
    READY,
    load("multi", {**MULTI, "instance_group": [{"kind": "KIND_CPU", "count": 0}]}),
    INDEX,
    load("multi", {**MULTI, "dynamic_batching": {}}),
    model("multi/config"),
    policy(9),
    policy(3),
    model("multi/config"),
    policy(2),
    model("multi"),
    model("multi/config"),
    policy(2, 9),
    model("multi/config"),
    load("multi"),
    model("multi"),
    load("multi", {"version_policy": {"specific": {"versions": [1]}}}),
    model("multi"),
    model("multi/config"),
    infer("multi", 1),
    load(
        "multi",
        {
            **MULTI,
            "versionPolicy": {"latest": {"numVersions": 2}},
            "parameters": {"a": {"string_value": "b"}},
        },
    ),
    model("multi/config"),
    model("multi"),
]
