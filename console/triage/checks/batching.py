"""Whether batching works as it is configured: the sizes that are really executed."""

from console.domain.config import ModelConfig
from console.domain.triage import Answer, Evidence, Finding
from console.triage.calls import OPEN_ONE, call, scraped
from console.triage.scene import Scene
from console.triage.strain import Strain

NAME = "batching"
_HINT = "let the console read /v2/models/MODEL/config: see the targets"
# Of the executions this share must have another size than the preferred ones to say that they do not work.
_MOST = 0.8


def check(scene: Scene) -> Finding:
    """Yes when batching is configured and requests wait without being batched, or wait long for company that never comes."""
    inner = scene.inner
    row, config = inner.row, inner.config
    strain = Strain(inner)
    batch = strain.shift("batch")
    known = Answer.UNKNOWN if batch.now is None else Answer.NO
    used = inner.figure(NAME, known, "inferences an execution", batch, strain.focus)
    if config is None or row is None:
        nothing = Evidence(
            NAME, Answer.UNKNOWN, "max_batch_size, dynamic_batching", inner.model, basis="config", source="Triton",
            query=call(inner, "/v2/models/{model}/config"), hint=OPEN_ONE if scraped(inner) else _HINT,
        )  # fmt: skip
        return Finding(
            NAME, Answer.UNKNOWN, "its configuration is not known", (used, nothing), confidence=0.2
        )
    configured = _configured(inner, config)
    if not config.max_batch or batch.now is None:
        said = (
            "it does not batch: max_batch_size is 0"
            if not config.max_batch
            else "its batch sizes are unknown"
        )
        return Finding(
            NAME,
            Answer.NO if not config.max_batch else Answer.UNKNOWN,
            said,
            (used, configured),
            confidence=0.6,
        )
    queue = strain.shift("queue_ms").now or 0.0
    compute = strain.shift("compute_ms").now or 0.0
    if queue > compute and batch.now < 1.2 and not config.dynamic:
        said = f"requests wait {queue:.1f} ms and are executed one by one: no dynamic_batching is configured"
        return Finding(NAME, Answer.YES, said, (used, configured), confidence=0.7, model=inner.model)
    delay_ms = config.queue_delay_us / 1000
    if config.dynamic and delay_ms > max(compute, 1.0) and batch.now < 1.2 and queue >= 0.5 * delay_ms:
        said = (
            f"each waits up to {delay_ms:g} ms for company that does not come: {batch.now:.1f} an execution"
        )
        return Finding(NAME, Answer.YES, said, (used, configured), confidence=0.7, model=inner.model)
    aside = _beside_preferred(config, dict(row.batches))
    if aside is not None and aside > _MOST and queue > compute:
        said = f"{aside:.0%} of executions have none of the preferred sizes {', '.join(map(str, config.preferred))}"
        return Finding(NAME, Answer.YES, said, (used, configured), confidence=0.5, model=inner.model)
    return Finding(
        NAME,
        Answer.NO,
        f"{batch.now:.1f} inferences an execution, up to {config.max_batch} may be",
        (used, configured),
    )


def _configured(scene: Scene, config: ModelConfig) -> Evidence:
    said = f"max_batch_size, dynamic_batching {'on' if config.dynamic else 'off'}, delay {config.queue_delay_us} µs"
    return Evidence(
        NAME, Answer.NO, said, scene.model, float(config.max_batch), basis="config", source="Triton",
        query=call(scene, "/v2/models/{model}/config"),
    )  # fmt: skip


def _beside_preferred(config: ModelConfig, batches: dict[int, int]) -> float | None:
    whole = sum(batches.values())
    if not config.preferred or not whole:
        return None
    return sum(count for size, count in batches.items() if size not in config.preferred) / whole
