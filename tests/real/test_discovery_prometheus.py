"""Servers found through a real Prometheus: with its addresses, and with its series alone."""

from pathlib import Path

import pytest

from console.domain.fleet import Discovery, Fleet
from console.domain.prospect import TargetsReading
from console.sources import discovery
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.prometheus import Prometheus

TEXT = """\
# TYPE nv_inference_request_success counter
nv_inference_request_success{model="ranker",version="7"} 5
# TYPE nv_cpu_utilization gauge
nv_cpu_utilization 0.1
"""


@pytest.mark.parametrize("selector", ['job="triton"', 'model="ranker"'])
async def test_what_a_real_prometheus_scrapes_is_found(selector: str, tmp_path: Path) -> None:
    with Prometheus(tmp_path, TEXT) as prometheus:
        (scraped,) = prometheus.query("up")
        of = Fleet(prometheus=prometheus.url, discovery=Discovery(prometheus=selector, port=7000))
        http = Http({}, of.tls)
        try:
            (source,) = discovery.sources(of, Kit(HandClock(), http))
            reading = await source.poll()
        finally:
            await http.close()

    assert isinstance(reading, TargetsReading)
    (found,) = reading.targets
    assert (found.name, found.url) == ("127.0.0.1", "http://127.0.0.1:7000")
    assert found.metrics == f"http://{scraped['metric']['instance']}/metrics"
    assert reading.notes == ()
