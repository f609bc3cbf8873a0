"""Reading expositions: 1000 models on 10 targets, against prometheus_client's parser."""

import random
import statistics
import time
from collections.abc import Callable, Iterator

from prometheus_client.parser import text_string_to_metric_families

from console.domain.families import FAMILIES
from console.sources._exposition import Scrape, SeriesTable, parse

Figure = tuple[str, float, float, str]

COUNTERS = (
    "nv_inference_request_success",
    "nv_inference_count",
    "nv_inference_exec_count",
    "nv_inference_request_duration_us",
    "nv_inference_queue_duration_us",
    "nv_inference_compute_input_duration_us",
    "nv_inference_compute_infer_duration_us",
    "nv_inference_compute_output_duration_us",
    "nv_cache_num_hits_per_model",
)
SUMMARIES = (
    "nv_inference_request_summary_us",
    "nv_inference_queue_summary_us",
    "nv_inference_compute_input_summary_us",
    "nv_inference_compute_infer_summary_us",
    "nv_inference_compute_output_summary_us",
)
QUANTILES = ("0.5", "0.9", "0.95", "0.99", "0.999")
PENDING = "nv_inference_pending_request_count"
REASONS = ("REJECTED", "CANCELED", "BACKEND", "OTHER")


def figures(models: int = 1000, targets: int = 10, runs: int = 5) -> list[Figure]:
    """(name, our seconds, the peer's seconds, note): a whole fleet's text once, tables warm."""
    bodies = [exposition(models, seed) for seed in range(targets)]
    everything, ours = SeriesTable(), SeriesTable(FAMILIES.__contains__)
    samples = sum(len(scrape.ids) for scrape in read_all(bodies, everything))
    wanted = sum(len(scrape.ids) for scrape in read_all(bodies, ours))
    texts = [body.decode() for body in bodies]
    compare(bodies[-1], texts[-1], everything)
    peer = timed(lambda: [sum(1 for _ in text_string_to_metric_families(text)) for text in texts], 1)
    all_s = timed(lambda: read_all(bodies, everything), runs)
    wanted_s = timed(lambda: read_all(bodies, ours), runs)
    cold_s = timed(lambda: read_all(bodies, SeriesTable(FAMILIES.__contains__)), 1)
    return [
        ("parse, every family", all_s, peer, f"{samples} samples, equal results"),
        ("parse, wanted families", wanted_s, peer, f"{wanted} of {samples} samples kept"),
        ("parse, first poll of all", cold_s, peer, "empty table, wanted families"),
    ]


def exposition(models: int, seed: int) -> bytes:
    """What one Triton with summaries says about so many models, as text."""
    rng = random.Random(seed)
    return "".join(line + "\n" for line in _lines(models, rng)).encode()


def _lines(models: int, rng: random.Random) -> Iterator[str]:
    labels = [f'model="model_{number:04d}",version="1"' for number in range(models)]
    for name in COUNTERS:
        yield from header(name, "counter")
        yield from (f"{name}{{{label}}} {rng.randrange(10**9)}" for label in labels)
    yield from header("nv_inference_request_failure", "counter")
    for label in labels:
        model, version = label.split(",")
        for reason in REASONS:
            line = f'nv_inference_request_failure{{{model},reason="{reason}",{version}}}'
            yield f"{line} {rng.randrange(10)}"
    yield from header(PENDING, "gauge")
    yield from (f"{PENDING}{{{label}}} {rng.randrange(9)}" for label in labels)
    for name in SUMMARIES:
        yield from header(name, "summary")
        for label in labels:
            yield f"{name}_count{{{label}}} {rng.randrange(10**6)}"
            yield f"{name}_sum{{{label}}} {rng.randrange(10**9)}"
            for quantile in QUANTILES:
                value = "Nan" if rng.random() < 0.1 else rng.randrange(10**6)
                yield f'{name}{{{label},quantile="{quantile}"}} {value}'
    yield from header("nv_cpu_utilization", "gauge")
    yield f"nv_cpu_utilization {rng.random()}"


def header(name: str, kind: str) -> tuple[str, str]:
    """The two lines above a family."""
    return f"# HELP {name} Figures of {name} per model, cumulative", f"# TYPE {name} {kind}"


def read_all(bodies: list[bytes], table: SeriesTable) -> list[Scrape]:
    """Every body once."""
    return [parse(body, table) for body in bodies]


def compare(body: bytes, text: str, table: SeriesTable) -> None:
    """Raise AssertionError unless both readers say the same of one body."""
    scrape = parse(body, table)
    ours = {
        (series.name, *sorted(series.labels.items())): repr(value)
        for series, value in zip(map(table.series, scrape.ids), scrape.values.tolist(), strict=True)
    }
    peers = {}
    for family in text_string_to_metric_families(text):
        # The peer appends _total to what is declared a counter.
        cut = len("_total") if family.type == "counter" else 0
        for sample in family.samples:
            name = sample.name[: len(sample.name) - cut]
            peers[name, *sorted(sample.labels.items())] = repr(float(sample.value))
    assert ours == peers


def timed(work: Callable[[], object], runs: int) -> float:
    """Median seconds of process time of several runs."""
    took = []
    for _ in range(runs):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return statistics.median(took)
