"""Triton's exposition as a matrix of counters."""

import numpy as np

from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.sources._exposition import parse
from console.sources._triton_metrics import MetricsMap, series_table

A1 = ModelVersion("a", "1")


def text(success: int, *, extra: str = "") -> bytes:
    return (
        f'nv_inference_request_success{{model="a",version="1"}} {success}\n'
        f'nv_inference_request_duration_us{{model="a",version="1"}} 2500\n'
        f'nv_inference_request_summary_us{{model="a",version="1",quantile="0.99"}} Nan\n'
        f'nv_inference_request_failure{{model="a",reason="BACKEND",version="1"}} 3\n{extra}'
    ).encode()


class Scraped:
    """Two or more scrapes of one target through one shared table."""

    def __init__(self) -> None:
        self.table = series_table()
        self.map = MetricsMap(self.table)
        self.last = None

    def __call__(self, body: bytes):
        scrape = parse(body, self.table)
        self.last = self.map.layout(scrape, self.last)
        return self.map.counters(scrape, self.last), self.map.others(scrape)


def test_microseconds_leave_as_milliseconds_and_nan_stays_unknown() -> None:
    counters, _ = Scraped()(text(7))

    column = counters.values[:, counters.keys.index(A1)]
    assert (column[F.SUCCESS], column[F.REQUEST_MS], column[F.FAIL_BACKEND]) == (7.0, 2.5, 3.0)
    assert np.isnan(column[F.P99])
    assert np.isnan(column[F.QUEUE_MS])


def test_keys_are_the_same_object_while_the_series_are_the_same() -> None:
    scraped = Scraped()
    first, _ = scraped(text(1))
    second, _ = scraped(text(2))
    more, _ = scraped(text(3, extra='nv_inference_request_success{model="b",version="1"} 1\n'))

    assert first.keys is second.keys
    assert second.values[F.SUCCESS, 0] == 2.0
    assert more.keys == (A1, ModelVersion("b", "1"))


def test_a_model_on_two_gpus_is_the_sum_of_its_series() -> None:
    lines = [f'nv_inference_count{{gpu_uuid="GPU-{n}",model="a",version="1"}} {n}\n' for n in (3, 4)]

    counters, _ = Scraped()("".join(lines).encode())

    assert counters.values[F.INFERENCES, 0] == 7.0


def test_tags_of_the_operator_do_not_hide_a_model() -> None:
    line = rb'nv_inference_count{_team="vision \"a\"",model="a",version="1"} 5' + b"\n"

    counters, _ = Scraped()(line)

    assert counters.values[F.INFERENCES, counters.keys.index(A1)] == 5.0


def test_gpus_and_the_host_are_read_in_their_own_units() -> None:
    body = (
        'nv_gpu_utilization{gpu_uuid="GPU-1"} 0.5\n'
        'nv_gpu_memory_total_bytes{gpu_uuid="GPU-1"} 1000\n'
        'nv_gpu_memory_used_bytes{gpu_uuid="GPU-1"} 400\n'
        "nv_cpu_utilization 0.25\n"
    )

    _, others = Scraped()(body.encode())

    (gpu,) = others.gpus
    assert (gpu.uuid, gpu.utilization, gpu.memory_free_bytes, gpu.sm_active) == ("GPU-1", 0.5, 600.0, None)
    assert others.host.cpu_utilization == 0.25


def test_histograms_of_newer_tritons_come_with_their_bounds() -> None:
    name = "nv_inference_first_response_histogram_ms_bucket"
    lines = [
        f'{name}{{model="a",version="1",le="{le}"}} {n}\n' for le, n in (("100", 5), ("500", 9), ("+Inf", 9))
    ]

    _, others = Scraped()("".join(lines).encode())

    assert others.histograms is not None
    assert others.histograms[A1].bounds_ms == (100.0, 500.0, float("inf"))
    assert others.histograms[A1].counts == (5.0, 9.0, 9.0)


def test_absurd_values_are_unknown_not_infinite() -> None:
    body = (
        b'nv_inference_count{model="a",version="1"} +Inf\n'
        b'nv_inference_exec_count{model="a",version="1"} 1e300\n'
        b'nv_inference_request_success{model="a",version="1"} 5\n'
        b"nv_cpu_utilization Nan\n"
    )

    counters, others = Scraped()(body)

    column = counters.values[:, 0]
    assert column[F.SUCCESS] == 5.0
    assert np.isnan(column[[F.INFERENCES, F.EXECUTIONS]]).all()
    assert others.host.cpu_utilization is None
