"""Unit tests of the rules, as promtool reads them: incidents as series, and the alerts that must follow."""

from collections.abc import Iterator, Mapping

from console.domain.alert_burn import PAIRS, WINDOWS
from console.domain.alert_condition import LEAST_REQUESTS
from console.domain.alert_names import RULE_NAMES
from console.domain.alert_repeats import REPEATS
from console.domain.alerts import GPU_FREE_FLOOR_BYTES
from console.domain.fleet import Fleet
from console.view import rules_alerts as made
from console.view.rules_cases import Expected, case, steps
from console.view.rules_records import FAILURE, FIRST_RESPONSE, SUCCESS, Json, Promise, figure, promises

# Twice as fast as the fastest page, so that a factor that was changed by more than that is caught.
_BURN = 2 * PAIRS[0].factor
_A_MINUTE = 1000.0
# Most of a day of quiet, so that the windows that alarm are those that hold nothing else.
_QUIET, _SPIKE, _LONG, _ALWAYS = 1200, 5, 35, 50


def test_file(fleet: Fleet, job: str, rules_file: str) -> Json:
    """The tests of all rules, for a rules file of that name; ``job`` is a literal name that the rules match."""
    promised = promises(fleet)
    cases: list[Json] = []
    for promise in promised:
        every = _labels(promise, job)
        if fleet.objective(every["model"]) == promise.objective:
            cases += _promise_cases(promise, every)
    cases.append(_quiet_case(promised[-1], _labels(promised[-1], job)))
    cases += [_queue_case(promised[-1], job), *_gpu_cases(), *_server_cases(job)]
    return {"rule_files": [rules_file], "evaluation_interval": "1m", "tests": cases}


def sample(glob: str) -> str:
    """A model's name that the glob matches."""
    name, at = "", 0
    while at < len(glob):
        end = glob.find("]", at + 2) if glob[at] == "[" else -1
        if end > 0:
            name += "~" if glob[at + 1] == "!" else glob[at + 1]
            at = end
        else:
            name += {"*": "model", "?": "x"}.get(glob[at], glob[at])
        at += 1
    return name


def _labels(promise: Promise, job: str) -> dict[str, str]:
    """The labels of a model that the promise is for."""
    return {"job": job, "instance": "triton-0:8002", "model": sample(promise.glob), "version": "1"}


def _promise_cases(promise: Promise, every: Mapping[str, str]) -> Iterator[Json]:
    yield from _error_cases(promise, every)
    yield _slow_case(promise, every)
    yield from _percentile_cases(promise, every)


def _quiet_case(promise: Promise, every: Mapping[str, str]) -> Json:
    rule, allowed = RULE_NAMES["budget-burn"], 1 - promise.objective.availability
    share = min(1.0, _BURN * allowed)
    kind = (rule, "error", "requests fail")
    return case(
        "requests fail after a quiet day; a moment of it is no alarm, clients that give up are none",
        [
            (SUCCESS, every, steps((_QUIET, _A_MINUTE), (_LONG + 5, _A_MINUTE * (1 - share)))),
            (FAILURE, {**every, "reason": "BACKEND"}, steps((_QUIET, 0.0), (_LONG + 5, _A_MINUTE * share))),
            (FAILURE, {**every, "reason": "CANCELED"}, steps((_QUIET + _LONG + 5, _A_MINUTE))),
        ],
        {
            _QUIET - 60: [],
            _QUIET + _SPIKE: [],
            _QUIET + _LONG: _burns(promise, every, kind, (share / allowed, _LONG, _QUIET)),
        },
        {rule},
    )


def _error_cases(promise: Promise, every: Mapping[str, str]) -> Iterator[Json]:
    rule, allowed = RULE_NAMES["budget-burn"], 1 - promise.objective.availability
    share = min(1.0, _BURN * allowed)
    failed = {**every, "reason": "BACKEND"}
    kind = (rule, "error", "requests fail")
    yield case(
        f"{promise.glob}: requests fail from the first one on",
        [
            (SUCCESS, every, steps((60, _A_MINUTE * (1 - share)))),
            (FAILURE, failed, steps((60, _A_MINUTE * share))),
        ],
        {_ALWAYS: _burns(promise, every, kind, (share / allowed, _ALWAYS, 0))},
        {rule},
    )
    yield case(
        f"{promise.glob}: requests fail, but too few to claim anything",
        [
            (SUCCESS, every, steps((60, 0.0))),
            (FAILURE, failed, steps((60, (LEAST_REQUESTS - 2) / 60))),
        ],
        {9: [], 59: []},
        {rule},
    )


def _slow_case(promise: Promise, every: Mapping[str, str]) -> Json:
    allowed = 1 - promise.objective.quantile
    share = min(1.0, _BURN * allowed)
    within = {**every, "le": figure(promise.objective.latency_ms)}
    kind = (made.LATENCY_BURN, "latency", "requests are slow")
    return case(
        f"{promise.glob}: requests are slow",
        [
            (SUCCESS, every, steps((60, _A_MINUTE))),
            (FAILURE, {**every, "reason": "OTHER"}, steps((60, 0.0))),
            (FIRST_RESPONSE, within, steps((60, _A_MINUTE * (1 - share)))),
            (FIRST_RESPONSE, {**every, "le": "+Inf"}, steps((60, _A_MINUTE))),
        ],
        {_ALWAYS: _burns(promise, every, kind, (share / allowed, _ALWAYS, 0))},
        {made.LATENCY_BURN},
    )


def _burns(
    promise: Promise,
    every: Mapping[str, str],
    kind: tuple[str, str, str],
    course: tuple[float, int, int],
) -> list[Expected]:
    """The pairs that fire when it burnt so fast for so many minutes after so many quiet ones."""
    burn, bad, quiet = course
    labels = {"model": every["model"], "version": every["version"], "objective": promise.glob}

    def over(window: str) -> float:
        minutes = WINDOWS[window] / 60
        return burn * min(bad, minutes) / min(bad + quiet, minutes)

    fired = [pair for pair in PAIRS if min(over(pair.short), over(pair.long)) > pair.factor]
    return [Expected(made.burn_rule(pair, *kind), labels, over(pair.short)) for pair in fired]


def _percentile_cases(promise: Promise, every: Mapping[str, str]) -> Iterator[Json]:
    aim = promise.objective
    rule = made.percentile_rule(promise)
    if rule.name not in {r.name for r in made.rules((promise,), "")}:
        return
    late = aim.latency_ms * 1000 * 1.5
    labels = {"quantile": figure(aim.quantile)}
    yield case(
        f"{promise.glob}: the worst of two servers is slow",
        [
            ("nv_inference_request_summary_us", {**every, **labels}, f"{figure(late)}x30"),
            ("nv_inference_request_summary_us", {**every, **labels, "instance": "b"}, "1000x30"),
            (
                "nv_inference_request_summary_us",
                {**every, "model": "idle~", **labels},
                " ".join(["NaN"] * 15),
            ),
        ],
        {1: [], 10: [Expected(rule, {"model": every["model"], "version": "1"}, aim.latency_ms * 1.5)]},
        {rule.name},
    )


def _queue_case(promise: Promise, job: str) -> Json:
    """Versions 1 and 2 wait too long, by the promise and by their own work; 3 and 4 do not."""
    model, aim = sample(promise.glob), promise.objective.latency_ms
    waits = {"1": (0.6, 1.0), "2": (0.3, 0.1), "3": (0.4, 1.0), "4": (0.1, 0.0)}
    series: list[tuple[str, Mapping[str, str], str]] = []
    for version, (wait, work) in waits.items():
        every = {"job": job, "instance": "triton-0:8002", "model": model, "version": version}
        spent = _A_MINUTE * aim * 1000
        series += [
            (SUCCESS, every, steps((30, _A_MINUTE))),
            (FAILURE, {**every, "reason": "BACKEND"}, steps((30, 0.0))),
            ("nv_inference_queue_duration_us", every, steps((30, spent * wait))),
            ("nv_inference_compute_infer_duration_us", every, steps((30, spent * work))),
            *(
                (f"nv_inference_compute_{part}_duration_us", every, steps((30, 1.0)))
                for part in ("input", "output")
            ),
        ]
    fired = [
        Expected(made.queue_rule(), {"model": model, "version": version}, waits[version][0] * aim)
        for version in ("1", "2")
    ]
    what = "requests wait in the queue, for most of what is promised or longer than the work takes"
    return case(what, series, {20: fired}, {RULE_NAMES["queue-sustained"]})


def _gpu_cases() -> Iterator[Json]:
    triton, dcgm = made.gpu_rules()
    whole, gpu = 80 * 2**30, {"job": "triton", "instance": "triton-0:8002", "gpu_uuid": "GPU-1"}
    used = whole - GPU_FREE_FLOOR_BYTES + 2**20
    yield case(
        "a GPU that is nearly full, one that a server of large models filled by design, one that is not read",
        [
            ("nv_gpu_memory_total_bytes", gpu, f"{whole}x9"),
            ("nv_gpu_memory_used_bytes", gpu, f"{used}x9"),
            ("nv_gpu_memory_total_bytes", {**gpu, "gpu_uuid": "GPU-2"}, f"{whole}x9"),
            (
                "nv_gpu_memory_used_bytes",
                {**gpu, "gpu_uuid": "GPU-2"},
                f"{whole - 2 * GPU_FREE_FLOOR_BYTES}x9",
            ),
            ("nv_gpu_memory_total_bytes", {**gpu, "gpu_uuid": "GPU-3"}, "0x9"),
            ("nv_gpu_memory_used_bytes", {**gpu, "gpu_uuid": "GPU-3"}, "0x9"),
            ("DCGM_FI_DEV_FB_FREE", {"UUID": "GPU-1", "gpu": "0"}, f"{(GPU_FREE_FLOOR_BYTES >> 20) - 1}x9"),
            ("DCGM_FI_DEV_FB_FREE", {"UUID": "GPU-2", "gpu": "1"}, f"{2 * GPU_FREE_FLOOR_BYTES >> 20}x9"),
        ],
        {5: [Expected(triton, gpu), Expected(dcgm, {"UUID": "GPU-1", "gpu": "0"})]},
        {triton.name},
    )


def _server_cases(job: str) -> Iterator[Json]:
    where = {"job": job, "instance": "triton-0:8002"}
    model = {**where, "model": "gone", "version": "1"}
    stays = {**where, "model": "stays", "version": "1"}
    up = ("up", where, "1x99")
    gone = made.unavailable_rule(job)
    yield case(
        "a model that is served no more, while its server is up",
        [up, (SUCCESS, model, "0+10x20 stale"), (SUCCESS, stays, "0+10x99")],
        {15: [], 25: [Expected(gone, {**where, "model": "gone"})]},
        {gone.name},
    )
    failing = made.failures_rule()
    tries = " ".join(["0x1", "stale", "_x1"] * REPEATS)
    yield case(
        "loads that fail again and again, each seen while it lasted",
        [up, (FAILURE, {**model, "reason": "BACKEND"}, "0x30"), (SUCCESS, model, f"_x4 {tries}")],
        {3: [], 4 + 4 * REPEATS: [Expected(failing, model)], 30: []},
        {failing.name},
    )
    crash, missing = made.crash_rule(job), made.missing_rule(job)
    yield case(
        "a server that goes away twice",
        [("up", where, "1x4 0x1 1x3 0x1 1x20")],
        {7: [], 12: [Expected(crash, where)], 30: []},
        {crash.name},
    )
    yield case(
        "a server that restarts between two scrapes, twice; one that reloads one of its models twice",
        [
            (SUCCESS, stays, "0+10x5 0+10x3 0+10x5"),
            (SUCCESS, {**stays, "model": "idle"}, "0x14"),
            (SUCCESS, {**stays, "instance": "b"}, "0+10x14"),
            (SUCCESS, {**stays, "instance": "b", "model": "reloaded"}, "0+10x5 0+10x3 0+10x5"),
        ],
        {13: [Expected(crash, where)]},
        {crash.name},
    )
    yield case(
        "a server whose metrics cannot be read",
        [("up", where, "1x4 0x9"), ("up", {**where, "instance": "b"}, "1x14")],
        {3: [], 8: [Expected(missing, where)]},
        {missing.name},
    )
