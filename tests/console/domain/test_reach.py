import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.reach import direct_target


@pytest.mark.parametrize(
    ("instance", "url", "metrics"),
    [
        ("10.0.0.3:8002", "http://10.0.0.3:8000", "http://10.0.0.3:8002/metrics"),
        ("10.0.0.3:9402", "http://10.0.0.3:8000", "http://10.0.0.3:9402/metrics"),
        ("10.0.0.3", "http://10.0.0.3:8000", "http://10.0.0.3:8002/metrics"),
        ("[fd00::12]:8002", "http://[fd00::12]:8000", "http://[fd00::12]:8002/metrics"),
        ("fd00::12", "http://[fd00::12]:8000", "http://[fd00::12]:8002/metrics"),
        ("triton-0.triton.prod.svc:8002", "http://triton-0.triton.prod.svc:8000", None),
        ("https://gpu-a:8002/metrics", "https://gpu-a:8000", "https://gpu-a:8002/metrics"),
    ],
)
def test_an_instance_is_a_server_at_the_port_of_its_api(instance: str, url: str, metrics: str | None) -> None:
    target = direct_target(instance, {})

    assert target is not None
    assert target.url == url
    assert metrics in {None, target.metrics}


def test_labels_tell_where_it_runs_and_what_it_is_called() -> None:
    labels = {"pod": "triton-7c9f", "namespace": "serving", "node": "gpu-node-1", "job": "triton"}

    target = direct_target("10.1.2.3:8002", labels, port=80, grpc_port=8001)

    assert target is not None
    assert (target.name, target.pod, target.namespace, target.node) == (
        "triton-7c9f",
        "triton-7c9f",
        "serving",
        "gpu-node-1",
    )
    assert (target.url, target.grpc) == ("http://10.1.2.3:80", "10.1.2.3:8001")


def test_a_name_that_somebody_gave_it_gives_way_to_the_address_of_its_pod() -> None:
    target = direct_target("blue", {"pod_ip": "10.1.2.3"})

    assert target is not None
    assert target.url == "http://10.1.2.3:8000"


@pytest.mark.parametrize(
    "instance",
    [
        "",
        "a b",
        "host:99999",
        "host:0",
        "user@host:1",
        "ftp://host",
        "[::1",
        "-x",
        "a..b",
        "x" * 300,
        "a\x1b[2J",
    ],
)
def test_what_is_no_address_is_no_server(instance: str) -> None:
    assert direct_target(instance, {}) is None


@given(st.text(), st.dictionaries(st.sampled_from(["pod", "pod_ip", "node"]), st.text()))
def test_no_text_breaks_it(instance: str, labels: dict[str, str]) -> None:
    target = direct_target(instance, labels)

    assert target is None or target.url.startswith(("http://", "https://"))
