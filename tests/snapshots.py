"""Snapshots made by hand: plausible rows whose every field a test may override by name."""

from collections.abc import Sequence
from typing import Any

from console.domain.basis import Basis
from console.domain.drift import Drift
from console.domain.failure import Failure, FailureKind
from console.domain.fleet import Fleet, ModelVersion, Objective, Target
from console.domain.gpu import GpuRow, GpuSample
from console.domain.lock import Lock
from console.domain.marker import Marker, MarkerKind
from console.domain.probe import ProbeOutcome, ProbeSummary
from console.domain.rows import Alert, ModelRow, Percentiles, Slo, TargetRow
from console.domain.snapshot import Snapshot
from console.domain.triton import ControlMode, HostGauges, ServerInfo, State
from tests.fake_history import NOW, FakeHistory

GIB = 2.0**30

HOSTILE_NAMES = (
    "[red]bold[/red]",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "two\nlines\r\tand a tab",
    "\u202egnp.txt\u202c\u2066x\u2069",
    "n" * 10_000,
    "日本語モデル",
    "",
)
"""Names a server may send: markup, ANSI and OSC escapes, newlines, bidi, too long, wide, empty."""


def target_row(name: str = "triton-0", **changes: Any) -> TargetRow:
    """A target that is up and well."""
    row = TargetRow(
        name=name,
        url=f"http://{name}:8000",
        up=True,
        live=True,
        ready=True,
        server=ServerInfo("triton", "2.51.0", ("model_repository", "statistics")),
        mode=ControlMode.EXPLICIT,
        mode_note="",
        host=HostGauges(0.31, 6 * GIB, 64 * GIB),
        poll_ms=4.2,
        age_s=0.4,
        stale=False,
        failures=(),
        broken_lines=0,
        warnings=(),
    )
    return row._replace(**changes)


def down_target(name: str = "triton-9", **changes: Any) -> TargetRow:
    """A target that refuses connections and never answered."""
    failure = Failure(
        FailureKind.REFUSED,
        "live",
        f"live: connection refused at http://{name}:8000",
        "is the server started, and is the port right?",
    )
    row = target_row(
        name,
        up=False,
        live=None,
        ready=None,
        server=None,
        mode=ControlMode.UNKNOWN,
        host=HostGauges(),
        poll_ms=None,
        age_s=None,
        stale=True,
        failures=(failure,),
    )
    return row._replace(**changes)


def slo(
    ratio: float | None = 0.6, burn: float | None = 0.2, objective: Objective | None = None, **changes: Any
) -> Slo:
    """A standing against the default objective; ``burn`` fills the windows 5m and 1h, and 6h is unknown."""
    made = Slo(
        objective=objective or Objective(),
        ratio=ratio,
        burn={"5m": burn, "1h": burn, "6h": None},
        observed_s=900.0,
        spent=None if burn is None else burn * 900.0 / (30 * 86400),
    )
    return made._replace(**changes)


def percentiles(p99: float | None = 120.0, basis: Basis = Basis.SUMMARY, **changes: Any) -> Percentiles:
    """Percentiles whose smaller quantiles are fixed shares of p99."""
    low = p99 or 0.0
    made = Percentiles(basis, p50=low * 0.3, p90=low * 0.7, p95=low * 0.8, p99=p99, target="triton-0")
    return made._replace(**changes)


def model_row(model: str = "ranker", version: str = "7", **changes: Any) -> ModelRow:
    """A version that serves 412 requests per second within its objective."""
    row = ModelRow(
        key=ModelVersion(model, version),
        state=State.READY,
        reason="",
        since=NOW - 3600,
        ready=1,
        targets=("triton-0",),
        reporting=1,
        window_s=10.0,
        rate=412.0,
        error_ratio=0.0002,
        errors={"REJECTED": 0.0, "CANCELED": 0.0, "BACKEND": 1.0, "OTHER": 0.0},
        mean_ms=40.5,
        percentiles=percentiles(),
        queue_ms=12.0,
        input_ms=1.1,
        infer_ms=26.0,
        output_ms=0.4,
        executions=133.0,
        batch=3.1,
        batches={1: 40, 2: 31, 4: 66},
        pending=3.0,
        hit_ratio=None,
        load_s=None,
        slo=slo(),
        probes=(),
        warnings=(),
        age_s=0.4,
        stale=False,
        missing=None,
        latency_missing=None,
        source="triton",
    )
    return row._replace(**changes)


def failed_model(
    model: str = "ocr", reason: str = "Internal: ModuleNotFoundError: No module named 'cv2'", **changes: Any
) -> ModelRow:
    """A version that failed to load: no figure is known."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("rate", "error_ratio", "mean_ms", "percentiles", "queue_ms", "input_ms", "infer_ms", "output_ms")
    )
    row = model_row(model, "1", state=State.UNAVAILABLE, reason=reason, ready=0, reporting=0, errors={})
    row = row._replace(batch=None, batches={}, pending=None, slo=slo(ratio=None, burn=None), **nothing)
    return row._replace(**changes)


def probe_summary(outcome: ProbeOutcome = ProbeOutcome.OK, **changes: Any) -> ProbeSummary:
    """What 24 probes of one model on triton-0 found."""
    made = ProbeSummary("triton-0", outcome, "", NOW - 2, NOW - 700, 24, 11.5, None)
    return made._replace(**changes)


def gpu_row(uuid: str = "GPU-5d2d", **changes: Any) -> GpuRow:
    """A half-used H100; changes name fields of GpuRow or of its GpuSample."""
    sample = GpuSample(
        uuid=uuid,
        number="0",
        name="NVIDIA H100 80GB HBM3",
        node="node-0",
        pod="triton-0",
        utilization=0.55,
        sm_active=0.48,
        memory_used_bytes=50 * GIB,
        memory_total_bytes=80 * GIB,
        memory_free_bytes=30 * GIB,
        power_w=412.0,
        temperature_c=61.0,
    )
    row = GpuRow(sample, "dcgm", NOW - 1, 1.0, stale=False)
    of_sample = {name: value for name, value in changes.items() if name in GpuSample._fields}
    of_row = {name: value for name, value in changes.items() if name in GpuRow._fields}
    return row._replace(gpu=sample._replace(**of_sample), **of_row)


def alert(subject: str = "ranker/7", severity: str = "page", **changes: Any) -> Alert:
    """A fast burn of the error budget."""
    made = Alert(
        "slo_burn", severity, subject, NOW - 240, f"{subject} burns its budget 21×", "5m 21.0×, 1h 9.4×"
    )
    return made._replace(**changes)


def marker(kind: MarkerKind = MarkerKind.LOAD, subject: str = "ranker/7", **changes: Any) -> Marker:
    """A load that ended three minutes ago."""
    model, _, version = subject.partition("/")
    made = Marker(NOW - 180, kind, subject, f"{subject} {kind.value}", model, version, "triton-0")
    return made._replace(**changes)


def frozen(**changes: Any) -> Lock:
    """A freeze that ana took twelve minutes ago, for four hours."""
    made = Lock("ana@bastion", "p99 of ranker", NOW - 720, NOW - 720 + 4 * 3600, "fleet prod", "k3x9ab")
    return made._replace(**changes)


def drift(subject: str = "weight of triton/v2", **changes: Any) -> Drift:
    """A weight that a plan set to 10 and that is 100 again."""
    return Drift(
        **{"plan": "k3x9ab", "control": "haproxy", "subject": subject, "was": 10, "now": 100, **changes}
    )


def fleet(*names: str, **changes: Any) -> Fleet:
    """A fleet named prod with a target for each name."""
    made = (Target(name, f"http://{name}:8000", f"http://{name}:8002/metrics") for name in names)
    return Fleet(**{"name": "prod", "targets": tuple(made), **changes})


def snapshot(
    models: Sequence[ModelRow] | None = None, targets: Sequence[TargetRow] | None = None, **changes: Any
) -> Snapshot:
    """One healthy target with one model and one GPU, unless told otherwise."""
    rows = (target_row(),) if targets is None else tuple(targets)
    values: dict[str, Any] = {
        "at": NOW,
        "sequence": 3,
        "elapsed_s": 900.0,
        "fleet": fleet(*(row.name for row in rows)),
        "targets": rows,
        "models": (model_row(),) if models is None else tuple(models),
        "gpus": (gpu_row(),),
        "markers": (),
        "alerts": (),
        "notes": (),
        "history": FakeHistory(),
    }
    return Snapshot(**{**values, **changes})
